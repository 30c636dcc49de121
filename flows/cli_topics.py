"""The command `newsledger topics`: a model of topics, trained on labels of one's own.

As in `cli.py`, each command imports what it needs when it runs.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flows.settings import load_settings
from tasks.articles.errors import KnowledgeError
from warehouse.home import Home

topics = typer.Typer(
    name="topics",
    help="Show the model of topics that is installed; train one on your labels, or forget it.",
    invoke_without_command=True,
)


@topics.callback()
def show(context: typer.Context) -> None:
    """Show the model of topics that is installed; train one on your labels, or forget it."""
    if context.invoked_subcommand:
        return
    from flows.model_card import print_model
    from tasks.tagging.learning.model_file import find_model, read_model
    from tasks.tagging.tagger import load_tagger

    console = Console(highlight=False)
    file = find_model(Home(load_settings().home).topic_model)
    if file:
        print_model(file, read_model(file), load_tagger().version, console)
    else:
        console.print(
            "No model: topics come from the rules alone. `newsledger topics train` makes one."
        )


@topics.command()
def train(
    labels: Annotated[
        Path,
        typer.Argument(
            metavar="LABELS.csv",
            help="Columns: article (its key or address), topic (a slug) and, if you like, label"
            " (1 or 0). Without label, the rows of an article are all its topics.",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    min_examples: Annotated[
        int, typer.Option(min=2, help="Stories that a topic needs, with it and without it.")
    ] = 10,
    folds: Annotated[int, typer.Option(min=2, max=20, help="Parts of the cross-validation.")] = 5,
    force: Annotated[
        bool, typer.Option("--force", help="Install it even when it does not help.")
    ] = False,
) -> None:
    """Train a model that adds to the rules, measure its gain, and install it if there is one.

    Texts come from the published file. Needs the extra `train` (scikit-learn).
    """
    try:
        from flows.training import install, train_topics
    except ModuleNotFoundError as error:
        raise KnowledgeError(
            f"Training needs {error.name}: install newsledger with its extra `train`, as in"
            " pip install 'newsledger[train]'."
        ) from error
    from flows.training_card import print_training
    from tasks.sources.registry import load_sources

    settings = load_settings()
    home, console = Home(settings.home), Console(highlight=False)
    sources = load_sources(settings.sources)
    training = train_topics(home, labels, sources, folds=folds, min_examples=min_examples)
    print_training(training, folds, console)
    if training.trained.model.does_nothing:
        verdict = "No topic held its precision with the model: the rules stand alone."
    elif force or training.trained.report.helps:
        file = install(home, training.trained)
        verdict = (
            f"Model {file.version} is installed: the next runs use it. Articles that are stored"
            " keep their topics until `newsledger reprocess`."
        )
    else:
        verdict = (
            "The model does not help: its gain may be chance. Nothing is installed; label more,"
            " or install it anyway with --force."
        )
    console.print(verdict, soft_wrap=True)


@topics.command()
def forget() -> None:
    """Remove the model: from the next run on, topics come from the rules alone."""
    model = Home(load_settings().home).topic_model
    told = "The model is removed: the next runs use the rules alone."
    console = Console(highlight=False)
    console.print(told if model.exists() else "There is no model.")
    model.unlink(missing_ok=True)

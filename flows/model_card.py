"""What `newsledger topics` prints: the model that is installed."""

from math import isinf

from rich.console import Console

from flows.display import print_rows
from tasks.tagging.learning.model import TopicModel
from tasks.tagging.learning.model_file import ModelFile


def print_model(file: ModelFile, model: TopicModel, rules: str, console: Console) -> None:
    """Print which model is installed, what it was trained on and what it may do."""
    about = model.about
    console.print(
        f"Model {file.version}, trained on {about['articles']:,} articles ({about['stories']:,}"
        f" stories) in {', '.join(sorted(model.languages)) or 'no language'}: {file.path}",
        soft_wrap=True,
    )
    rows = [
        (topic, "no" if isinf(adds) else "yes", "no" if isinf(removes) else "yes")
        for topic, adds, removes in zip(
            model.topics, model.adds_from, model.removes_below, strict=True
        )
    ]
    print_rows(("topic", "adds it", "removes weak ones"), rows, console)
    if about["rules"] != rules:
        console.print(
            f"It was trained beside other rules ({about['rules']}; now {rules}): train it again.",
            soft_wrap=True,
        )

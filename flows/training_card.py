"""What `newsledger topics train` prints: what cross-validation showed, and what came of it."""

from rich.console import Console
from rich.text import Text

from flows.display import print_rows
from flows.training import Training
from tasks.tagging.learning.gain import Gain, Quality

COLUMNS = ("topic", "yes", "rules: P R F1", "with model", "gain", "in 95 %")


def print_training(training: Training, folds: int, console: Console) -> None:
    """Print a row a topic with precision, recall and F1 by rules alone and with the model."""
    report = training.trained.report
    for note in training.notes:
        console.print(Text(f"! {note}"), soft_wrap=True)
    console.print(
        f"{training.articles:,} labelled articles, {training.stories:,} stories; {folds}-fold"
        " cross-validation by story.",
        soft_wrap=True,
    )
    gains = [*report.topics, report.micro, report.macro]
    print_rows(COLUMNS, [_row(gain) for gain in gains], console)


def _row(gain: Gain) -> tuple[object, ...]:
    return (
        gain.name,
        gain.positives,
        _shown(gain.alone),
        _shown(gain.together),
        _signed(gain.gain),
        f"{_signed(gain.low)} to {_signed(gain.high)}",
    )


def _shown(quality: Quality) -> str:
    return " ".join(f"{value:.2f}".removeprefix("0") for value in quality)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("0.", ".", 1)

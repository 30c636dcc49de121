"""Facts as one line of text: what the examples in the rule files and the tests compare."""

from tasks.articles.records import Fact, FactValue
from tasks.tagging.tagger import load_tagger
from tests.articles import article


def facts_of(text: str, language: str = "en", title: str = "") -> tuple[Fact, ...]:
    """Return what the tagger reads in a text."""
    return load_tagger().tag(article(title, text, language=language)).facts


def shown(fact: Fact) -> str:
    """Return ``MU firm=Goldman Sachs, target=210 USD``; a period, where said, comes last."""
    values = ", ".join(sorted(_value(value) for value in fact.values))
    periods = sorted({value.period for value in fact.values if value.period})
    return f"{fact.symbol} {values}" + "".join(f", period={period}" for period in periods)


def _value(value: FactValue) -> str:
    number = "" if value.value is None else f"{value.value:.12g}"
    return f"{value.name}={' '.join(filter(None, (value.value_text, number, value.unit)))}"


def normal(example: str) -> str:
    """Return an example's fact with its values in the order of ``shown``."""
    symbol, _, rest = example.strip().partition(" ")
    values = sorted(rest.split(", "), key=lambda value: (value.startswith("period="), value))
    return f"{symbol} {', '.join(values)}"

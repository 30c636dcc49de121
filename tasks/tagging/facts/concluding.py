"""What the numbers of a fact come to: a result that beat its estimate, a target that went up."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from tasks.articles.records import Fact, FactValue
from tasks.tagging.facts.actions import MIXED, telling
from tasks.tagging.facts.analysts import load_analysts

# Values that are often printed without the currency of the first.
_ONE_CURRENCY = (
    ("eps", "eps_estimate"),
    ("revenue", "revenue_estimate"),
    ("target", "target_before"),
)
_SAME = 0.001  # share of an estimate within which a result is in line with it


def named_values(fact: Fact) -> dict[str, FactValue]:
    """Return a fact's values by their names."""
    return {value.name: value for value in fact.values}


def concluded(fact: Fact) -> Fact:
    """Add what the numbers say: whether a result beat its estimate, where a target went."""
    values = named_values(fact)
    if fact.kind == "earnings":
        told = values["result"].value_text if "result" in values else ""
        results = {told, _result(values, "eps"), _result(values, "revenue")} - {""}
        return _with_result(fact, results)
    if fact.kind == "analyst_rating":
        went, word = _rating_went(values), _target_went(values)
        if went:
            return _with(fact, "action", went)
        said = values["action"].value_text if "action" in values else word
        if word:
            return _with(fact, "action", telling(said, word))
        is_told = not said and {"firm", "rating"} <= set(values)
        return _with(fact, "action", "reiterate") if is_told else fact
    return fact


def _with_result(fact: Fact, results: AbstractSet[str]) -> Fact:
    """Add what comparing came to; nothing where one beat its estimate and the other missed."""
    if {"beat", "miss"} <= results or MIXED in results:
        return replace(fact, values=tuple(v for v in fact.values if v.name != "result"))
    word = next(iter(results - {"in_line"}), next(iter(results), ""))
    return _with(fact, "result", word) if word else fact


def with_its_estimates(fact: Fact) -> Fact:
    """Drop estimates of what is not told; give the others the currency of the result."""
    values = named_values(fact)
    for name in ("eps", "revenue"):
        if name not in values:
            values.pop(f"{name}_estimate", None)
    for name, other in _ONE_CURRENCY:
        if name in values and other in values and not values[other].unit:
            values[other] = replace(values[other], unit=values[name].unit)
    return replace(fact, values=tuple(values.values()))


def _with(fact: Fact, name: str, word: str) -> Fact:
    values = named_values(fact) | {name: FactValue(name=name, value_text=word)}
    return replace(fact, values=tuple(values.values()))


def _rating_went(values: Mapping[str, FactValue]) -> str:
    """Return upgrade or downgrade; "" when the rating is of the same grade, or stands alone."""
    if "rating_before" not in values or "rating" not in values:
        return ""
    grades = load_analysts().grades
    before, after = (grades[values[name].value_text] for name in ("rating_before", "rating"))
    return "" if before == after else "upgrade" if after > before else "downgrade"


def _target_went(values: Mapping[str, FactValue]) -> str:
    """Return raise_target or cut_target; "" when it did not move, or nobody can tell."""
    before, after = values.get("target_before"), values.get("target")
    if not before or not after or before.value is None or after.value is None:
        return ""
    if after.value == before.value:
        return ""
    return "raise_target" if after.value > before.value else "cut_target"


def _result(values: Mapping[str, FactValue], name: str) -> str:
    reported, expected = values.get(name), values.get(f"{name}_estimate")
    if not reported or not expected or reported.value is None or expected.value is None:
        return ""
    if abs(reported.value - expected.value) <= _SAME * abs(expected.value):
        return "in_line"
    return "beat" if reported.value > expected.value else "miss"

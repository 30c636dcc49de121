"""The facts of a whole article: parts that belong together joined, repetitions dropped."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from tasks.articles.records import Fact, FactValue
from tasks.tagging.facts.actions import TELLING, are_one
from tasks.tagging.facts.analysts import load_analysts
from tasks.tagging.facts.concluding import concluded, named_values, with_its_estimates

# Kinds whose facts are often told in several sentences.
_JOINED = frozenset({"analyst_rating", "earnings", "dividend", "edge_ranking"})
_NEAR = 300  # characters between two sentences that state one fact
_ANALYST = re.compile(r"\bAnal[iy]st|\banal[iy]st")
_TOLD = frozenset({"eps", "revenue", "low", "high"})
_UNLIKE = 1.7  # as many times its estimate no revenue is


def settled(facts: Iterable[Fact], texts: Mapping[str, str]) -> list[Fact]:
    """Return an article's facts, each once and as whole as it can be told.

    ``texts`` has the article's ``title`` and ``text``.
    """
    joined: list[Fact] = []
    every = list(_with_periods(_with_firms(_either(facts), texts), texts))
    for fact in every:
        beside = (f for f in reversed(joined) if _belong_together(f, fact, texts))
        earlier = next((f for f in beside if not _is_of_forecast(f, fact, every)), None)
        if earlier is None:
            joined.append(fact)
        else:
            joined[joined.index(earlier)] = _joined(earlier, fact, texts)
    once = [
        fact
        for place, fact in enumerate(joined)
        if _is_whole(concluded(fact))
        and not _is_told(fact, place, joined)
        and not _is_rounded(fact, joined)
    ]
    return [concluded(with_its_estimates(fact)) for fact in once]


def _either(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield the facts; of results and forecasts that one amount was taken for, only one.

    Results of which nothing else is told are the forecast; else the forecast is of results.
    """
    every = list(facts)
    results = [fact for fact in every if fact.kind == "earnings"]
    forecasts = [fact for fact in every if fact.kind == "guidance"]
    for fact in every:
        told = _amounts(fact)
        if fact.kind == "earnings" and any(
            _overlap(fact, other) and told <= _amounts(other) for other in forecasts
        ):
            continue
        if fact.kind != "guidance" or not any(
            _overlap(fact, other) and told & _amounts(other) and not _amounts(other) <= told
            for other in results
        ):
            yield fact


def _amounts(fact: Fact) -> set[float | None]:
    return {value.value for value in fact.values if value.name in _TOLD}


def _overlap(some: Fact, other: Fact) -> bool:
    return some.field == other.field and some.start < other.end and other.start < some.end


def _with_firms(facts: Iterable[Fact], texts: Mapping[str, str]) -> Iterator[Fact]:
    """Yield the facts; a rating without a firm is of the firm that spoke just before.

    That is the firm of the rating before, or the only one whose analyst the paragraph quotes.
    """
    last: Fact | None = None
    for fact in facts:
        if fact.kind != "analyst_rating":
            yield fact
            continue
        if "firm" not in named_values(fact) and last is not None and _goes_on(last, fact, texts):
            fact = replace(fact, values=(named_values(last)["firm"], *fact.values))  # noqa: PLW2901
        if "firm" not in named_values(fact) and (firm := _quoted(fact, texts)):
            said = FactValue(name="firm", value_text=firm)
            fact = replace(fact, values=(said, *fact.values))  # noqa: PLW2901
        last = fact if "firm" in named_values(fact) else None
        yield fact


def _quoted(fact: Fact, texts: Mapping[str, str]) -> str:
    """Return the one firm of analysts that the paragraph names before a fact; "" for none."""
    text = texts[fact.field]
    start = max(text.rfind("\n", 0, fact.start) + 1, fact.start - _NEAR)
    firms = {firm for _, _, firm in load_analysts().firms(text, start, fact.start)}
    return firms.pop() if len(firms) == 1 and _ANALYST.search(text, start, fact.start) else ""


def _with_periods(facts: Iterable[Fact], texts: Mapping[str, str]) -> Iterator[Fact]:
    """Yield the facts; a forecast without a period is for that of the forecast just before."""
    last: Fact | None = None
    for fact in facts:
        period = _period(fact)
        if fact.kind == "guidance" and not period and last is not None:
            period = _period(last) if _goes_on(last, fact, texts) else ""
            told = tuple(replace(value, period=period) for value in fact.values)
            fact = replace(fact, values=told)  # noqa: PLW2901
        last = fact if fact.kind == "guidance" and period else last
        yield fact


def _period(fact: Fact) -> str:
    return next((value.period for value in fact.values if value.period), "")


def _follows(earlier: Fact, later: Fact, _: Mapping[str, str]) -> bool:
    return earlier.field == later.field and 0 <= later.start - earlier.end <= _NEAR


def _goes_on(earlier: Fact, later: Fact, texts: Mapping[str, str]) -> bool:
    """Tell whether a fact follows in the same paragraph: what another firm says has its own."""
    between = texts[earlier.field][earlier.end : later.start]
    return _follows(earlier, later, texts) and "\n" not in between


def _agree(some: Fact, other: Fact) -> bool:
    """Tell whether two facts can be one: nothing that both say differs."""
    if (some.kind, some.symbol) != (other.kind, other.symbol):
        return False
    ours, theirs = named_values(some), named_values(other)
    return all(_is_same(ours[name], value) for name, value in theirs.items() if name in ours)


def _is_same(one: FactValue, other: FactValue) -> bool:
    if one.name == "action":
        return are_one(one.value_text, other.value_text)
    if one.name == "result":
        return True
    same = (one.value, one.value_text) == (other.value, other.value_text)
    return same and (one.period == other.period or "" in {one.period, other.period})


def _belong_together(earlier: Fact, later: Fact, texts: Mapping[str, str]) -> bool:
    follows = _goes_on if earlier.kind == "analyst_rating" else _follows
    return (
        earlier.kind in _JOINED
        and follows(earlier, later, texts)
        and _agree(earlier, later)
        and _are_of_one_period(earlier, later)
        and _are_of_one_size(named_values(earlier) | named_values(later))
    )


def _are_of_one_size(values: Mapping[str, FactValue]) -> bool:
    """Tell whether an estimate can be that of the revenue: no profit's."""
    revenue, estimate = (values.get(name) for name in ("revenue", "revenue_estimate"))
    if revenue is None or estimate is None or not revenue.value or not estimate.value:
        return True
    return 1 / _UNLIKE < revenue.value / estimate.value < _UNLIKE


def _are_of_one_period(some: Fact, other: Fact) -> bool:
    periods = {_period(some), _period(other)}
    return some.kind != "earnings" or "" in periods or len(periods) == 1


def _is_of_forecast(earlier: Fact, later: Fact, every: Iterable[Fact]) -> bool:
    """Tell whether estimates alone were told with a forecast, not with the result before that."""
    return (
        later.kind == "earnings"
        and _TOLD.isdisjoint(named_values(later))
        and any(
            fact.kind == "guidance"
            and fact.field == later.field
            and earlier.end <= fact.start < later.end
            for fact in every
        )
    )


def _joined(earlier: Fact, later: Fact, texts: Mapping[str, str]) -> Fact:
    values = named_values(later) | named_values(earlier)
    for name, choose in TELLING.items():
        told = [
            fact[name].value_text
            for fact in (named_values(earlier), named_values(later))
            if name in fact
        ]
        if told:
            values[name] = FactValue(name=name, value_text=reduce(choose, told))
    evidence = dict.fromkeys([*earlier.evidence.split(", "), *later.evidence.split(", ")])
    end = max(earlier.end, later.end)
    return replace(
        earlier,
        values=tuple(values.values()),
        end=end,
        text=texts[earlier.field][earlier.start : end],
        evidence=", ".join(evidence),
        confidence=min(earlier.confidence, later.confidence),
    )


def _is_told(fact: Fact, place: int, facts: Sequence[Fact]) -> bool:
    """Tell whether another fact says all of this one: a fuller one, or an equal one before it."""
    names = set(named_values(fact))
    return any(
        names < set(named_values(other)) or (number < place and names == set(named_values(other)))
        for number, other in enumerate(facts)
        if number != place and _agree(fact, other)
    )


def _is_rounded(fact: Fact, facts: Sequence[Fact]) -> bool:
    """Tell whether a move in whole per cent is that of another fact, which says it exactly."""
    change = named_values(fact)["change"].value if fact.kind == "price_move" else None
    if not change or change % 1:
        return False
    others = (
        named_values(f)["change"].value
        for f in facts
        if (f.kind, f.symbol) == (fact.kind, fact.symbol)
    )
    return any(o and o % 1 and abs(o - change) < 1 and o * change > 0 for o in others)


def _is_whole(fact: Fact) -> bool:
    """Tell whether a rating says who gave it, or at least what was done and to what.

    A dividend says how much: dates alone belong to the one told before. So do estimates.
    """
    names = set(named_values(fact))
    if fact.kind == "earnings":
        return not names.isdisjoint({"eps", "revenue"})
    if fact.kind == "dividend":
        return "amount" in names
    if fact.kind != "analyst_rating" or "firm" in names:
        return True
    return "action" in names and not names.isdisjoint({"rating", "target"})

"""Makes facts of the pieces of one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks.articles.records import Fact, FactValue, TickerTag
from tasks.tagging.facts.actions import TELLING, are_one
from tasks.tagging.facts.amounts import Amount
from tasks.tagging.facts.binding import Binder
from tasks.tagging.facts.entities import Field
from tasks.tagging.facts.lines import Entity, Line
from tasks.tagging.facts.periods import NINE_MONTHS, load_periods, spans_of
from tasks.tagging.facts.pieces import Piece

# A fact of a kind has at least one of these values; estimates alone go to a result beside them.
_STATES: Mapping[str, frozenset[str]] = {
    "analyst_rating": frozenset({"action", "rating", "target"}),
    "earnings": frozenset({"eps", "revenue", "eps_estimate", "revenue_estimate"}),
    "guidance": frozenset({"low", "high"}),
    "price_move": frozenset({"change"}),
    "dividend": frozenset({"amount", "ex_date", "pay_date"}),
    "deal_value": frozenset({"amount"}),
    "edge_ranking": frozenset(
        {"momentum", "growth", "value", "quality"} | {"trend_short", "trend_medium", "trend_long"}
    ),
}


@dataclass(slots=True)
class _Draft:
    """A fact in the making: the pieces of one sentence that belong together."""

    kind: str
    tag: TickerTag
    confidence: float
    firm: str
    start: int
    end: int
    values: dict[str, FactValue] = field(default_factory=dict)
    rules: dict[str, None] = field(default_factory=dict)
    stands_alone: bool = False


def build(pieces: Sequence[Piece], line: Line, binder: Binder, field: Field) -> Iterator[Fact]:
    """Yield the facts that the pieces of one line come to; what nobody can be told is left out."""
    drafts: list[_Draft] = []
    firms = _Firms(pieces, line)
    houses = [piece.house for piece in pieces if piece.house is not None]
    for piece in sorted(pieces, key=lambda piece: piece.rule.together):
        bound = binder.bind(line, piece, houses)
        if bound is None:
            _say_of_all(drafts, piece)
        else:
            if piece.bought is not None:
                piece.values |= _acquirer(piece.bought, bound[0], line)
            _add(drafts, piece, bound, firms.of(piece))
    for draft in drafts:
        if draft.stands_alone and not _STATES[draft.kind].isdisjoint(draft.values):
            yield _fact(draft, line, field)


def _say_of_all(drafts: Sequence[_Draft], piece: Piece) -> None:
    """Give all moves the session that nobody's words tell: "before the bell, A and B fell"."""
    session = piece.values.get("session") if piece.rule.together else None
    for draft in drafts:
        if session is not None:
            draft.values.setdefault("session", session)


def _acquirer(bought: Entity, tag: TickerTag, line: Line) -> dict[str, FactValue]:
    """Return who buys, by the name in this line; nothing when the tag is that of the bought."""
    if bought.value is tag:
        return {}
    names = (e.printed for e in line.entities.values() if e.value is tag)
    return {"acquirer": FactValue(name="acquirer", value_text=next(names, tag.symbol))}


class _Firms:
    """Which firm speaks where in a sentence."""

    def __init__(self, pieces: Sequence[Piece], line: Line) -> None:
        self._named = [(piece.start, piece.firm) for piece in pieces if piece.firm]
        there = [(e.start, str(e.value)) for e in line.entities.values() if e.letter == "F"]
        if not self._named and len(there) == 1:
            self._named = there

    def of(self, piece: Piece) -> str:
        """Return the firm of a piece: its own, the last before it, or the only one; "" for none."""
        if piece.rule.kind != "analyst_rating":
            return ""
        if piece.firm or not self._named:
            return piece.firm
        before = [firm for start, firm in self._named if start <= piece.start]
        names = {firm for _, firm in self._named}
        return before[-1] if before else next(iter(names)) if len(names) == 1 else ""


def _add(drafts: list[_Draft], piece: Piece, bound: tuple[TickerTag, float], firm: str) -> None:
    tag, confidence = bound
    kind, own = piece.rule.kind, piece.values
    metric = own.get("metric")
    fitting = [
        draft
        for draft in drafts
        if (draft.tag.symbol, draft.firm) == (tag.symbol, firm)
        and metric == draft.values.get("metric")
        and _agree(draft.values, own)
    ]
    if fitting:
        draft = min(
            fitting, key=lambda draft: max(draft.start - piece.end, piece.start - draft.end)
        )
    else:
        draft = _Draft(kind, tag, confidence, firm, piece.start, piece.end)
        drafts.append(draft)
    draft.start, draft.end = min(draft.start, piece.start), max(draft.end, piece.end)
    draft.confidence = min(draft.confidence, confidence)
    for name, value in own.items():
        known = draft.values.get(name)
        if known is None:
            draft.values[name] = _of_period(value, piece.period)
        elif name in TELLING:
            word = TELLING[name](known.value_text, value.value_text)
            draft.values[name] = replace(known, value_text=word)
    draft.rules[piece.rule.name] = None
    draft.stands_alone = draft.stands_alone or not piece.rule.together


def _agree(some: Mapping[str, FactValue], others: Mapping[str, FactValue]) -> bool:
    """Tell whether two parts can be of one fact; words that rules add do not contradict."""
    return all(
        name not in some
        or (some[name].value, some[name].value_text) == (value.value, value.value_text)
        or (name == "action" and are_one(some[name].value_text, value.value_text))
        or name == "result"
        for name, value in others.items()
    )


def _fact(draft: _Draft, line: Line, field: Field) -> Fact:
    values = draft.values
    if draft.firm:
        values = {"firm": FactValue(name="firm", value_text=draft.firm)} | values
    period = _period(draft.kind, line, field)
    return Fact(
        kind=draft.kind,
        symbol=draft.tag.symbol,
        exchange=draft.tag.exchange,
        values=tuple(_of_period(value, period) for value in values.values()),
        field="title" if field.name == "title" else "text",
        start=draft.start,
        end=draft.end,
        text=field.text[draft.start : draft.end],
        evidence=", ".join(draft.rules),
        confidence=draft.confidence,
    )


def _period(kind: str, line: Line, field: Field) -> str:
    """Return the one period that a line of results or forecasts names; "" for none or several."""
    if kind not in {"earnings", "guidance"}:
        return ""
    named = {str(e.value) for e in line.entities.values() if e.letter == "Q"}
    if not named and kind == "guidance":
        years = (e.value for e in line.entities.values() if e.letter == "Y")
        named = {f"{year.value:.0f}" for year in years if isinstance(year, Amount) and year.value}
    spans = spans_of(line.text, load_periods(field.language), field.year)
    if not named and (kind == "guidance" or spans == {NINE_MONTHS}):
        named = set(spans)
    elif kind == "guidance" and spans and not any(name.isdigit() for name in named):
        return ""  # a quarter's beside the year's: nobody can tell which is whose
    return named.pop() if len(named) == 1 else ""


def _of_period(value: FactValue, period: str) -> FactValue:
    """Return the value with a period, unless it has one of its own."""
    return value if value.period or not period else replace(value, period=period)

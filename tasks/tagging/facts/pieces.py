"""What the rules of one kind read in one line, and whom it is about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import copysign

from tasks.articles.records import FactValue, TickerTag
from tasks.tagging.facts.amounts import Amount
from tasks.tagging.facts.lines import Entity, Line
from tasks.tagging.facts.patterns import BINDING, Slot
from tasks.tagging.facts.rulebook import Kind, Rule

# Slots whose value has another name in the fact.
_NAMES = {
    "low_eps": "low",
    "high_eps": "high",
    "low_revenue": "low",
    "high_revenue": "high",
    "low_percent": "low",
    "high_percent": "high",
    **dict.fromkeys(("exact_eps", "exact_revenue", "exact_percent"), "low"),
    "worth": "amount",
    "signed": "change",
    "bare_estimate": "eps_estimate",
    "bought": "target",
}
_ALSO = "also_"
_EXACT = "exact_"  # one figure that is both ends of a range


@dataclass(slots=True)
class Piece:
    """One match of one rule."""

    rule: Rule
    start: int  # in the field
    end: int
    company: Entity | None = None
    bought: Entity | None = None
    house: Entity | None = None  # where its firm stands
    period: str = ""
    values: dict[str, FactValue] = field(default_factory=dict)
    continued: str = ""  # the value whose sign is that of the piece before

    @property
    def firm(self) -> str:
        """The firm that says so, by its printed name; empty when the rule takes none."""
        return "" if self.house is None else _printed(self.house)


def read_pieces(kind: Kind, line: Line, prepositions: frozenset[str]) -> list[Piece]:
    """Return what a kind's rules find in a line; each entity gives its value to one rule only."""
    words, text = line.words, line.text
    if next(kind.veto.matches(text, words), None):
        return []
    taken: set[int] = set()
    found: list[Piece] = []
    for number, match in kind.patterns.matches(text, words):
        slots = {
            slot: line.entities[match.start(slot.group)]
            for slot in kind.patterns.patterns[number].slots
            if match.start(slot.group) in line.entities  # not what is closed
        }
        if _is_no_subject(slots, line, prepositions):
            continue
        places = {e.start for slot, e in slots.items() if slot.name not in BINDING}
        if taken.isdisjoint(places):
            taken |= places
            found += _pieces(kind.rules[number], _span(line, match, slots), slots)
    return list(_with_signs(sorted(found, key=lambda piece: piece.start)))


def _is_no_subject(slots: Mapping[Slot, Entity], line: Line, prepositions: frozenset[str]) -> bool:
    """Tell whether the company that should have done it stands behind a preposition."""
    return any(
        slot.name == "subject" and word_before(line, entity) in prepositions
        for slot, entity in slots.items()
    )


def word_before(line: Line, entity: Entity) -> str:
    """Return the word before an entity; "" where a comma stands between: "stieg zu, Intel"."""
    before = line.text[: entity.start - line.start]
    word = before.rstrip()
    return "" if before[len(word) :].count(" ") > 1 else word[word.rfind(" ") + 1 :]


def _with_signs(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Give continued pieces the sign of what they continue; without such a piece they go."""
    sign: dict[str, float] = {}
    for piece in pieces:
        value = piece.values.get(piece.continued)
        if value is not None and value.value is not None:
            if piece.continued not in sign:
                continue
            told = copysign(value.value, sign[piece.continued])
            piece.values[piece.continued] = replace(value, value=told)
        sign |= {v.name: v.value for v in piece.values.values() if v.value}
        yield piece


def _span(line: Line, match: re.Match[str], slots: Mapping[Slot, Entity]) -> tuple[int, int]:
    """Return where a match stands in the field: with the whole of its last entity.

    A second move, told with the first, begins behind what is told of that.
    """
    words = match.group()
    start = match.start() + len(words) - len(words.lstrip())
    change = next((e.start for slot, e in slots.items() if slot.name == "change"), None)
    if change is not None and any(slot.name == "moved" for slot in slots):
        ends = [e.end for e in line.entities.values() if e.end <= change]
        start = max(start, ends[-1] - line.start)
    end = match.start() + len(words.rstrip())
    last = max((e.end for place, e in line.entities.items() if start <= place < end), default=0)
    return line.start + start, max(line.start + end, last)


def _pieces(rule: Rule, span: tuple[int, int], slots: Mapping[Slot, Entity]) -> list[Piece]:
    """Return one piece, or two when a second company is named with the first."""
    piece = _piece(rule, span, slots)
    also = next((entity for slot, entity in slots.items() if slot.name == "also"), None)
    if also is None:
        return [piece]
    own = {
        name.removeprefix(_ALSO): replace(value, name=name.removeprefix(_ALSO))
        for name, value in piece.values.items()
        if name.startswith(_ALSO)
    }
    piece.values = {n: value for n, value in piece.values.items() if not n.startswith(_ALSO)}
    return [piece, replace(piece, company=also, values=piece.values | own)]


def _piece(rule: Rule, span: tuple[int, int], slots: Mapping[Slot, Entity]) -> Piece:
    piece = Piece(rule, *span)
    for slot, entity in slots.items():
        if slot.name in {"company", "subject"}:
            piece.company = entity
        elif slot.name in {"firm", "house"}:
            piece.house = entity
        elif slot.name == "period":
            piece.period = str(entity.value)
        elif slot.name not in BINDING:
            piece.bought = entity if slot.name == "bought" else piece.bought
            name = _NAMES.get(slot.name, slot.name)
            piece.values[name] = _value(name, entity, is_negative=slot.is_negative)
            piece.continued = name if slot.is_continued else piece.continued
            if slot.name.startswith(_EXACT):
                piece.values["high"] = replace(piece.values[name], name="high")
    for name, word in rule.says:
        piece.values.setdefault(name, FactValue(name=name, value_text=word))
    return piece


def _printed(entity: Entity) -> str:
    return entity.printed if isinstance(entity.value, TickerTag) else str(entity.value)


def _value(name: str, entity: Entity, *, is_negative: bool) -> FactValue:
    amount = entity.value
    if not isinstance(amount, Amount):
        return FactValue(name=name, value_text=_printed(entity))
    value = amount.value or 0.0
    return FactValue(
        name=name,
        value=-abs(value) if is_negative else value,
        unit="percent" if amount.kind == "percent" else amount.currency,
    )

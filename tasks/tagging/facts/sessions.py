"""In which session a price moved, where its own sentence does not say so."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tasks.articles.records import Article, Fact, FactValue
from tasks.tagging.facts.patterns import fold
from tasks.tagging.facts.rulebook import Rulebook

REGULAR = "regular"
_MOVES = "price_move"


def in_session(facts: Sequence[Fact], article: Article, book: Rulebook) -> list[Fact]:
    """Return the facts; a move that tells no session has the one that its article speaks of.

    That is the session of the title, else the one told last before it, else the only one that is
    told at all; the regular one where none is. Coins have no sessions.
    """
    moves = [fact for fact in facts if fact.kind == _MOVES]
    untold = [fact for fact in moves if not _told(fact) and fact.exchange != "CRYPTO"]
    if not untold:
        return list(facts)
    whole = _named(article.title, book)
    told = {_told(fact) for fact in moves} - {""}
    default = told.pop() if len(told) == 1 else "" if told else REGULAR
    return list(_with_sessions(facts, whole, default))


def _with_sessions(facts: Sequence[Fact], whole: str, default: str) -> Iterator[Fact]:
    last = ""
    for fact in facts:
        told = _told(fact)
        last = told or last
        if fact.kind != _MOVES or told or fact.exchange == "CRYPTO":
            yield fact
        elif session := whole or last or default:
            value = FactValue(name="session", value_text=session)
            yield replace(fact, values=(*fact.values, value))
        else:
            yield fact


def _told(fact: Fact) -> str:
    """Return the session that a move tells; "" for none, and for other facts."""
    if fact.kind != _MOVES:
        return ""
    return next((value.value_text for value in fact.values if value.name == "session"), "")


def _named(text: str, book: Rulebook) -> str:
    """Return the one session beside the regular one that a text names; "" for none or several."""
    line = f"{fold(text)} "
    kind = book.kinds[_MOVES]
    found = {
        word
        for number, _ in kind.patterns.matches(line, frozenset(line.split()))
        for name, word in kind.rules[number].says
        if name == "session" and word != REGULAR
    }
    return found.pop() if len(found) == 1 else ""

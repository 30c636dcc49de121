"""How much an article is about each security, 0-1, and which one it is about."""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from tasks.articles.records import Article, Mention
from tasks.tagging.securities.words import choices, split_phrases, words_of
from tasks.tagging.tickers.surroundings import stand_in_one_list

DATA = Path(__file__).parent / "round_ups.toml"
# relevance = title + lead + share of mentions + earliness; a security that only the publisher
# declares has DECLARED_ALONE. That title, lead and count decide was measured (17 of 21 primary
# tickers right, the first mention 16); these weights themselves are a judgement.
TITLE, LEAD, SHARE, EARLY = 0.5, 0.25, 0.15, 0.1
DECLARED_ALONE = 0.05
_LEAD_AT_LEAST, _LEAD_AT_MOST = 200, 500  # characters
_TIE = 0.15  # relevances this near are equal
_AHEAD = 0.15  # how far the first must lead when no title helps
_PRIMARIES = 2
# A round-up names many companies and dwells on none: how many, and the largest share of the places.
_ANNOUNCED = 4, 0.4  # by its title
_LED_BY_TWO = 5, 0.26  # whose title names two companies
_NOT_ANNOUNCED = 7, 0.2  # any other
# What makes a company the subject when the title names none: its share of the places, and how many.
_DWELLS, _OFTEN = 0.45, 3
_SHORT_TEXT = 600  # characters: a brief names its subject once
_CLAUSE_ENDS = re.compile(r";\s|\s[-–—|]\s")  # the first clause of a headline has its news
_HYPHEN = re.compile(r"\s?[-–/]\s?")  # "Mps-Mediobanca"
# "Tether slips to 99 cents, Circle jumps": the second company begins a clause of its own.
_OWN_CLAUSE = re.compile(
    r"(?:\s[^;,]+\s[^;,]+[;,]|[^;,]*;)\s(?:(?:while|as|but|and|mentre|ma|invece|mientras|pero|y|mas|enquanto|já"
    r"|e|et|mais|tandis que|alors que|und|aber|während)\s)?(?:(?:il|la|el|o|a|le|die|the)\s|l['’])?"
)
_SHORTEST_CLAUSE = 15  # characters; a shorter one is a label, "EXCLUSIVE - "
_OWN_SHARES = re.compile(r"(?:['’]s?)?\s(?:shares|stock)\b", re.IGNORECASE)  # "Dixon shares rally"
_NUMBER = re.compile(r" \d+ ")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RoundUps:
    """Words of titles that announce a round-up, or two subjects."""

    titles: AhoCorasick
    leads: AhoCorasick  # that announce one where they stand before any company
    characters: tuple[str, ...]  # as phrases, in scripts without blanks
    joins: frozenset[str]  # what stands between two companies that share a title
    investors: frozenset[str]  # symbols of houses whose holdings are the subject, not they
    deals: AhoCorasick  # what makes a title about two companies one about their deal

    def announced_by(self, title: str, company: int) -> bool:
        """Tell whether a title whose first company stands at ``company`` announces a round-up."""
        if any(text in title for text in self.characters):
            return True
        before = words_of(title[:company])
        return _has_phrase(words_of(title), self.titles) or _has_phrase(before, self.leads)

    def is_deal(self, title: str) -> bool:
        """Tell whether a title speaks of a deal."""
        return _has_phrase(words_of(title), self.deals)


def _has_phrase(words: str, phrases: AhoCorasick) -> bool:
    """Tell whether one of the phrases stands in these words; ``0`` in one is any number."""
    numbered = _NUMBER.sub(" 0 ", words)
    return any(phrases.find_matches_as_indexes(said) for said in {words, numbered})


@cache
def load_round_ups(path: Path = DATA) -> RoundUps:
    """Read the words. Raises OSError, TOMLDecodeError or KeyError for an unusable file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    phrases = {
        key: [text for line in split_phrases(data[key]) for text in choices(line)]
        for key in ("titles", "leads", "joins", "deals")
    }
    titles, leads, deals = (AhoCorasick(phrases[key]) for key in ("titles", "leads", "deals"))
    characters, joins = tuple(data["characters"].split()), frozenset(phrases["joins"])
    investors = frozenset(data["investors"].split())
    return RoundUps(titles, leads, characters, joins, investors, deals)


def lead_end(text: str) -> int:
    """Return where the lead ends: with the paragraph that passes 200 characters, at most at 500."""
    newline = text.find("\n", _LEAD_AT_LEAST, _LEAD_AT_MOST)
    return newline if newline >= 0 else min(len(text), _LEAD_AT_MOST)


def relevances(article: Article, mentions: Mapping[Key, Sequence[Mention]]) -> dict[Key, float]:
    """Return the relevance, 0-1, of each security from all its mentions."""
    lead = lead_end(article.text)
    counts = {key: _places(places) for key, places in mentions.items()}
    most = max(counts.values(), default=0)
    return {
        key: _relevance(places, counts[key] / most if most else 0.0, lead, len(article.text))
        for key, places in mentions.items()
    }


def _places(mentions: Sequence[Mention]) -> int:
    return len({(m.field, m.start) for m in mentions if m.field in {"title", "text"}})


def _relevance(mentions: Sequence[Mention], share: float, lead: int, length: int) -> float:
    in_title = any(mention.field == "title" for mention in mentions)
    starts = [mention.start for mention in mentions if mention.field == "text"]
    if not in_title and not starts:
        return DECLARED_ALONE
    score = TITLE * in_title + SHARE * share
    if starts:
        score += LEAD * (min(starts) < lead) + EARLY * (1 - min(starts) / length)
    return round(min(score, 1.0), 4)


def primaries(
    article: Article, relevance: Mapping[Key, float], mentions: Mapping[Key, Sequence[Mention]]
) -> frozenset[Key]:
    """Return the securities that the article is about: usually one, none for a round-up.

    With one or two securities in the title, the most relevant of them; three make a round-up.
    Without, the one that is clearly ahead of all others and dwelt on.
    """
    counts = {key: _places(places) for key, places in mentions.items()}
    clause = _CLAUSE_ENDS.search(article.title, _SHORTEST_CLAUSE)
    in_title = _named_before(clause.start() if clause else len(article.title), relevance, mentions)
    in_title = in_title or _named_before(len(article.title), relevance, mentions)
    in_title = _of_each_clause(article.title, relevance, mentions) or in_title
    in_title = _what_is_held(in_title, counts)
    if _is_round_up(article.title, counts, in_title, mentions):
        return frozenset()
    if in_title:
        return _of_title(article.title, in_title, counts, mentions)
    if len(relevance) == 1 and not any(counts.values()):
        return frozenset(relevance)  # the publisher alone says what it is about
    ranked = sorted(relevance.values(), reverse=True)
    if ranked and ranked[0] - sum(ranked[1:2]) >= _AHEAD and ranked[0] > LEAD:
        first = next(key for key, value in relevance.items() if value == ranked[0])
        often = counts[first] >= (_OFTEN if len(article.text) > _SHORT_TEXT else 1)
        dwells = counts[first] >= _DWELLS * sum(counts.values())
        return frozenset({first} if often and dwells else ())
    return frozenset()


def _named_before(
    end: int, relevance: Mapping[Key, float], mentions: Mapping[Key, Sequence[Mention]]
) -> dict[Key, float]:
    """Return the relevance of what the title names before this place in it."""
    return {
        key: relevance[key]
        for key, places in mentions.items()
        if any(mention.field == "title" and mention.start < end for mention in places)
    }


def _of_title(
    title: str,
    in_title: Mapping[Key, float],
    counts: Mapping[Key, int],
    mentions: Mapping[Key, Sequence[Mention]],
) -> frozenset[Key]:
    """Choose among what the title names: of two that tie, the first; both of "A buys B"."""
    best = max(in_title.values())
    tied = [key for key, value in in_title.items() if value >= best - _TIE]
    if len(in_title) > _PRIMARIES:
        first, second, *_ = sorted((counts[key] for key in in_title), reverse=True)
        return frozenset(tied if len(tied) == 1 and first >= 2 * second else ())
    places = {
        key: next((m.start, m.end) for m in mentions[key] if m.field == "title") for key in in_title
    }
    order = sorted(in_title, key=lambda key: places[key])
    if len(order) > 1 and (
        _are_joined(title, places[order[0]][1], places[order[1]][0])
        or load_round_ups().is_deal(title)
    ):
        few, many = sorted(counts[key] for key in order)
        if many < 2 * few + _OFTEN:
            return frozenset(order)
    if len(order) > 1 and _OWN_CLAUSE.fullmatch(title, places[order[0]][1], places[order[1]][0]):
        few, many = sorted(counts[key] for key in order)
        if many <= few + 1:
            return frozenset(order)
    return frozenset([key for key in order if key in tied][:1])


def _of_each_clause(
    title: str, relevance: Mapping[Key, float], mentions: Mapping[Key, Sequence[Mention]]
) -> dict[Key, float]:
    """Return both of two companies whose title has a clause for each, or nothing."""
    both = _named_before(len(title), relevance, mentions)
    if len(both) != _PRIMARIES:
        return {}
    (_, end), (start, stop) = sorted(
        next((m.start, m.end) for m in mentions[key] if m.field == "title") for key in both
    )
    goes_on = title[stop : stop + 2].strip().isalpha()
    return both if goes_on and _OWN_CLAUSE.fullmatch(title, end, start) else {}


def _what_is_held(in_title: dict[Key, float], counts: Mapping[Key, int]) -> dict[Key, float]:
    """Return the one company that an investor of the title buys or sells, or all that it names."""
    investors = load_round_ups().investors
    held = [key for key in in_title if key[0] not in investors]
    if len(held) == 1 and counts[held[0]] >= max(counts[key] for key in in_title):
        return {held[0]: in_title[held[0]]}
    return in_title


def _are_joined(title: str, end: int, start: int) -> bool:
    """Tell whether what lies between two names in a title makes both its subject."""
    if stand_in_one_list(title, end, start) or _HYPHEN.fullmatch(title, end, start):
        return True
    return words_of(title[end:start]) in load_round_ups().joins


def _is_round_up(
    title: str,
    counts: Mapping[Key, int],
    in_title: Collection[Key],
    mentions: Mapping[Key, Sequence[Mention]],
) -> bool:
    """Tell whether nobody is dwelt on; a title that begins with its one company is about it."""
    largest = max(counts.values(), default=0) / max(1, sum(counts.values()))
    starts = (m.start for key in in_title for m in mentions[key] if m.field == "title")
    first = min(starts, default=len(title)) if len(in_title) == 1 else len(title)
    if any(
        _OWN_SHARES.match(title, m.end) for key in in_title for m in mentions[key] if not m.start
    ):
        return False
    if load_round_ups().announced_by(title, first):
        many, small = _ANNOUNCED
    elif len(in_title) == 1:
        return False
    else:
        many, small = _LED_BY_TWO if len(in_title) == _PRIMARIES else _NOT_ANNOUNCED
    return len(counts) >= many and largest < small

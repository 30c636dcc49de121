"""Which companies are named only because they rate others: "Micron Upgraded By Goldman Sachs".

The words that tell are the files under ``analysts/``, one a language.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from tasks.articles.records import Mention
from tasks.tagging.folding import fold
from tasks.tagging.phrasebook import spellings
from tasks.tagging.tickers.companies import Run
from tasks.tagging.tickers.evidence import Reading
from tasks.tagging.tickers.speakers import Speakers, read_speakers
from tasks.tagging.tickers.surroundings import stand_in_one_list

FOLDER = Path(__file__).parent / "analysts"
_REACH = 80  # characters beside a name that are read
_SKIPPED = 4  # the words at which what a firm did may begin: "on Tuesday raised its target"
_MOST_READ = 20  # mentions of one company
_LONGEST_PHRASE = 7  # words directly beside a name
_BESIDE = (
    *("cited_before", "cited_after", "cited_firm", "opines"),
    *("subject_before", "subject_after"),
)
_SENTENCE_ENDS = re.compile(r"[.!?;。！？]\s|[\n。|]")
_LONGEST_SENTENCE = 300  # characters of it that are read on either side of a name
_LABEL = re.compile(r"(?:\s?\([^()]{1,30}\))?\s?[:：]")  # "ING : UBS relève son objectif"

Key = tuple[str, str]


class _Verdict(Enum):
    """What stands directly beside one mention of a firm says that it is."""

    CITED = auto()
    SUBJECT = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True)
class AnalystBook:
    """Folded phrases of all languages."""

    firms: frozenset[str]  # symbols
    raters: frozenset[str]  # those of rating agencies
    little: frozenset[str]  # words left out of cited_after and of what it is compared with
    cited_before: frozenset[str]
    cited_after: frozenset[str]
    cited_firm: frozenset[str]
    opines: frozenset[str]
    subject_before: frozenset[str]
    subject_after: frozenset[str]
    speaks_of: AhoCorasick  # anywhere in the sentence
    acts: AhoCorasick
    characters: tuple[str, ...]  # as speaks_of in scripts without blanks, as printed
    speakers: Speakers

    def has_firm(self, key: Key) -> bool:
        """Tell whether a security is one of those that are asked."""
        return key[0] in self.firms or f"{key[1]}:{key[0]}" in self.firms


@dataclass(frozen=True, slots=True)
class _Place:
    """One mention of a firm, its sentence, and what the words beside it say."""

    key: Key
    mention: Mention
    sentence: tuple[str, int, int]  # field, start, end
    verdict: _Verdict


@cache
def load_analysts(folder: Path = FOLDER) -> AnalystBook:
    """Read the phrases. Raises OSError, TOMLDecodeError or KeyError for an unusable file."""
    files = [tomllib.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.toml"))]
    firms, raters, little = (
        frozenset(word for file in files for word in file.get(kind, "").split())
        for kind in ("firms", "raters", "little")
    )
    characters = tuple(word for file in files for word in file["characters"].split())
    phrases = {kind: frozenset(map(str.strip, _phrases(files, kind))) for kind in _BESIDE}
    phrases["cited_after"] = frozenset(_weighty(phrases["cited_after"], little))
    speaks_of, acts = (AhoCorasick(_phrases(files, kind)) for kind in ("speaks_of", "acts"))
    return AnalystBook(
        firms,
        raters,
        little,
        **phrases,
        speaks_of=speaks_of,
        acts=acts,
        characters=characters,
        speakers=read_speakers(files),
    )


def _phrases(files: Sequence[Mapping[str, str]], kind: str) -> tuple[str, ...]:
    lines = (line for file in files for line in re.split(r"[,\n]", file[kind]) if line.strip())
    return tuple(dict.fromkeys(text for line in lines for text in spellings(line)))


def _weighty(phrases: Iterable[str], little: frozenset[str]) -> Iterator[str]:
    """Yield each phrase without its little words, unless one word alone would be left."""
    for phrase in phrases:
        words = [word for word in phrase.split() if word not in little]
        if len(words) > 1 or " " not in phrase:
            yield " ".join(words)


def cited_firms(
    reading: Reading, mentions: Mapping[Key, Sequence[Mention]], book: AnalystBook
) -> frozenset[Key]:
    """Return the companies that are cited for a rating or comment, and nowhere the subject."""
    firms = {key: places for key, places in mentions.items() if book.has_firm(key)}
    if not firms:
        return frozenset()
    places = [
        _place(reading, key, mention, book)
        for key, of_one in firms.items()
        for mention in [m for m in of_one if m.field in {"title", "text"}][:_MOST_READ]
    ]
    together: dict[tuple[str, int, int], list[_Place]] = {}
    for place in sorted(places, key=lambda place: place.mention.start):
        together.setdefault(place.sentence, []).append(place)
    cited = {p.mention: _is_cited(reading, p, together[p.sentence], book) for p in places}
    in_title = [key for key, of_one in mentions.items() if any(m.field == "title" for m in of_one)]
    found = set()
    for key in firms:
        own = [place for place in places if place.key == key]
        if any(place.verdict is _Verdict.SUBJECT for place in own):
            continue
        is_rater = key[0] in book.raters and all(
            place.mention.evidence in {"name", "brand"} for place in own
        )
        if is_rater or _is_rater_of_all(reading, own, cited, is_title_its=in_title == [key]):
            found.add(key)
    return frozenset(found)


def _is_rater_of_all(
    reading: Reading, own: Sequence[_Place], cited: Mapping[Mention, bool], *, is_title_its: bool
) -> bool:
    """Tell whether a firm's places make it a rater; a title that names it alone must say so, too.

    "UBS: gold will rise" says so where it is a rater in each place of the text.
    """
    title = [place for place in own if is_title_its and place.mention.field == "title"]
    if any(cited[place.mention] for place in title or own):
        return True
    text = [place for place in own if place not in title]
    quotes = all(_LABEL.match(reading.article.title, place.mention.end) for place in title)
    return bool(text) and quotes and all(cited[place.mention] for place in text)


def _place(reading: Reading, key: Key, mention: Mention, book: AnalystBook) -> _Place:
    before, after = _context(reading, mention, book.speakers)
    if _ends(before, book.subject_before) or _begins(after, book.subject_after):
        verdict = _Verdict.SUBJECT
    elif _cites(before, after, book) or book.speakers.speak_for(
        _body(reading, mention), mention.start, mention.end
    ):
        verdict = _Verdict.CITED
    else:
        verdict = _Verdict.OPEN
    return _Place(key, mention, _sentence(reading, mention), verdict)


def _begins(words: Sequence[str], phrases: frozenset[str]) -> bool:
    return any(" ".join(words[:length]) in phrases for length in range(1, _LONGEST_PHRASE + 1))


def _ends(words: Sequence[str], phrases: frozenset[str]) -> bool:
    return any(" ".join(words[-length:]) in phrases for length in range(1, _LONGEST_PHRASE + 1))


def _is_cited(
    reading: Reading, place: _Place, together: Sequence[_Place], book: AnalystBook
) -> bool:
    """Tell whether the words beside a mention, or its sentence's, make its firm a rater there.

    Of several firms in one sentence it is the one that the words beside it say, or else the
    first, and those that stand in one list with it.
    """
    if place.verdict is not _Verdict.OPEN:
        return place.verdict is _Verdict.CITED
    body = _body(reading, place.mention)
    sure = [p for p in together if p.verdict is _Verdict.CITED and p.key != place.key]
    if sure:
        return book.speakers.begin_half(body, place.mention.start, place.mention.end) or any(
            _share(body, place.mention, p.mention, book) for p in sure
        )
    sentence = body[place.sentence[1] : place.sentence[2]]
    likes = [p for p in together if p is place or _share(body, place.mention, p.mention, book)]
    if not any(_rates(sentence, p, body, book) for p in likes):
        return False
    first = next(p for p in together if p.verdict is _Verdict.OPEN)
    return place.key == first.key or _share(body, place.mention, first.mention, book)


def _share(body: str, one: Mention, other: Mention, book: AnalystBook) -> bool:
    first, second = sorted((one, other), key=lambda mention: mention.start)
    return stand_in_one_list(body, book.speakers.whole_name(body, first.end), second.start)


def _cites(before: Sequence[str], after: Sequence[str], book: AnalystBook) -> bool:
    if _ends(before, book.cited_before) or _begins(after, book.cited_firm):
        return True
    clause = after[: after.index(".")] if "." in after else after
    words = [word for word in clause if word not in book.little]
    return any(_begins(words[skip:], book.cited_after) for skip in range(_SKIPPED))


def _rates(sentence: str, place: _Place, body: str, book: AnalystBook) -> bool:
    """Tell whether the sentence around a mention speaks of ratings, or of what its firm expects."""
    if any(word in sentence for word in book.characters):
        return True
    words = fold(sentence)
    if book.acts.find_matches_as_indexes(words):
        return False
    is_label = place.mention.start == place.sentence[1] and _LABEL.match(body, place.mention.end)
    if not is_label and book.speaks_of.find_matches_as_indexes(words):
        return True
    after = fold(body[place.mention.end : place.mention.end + _REACH]).split()
    return _begins(after, book.opines)


def _body(reading: Reading, mention: Mention) -> str:
    return reading.article.title if mention.field == "title" else reading.article.text


def _sentence(reading: Reading, mention: Mention) -> tuple[str, int, int]:
    body = _body(reading, mention)
    floor = max(0, mention.start - _LONGEST_SENTENCE)
    ceiling = mention.end + _LONGEST_SENTENCE
    starts = [end.end() for end in _SENTENCE_ENDS.finditer(body, floor, mention.start)]
    stop = _SENTENCE_ENDS.search(body, mention.end, ceiling)
    end = stop.start() if stop else min(ceiling, len(body))
    return mention.field, starts[-1] if starts else floor, end


def _context(reading: Reading, mention: Mention, speakers: Speakers) -> tuple[list[str], list[str]]:
    """Return the words before and after a mention and its brackets, folded."""
    runs = reading.title_runs if mention.field == "title" else reading.text_runs
    body = _body(reading, mention)
    start, end = _around(runs, body, mention, speakers)
    before = fold(body[max(0, start - _REACH) : start]).split()
    starts = ["."] if start <= _REACH else []  # a sentence begins with the body, too
    return starts + before, fold(body[end : end + _REACH]).split()


def _around(
    runs: Sequence[Run], body: str, mention: Mention, speakers: Speakers
) -> tuple[int, int]:
    for run in runs:
        if run.start <= mention.start and mention.end <= run.end:
            return run.start, run.end
    return mention.start, speakers.whole_name(body, mention.end)

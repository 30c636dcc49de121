"""Finds the authors' names in bylines; the words around them are in ``bylines.toml``."""

import re
from collections.abc import Iterable, Iterator, Sequence

from tasks.extraction.byline_words import (
    has_job,
    is_of_pictures,
    joined_names,
    names_nobody,
    without_agencies,
    without_by,
    without_place,
    without_small_by,
)
from tasks.extraction.characters import EASTERN, clean_line, folded
from tasks.extraction.organisations import is_organisation, is_weekday, without_company_comma
from tasks.extraction.phrases import plain

_LINE_PARTS = re.compile(r"\s*[;|•·\n]\s*|\s+[–—-]\s+|\s*/\s*|、")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?<!\S)@\w+")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
# What stands beside names in bylines: years, times, "Nov 12".
_DATE_WORDS = re.compile(
    r"\d{3,}|^\d|^\w+\.?\s+\d{1,2}(?:st|nd|rd|th)?$|^\d{1,2}(?:st|nd|rd|th)?\.?\s+\w+$|"
    r"\d{1,2}:\d\d"
)
# "Texto: Ana Pérez", and what else is signed so.
_ROLE = re.compile(r"^[^\W\d_]+(?:\s[^\W\d_]+){0,2}\s*[:=\uff1a]\s*")
# What follows a name in Japanese and Korean bylines, and the desk that stands before one.
_SIGNS = re.compile(
    r"\s*(?:(?:선임|인턴|객원|수습|대기|[가-힣]{0,4}전문)?\s*기자|특파원|통신원|논설위원|에디터|리포터|앵커|"
    r"記者|編集委員|論説委員|特派員|ライター)$"
)
_DESK = re.compile(r"^[가-힣]{1,6}(?:부|팀|국)\s+(?=[가-힣]{2,4}$)")
_EASTERN_PLACE = re.compile(r"【[^】=\uff1d]*[=\uff1d]([^】]+)】")  # 【ニューヨーク=山田太郎】
_EDGES = " ,;:-–—|/→>»›="
_LONG_NAME = 80
_PAIR = 2  # words of a name written family name first


def clean_authors(
    printed: Iterable[str], sites: Sequence[str] = (), *, is_byline: bool = False
) -> tuple[str, ...]:
    """Return each author's name once, without "By", job titles, e-mails and addresses.

    Authors are persons: a newsroom, an agency or a company ("Benzinga Newsdesk", "Redazione",
    "Acme, Inc.") is none. ``is_byline`` says that the texts are visible lines, where "di" and "da"
    mean "by".
    """
    signed = signatures(printed, is_byline=is_byline)
    return tuple(name for name in signed if not is_newsroom(name, sites))


def signatures(printed: Iterable[str], *, is_byline: bool = False) -> tuple[str, ...]:
    """Return each name in bylines once, of persons and of others."""
    parts = [part for text in printed for part in _split(_bare(text, is_byline=is_byline))]
    names = [part for part in parts if _could_be_name(part)]
    return tuple({folded(name): name for name in names}.values())


def is_newsroom(name: str, sites: Sequence[str] = ()) -> bool:
    """Tell a newsroom, a team, an organisation or the site itself from a person."""
    known = {folded(plain(site)) for site in sites if site}
    is_known = folded(plain(name)) in known
    return is_known or has_job(name) or is_organisation(name)


def _bare(text: str, *, is_byline: bool) -> str:
    text = _EASTERN_PLACE.sub(r"\1", without_company_comma(clean_line(text)))
    text = _unsigned(_BRACKETS.sub(" ", _ADDRESS.sub(" ", text)).strip(_EDGES))
    return without_small_by(text, is_byline=is_byline).strip(_EDGES)


def _unsigned(text: str) -> str:
    """Return a name without "By", the agencies beside it, its desk and its title."""
    return _DESK.sub("", _SIGNS.sub("", without_agencies(without_by(text)))).strip(_EDGES)


def _split(text: str) -> Iterator[str]:
    for signed in _LINE_PARTS.split(text):
        line = "" if is_of_pictures(signed) else _ROLE.sub("", signed)
        parts = [
            part.strip(" .,") if part.endswith(",") else part.strip(" ,")
            for part in line.split(",")
        ]
        if (
            len(parts) == _PAIR
            and all(part and " " not in part and part < EASTERN for part in parts)
            and not has_job(line)
        ):
            yield f"{parts[1]} {parts[0]}"  # "Rossi, Maria"
            continue
        for part in parts:
            yield from _people(without_place(_unsigned(part)))


def _people(text: str) -> Iterator[str]:
    """Split "A B and C D", but not "Ortega y Gasset" nor "Smith & Wesson"."""
    pieces = joined_names(text)
    if all(len(piece.split()) > 1 for piece in pieces):
        yield from (without_small_by(piece.strip()) for piece in pieces)
    else:
        yield text


def _could_be_name(text: str) -> bool:
    return (
        1 < len(text) <= _LONG_NAME
        and any(char.isalpha() for char in text)
        and not (_DATE_WORDS.search(text) or is_weekday(text) or names_nobody(text))
    )

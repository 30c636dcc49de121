"""Chooses an article's title among all that a page says."""

import re
from collections.abc import Iterable, Sequence

from tasks.extraction.characters import clean_line, folded, is_eastern
from tasks.extraction.phrases import plain

_SEPARATOR = re.compile(r"\s+[|–—·•:»<-]\s+|\s*[|\uff5c]\s*|\s+::\s+|\s*\uff1a\s*")
_LAST_BRACKETS = re.compile(r"\s*[【\[(\uff08]([^】\])\uff09]+)[】\])\uff09]$")
_CRUMBS = re.compile(r"\s+<\s+\S.*$")  # "headline < section < article", as Korean systems write
_CUT = re.compile(r"\s*(?:\.\.\.|…)$")
_LONG_TITLE = 400  # characters; beyond, it is a paragraph in the wrong place
_HEADLINE_WORDS = 4  # a headline that is printed apart has as many at least
_SITE_WORDS = 4  # a last part of <title> with more words is part of the headline


def choose_title(
    *,
    headline: str,
    h1: str,
    social: Sequence[str],
    document: str,
    listed: str,
    sites: Sequence[str],
) -> str:
    """Return the article's title without the site's name, or "".

    ``headline`` is JSON-LD's, ``social`` og:title and its like, ``document`` the <title>,
    ``sites`` what the site calls itself. The first in this order wins; if it was cut short, the
    one that it is the beginning of.
    """
    known = {folded(plain(site)) for site in sites if site}
    printed = _without_site(h1, known)
    declared = [_without_site(text, known) for text in (headline, *social[:1], h1, *social[1:])]
    candidates = [text for text in declared if text and folded(plain(text)) not in known]
    last = _without_site(clean_line(document), known)
    if not candidates and not listed:
        last = _without_last_part(last)
    candidates += [text for text in (clean_line(listed), last) if text]
    candidates = [text for text in candidates if len(text) <= _LONG_TITLE]
    if not candidates:
        return ""
    return _printed_part(_whole(candidates[0], candidates[1:]), printed)


def _printed_part(title: str, printed: str) -> str:
    """Return the headline as printed where the title is that and a name of few words beside it."""
    if len(printed.split()) < _HEADLINE_WORDS and not is_eastern(printed):
        return title
    bracket = _LAST_BRACKETS.search(title)
    if bracket and folded(title[: bracket.start()]) == folded(printed):
        return title[: bracket.start()]
    marks = list(_SEPARATOR.finditer(title))
    sides = [(title[mark.end() :], title[: mark.start()]) for mark in marks]
    for part, rest in [*sides, *((before, after) for after, before in sides)]:
        if folded(part) == folded(printed) and len(rest.split()) <= _SITE_WORDS:
            return part
    return title


def _whole(title: str, others: Iterable[str]) -> str:
    """Return the title, or the longer one of which it is the cut beginning."""
    cut = _CUT.sub("", title)
    if cut == title and len(title) < 100:  # noqa: PLR2004 - Google cuts headlines at 110
        return title
    start = folded(cut)
    longer = [text for text in others if folded(text).startswith(start) and not _CUT.search(text)]
    return max([title, *longer], key=len) if longer else title


def _without_site(text: str, known: set[str]) -> str:
    """Take the site's name off either end of a title, with what separates it."""
    text = clean_line(text)
    while True:
        marks = list(_SEPARATOR.finditer(text))
        bracketed = _LAST_BRACKETS.search(text)
        if bracketed and folded(plain(bracketed[1])) in known:
            text = text[: bracketed.start()]
        elif marks and folded(plain(text[marks[-1].end() :])) in known:
            text = text[: marks[-1].start()]
        elif marks and folded(plain(text[: marks[0].start()])) in known:
            text = text[marks[0].end() :]
        else:
            return _CRUMBS.sub("", text)


def _without_last_part(text: str) -> str:
    head, mark, tail = text.rpartition(" | ")
    return head if mark and len(tail.split()) <= _SITE_WORDS else text

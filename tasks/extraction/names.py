"""Chooses an article's title and its authors' names among all that a page says."""

import re
from collections.abc import Iterable, Iterator, Sequence

from tasks.extraction.characters import EASTERN, clean_line, folded, is_eastern
from tasks.extraction.organisations import is_organisation, is_weekday, without_company_comma
from tasks.extraction.phrases import plain

_SEPARATOR = re.compile(r"\s+[|–—·•:»<-]\s+|\s*[|\uff5c]\s*|\s+::\s+|\s*\uff1a\s*")
_LAST_BRACKETS = re.compile(r"\s*[【\[(\uff08]([^】\])\uff09]+)[】\])\uff09]$")
_CRUMBS = re.compile(r"\s+<\s+\S.*$")  # "headline < section < article", as Korean systems write
_CUT = re.compile(r"\s*(?:\.\.\.|…)$")
_LONG_TITLE = 400  # characters; beyond, it is a paragraph in the wrong place
_HEADLINE_WORDS = 4  # a headline that is printed apart has as many at least
_SITE_WORDS = 4  # a last part of <title> with more words is part of the headline

_BY = re.compile(
    r"^(?:(?:(?:additional )?reporting|editing|writing|written|posted|reported|published|authored|"
    r"compiled|submitted|produced)\s+)?by[\s:]+|"
    r"^(?:a cura|scritto|redatto|articolo)\s+d[ia]\s+|^(?:escrito\s+)?por[\s:]+|^par[\s:]+|"
    r"^(?:글|취재|작성|정리|기자)[\s:=]+(?=[가-힣])|"
    r"^(?:取材・文|文・写真|文|構成|取材|著者|筆者|執筆者?|ライター|記者|編集委員)[\s:=/\uff1a\uff1d\uff0f]+|"
    r"^dal(?:la)? nostr[oa] (?:inviat[oa]|corrispondente)[\s:]+|"
    r"^de nuestr[oa] (?:corresponsal|enviad[oa](?: especial)?)[\s:]+|"
    r"^de notre (?:correspondante?|envoyée?(?: spéciale?)?)[\s:]+|"
    r"^von unser(?:em|er) \w+[\s:]+|"
    r"^(?:di|da|von|de|autore|autor|autora|author|auteur|redazione)\s*:\s*|^文[:=/]\s*|^執筆[:=]?\s*",
    re.IGNORECASE,
)
_BY_IN_TEXT = re.compile(r"^(?:di|da|de|von)\s+(?=[A-ZÀ-Þ])", re.IGNORECASE)
_BY_LOWER = re.compile(r"^(?:di|da)\s+(?=[A-ZÀ-Þ])")
_LINE_PARTS = re.compile(r"\s*[;|•·\n]\s*|\s+[–—-]\s+|\s*/\s*|、")
_AND = re.compile(r"\s+(?:and|&|with|e|y|et|und|con)\s+", re.IGNORECASE)
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?<!\S)@\w+")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
JOBS = re.compile(
    r"\b(?:staff|writer|reporter|editor(?:ial)?|correspondent|contributor|columnist|analyst|"
    r"journalist|newsdesk|news desk|desk|insights|team|chief|senior|head of|manager|director|"
    r"strategist|economist|founder|ceo|cfo|author|freelance|bureau|newsroom|wire|"
    r"[ée]quipe|equipo|"
    r"giornalista|redattore|redattrice|redazione|caporedattore|corrispondente|collaboratore|"
    r"collaboratrice|analista|inviat[oa]|direttore|"
    r"redactora?|redacci[óo]n|periodista|editora?|colaboradora?|corresponsal|reporter[oa]|"
    r"jornalista|rep[óo]rter|reda[çc][ãa]o|journaliste|r[ée]daction|r[ée]dacteur|redaktion|"
    r"redakteur(?:in)?|korrespondent(?:in)?|cfa|cpa|cmt|ph\.?d\.?|mba|jr\.?|sr\.?)(?![\w])|記者|編集部|기자",
    re.IGNORECASE,
)
# What stands beside names in bylines: years, times, "Nov 12", "3 min read".
_DATE_WORDS = re.compile(
    r"\d{3,}|^\d|^\w+\.?\s+\d{1,2}(?:st|nd|rd|th)?$|^\d{1,2}(?:st|nd|rd|th)?\.?\s+\w+$|"
    r"\d{1,2}:\d\d|\bmin(?:ute)?s? read\b|\blettura\b|\blectura\b|^comment[si]?$|"
    r"^(?:inc|corp|co|ltd|llc|plc|s\.?p\.?a|s\.?a)\.?$",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^(?:and|&|e|y|et|und)\s+(?=[A-ZÀ-Þ])")
# "Jane Doe in London", "Marco Quill for Fernwood Research", "Wade Ironsmith of the Observer"
_PLACE = re.compile(r"\s+(?:in|from|at|for|of|per|para|pour|für)\s+(?:the\s+)?(?=[A-ZÀ-Þ]).*$")
# "Texto: Ana Pérez", and what else is signed so.
_ROLE = re.compile(r"^[^\W\d_]+(?:\s[^\W\d_]+){0,2}\s*[:=\uff1a]\s*")
_PICTURES = re.compile(
    r"^(?:photos?|fotos?|fotograf\w+|images?|imagen|imágenes|immagin[ei]|imagem|bild(?:er)?|video|"
    r"v[íi]deo|grafik|gr[áa]ficos?|illustration\w*|写真|画像|撮影|사진|그래픽)\s*(?:by\b|[:=\uff1a/])",
    re.IGNORECASE,
)
_ALIKE = frozenset(
    {"admin", "administrator", "none", "null", "unknown", "anonymous", "n/a", "user"}
)
# What remains of "By <a>Jane Doe</a> on <time>": words that join, and name nobody.
_JOINTS = frozenset(
    {"by", "submitted by", "written by", "posted by", "on", "at", "in", "and", "updated"}
    | {"published", "di", "da", "e", "ed", "a cura di", "scritto da", "del", "il", "por", "y", "el"}
    | {"escrito por", "par", "et", "le", "von", "und", "am", "de", "em", "文", "執筆"}
)
# What follows a name in Japanese and Korean bylines, and the desk that stands before one.
_SIGNS = re.compile(
    r"\s*(?:(?:선임|인턴|객원|수습|대기|[가-힣]{0,4}전문)?\s*기자|특파원|통신원|논설위원|에디터|리포터|앵커|"
    r"記者|編集委員|論説委員|特派員|ライター)$"
)
_DESK = re.compile(r"^[가-힣]{1,6}(?:부|팀|국)\s+(?=[가-힣]{2,4}$)")
_EASTERN_PLACE = re.compile(r"【[^】=\uff1d]*[=\uff1d]([^】]+)】")  # 【ニューヨーク=山田太郎】
_AGENCIES = re.compile(
    r"\s+(?:with|con|avec|mit|com|und|e|et|y|and)\s+(?:afp|reuters|dpa(?:-afx)?|ap|efe|ansa|bloomberg|"
    r"europa press|(?:le )?agen[cz]\w+|as agências|agências|agências)$",
    re.IGNORECASE,
)
_EDGES = " ,;:-–—|/→>»›="
_LONG_NAME = 80
_PAIR = 2  # words of a name written family name first


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
    return is_known or JOBS.search(name) is not None or is_organisation(name)


def _bare(text: str, *, is_byline: bool) -> str:
    text = _EASTERN_PLACE.sub(r"\1", without_company_comma(clean_line(text)))
    text = _BRACKETS.sub(" ", _ADDRESS.sub(" ", text)).strip(_EDGES)
    text = _unsigned(text)
    return (_BY_IN_TEXT if is_byline else _BY_LOWER).sub("", text).strip(_EDGES)


def _unsigned(text: str) -> str:
    """Return a name without "By", the agencies beside it, its desk and its title."""
    return _DESK.sub("", _SIGNS.sub("", _AGENCIES.sub("", _BY.sub("", text)))).strip(_EDGES)


def _split(text: str) -> Iterator[str]:
    for signed in _LINE_PARTS.split(text):
        line = "" if _PICTURES.match(signed) else _ROLE.sub("", signed)
        parts = [
            part.strip(" .,") if part.endswith(",") else part.strip(" ,")
            for part in line.split(",")
        ]
        if (
            len(parts) == _PAIR
            and all(part and " " not in part and part < EASTERN for part in parts)
            and not JOBS.search(line)
        ):
            yield f"{parts[1]} {parts[0]}"  # "Rossi, Maria"
            continue
        for part in parts:
            yield from _people(_PLACE.sub("", _unsigned(part)))


def _people(text: str) -> Iterator[str]:
    """Split "A B and C D", but not "Ortega y Gasset" nor "Smith & Wesson"."""
    pieces = _AND.split(_JOINED.sub("", text))
    if all(len(piece.split()) > 1 for piece in pieces):
        yield from (_BY_LOWER.sub("", piece.strip()) for piece in pieces)
    else:
        yield text


def _could_be_name(text: str) -> bool:
    return (
        1 < len(text) <= _LONG_NAME
        and any(char.isalpha() for char in text)
        and not (_DATE_WORDS.search(text) or is_weekday(text))
        and text.casefold() not in _ALIKE | _JOINTS
    )

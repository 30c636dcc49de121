"""Reads addresses: an article's or a section's, and the date that one may carry."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

_NUMBER = re.compile(r"\d{5,}|[a-z]\d|\d[a-z]|\.s?html?$|\.php$", re.IGNORECASE)
_DATE = re.compile(r"/((?:19|20)\d\d|\d\d)[/-](0[1-9]|1[0-2])(?:[/-]([0-2]\d|3[01]))?(?=[/-]|$)")
_WORDS = 4  # joined by hyphens: a headline; sections have fewer
_FOREIGN = 8  # characters of a slug that is written without Latin letters


def is_section_above(address: str, own: str) -> bool:
    """Tell whether ``address`` is a home page, or a section that the article at ``own`` is in.

    A section's path has fewer parts than the article's and ends in no slug: no long number, no
    headline in hyphens, not the article's own last part.
    """
    parts, own_parts = _parts(address), _parts(own)
    if not parts:
        return bool(own_parts)
    return (
        len(parts) < len(own_parts) and not _is_slug(parts[-1]) and parts[-1] not in own_parts[1:]
    )


def dates_in(address: str) -> Iterator[str]:
    """Yield the date in a path: /2026/11/17/ whole; of /26/11/ and /2026/11/ the first day."""
    for year, month, day in _DATE.findall(address):
        yield f"{year if len(year) > 2 else '20' + year}-{month}-{day or '01'}"  # noqa: PLR2004


def _parts(address: str) -> list[str]:
    return [part for part in unquote(urlsplit(address).path).split("/") if part]


def _is_slug(part: str) -> bool:
    if _NUMBER.search(part) or len(part.split("-")) >= _WORDS:
        return True
    return not part.isascii() and not re.search("[a-z]", part) and len(part) >= _FOREIGN

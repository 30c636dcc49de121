"""Tells an article's address from that of a section or a home page."""

import re
from urllib.parse import unquote, urlsplit

_NUMBER = re.compile(r"\d{5,}|[a-z]\d|\d[a-z]|\.s?html?$|\.php$", re.IGNORECASE)
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


def _parts(address: str) -> list[str]:
    return [part for part in unquote(urlsplit(address).path).split("/") if part]


def _is_slug(part: str) -> bool:
    if _NUMBER.search(part) or len(part.split("-")) >= _WORDS:
        return True
    return not part.isascii() and not re.search("[a-z]", part) and len(part) >= _FOREIGN

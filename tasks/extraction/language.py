"""Tells the language of a text from the text, never from what the page claims."""

from collections.abc import Iterable

import py3langid

USUAL = ("en", "it", "es", "fr", "de", "pt", "ja", "ko")
_ENOUGH = 25  # letters below which a guess is a coin's toss
_ENOUGH_SIGNS = 8  # of Japanese, Chinese or Korean, which say more each
_SAMPLE = 600  # characters; more changes next to nothing


def language_of(text: str, languages: Iterable[str], listed: str = "") -> str:
    """Return the ISO 639-1 code of the text's language among ``languages`` and the usual eight.

    Too little text gives what the list says, or "".
    """
    sample = text[:_SAMPLE]
    letters = [char for char in sample if char.isalpha()]
    signs = sum(1 for char in letters if char >= "\u2e80")
    if len(letters) < _ENOUGH and signs < _ENOUGH_SIGNS:
        return listed.lower()[:2]
    allowed = {*languages, *USUAL}
    ranked = py3langid.rank(" ".join(sample.split()))
    return next((code for code, _ in ranked if code in allowed), "")

"""Tells the language of a text from the text, never from what the page claims."""

from collections.abc import Iterable
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

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
    code, _ = _identifier(frozenset({*languages, *USUAL})).classify(" ".join(sample.split()))
    return str(code)


@lru_cache(maxsize=4)  # a source with languages of its own reads the model again, in .4 s
def _identifier(languages: frozenset[str]) -> LanguageIdentifier:
    """Return the model cut down to some languages: all 142 would hold 22 MB more."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    model.set_languages(languages & set(model.labels))
    return LanguageIdentifier(
        model.nb_ptc,
        model.nb_pc,
        model.nb_classes,
        model.tk_nextmove,
        model.tk_output,
        tk_row=model.tk_row,
    )

"""Tells who speaks to readers from who tells news, in the two languages whose verbs say it.

Japanese and Korean newspapers end their sentences in the plain form; invitations, notices and
buttons are polite.
"""

import re

_PLAIN = re.compile(
    r"(?:(?<!まし)(?<!でし)た|(?<!で)(?<!ま)す|(?<!しょ)(?<!しよ)う|(?<!くださ)(?<!下さ)(?<!なさ)い"
    r"|[るだくつむぶぐぬ])。$|(?<!니)다\.$"
)
_POLITE = re.compile(
    r"(?:です|ます|ません|でした|ました|ましょう|ください|下さい)[。!!]?$"
    r"|(?:니다|세요|십시오|어요|아요|해요)[.!]?$"
)
# What somebody said, asked or regrets, in a paragraph of its own.
_SAID = re.compile(r"[「『“”\"‘’]|^\W*[-―—–▲△QA]|お詫び|おわび|申し訳|사과|죄송")
_FIGURES = re.compile(r"\d[.,]\d|\d\s?[%%]|\d\s?[億万兆円억만조원]")
_LONGEST = 120  # signs of a line that is no paragraph of a story
_ENOUGH = 4  # sentences in the plain form that make a story of their kind
_MANY = 1.0  # polite lines for each of these: an interview or a press release has more


def is_plain(line: str) -> bool:
    """Tell a whole sentence in the plain form."""
    return _PLAIN.search(line) is not None


def without_polite(lines: list[str]) -> list[str]:
    """Drop polite lines from a story in the plain form, but none that quotes or gives figures."""
    plain = sum(map(is_plain, lines))
    polite = {line for line in lines if _POLITE.search(line)} if plain >= _ENOUGH else set()
    if not polite or len(polite) > _MANY * plain:
        return lines
    return [line for line in lines if line not in polite or not _is_notice(line)]


def _is_notice(line: str) -> bool:
    return len(line) <= _LONGEST and not _SAID.search(line) and not _FIGURES.search(line)

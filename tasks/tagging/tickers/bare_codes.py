"""Finds codes that a country's press prints without an exchange, in its own language.

Japanese ``サンリオ<8136>``, Korean ``삼성전자(005930)``, Portuguese ``PETR4``.
A Japanese code in round brackets may be a year or an amount, so it must be a known one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tasks.tagging.tickers.citations import Citation, Cited

_JAPANESE = re.compile(
    r"(?<=[^\s\d、。])(?:[<＜【](?P<sure>\d{3}[\dA-Z])[>＞】]"
    r"|[(（\[](?P<code>\d{3}[\dA-Z])(?:\.T|[・:：](?:東証|東Ｐ|東P|プライム)[^)）\]]{0,8})?[)）\]])"
)
_KOREAN = re.compile(r"(?<=[^\s\d,.])[(（\[](?P<sure>\d{5}[\dK])[)）\]]")
_BRAZILIAN = re.compile(r"(?<![\w$/.:@#-])(?P<sure>[A-Z]{4}(?:3|4|5|6|11))(?![\w%/-]|[.,]\d)")
_PATTERNS: Mapping[str, tuple[re.Pattern[str], str, str]] = {
    "ja": (_JAPANESE, "TYO", "exchange_bracket"),
    "ko": (_KOREAN, "KRX", "exchange_bracket"),
    "pt": (_BRAZILIAN, "B3", "exchange_prefix"),
}


@dataclass(frozen=True, slots=True)
class BareCodes:
    """Reads such codes; ``is_known`` tells whether an exchange has a symbol."""

    is_known: Callable[[str, str], bool]  # symbol, exchange code

    def find(self, text: str, language: str) -> list[Citation]:
        """Return the citations of a text in this language, in order."""
        return list(self._found(text, language)) if language in _PATTERNS else []

    def _found(self, text: str, language: str) -> Iterator[Citation]:
        pattern, exchange, kind = _PATTERNS[language]
        for match in pattern.finditer(text):
            group = "sure" if match.group("sure") else "code"
            symbol = match.group(group)
            if group == "sure" or self.is_known(symbol, exchange):
                cited = Cited(symbol, exchange, *match.span(group), kind)
                yield Citation(match.start(), match.end(), (cited,))

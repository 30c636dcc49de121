"""Keeps secrets in addresses out of messages, the ledger and the archive."""

import re

# Names of query parameters that hold a secret, alone or after a prefix: token, api_token, apikey.
_SECRET = re.compile(
    r"""(\b(?:[\w.]*[_.-])?(?:token|api[_-]?key|secret|passw(?:or)?d|pwd|signature|auth|jwt)=)"""
    r"""[^&;#\s'"<>]+""",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"(https?://)[^/?#@\s]+@", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """Return an address, or a text with addresses in it, with tokens and passwords blotted out."""
    if "=" not in text and "@" not in text:
        return text
    return _USER_INFO.sub(r"\1", _SECRET.sub(r"\1***", text))

"""Addresses of articles: cleaned for fetching, and reduced to what identifies the article."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

# Query parameters that say who sent the reader, never what is read.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|cmpid|ncid|ref|referrer|"
    r"source|src|soc_src|soc_trk|partner|rss|feed)$",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT_IN_PATH = "/:@!$&'()*+,;=~-._"


def clean_url(url: str, base: str = "") -> str:
    """Return an absolute http(s) address without tracking and fragment, or "" if it is none.

    ``base`` resolves relative links. Scheme and host are lower-cased, a default port is dropped;
    the path keeps its case and its meaning.
    """
    if not url.strip():
        return ""
    try:
        parts = urlsplit(urljoin(base, url.strip()) if base else url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return ""
    if port and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = (
        quote(
            unquote(parts.path, errors="surrogateescape"),
            safe=_KEPT_IN_PATH,
            errors="surrogateescape",
        )
        or "/"
    )
    query = urlencode(
        [
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.match(name)
        ]
    )
    return urlunsplit((parts.scheme, host, path, query, ""))


def url_identity(url: str) -> str:
    """Return what stays the same when one article is reached by different spellings of its URL.

    No scheme, no ``www.``, no trailing slash, sorted query. Never fetched, only compared.
    """
    parts = urlsplit(clean_url(url))
    host = parts.netloc.removeprefix("www.")
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{host}{parts.path.rstrip('/')}" + (f"?{query}" if query else "")

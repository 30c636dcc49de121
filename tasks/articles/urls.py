"""Addresses of articles: cleaned for fetching, and reduced to what identifies the article."""

import re
from ipaddress import ip_address
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

# Query parameters that only say who sent the reader. Names that a site may use to name an article
# (ref, source, id) are not among them.
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|cmpid|ncid|soc_src|soc_trk|"
    r"guccounter|guce_\w+)(=|$)",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT = "/:@!$&'()*+,;=~-._?%"  # stands as it is; what is escaped already stays escaped
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")


def clean_url(url: str, base: str = "") -> str:
    """Return an absolute http(s) address without tracking and fragment, or "" if it is none.

    ``base`` resolves relative links. Scheme and host are lower-cased, a default port is dropped;
    path and query keep their meaning to the letter.
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
    host = f"[{host}]" if ":" in host else host
    if port and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    query = "&".join(part for part in parts.query.split("&") if not _TRACKING.match(part))
    return urlunsplit((parts.scheme, host, _escaped(parts.path) or "/", _escaped(query), ""))


def _escaped(text: str) -> str:
    text = quote(_STRAY_PERCENT.sub("%25", text), safe=_KEPT, errors="surrogatepass")
    return _ESCAPE.sub(lambda escape: escape.group().upper(), text)


def url_identity(url: str) -> str:
    """Return what stays the same when one article is reached by different spellings of its URL.

    No scheme, no ``www.``, no trailing slash, sorted query. Never fetched, only compared.
    """
    parts = urlsplit(clean_url(url))
    host = parts.netloc.removeprefix("www.")
    query = "&".join(sorted(part for part in parts.query.split("&") if part))
    return f"{host}{parts.path.rstrip('/')}" + (f"?{query}" if query else "")


def is_on_this_machine(url: str) -> bool:
    """Tell whether an http(s) address names this very machine: localhost, or a loopback address."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761

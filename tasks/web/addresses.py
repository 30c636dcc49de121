"""Addresses as the client asks them: http or https, without fragment, user name and password."""

import httpx

from tasks.articles.errors import Reason, Rejected

REDIRECTS = {301, 302, 303, 307, 308}
LONGEST = 300  # characters of a wrong address that a message quotes


def address_of(text: str) -> httpx.URL:
    """Return the address that a text is. Raises Rejected where it is none for http or https."""
    try:
        return _plain(httpx.URL(text))
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        detail = f"{text[:LONGEST]!r} is not an http(s) address: {error}"
        raise Rejected(Reason.BAD_ADDRESS, detail) from None


def redirect_target(response: httpx.Response) -> httpx.URL | None:
    """Return where an answer redirects to; None where it does not. Raises Rejected."""
    location = response.headers.get("location", "").strip()
    if response.status_code not in REDIRECTS or not location:
        return None
    try:
        return _plain(response.url.join(location))
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        detail = f"{response.url} leads to {location[:LONGEST]!r}, no http(s) address: {error}"
        raise Rejected(Reason.BAD_ADDRESS, detail) from None


def is_same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Tell whether what was meant for one may be sent to the other: itself, or its https form."""
    if (one.scheme, one.netloc) == (other.scheme, other.netloc):
        return True
    return (one.scheme, other.scheme) == ("http", "https") and one.netloc == other.netloc


def _plain(url: httpx.URL) -> httpx.URL:
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("it must begin with http:// or https://, and a host")
    return url.copy_with(fragment=None, userinfo=b"") if url.fragment or url.userinfo else url

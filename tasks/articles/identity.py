"""Stable identities: the same thing gets the same UUID on every machine, in every run."""

import hashlib
import unicodedata
from uuid import UUID

from tasks.articles.urls import url_identity


def stable_uuid(*parts: str) -> UUID:
    """Return the UUID of these strings, in this order (the MD5 of them, unit-separated)."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return UUID(bytes=hashlib.md5(joined, usedforsecurity=False).digest())


def body_hash(body: bytes) -> UUID:
    """Return the identity of a response's inflated body (its MD5)."""
    return UUID(bytes=hashlib.md5(body, usedforsecurity=False).digest())


def article_key(publisher: str, *, publisher_id: str = "", url: str = "", guid: str = "") -> UUID:
    """Return the key under which all versions of one article are kept.

    The publisher's own id decides where its source declares one (``publisher`` is its domain, so
    that its feed and its API agree); else the URL, however it was spelt; else the feed's guid.
    """
    if publisher_id:
        return stable_uuid("id", publisher, publisher_id)
    if url:
        return stable_uuid("url", url_identity(url))
    return stable_uuid("guid", publisher, guid)


def content_hash(title: str, text: str) -> UUID:
    """Return the identity of what an article says; white space and Unicode form do not count."""
    return stable_uuid(*(" ".join(unicodedata.normalize("NFC", s).split()) for s in (title, text)))

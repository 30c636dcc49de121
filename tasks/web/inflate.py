"""Reads bodies: inflated a piece at a time, within limits.

httpx would inflate a whole chunk before its size can be known: a bomb of 200 kB takes 200 MB.
"""

import zlib
from collections.abc import AsyncIterator

import httpx

from tasks.articles.errors import Reason, Rejected

FEW_PIECES = 10_000
SMALLEST_PIECE = 16  # bytes on average; each costs us about 20 us, whatever is in it
INFLATED_AT_ONCE = 256_000  # bytes
GZIP_MAGIC = b"\x1f\x8b"


async def read_body(response: httpx.Response, limit: int, *, cut: bool = False) -> bytes:
    """Return the inflated body of at most ``limit`` bytes.

    A longer one raises Rejected or, with ``cut``, ends there. Raises zlib.error for a compressed
    body that is damaged, and the transport's errors.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        _check_announced(response, limit, cut=cut)
        pieces = _received(response, limit)
    elif encoding in {"gzip", "x-gzip", "deflate"}:
        pieces = _inflated(_received(response, limit))
    else:
        detail = f"{response.url} answered in the encoding {encoding[:80]!r}, not asked for"
        raise Rejected(Reason.NOT_HTML, detail)
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > limit:
            if cut:
                return bytes(body[:limit])
            raise _too_large(response, limit)
    return bytes(body)


def _check_announced(response: httpx.Response, limit: int, *, cut: bool) -> None:
    """Refuse by its Content-Length what need not be read to be refused."""
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit and not cut:
        raise _too_large(response, limit)


async def _received(response: httpx.Response, limit: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes over the wire; refuse one in crumbs, or too long even so."""
    size = count = 0
    async for piece in response.aiter_raw():
        size += len(piece)
        count += 1
        if count > FEW_PIECES and size < count * SMALLEST_PIECE:
            detail = f"{response.url} sends its body in {count:,} pieces of a few bytes"
            raise Rejected(Reason.TOO_LARGE, detail)
        yield piece
        if size > limit + FEW_PIECES:  # compressed bytes that inflate to nothing
            raise _too_large(response, limit)


async def _inflated(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Inflate gzip, of several members too, zlib and bare deflate. An empty body stays empty."""
    inflate, data = None, b""
    async for piece in pieces:
        data += piece
        while len(data) >= len(GZIP_MAGIC) if inflate is None or inflate.eof else data:
            if inflate is None:
                inflate = zlib.decompressobj(_window_bits(data))
            elif inflate.eof:
                if not data.startswith(GZIP_MAGIC):
                    return  # padding after the last member
                inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield inflate.decompress(data, INFLATED_AT_ONCE)
            data = inflate.unconsumed_tail or inflate.unused_data
    if inflate and not inflate.eof:
        yield inflate.decompress(b"", INFLATED_AT_ONCE)  # what the last step had no room for
    if not inflate.eof if inflate else data:
        raise zlib.error("the compressed body ends too early")


def _window_bits(start: bytes) -> int:
    """Say how zlib is to read a body that starts with these bytes (RFC 1950, 1951, 1952)."""
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    known = start.startswith(GZIP_MAGIC) or is_zlib
    return zlib.MAX_WBITS | 32 if known else -zlib.MAX_WBITS


def _too_large(response: httpx.Response, limit: int) -> Rejected:
    return Rejected(Reason.TOO_LARGE, f"{response.url} sends more than {limit:,} bytes")

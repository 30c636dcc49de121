"""WARC files: the pages in them that are a source's, and one page read back.

WARC 1.0 and 1.1 (ISO 28500), plain, gzip or zstd, one record after the other. A listing names the
file and where its record begins, so that a page is read when it is its turn.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from fastwarc import ZstdWriter
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from tasks.articles.errors import Reason, Rejected
from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.kinds import Found
from tasks.sources.schema import Source, WarcList

MOST_LISTINGS = 10_000  # of one file at a time; the next poll goes on where it stopped
MOST_DAMAGES = 100  # places in a file from which reading begins anew
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_STARTS = (_GZIP, b"WARC/1.", _ZSTD)  # of a record
_RECORD = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
_HTML = frozenset({"text/html", "application/xhtml+xml", ""})
_OK = 200
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Capture:
    """One page as a crawler met it."""

    url: str
    captured_at: datetime | None
    headers: tuple[tuple[str, str], ...]  # the server's, names in lower case
    content_type: str
    body: bytes


@dataclass(slots=True)
class Warc:
    """One declared list of WARC files."""

    declared: WarcList
    source: Source
    span: Span

    def read(self, path: Path, state: str, start: int) -> tuple[Found, int]:  # noqa: ARG002
        """Return the pages of a file from a byte on, and the byte to go on from; 0 at its end.

        Raises ValueError for a file without any record.
        """
        scan = _Scan(path, start)
        newest: dict[str, Listing] = {}
        for record in scan.records():
            if len(newest) >= MOST_LISTINGS:
                return Found(list(newest.values()), is_whole=False), record.stream_pos
            for listing in self._listing(record, path):
                newest[listing.url] = listing  # of several captures the last one counts
        if not scan.count and start == 0:
            raise ValueError("; ".join(scan.damages[:1]) or "it holds no response at all")
        problems = scan.problems()
        listings = [] if scan.is_one_piece else list(newest.values())
        if listings and _is_cut(path, listings[-1].offset or 0):
            problems.append(f"{path} ends within the page {listings.pop().url}")
        elif not problems and _ends_within(path, scan.last):
            problems.append(f"{path} ends within a record: it was cut off; copy it anew")
        return Found(listings, problems=problems, is_whole=not problems), 0

    def _listing(self, record: WarcRecord, path: Path) -> Iterator[Listing]:
        url = _url(record)
        headers = record.http_headers if record.is_http_parsed else None
        if not url or headers is None or headers.status_code != _OK or not self._is_ours(url):
            return
        if (record.http_content_type or "").lower() not in _HTML:
            return
        captured = _captured_at(record)
        if self.span.until is not None and not self.span.has(captured):
            return
        yield Listing(
            source=self.source.name,
            url=url,
            file=str(path),
            offset=record.stream_pos,
            line=record.record_id or f"{path} {record.stream_pos}",
            day=captured.date() if captured else None,
        )

    def _is_ours(self, url: str) -> bool:
        """Say whether a page is the source's: as ``only`` says, else on its publisher's hosts."""
        if self.declared.only:
            return re.search(self.declared.only, url) is not None
        host = f".{urlsplit(url).hostname or ''}"
        home = (urlsplit(self.source.home).hostname or "").removeprefix("www.")
        return host.endswith((f".{self.source.publisher}", f".{home}"))


class _Scan:
    """Reads a file's responses one by one; a damaged place costs no more than its own record."""

    def __init__(self, path: Path, start: int) -> None:
        self._path, self._start = path, start
        self.last = start  # where the last response begins
        self.count = 0
        self.damages: list[str] = []
        self.is_one_piece = False  # its records cannot be found again

    def records(self) -> Iterator[WarcRecord]:
        with self._path.open("rb") as file:
            start: int | None = self._start
            while start is not None and len(self.damages) < MOST_DAMAGES:
                file.seek(start)
                self.last = start
                try:
                    for record in _responses(file):
                        if self.count and record.stream_pos <= self.last > start:
                            self.is_one_piece = True
                            return
                        self.last = record.stream_pos
                        self.count += 1
                        yield record
                except (OSError, ValueError) as error:
                    start = _next_start(file, self.last + 1)
                    self.damages.append(f"damaged after byte {self.last:,} ({error})")
                    continue
                return

    def problems(self) -> list[str]:
        """Say what is wrong with the file, in sentences, once it was read."""
        if self.is_one_piece:
            mend = "`fastwarc recompress` makes a file in which they are"
            return [f"{self._path}: its records are not compressed one by one; {mend}"]
        if len(self.damages) > 1:
            return [f"{self._path}: {self.damages[0]}, and at {len(self.damages) - 1} more places"]
        return [f"{self._path}: {damage}" for damage in self.damages]


def read_capture(path: Path, offset: int, limit: int) -> Capture:
    """Return the page at this byte of a file, its body up to ``limit`` + 1 bytes.

    Raises Rejected where there is none, or only a part of one.
    """
    try:
        if _is_cut(path, offset):
            raise Rejected(Reason.NOT_HTML, f"{path} ends within the page at byte {offset:,}")
        with path.open("rb") as file:
            file.seek(offset)
            record = next(_responses(file, decode=True))
            return Capture(
                url=_url(record),
                captured_at=_captured_at(record),
                headers=tuple((k.lower(), v) for k, v in record.http_headers.to_tuples()),
                content_type=record.http_headers.get("content-type") or "",
                body=_read(record, limit + 1),
            )
    except (OSError, StopIteration) as error:
        detail = f"{path} has no page at byte {offset:,}: {error}"
        raise Rejected(Reason.NOT_HTML, detail) from error


def _responses(file: BinaryIO, *, decode: bool = False) -> Iterator[WarcRecord]:
    return iter(
        ArchiveIterator(
            file,
            record_types=WarcRecordType.response,
            auto_decode="all" if decode else "none",
        )
    )


def _is_cut(path: Path, offset: int) -> bool:
    """Say whether a file ends within the record at this byte."""
    with path.open("rb") as file:
        file.seek(offset)
        record = next(_responses(file), None)
        if record is None or not record.is_http_parsed or record.http_headers.status_code is None:
            return True
        read = 0
        while piece := record.reader.read(_PIECE):
            read += len(piece)
        return read < record.content_length


class _Continued(RawIOBase):
    """What a file holds from a byte on, and then one more record, compressed as those before it."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self._at = file, file.tell()
        start = file.read(len(_GZIP))
        file.seek(self._at)
        self._more = BytesIO(_compressed(_RECORD, start))

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size) or self._more.read(size)
        self._at += len(piece)
        return piece

    def tell(self) -> int:
        return self._at


def _compressed(record: bytes, start: bytes) -> bytes:
    """Return a record as it stands in a file whose records start with these bytes."""
    if start.startswith(_GZIP):
        return gzip.compress(record)
    if not start.startswith(_ZSTD[: len(start)]):
        return record
    compressed = BytesIO()
    writer = ZstdWriter(compressed)
    writer.write(record)
    writer.close()
    return compressed.getvalue()


def _ends_within(path: Path, offset: int) -> bool:
    """Say whether a file ends within some record after this byte, be it in its first bytes.

    A reader passes over such a rest in silence. So a record is thought to follow: only where the
    file ends with a whole one does it begin at the file's end.
    """
    with path.open("rb") as file:
        file.seek(offset)
        records = ArchiveIterator(_Continued(file), record_types=WarcRecordType.any_type)
        try:
            last = max((record.stream_pos for record in records), default=0)
        except (OSError, ValueError):
            return True
    return last != path.stat().st_size


def _read(record: WarcRecord, most: int) -> bytes:
    body = bytearray()
    while len(body) < most and (piece := record.reader.read(min(_PIECE, most - len(body)))):
        body += piece
    return bytes(body)


def _url(record: WarcRecord) -> str:
    return clean_url((record.headers.get("WARC-Target-URI") or "").strip("<> "))


def _captured_at(record: WarcRecord) -> datetime | None:
    """Return when the crawler met the page (WARC-Date), in UTC."""
    try:
        at = datetime.fromisoformat((record.headers.get("WARC-Date") or "").strip())
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _next_start(file: BinaryIO, start: int) -> int | None:
    """Return where the next record may begin, at this byte or later; None at the end."""
    file.seek(start)
    before = b""
    while piece := file.read(_PIECE):
        window = before + piece
        found = [at for magic in _STARTS if (at := window.find(magic)) >= 0]
        if found:
            return start - len(before) + min(found)
        start += len(piece)
        before = window[-6:]
    return None

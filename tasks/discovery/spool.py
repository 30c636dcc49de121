"""Copies large files from the web, piece by piece; a copy that broke off goes on where it was."""

from datetime import datetime, timedelta
from pathlib import Path

from tasks.articles.errors import Reason, Rejected
from tasks.articles.identity import stable_uuid
from tasks.discovery.reading import Asker

PIECE = 4_000_000  # bytes asked for at once
LARGEST = 5_000_000_000  # bytes of one file
KEPT = timedelta(days=14)  # longer than a listing can be put off
_OK, _PART, _BEYOND = 200, 206, 416


async def copied(url: str, folder: Path, ask: Asker) -> Path:
    """Return the copy of a file in ``folder``, made or finished first where need be.

    Two runs may copy at once: they write the same bytes to the same places. Raises Rejected for a
    file that is too large or not there, and what ``ask`` raises.
    """
    whole = folder / f"{stable_uuid(url)}.warc"
    part = whole.with_suffix(".part")
    while not whole.exists():
        have = _begun(part)
        if have >= LARGEST:
            raise Rejected(Reason.TOO_LARGE, f"{url} has more than {LARGEST:,} bytes")
        wanted = {"Range": f"bytes={have}-{have + PIECE - 1}", "Accept-Encoding": "identity"}
        answer = await ask(url, wanted)
        if answer.status not in {_OK, _PART, _BEYOND}:
            raise Rejected(Reason.HTTP_STATUS, f"{url} answered {answer.status}")
        if answer.status == _PART and answer.body:
            _write(part, have, answer.body)
            continue
        if answer.status == _OK:  # all at once: the server knows no pieces
            _write(part, 0, answer.body)
        part.replace(whole)
    return whole


def _begun(part: Path) -> int:
    """Return how many bytes of a copy there are; makes an empty one where there is none."""
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    return part.stat().st_size


def _write(part: Path, start: int, body: bytes) -> None:
    with part.open("r+b") as file:
        file.seek(start)
        file.write(body)


def sweep(folder: Path, now: datetime) -> None:
    """Delete copies that nobody can need any more."""
    for path in folder.glob("*"):
        if path.suffix in {".warc", ".part"} and path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink(missing_ok=True)

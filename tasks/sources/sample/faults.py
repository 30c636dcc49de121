"""The listings of the newsroom that end badly, as ``faults.toml`` describes them."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tasks.articles.errors import Reason
from tasks.sources.sample.story import HOME

PUBLISHED = datetime(2026, 11, 13, 15, 0, tzinfo=UTC)  # what the feed says of each of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One bad listing: what its address answers, and how a run should record it."""

    path: str
    title: str
    status: int
    content_type: str
    body: str  # sent in Latin-1, so that any byte can be written down
    outcome: str  # an outcome of the ledger
    reason: Reason
    location: str = ""  # where a redirect points, on the same host
    listed: bool = True

    @property
    def url(self) -> str:
        """The address as listed."""
        return HOME + self.path


@cache
def faults() -> tuple[Fault, ...]:
    """Return every fault of the file, in its order."""
    path = Path(__file__).with_name("faults.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return tuple(Fault(**{**table, "reason": Reason(table["reason"])}) for table in tables)

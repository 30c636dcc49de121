"""The stories of the newsroom: one TOML file each, with the labels that the pipeline must find.

A story's file says what is printed (``title``, ``body``, ...), where it is listed (``lists``), how
its page is built (``style``: a file of ``styles/``) and, under ``[expect]``, what a careful human
reader would record of it. ``markup`` describes how a body is written.
"""

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tasks.articles.errors import SourceError

HOME = "http://newsroom.example"
STORIES_FOLDER = Path(__file__).parent / "stories"
_NUMBER = re.compile(r"[a-z]?\d{6,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """The gold labels of a story: what the whole pipeline should find."""

    language: str  # ISO 639-1
    title: str
    authors: tuple[str, ...]
    published_at: str  # ISO 8601, UTC
    tickers: tuple[str, ...]  # "NASDAQ:META": supported by mark-up, brackets or the feed
    names: tuple[str, ...] = ()  # securities that are named without either; no analysts' firms
    primary: str = ""  # the security that the story is about, or ""
    topics: tuple[str, ...]  # slugs of the taxonomy; none for a story that is not about finance
    facts: tuple[str, ...] = ()  # all of them, where there are any: "earnings CSCO eps=1.06 USD"
    keep: tuple[str, ...] = ()  # must be in the cleaned text; a table row's cells join with " | "
    drop: tuple[str, ...] = ()  # on the page, and must not be in the cleaned text


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an editor changes in a published story."""

    from_edition: int
    updated: datetime  # aware
    old: str  # in the body, once
    new: str
    note: str  # the last paragraph of the corrected story


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story as its file tells it; instants are aware, in the offset that is printed."""

    slug: str
    language: Literal["en", "it", "es"]
    style: str  # a page template: styles/<style>.html
    lists: tuple[Literal["feed", "atom", "sitemap"], ...]
    path: str  # on HOME; "" for an item of a list that has no page
    title: str
    authors: tuple[str, ...]
    published: datetime
    expect: Expect
    section: str = ""
    keywords: tuple[str, ...] = ()  # the publisher's channels and tags
    stocks: tuple[str, ...] = ()  # the list's own ticker categories, as printed there
    description: str = ""
    body: str = ""
    byline: str = ""  # as printed, where it is more than the authors' names
    updated: datetime | None = None
    charset: str = "utf-8"
    feed: Literal["teaser", "full", "headline"] = "teaser"  # what a feed's item carries
    is_title_escaped_twice: bool = False  # in the feed
    from_edition: int = 1
    gone_from_edition: int | None = None  # answers 410 from then on
    gone_at: datetime | None = None  # when the lists say that it went
    is_gone: bool = False  # set by ``editions``
    correction: Correction | None = None

    @property
    def url(self) -> str:
        """The canonical address, or "" for an item without a page."""
        return HOME + self.path if self.path else ""

    @property
    def changed(self) -> datetime:
        """When it was last changed, or else published; aware."""
        return self.updated or self.published

    @property
    def number(self) -> str:
        """The publisher's numeric id with its letter, as its path has it, or "" without one."""
        return next((part for part in self.path.split("/") if _NUMBER.fullmatch(part)), "")


@cache
def stories() -> tuple[Story, ...]:
    """Return every story of the folder, newest first. Raises SourceError for an unusable file."""
    loaded = [load_story(path) for path in STORIES_FOLDER.glob("*.toml")]
    return tuple(sorted(loaded, key=lambda story: (story.published, story.slug), reverse=True))


def load_story(path: Path) -> Story:
    """Read one story's file. Raises SourceError that says what is wrong with it."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        expect = Expect(**_tuples(said.pop("expect")))
        correction = said.pop("correction", None)
        return Story(
            slug=path.stem,
            expect=expect,
            correction=Correction(**correction) if correction else None,
            **_tuples(said),
        )
    except KeyError as error:
        raise SourceError(f"{path}: the table [{error.args[0]}] is missing; add it.") from error
    except (TypeError, tomllib.TOMLDecodeError) as error:
        known = ", ".join(field.name for field in dataclasses.fields(Story))
        raise SourceError(f"{path}: {error}. A story has: {known}.") from error


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table with its lists frozen."""
    return {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}

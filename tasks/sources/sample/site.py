"""What the newsroom answers for each path, without the network."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from tasks.sources.sample import lists
from tasks.sources.sample.editions import at_edition, with_variants
from tasks.sources.sample.faults import Fault, faults
from tasks.sources.sample.pages import page_html
from tasks.sources.sample.story import HOME, Story, stories

_ROBOTS = f"User-agent: *\nDisallow: /search\nSitemap: {HOME}/news-sitemap.xml\n"
_GONE = (
    "<!DOCTYPE html><html><head><title>Gone</title></head><body>This story was withdrawn.</body>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, ready to be sent."""

    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Site:
    """Every path of one newsroom; a page is built when it is first asked for, then kept.

    ``edition`` and ``articles`` are those of ``Newsroom``.
    """

    def __init__(self, edition: int, articles: int | None) -> None:
        stood = at_edition(stories(), edition)
        self.stories = stood if articles is None else with_variants(stood, articles)
        self._faults = faults() if articles is None else ()
        self._by_path = {story.path: story for story in self.stories if story.path}
        self._answers = self._fixed()

    def answer(self, path: str) -> Answer:
        """Return what this path answers; a trailing slash makes no difference."""
        path = path.rstrip("/")
        # Two threads may build the same page at the same time: they build the same.
        if path not in self._answers and path in self._by_path:
            self._answers[path] = self._page(self._by_path[path])
        return self._answers.get(path, Answer(status=404, body=b"<h1>Not found</h1>"))

    def _fixed(self) -> dict[str, Answer]:
        return {
            "/robots.txt": Answer(content_type="text/plain", body=_ROBOTS.encode()),
            "/feed": _list(
                "application/rss+xml", lists.rss(self.stories, self._faults), self.stories
            ),
            "/it/feed.atom": _list("application/atom+xml", lists.atom(self.stories), self.stories),
            "/news-sitemap.xml": _list(
                "application/xml", lists.sitemap(self.stories), self.stories
            ),
            **{fault.path: _fault(fault) for fault in self._faults},
        }

    def _page(self, story: Story) -> Answer:
        if story.is_gone:
            return Answer(status=410, body=_GONE.encode())
        return Answer(
            content_type=f"text/html; charset={story.charset}",
            body=page_html(story, self.stories).encode(story.charset, "xmlcharrefreplace"),
        )


def _list(content_type: str, text: str, listed: Sequence[Story]) -> Answer:
    body = text.encode()
    return Answer(
        content_type=f"{content_type}; charset=utf-8",
        body=body,
        headers={
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            "Last-Modified": _gmt(lists.newest(listed)),
        },
    )


def _gmt(instant: datetime) -> str:
    return format_datetime(datetime.fromtimestamp(instant.timestamp(), UTC), usegmt=True)


def _fault(fault: Fault) -> Answer:
    return Answer(
        status=fault.status,
        content_type=fault.content_type,
        body=fault.body.encode("latin-1"),
        headers={"Location": HOME + fault.location} if fault.location else {},
    )

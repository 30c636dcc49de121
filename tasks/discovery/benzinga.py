"""The Benzinga News API, version 2: what changed since an instant, or the items of some days.

Parameters and fields are those of docs.benzinga.io (Newsfeed v2 and Removed News). An answer is
read to the true end of what there is: a page with nothing usable on it is not the last one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from tasks.articles.errors import Deferred, Reason
from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.days import Dating
from tasks.discovery.feed_items import plain
from tasks.discovery.instants import read_instant
from tasks.discovery.kinds import Ask, Found
from tasks.sources.schema import BenzingaList, Source

PAGE_SIZE = 100  # the most that the API allows
LAST_PAGE = 100_000  # beyond this offset it answers nothing
MOST_PAGES = 300  # of one reading; the rest goes on at the next poll
MOST_REPEATS = 3  # of the same page in a row, before the API is taken to ignore the page number
_FIRST_READING = timedelta(days=1)  # looked back where nothing was read yet
_SECOND = timedelta(seconds=1)  # the API's instants have no finer part


@dataclass(slots=True)
class Benzinga:
    """One reading of the API at ``now`` (UTC); ``token`` is the customer's."""

    declared: BenzingaList
    source: Source
    span: Span
    now: datetime
    token: str
    reached: datetime | None = None  # all that changed before this was listed
    _pages: int = 0
    _empty: int = 0  # pages in a row without any item
    _repeats: int = 0
    _before: tuple[str, ...] = ()  # the ids of the page before
    _was_full: bool = False
    _seen: set[str] = field(default_factory=set)

    def first(self) -> list[Ask]:
        """Return the first page of news, and of removals unless a past day is asked for.

        Raises Deferred where there is no token.
        """
        if not self.token:
            raise Deferred(
                Reason.REFUSED,
                f"the source {self.source.name} needs a token of the Benzinga API: "
                "set NEWSLEDGER_BENZINGA_TOKEN, then run again",
                timedelta(hours=1),
            )
        if self.span.until is not None:
            return [self._ask("news", self._days(self.span.until), 0)]
        since = {"updatedSince": str(int(self._since().timestamp()))}
        return [
            self._ask("news", since | {"sort": "updated:asc"}, 0),
            self._ask("news-removed", since, 0),
        ]

    def read(self, ask: Ask, body: bytes) -> Found:
        """Return a page's items, and the page to ask for after it."""
        path = urlsplit(ask.url).path
        answer = _decoded(body)
        if path.endswith("news-removed"):
            return self._removals(ask, answer)
        items = answer.get("data") if isinstance(answer, dict) else answer
        if not isinstance(items, list):
            raise _unexpected("news", answer)
        self._pages += 1
        listings = [listing_of_item(item, self.source) for item in items if _is_item(item)]
        further, problems = self._further(ask, items, listings)
        ours = Dating(self.source, self.now).in_span(listings, self.span)
        return Found(ours, further, problems, is_whole=not problems)

    def _since(self) -> datetime:
        return self.span.since or self.now - _FIRST_READING

    def _days(self, until: datetime) -> dict[str, str]:
        """Return the days that hold the span, wherever on earth the API's days begin."""
        first = (self.span.since or until - _FIRST_READING) - timedelta(hours=14)
        last = until - _SECOND + timedelta(hours=14)
        return {
            "dateFrom": f"{first.astimezone(UTC):%Y-%m-%d}",
            "dateTo": f"{last.astimezone(UTC):%Y-%m-%d}",
            "sort": "created:asc",
        }

    def _ask(self, name: str, said: Mapping[str, str], page: int) -> Ask:
        parameters = {**said, "page": str(page), "pageSize": str(PAGE_SIZE)}
        if name == "news":
            parameters["displayOutput"] = "full"
            if self.declared.channels:
                parameters["channels"] = ",".join(self.declared.channels)
            if self.declared.tickers:
                parameters["tickers"] = ",".join(self.declared.tickers)
        base = self.declared.url.rstrip("/") + "/"
        headers = {"Authorization": f"token {self.token}", "Accept": "application/json"}
        return Ask(urljoin(base, name) + "?" + urlencode(parameters), headers, is_moment=True)

    def _further(
        self, ask: Ask, items: Sequence[object], listings: Sequence[Listing]
    ) -> tuple[list[Ask], list[str]]:
        """Say which page comes next; none at the true end, which needs empty pages to be believed.

        After a full page the question begins anew at its last change: an item that is changed
        while we read leaves its place, and all after it move up by one, some onto a page that was
        read already.
        """
        ids = tuple(_text(item, "id") for item in items if isinstance(item, dict))
        self._repeats = self._repeats + 1 if items and ids == self._before else 0
        self._empty = 0 if items else self._empty + 1
        said = {key: values[0] for key, values in parse_qs(urlsplit(ask.url).query).items()}
        page = int(said["page"])
        if self._empty > 1:
            self.reached = None
            return [], []
        if items:
            self._before, self._was_full = ids, len(items) >= PAGE_SIZE
        since = self._moved(said, listings)
        if since is not None:
            said["updatedSince"], page = str(since), -1
        if self._pages >= MOST_PAGES or page >= LAST_PAGE:
            return [], [f"{self.source.name}: {self._pages} pages were read, the rest waits."]
        if self._repeats >= MOST_REPEATS:
            return [], [f"{self.source.name}: the API gives the same page again and again."]
        kept = {key: said[key] for key in said if key in _KEPT}
        return [self._ask("news", kept, page + 1)], []

    def _moved(self, said: Mapping[str, str], listings: Sequence[Listing]) -> int | None:
        """Return where to begin anew, in unix seconds; None to ask for the next page instead.

        A second is asked for again as long as not all of its items are known to have been read.
        """
        changes = [listing.updated_at for listing in listings if listing.updated_at]
        if not changes or "updatedSince" not in said or not self._was_full:
            return None
        if changes != sorted(changes):
            return None  # in another order than was asked for: only page by page is safe
        self.reached = changes[-1]
        since = int((changes[-1] - _SECOND).timestamp())
        return since if since > int(said["updatedSince"]) else None

    def _removals(self, ask: Ask, answer: object) -> Found:
        items = answer.get("removed") if isinstance(answer, dict) else answer
        if not isinstance(items, list):
            raise _unexpected("removals", answer)
        listings = [self._removed(item) for item in items if _is_item(item)]
        new = {listing.publisher_id for listing in listings} - self._seen
        self._seen |= new
        if not new:
            return Found(listings)
        said = {key: values[0] for key, values in parse_qs(urlsplit(ask.url).query).items()}
        kept = {"updatedSince": said["updatedSince"]}
        return Found(listings, [self._ask("news-removed", kept, int(said["page"]) + 1)])

    def _removed(self, item: Mapping[str, Any]) -> Listing:
        return Listing(
            source=self.source.name,
            url="",
            publisher_id=_text(item, "id"),
            updated_at=read_instant(_text(item, "updated"), self.source),
            is_removed=True,
        )


_KEPT = frozenset({"updatedSince", "dateFrom", "dateTo", "sort"})


def items_of(answer: object) -> list[Mapping[str, Any]]:
    """Return the news items of a saved answer of the API; none when it is something else."""
    items = answer if isinstance(answer, list) else [answer]
    return [item for item in items if _is_item(item) and "created" in item and "title" in item]


def listing_of_item(item: Mapping[str, Any], source: Source) -> Listing:
    """Return the listing of an item; without a body it is fetched, or its headline is all."""
    url = clean_url(_text(item, "url"))
    body = _text(item, "body")
    body = body if body.strip() else ""
    return Listing(
        source=source.name,
        url=url,
        publisher_id=_text(item, "id"),
        title=plain(_text(item, "title")),
        authors=tuple(name for name in [plain(_text(item, "author"))] if name),
        published_at=read_instant(_text(item, "created"), source),
        updated_at=read_instant(_text(item, "updated"), source),
        tickers=tuple(dict.fromkeys(_tickers(item))),
        topics=tuple(dict.fromkeys([*_names(item, "channels"), *_names(item, "tags")])),
        body=body or _text(item, "teaser").strip(),
        is_full=bool(body) or not url,
    )


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        what = "XML" if body.lstrip().startswith(b"<") else "no JSON"
        raise ValueError(f"the API answers {what}, where JSON was asked for") from error


def _unexpected(what: str, answer: object) -> ValueError:
    return ValueError(f"the API answers no list of {what}: {str(answer)[:200]}")


def _is_item(item: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(item, dict) and bool(_text(item, "id"))


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _names(item: Mapping[str, Any], key: str) -> Iterator[str]:
    values = item.get(key)
    for value in values if isinstance(values, list) else ():
        name = plain(_text(value, "name")) if isinstance(value, dict) else ""
        if name:
            yield name


def _tickers(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield the securities as printed, "NASDAQ:META" or "META" where no exchange is given."""
    stocks = item.get("stocks")
    for stock in stocks if isinstance(stocks, list) else ():
        if not isinstance(stock, dict):
            continue
        name = "".join(_text(stock, "name").split()).strip(":$")
        exchange = plain(_text(stock, "exchange"))
        if name:
            yield f"{exchange}:{name}" if exchange and ":" not in name else name

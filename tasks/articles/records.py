"""The records that the steps hand on, from a line in a list to a tagged article.

Every instant is an aware ``datetime`` in UTC; every id is a UUID made by ``identity``. A field has
the same name as the column it ends in. Records are frozen, picklable and hold no open resources,
so a batch of them can be sent to another process or machine.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from tasks.articles.errors import Deferred, ItemError, Rejected, Removed
from tasks.articles.identity import stable_uuid

Precision = Literal["second", "minute", "hour", "day"]
Role = Literal["primary", "mention", "analyst_firm", "publisher"]
LONGEST_WAIT = timedelta(days=1)  # between two tries of one listing
MOST_TRIES = 15  # with waits that double from five minutes, about a week
# What said so: a byte order mark; the bytes, which are UTF-8 or UTF-16 and cannot be else; a
# declaration, in the page or the header, that is true of the bytes; nothing: it is the likeliest.
CharsetFrom = Literal["bom", "bytes", "page", "header", "guessed", ""]
OutcomeName = Literal["stored", "revised", "unchanged", "rejected", "deferred", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One line of a source's list: a URL or a whole item, and what the list says of it."""

    source: str
    url: str  # cleaned; "" when the item has no link
    guid: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str = ""  # as declared by the list, e.g. "it"
    tickers: tuple[str, ...] = ()  # as printed, e.g. "NASDAQ:META"
    topics: tuple[str, ...] = ()  # the publisher's categories as printed
    body: str = ""  # the HTML that the list carries: the whole item or a teaser
    is_full: bool = False  # the body is the article: nothing to fetch
    is_removed: bool = False  # the list says that the publisher took the article down
    publisher_id: str = ""  # the publisher's own id, where the list gives it
    file: str = ""  # the file that holds the page: nothing to fetch
    offset: int | None = None  # bytes into it where the page's record is; None: it is the page
    line: str = ""  # what tells this line from others, and from itself in another state
    day: date | None = None  # the one that its list is for, or on which a crawler met it

    @property
    def place(self) -> str:
        """What says where it is: the URL, or the guid of an item without one."""
        return self.url or self.guid or self.publisher_id or self.file

    @property
    def listing_id(self) -> UUID:
        """The identity of this line as it reads now: an edited line is another listing."""
        if self.line:
            return stable_uuid(self.source, self.line)
        updated = self.updated_at.isoformat() if self.updated_at else ""
        body = self.body if self.is_full else ""
        return stable_uuid(self.source, self.place, self.title, updated, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of a source's lists as it was when it was read last."""

    source: str
    url: str  # as asked for
    etag: str = ""  # its validators as sent, kept for an unchanged body too
    last_modified: str = ""
    body_hash: UUID | None = None  # of the inflated body
    polls_since_full_read: int = 0  # how often it was asked for conditionally since
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time, ``since <= instant < until``; None leaves an end open."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, instant: datetime | None) -> bool:
        """Say whether an instant lies in it; an unknown one may."""
        return instant is None or not (
            (self.since and instant < self.since) or (self.until and instant >= self.until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The raw answer for one listing, kept for ever in the archive.

    ``kind`` is ``html`` for a response, ``item`` when the list itself carried the article; an
    item's body is the listing's HTML in UTF-8. The facts of the fetch after it are empty for an
    item, and in archives older than they are.
    """

    listing: Listing
    url: str  # after redirects
    status: int  # HTTP status; 200 for an item
    content_type: str  # as sent, charset included
    body: bytes
    fetched_at: datetime
    kind: Literal["html", "item"] = "html"
    requested_url: str = ""  # as it was asked for, before redirects
    headers: tuple[tuple[str, str], ...] = ()  # those that may matter; names in lower case, sorted
    asked_at: datetime | None = None  # when asking began; fetched_at is when the last byte came
    charset: str = ""  # Python's name of the one that the body is in
    charset_from: CharsetFrom = ""

    @property
    def page_id(self) -> UUID:
        """The identity of this one fetch."""
        return stable_uuid(str(self.listing.listing_id), self.fetched_at.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says, cleaned."""

    article_key: UUID
    listing_id: UUID
    page_id: UUID
    source: str
    url: str  # canonical where the page declares one
    title: str
    authors: tuple[str, ...]
    text: str  # paragraphs separated by one newline; table cells by " | "
    text_from: Literal["page", "json_ld", "embedded", "list", "headline"]
    language: str  # ISO 639-1, of the text; "" when there is too little to tell
    published_at: datetime | None
    published_at_from: str  # json_ld, meta, embedded, time, list, text, url, htmldate, or ""
    # What speaks against it, sorted: future and before_1990 (a date that the page states and that
    # was passed over), contradicts_list, relative (counted back from "2 hours ago")
    published_at_doubts: tuple[str, ...] = ()
    published_at_precision: Precision | Literal[""]
    source_updated_at: datetime | None
    first_seen_at: datetime
    publisher_tickers: tuple[str, ...]  # "NASDAQ:META", or "META" where no exchange is given
    publisher_topics: tuple[str, ...]  # section, keywords and categories as printed
    content_hash: UUID
    extractor_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One place in an article that names a security: ``field[start:end] == text``."""

    field: Literal["title", "text", "markup", "list"]  # start and end are 0 in the last two
    start: int
    end: int
    text: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TickerTag:
    """A security that an article names, with its evidence."""

    symbol: str  # normalised: class shares with a dash, BRK-B
    exchange: str  # NASDAQ, NYSE, CRYPTO, ...; "" when unknown
    role: Role
    role_because: str  # why, in a few words for a person
    confidence: float  # 0-1: how sure that the security is meant
    relevance: float  # 0-1: how much the article is about it
    evidence: tuple[str, ...]  # kinds, strongest first
    mentions: tuple[Mention, ...]
    is_verified: bool  # the reference knows the symbol on this exchange's market


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTag:
    """A topic of the taxonomy that an article is about, with its evidence."""

    topic: str  # slug
    score: float
    relevance: float  # 0-1, against the article's strongest topic
    method: Literal["rule", "category"]  # what made it: words or facts, or the category alone
    evidence: tuple[str, ...]  # the phrases that counted, strongest first
    taxonomy_version: str  # of the list of topics, e.g. "3f9a02c4"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactValue:
    """One value of a fact: a number in its unit, or a word in its normal form."""

    name: str  # firm, action, rating, rating_before, target, eps, eps_estimate, change, ...
    value: float | None = None  # written out in full: 1.2 billion is 1_200_000_000
    value_text: str = ""  # "Buy", "2026-12-01"; "" when the number says it all
    unit: str = ""  # ISO 4217 currency, percent, shares, points
    period: str = ""  # 2026, 2026-Q3, 2026-11-17; "" when not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that an article states in numbers or fixed words: ``field[start:end] == text``."""

    kind: str  # analyst_rating, earnings, guidance, price_move, dividend, deal_value, edge_ranking
    symbol: str  # as in TickerTag; "" when it is about none
    exchange: str
    values: tuple[FactValue, ...]
    field: Literal["title", "text"]
    start: int
    end: int
    text: str
    evidence: str  # name of the rule that read it
    confidence: float  # 0-1: how sure that it was read right


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What an article is recognised by when it is told again."""

    signature: bytes  # MinHash of the text: 128 unsigned numbers of 32 bits; b"" without words
    shingle_count: int  # distinct ones in the text
    subjects: tuple[str, ...]  # symbols that it is about, sorted
    firms: tuple[str, ...]  # symbols of firms cited for their ratings, sorted
    numbers: tuple[str, ...]  # significant digits, in the order of the text; a year is "y2026"
    names: tuple[str, ...]  # folded, those said most often first
    main_names: tuple[str, ...]  # those of them said twice or more


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedArticle:
    """An article with its tags: what is loaded."""

    article: Article
    tickers: tuple[TickerTag, ...]
    topics: tuple[TopicTag, ...]
    facts: tuple[Fact, ...] = ()
    fingerprint: Fingerprint
    tagger_version: str
    reference_version: str  # of the securities that were known


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a listing ended in a run: exactly one for each listing."""

    listing: Listing
    outcome: OutcomeName
    fetched_at: datetime  # when its page was fetched, or could not be
    reason: str = ""  # a Reason, for rejected, deferred and removed
    detail: str = ""
    page_id: UUID | None = None
    article_key: UUID | None = None  # where it is known without the page
    retry_at: datetime | None = None  # deferred only

    @classmethod
    def of_error(
        cls,
        listing: Listing,
        error: ItemError,
        now: datetime,
        page: Page | None = None,
        article_key: UUID | None = None,
    ) -> "Outcome":
        """Turn an error about a listing into its outcome."""
        name: OutcomeName = "deferred"
        if isinstance(error, (Removed, Rejected)):
            name = "removed" if isinstance(error, Removed) else "rejected"
        return cls(
            listing=listing,
            outcome=name,
            fetched_at=page.fetched_at if page else now,
            reason=error.reason,
            detail=error.detail,
            page_id=page.page_id if page else None,
            article_key=article_key,
            retry_at=now + error.retry_after if isinstance(error, Deferred) else None,
        )

    def after(self, tries: int) -> "Outcome":
        """Return this outcome as it is after so many earlier tries of the listing.

        A deferred one waits twice as long each time, a day at most, and is given up in the end.
        """
        if self.retry_at is None or not tries:
            return self
        if tries + 1 >= MOST_TRIES:
            detail = f"{self.detail} (given up after {tries + 1} tries)"
            return replace(self, outcome="rejected", detail=detail, retry_at=None)
        wait = (self.retry_at - self.fetched_at) * 2**tries
        return replace(self, retry_at=self.fetched_at + min(wait, LONGEST_WAIT))

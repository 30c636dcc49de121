"""Everything the pipeline raises on purpose.

::

    NewsLedgerError
    ├── SettingsError     a setting is wrong; the message names it and says what to write instead
    ├── SourceError       a source is unknown or its file is wrong
    ├── KnowledgeError    a data file of rules cannot be used
    └── ItemError         one listing went wrong, the others go on
        ├── Rejected      for good: the same input would fail again
        ├── Removed       for good: the publisher took it down (HTTP 410, a removals feed)
        └── Deferred      for now: try again, not before ``retry_after``

The warehouse stands alone and has a tree of its own in ``warehouse/errors.py``.
"""

from datetime import timedelta
from enum import StrEnum

from tasks.articles.secrets import without_secrets


class NewsLedgerError(Exception):
    """What went wrong, where, and what to do, in one sentence for a person."""


NO_CONTACT = (
    "{place} is not on this machine, and servers elsewhere may want to know who asks: set"
    " NEWSLEDGER_CONTACT to your e-mail address or web page, then run again."
)


class SettingsError(NewsLedgerError):
    """A setting cannot be used."""


class SourceError(NewsLedgerError):
    """A source is unknown, or its file cannot be used."""


class KnowledgeError(NewsLedgerError):
    """A data file of phrases, names or rules cannot be used."""


class Reason(StrEnum):
    """Why a listing was rejected, deferred or removed: what ``outcomes.reason`` may hold."""

    HTTP_STATUS = "http_status"  # any other 4xx: not there, for good
    GONE = "gone"  # 410, or the publisher's removals list
    REFUSED = "refused"  # 403, 408, 421, 425: not now, or not to us
    SERVER_ERROR = "server_error"  # 5xx
    THROTTLED = "throttled"  # 429
    UNREACHABLE = "unreachable"  # no connection, a broken one, a TLS or protocol error
    TIMEOUT = "timeout"  # the whole request took longer than allowed
    REDIRECT_LOOP = "redirect_loop"  # more redirects than allowed
    REDIRECTED_AWAY = "redirected_away"  # to a home or section page: the article is not there
    TOO_LARGE = "too_large"  # body over the limit, compressed or not
    BAD_ADDRESS = "bad_address"  # not an http(s) URL
    PRIVATE_ADDRESS = "private_address"  # leads into this machine or its network
    ROBOTS = "robots"  # robots.txt asks not to fetch it
    EMPTY = "empty"  # nothing, or white space alone
    NOT_HTML = "not_html"  # binary, an image, a PDF, a feed, JSON
    NOT_A_LIST = "not_a_list"  # neither a feed nor a sitemap, where one was declared
    NO_TEXT = "no_text"  # HTML without an article
    TOO_COMPLEX = "too_complex"  # nested or branched beyond the limits
    TIME_LIMIT = "time_limit"  # extraction was stopped at its limit
    WORKER_DIED = "worker_died"  # the process that worked on it ended
    TAKEN_DOWN = "taken_down"  # erased on request (`newsledger takedown`), and kept out
    WAREHOUSE_BUSY = "warehouse_busy"  # the database was held: the page waits in the archive
    FLOOD = "flood"  # more was new than one run takes up: the next ones go on
    RETRIED = "retried"  # rejected before, taken up again by `newsledger retry`
    NOT_DUE = "not_due"  # deferred by an earlier run; never stored
    INTERNAL = "internal"  # a bug of ours: the detail has the exception


class ItemError(NewsLedgerError):
    """One listing went wrong: ``reason`` for counting, ``detail`` for a person.

    Tokens and passwords in an address are blotted out of the detail: it ends in logs and tables.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        detail = without_secrets(detail)
        super().__init__(reason, detail)  # both as args: the error survives pickling
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class Rejected(ItemError):
    """The same input would fail again: the listing is rejected."""


class Removed(ItemError):
    """The publisher took the article down."""


class Deferred(ItemError):
    """A passing fault: the listing is tried again, not before ``retry_after``."""

    def __init__(
        self, reason: Reason, detail: str, retry_after: timedelta = timedelta(minutes=5)
    ) -> None:
        super().__init__(reason, detail)
        self.args = (*self.args, retry_after)
        self.retry_after = retry_after

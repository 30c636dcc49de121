"""What a status, a header or a broken connection means: the errors of ``tasks/articles/errors``."""

import zlib
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.articles.records import LONGEST_WAIT

REFUSALS = {403, 408, 421, 425}  # bot walls and overload: the page may well come another time
NETWORK_FAULTS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    zlib.error,
    TimeoutError,
)
TOO_MANY, UNAVAILABLE, SERVER_ERROR = 429, 503, 500


def passing_fault(response: httpx.Response) -> Deferred | None:
    """Return the fault that a status stands for, if asking another time may give another answer."""
    status = response.status_code
    said = f"{response.url} answered {status}"
    if status == TOO_MANY:
        wait = retry_after(response) or timedelta(minutes=15)
        return Deferred(Reason.THROTTLED, said, wait)
    if status in REFUSALS:
        return Deferred(Reason.REFUSED, said, timedelta(hours=1))
    if status >= SERVER_ERROR:
        wait = retry_after(response) or timedelta(minutes=5)
        return Deferred(Reason.SERVER_ERROR, said, wait)
    return None


def asks_for_a_pause(response: httpx.Response) -> bool:
    """Tell whether an answer speaks for its whole host: not now."""
    status = response.status_code
    return status == TOO_MANY or (status == UNAVAILABLE and bool(retry_after(response)))


def retry_after(response: httpx.Response) -> timedelta | None:
    """Read Retry-After: seconds, or a date, which is measured on the server's own clock.

    At most a day; None for none, for a time that has passed, and for what is neither.
    """
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        longest = LONGEST_WAIT.total_seconds()
        wait = timedelta(seconds=int(value) if len(value) < 10 else longest)  # noqa: PLR2004
    else:
        try:
            until, now = (parsedate_to_datetime(d) for d in (value, response.headers["date"]))
            wait = until - now
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
    return min(wait, LONGEST_WAIT) if wait > timedelta() else None


def network_fault(error: Exception, url: httpx.URL, seconds: float) -> ItemError:
    """Return what an error of ``NETWORK_FAULTS`` means for this address."""
    if isinstance(error, (TimeoutError, httpcore.TimeoutException)):
        return Deferred(Reason.TIMEOUT, f"{url} took longer than {seconds:g} s")
    if isinstance(error, httpcore.UnsupportedProtocol):
        return Rejected(Reason.BAD_ADDRESS, f"{url} is not an http(s) address")
    return Deferred(Reason.UNREACHABLE, f"{url}: {type(error).__name__}: {error}")

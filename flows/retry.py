"""The command `newsledger retry`: what was rejected is taken up again by the next run."""

import difflib
from collections import Counter
from datetime import timedelta
from uuid import uuid4

from flows.clock import utc_now
from flows.settings import Settings
from tasks.articles.errors import NewsLedgerError, Reason
from tasks.sources.registry import choose, load_sources
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.retries import rejections, take_up_again


def retry(
    settings: Settings, source: str, reason: str, *, dry_run: bool
) -> list[tuple[str, str, int]]:
    """Make rejected listings due again; return how many, by source and reason.

    "" stands for every source, or every reason. With ``dry_run`` nothing is written. Raises
    NewsLedgerError for a source or reason that there is not.
    """
    if source:
        choose(load_sources(settings.sources), [source])
    if reason and reason not in set(Reason):
        near = difflib.get_close_matches(reason, list(Reason), n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(Reason)}."
        raise NewsLedgerError(f"There is no reason {reason!r}; {hint}")
    with writing(Home(settings.home), wait=timedelta(seconds=settings.lock_seconds)) as connection:
        found = rejections(connection, source, reason)
        if not dry_run:
            take_up_again(connection, found, uuid4(), utc_now())
    counts = Counter((rejection.listing["source"], rejection.reason) for rejection in found)
    return [(*key, count) for key, count in sorted(counts.items())]

"""What a command checks before it starts Prefect, which takes seconds: cheap, and told at once."""

import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime

from flows.differences import PARTS
from flows.settings import Settings
from tasks.articles.errors import NO_CONTACT, NewsLedgerError, SettingsError
from tasks.articles.urls import is_on_this_machine
from tasks.sources.schema import Source
from warehouse.addresses import folder_at
from warehouse.home import Home


def require_contact(settings: Settings, sources: Iterable[Source]) -> None:
    """Raise SettingsError where a source would be asked beyond this machine without a contact."""
    if settings.contact:
        return
    for source in sources:
        for url in () if source.bundled else _addresses(source):
            is_here = source.politeness_at(url).allow_private and is_on_this_machine(url)
            if not is_here:
                raise SettingsError(f"{source.name}: " + NO_CONTACT.format(place=url))


def require_home(settings: Settings) -> None:
    """Raise SettingsError for a home that cannot be written, ArchiveError for a useless address."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=settings.home).close()
    except OSError as error:
        raise SettingsError(
            f"{settings.home} cannot be written to: {error.strerror or error}. Mend that, or set"
            " NEWSLEDGER_HOME to a folder that can."
        ) from error
    if settings.archive:
        folder_at(settings.archive)
    _ = Home(settings.home).archive  # its own, which it remembers


def require_order(since: datetime | None, until: datetime | None, only: Iterable[str]) -> None:
    """Raise NewsLedgerError for an empty span, or a part of an article that there is not."""
    since, until = in_utc(since), in_utc(until)
    if since and until and since >= until:
        raise NewsLedgerError(
            f"Nothing lies between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC: --since"
            " is the first instant that counts, --until the first that does not; give a later"
            " --until."
        )
    unknown = sorted(set(only) - set(PARTS))
    if unknown:
        raise NewsLedgerError(
            f"--only takes {', '.join(PARTS)}, separated by commas; there is no"
            f" {', '.join(map(repr, unknown))}."
        )


def in_utc(instant: datetime | None) -> datetime | None:
    """Return an instant with a time zone: UTC where it says none."""
    return instant.replace(tzinfo=UTC) if instant and not instant.tzinfo else instant


def _addresses(source: Source) -> list[str]:
    """Return the addresses on the web that its lists name."""
    places = [
        place
        for declared in source.lists
        for place in (getattr(declared, "url", ""), *getattr(declared, "files", ()))
    ]
    return [place for place in places if place.startswith(("http://", "https://"))]

"""Polling for real: what is asked when, what a flood does, what a later look brings."""

import asyncio
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.blocks.system import Secret
from rich.console import Console
from typer.testing import CliRunner

from flows.cli import app
from flows.ingest import ingest
from flows.progress import shown_on
from flows.settings import load_settings
from flows.summary import Summary, as_markdown, notes
from flows.tokens import tokens_for
from tasks.articles.errors import NewsLedgerError, SettingsError, SourceError
from tasks.sources.registry import load_sources
from tasks.sources.schema import BenzingaList, Source
from tests.polled_site import PolledSite, Reply, feed, page, polled_site
from warehouse.archive import pending
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.usefixtures("prefect", "one_worker")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of sources, and say who asks."""
    folder = tmp_path / "sources"
    folder.mkdir()
    monkeypatch.setenv("NEWSLEDGER_SOURCES", str(folder))
    monkeypatch.setenv("NEWSLEDGER_CONTACT", "tests@newsroom.example")
    return folder


@pytest.fixture
def site(folder: Path) -> Iterator[PolledSite]:
    """Serve a site with three articles."""
    with polled_site(folder) as site:
        site.publish(3, 2, 1)
        yield site


def run(*names: str, due_only: bool = False) -> Summary:
    """Ingest once."""
    return asyncio.run(ingest(list(names) or ["polled"], due_only=due_only))


def counts(summary: Summary) -> dict[str, int]:
    """Return the outcomes of the first source that there were."""
    return {name: count for name, count in summary.polls[0].counts.items() if count}


class Told(io.StringIO):
    """What a run tells; ``is_told`` is set once it tells that two articles were fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.is_told = threading.Event()

    def write(self, text: str) -> int:
        if "2 of 3 fetched" in text:
            self.is_told.set()
        return super().write(text)


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file."""
    return query(Home(home), sql).rows


def later(home: Path, hours: float) -> None:
    """Let so much time pass: everything in the ledger moves back by it."""
    with writing(Home(home)) as connection:
        for table, column in [
            ("outcomes", "fetched_at"),
            ("outcomes", "retry_at"),
            ("listings", "listed_at"),
            ("source_states", "polled_at"),
            ("source_states", "next_poll_at"),
        ]:
            connection.execute(
                f"UPDATE {table} SET {column} = {column} - to_seconds({hours * 3600})"
            )


def test_an_unchanged_list_is_asked_for_conditionally_and_brings_nothing(
    home: Path, site: PolledSite
) -> None:
    """One request, no page, no row but the poll's own; a changed list is read again."""
    assert counts(run()) == {"stored": 3}
    before = ask(home, "SELECT count(*) FROM outcomes")
    site.asked()
    second = run()
    assert [path for path in site.statuses if path[0] != "/robots.txt"] == [("/feed", 304)]
    assert (second.polls[0].listed, second.pages) == (0, 0)
    assert ask(home, "SELECT count(*) FROM outcomes") == before
    site.publish(4, 3, 2, 1)
    assert counts(run()) == {"stored": 1, "unchanged": 3}
    ((watermark, failures),) = ask(home, "SELECT watermark_at, failures FROM polling")
    assert failures == 0
    ((newest,),) = ask(home, "SELECT max(published_at) FROM listings")
    assert watermark == newest


def test_a_kill_before_the_listings_are_recorded_forgets_the_list_too(
    home: Path, site: PolledSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents and listings are committed together: nothing unread is taken for read."""
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.ledger.add_listings", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run()
    assert counts(run()) == {"stored": 3}, "the list was read anew"


def test_a_flood_is_worked_off_and_nothing_is_dropped(home: Path, folder: Path) -> None:
    """The newest go first; being put off is no failed try; in the end all are in."""
    with polled_site(folder, polling="most_new = 4") as site:
        site.publish(*range(10, 0, -1))
        first = run()
        assert counts(first) == {"stored": 4, "deferred": 6}
        assert first.polls[0].reasons["deferred"] == {"flood": 6}
        assert "a run takes up 4" in first.warnings[0]
        assert ask(home, "SELECT title FROM articles ORDER BY title") == [
            ("Story 10",),
            ("Story 7",),
            ("Story 8",),
            ("Story 9",),
        ]
        ((watermark,),) = ask(home, "SELECT watermark_at FROM polling")
        ((oldest,),) = ask(home, "SELECT min(published_at) FROM listings")
        assert watermark == oldest, "it may not pass what is still to come"
        site.publish(*range(11, 0, -1))
        second = run()
        assert counts(second) == {"stored": 5, "unchanged": 4, "deferred": 2}
        poll = second.polls[0]
        assert (poll.new_listings, poll.resumed) == (1, 4), "one is new, four have their turn"
        assert poll.reasons["deferred"] == {"not_due": 2}, "nobody is put off twice"
        assert counts(run()) == {"stored": 2}
    assert ask(home, "SELECT listed, stored, missing FROM completeness") == [(11, 11, 0)]


def test_scheduled_runs_ask_only_who_is_due(home: Path, site: PolledSite) -> None:
    """A named run asks at once; a source that is not due is left alone, and the summary says so."""
    run(due_only=True)
    site.asked()
    idle = run(due_only=True)
    assert site.asked() == {}
    assert idle.polls == ()
    assert "No source was due" in notes(idle)[0]
    assert "all" in as_markdown(idle)
    assert run().polls[0].is_asked
    later(home, 2)
    site.publish(4, 3)
    summary = run(due_only=True)
    assert (counts(summary), summary.polls[0].revisited) == ({"stored": 1, "unchanged": 3}, 3)
    ((new,),) = ask(home, "SELECT new_listings FROM polling")
    assert new == 1


def test_what_is_due_again_is_worked_on_though_the_source_is_not(
    home: Path, site: PolledSite
) -> None:
    """A deferred listing does not wait for its source's next poll."""
    site.replies["/2"] = Reply("busy", status=503)
    assert counts(run()) == {"stored": 2, "deferred": 1}
    with writing(Home(home)) as connection:
        connection.execute("UPDATE outcomes SET retry_at = fetched_at WHERE outcome = 'deferred'")
    site.replies["/2"] = Reply(page(2))
    site.asked()
    summary = run(due_only=True)
    assert "/feed" not in site.asked()
    assert counts(summary) == {"stored": 1}
    assert ask(home, "SELECT is_asked, resumed FROM polls ORDER BY started_at") == [
        (True, 0),
        (False, 1),
    ]


def test_a_failing_source_is_slowed_and_says_why(home: Path, site: PolledSite) -> None:
    """It waits longer each time, and as long as its server wants; one success ends it."""
    run()
    site.replies["/feed"] = Reply("slow down", status=429, headers={"Retry-After": "7200"})
    for failures in (1, 2):
        with pytest.raises(NewsLedgerError):
            run()
        ((failed, wait, error),) = ask(
            home, "SELECT failures, next_poll_at - polled_at, error FROM polling"
        )
        assert (failed, wait) == (failures, timedelta(hours=2))
        assert "throttled" in error
    assert run(due_only=True).polls == ()
    later(home, 3)
    site.publish(3, 2, 1)
    run(due_only=True)
    assert ask(home, "SELECT failures, error FROM polling") == [(0, "")]


def test_later_looks_bring_corrections_and_removals(home: Path, site: PolledSite) -> None:
    """After an hour: one page says more, one is gone, one is as it was; the books balance."""
    run()
    assert run().polls[0].revisited == 0
    later(home, 1.5)
    site.asked()
    site.replies["/1"] = Reply(page(1, "fell"))
    site.replies["/2"] = Reply("gone", status=404)
    summary = run()
    assert summary.polls[0].revisited == 3
    assert counts(summary) == {"revised": 1, "removed": 1, "unchanged": 1}
    assert summary.pages == 1, "only what changed is archived and read"
    assert ("/3", 304) in site.statuses
    assert "3 of the listed were looked at again" in "".join(notes(summary))
    assert ask(home, "SELECT title FROM articles ORDER BY title") == [("Story 1",), ("Story 3",)]
    assert ask(home, "SELECT stored, revised, removed, missing FROM completeness") == [(3, 0, 0, 0)]
    site.asked()
    assert counts(run()) == {}
    assert site.asked().keys() <= {"/feed", "/robots.txt"}, "a look is due once"
    later(home, 5)
    site.replies["/2"] = Reply(page(2))
    again = run()
    assert counts(again) == {"revised": 1, "unchanged": 2}, "it was put back"


def test_a_page_without_validators_is_compared_byte_by_byte(home: Path, site: PolledSite) -> None:
    """It is sent again, but neither archived nor read when it is as it was."""
    site.replies["/1"] = Reply(page(1), validates=False)
    site.publish(1)
    run()
    later(home, 2)
    summary = run()
    assert ("/1", 200) in site.statuses[-2:]
    assert (counts(summary), summary.pages) == ({"unchanged": 1}, 0)


def test_a_failed_look_changes_nothing_and_is_tried_again(home: Path, site: PolledSite) -> None:
    """The article stays stored; the look waits for its own next try."""
    site.publish(1)
    run()
    later(home, 2)
    site.replies["/1"] = Reply("busy", status=503)
    assert counts(run()) == {"deferred": 1}
    assert ask(home, "SELECT stored, deferred FROM completeness") == [(1, 0)]
    assert counts(run()) == {}, "not before its time"
    with writing(Home(home)) as connection:
        connection.execute("UPDATE outcomes SET retry_at = fetched_at WHERE outcome = 'deferred'")
    site.replies["/1"] = Reply(page(1, "fell"))
    assert counts(run()) == {"revised": 1}


def test_a_look_that_was_archived_and_not_loaded_is_loaded_by_the_next_run(
    home: Path, site: PolledSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not asked for a second time, and counts as a later look."""
    site.publish(1)
    run()
    later(home, 2)
    site.replies["/1"] = Reply(page(1, "fell"))

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("flows.batches.tag", broken)
        run()
    assert len(pending(Home(home))) == 1
    site.asked()
    assert counts(run()) == {"revised": 1}
    assert "/1" not in site.asked()
    assert ask(home, "SELECT is_revisit FROM outcomes ORDER BY fetched_at") == [(False,), (True,)]
    assert ask(home, "SELECT stored, revised FROM completeness") == [(1, 0)]


def test_an_edited_line_is_not_looked_at_twice(home: Path, site: PolledSite) -> None:
    """Where the list says that an article changed, fetching it is the look."""
    site.publish(1)
    run()
    later(home, 2)
    site.replies["/1"] = Reply(page(1, "fell"))
    site.replies["/feed"] = Reply(feed(site.address, (1,)).replace("Story 1", "Story 1, updated"))
    site.asked()
    assert counts(run()) == {"revised": 1}
    assert site.asked()["/1"] == 1


def test_a_slow_host_holds_up_its_own_pages_only(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow host answers only once the other one's pages are all fetched."""
    monkeypatch.setenv("NEWSLEDGER_BATCH_SIZE", "10")
    done = threading.Event()
    with (
        polled_site(folder, "slow", host="127.0.0.1") as slow,
        polled_site(folder, "fast", host="localhost") as fast,
    ):
        slow.publish(*range(60, 0, -1))
        for number in range(1, 61):
            slow.replies[f"/{number}"].waits_for = done
        fast.publish(*range(30, 0, -1))

        class Watched(list[tuple[str, int]]):
            """Sets the event when the fast host has answered for all of its pages."""

            def append(self, item: tuple[str, int]) -> None:
                super().append(item)
                if len({path for path, _ in self if path[1:].isdigit()}) == 30:
                    done.set()

        fast.statuses = Watched()
        summary = run("slow", "fast")
    assert done.is_set(), "the fast host had to wait for the slow one: see flows/lanes.py"
    assert [poll.counts["stored"] for poll in summary.polls] == [60, 30]


def test_states_wait_in_a_note_while_the_database_is_held(
    home: Path, site: PolledSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that finds it held loses neither its documents nor its watermark."""
    monkeypatch.setenv("NEWSLEDGER_LOCK_SECONDS", "0.2")
    with writing(Home(home)):
        held = run()
    assert counts(held) == {"deferred": 3}
    site.asked()
    summary = run()
    assert counts(summary) == {"stored": 3}
    assert ("/feed", 304) in site.statuses, "the note told what the list was like"
    ((watermark,),) = ask(home, "SELECT watermark_at FROM polling")
    assert watermark is not None or run().polls[0].listed == 0


def test_tokens_come_from_the_settings_or_a_secret_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only for a source that needs one; the setting wins, and nothing shows what it is."""
    sources = load_sources()
    plain = sources["sample"]
    benzinga = plain.model_copy(update={"lists": (BenzingaList(kind="benzinga"),)})

    def tokens(source: Source) -> dict[str, str]:
        found = asyncio.run(tokens_for([source], load_settings()))
        assert "hidden" not in repr(found)
        return {name: token.get_secret_value() for name, token in found.items()}

    assert tokens(benzinga) == {}
    Secret(value="hidden in the block").save("newsledger-benzinga-token")
    try:
        assert tokens(benzinga) == {"benzinga": "hidden in the block"}
        monkeypatch.setenv("NEWSLEDGER_BENZINGA_TOKEN", "hidden in a setting")
        assert tokens(benzinga) == {"benzinga": "hidden in a setting"}
        assert tokens(plain) == {}
    finally:
        Secret.delete("newsledger-benzinga-token")


def test_a_slow_fetch_is_told_in_plain_lines(
    site: PolledSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many are fetched so far, and at which pace, while the rest is on its way."""
    monkeypatch.setattr("flows.batches.TELL_SECONDS", 0.05)
    told = Told()
    site.replies["/1"] = replace(site.replies["/1"], waits_for=told.is_told)
    with shown_on(Console(file=told)):
        run()
    assert told.is_told.is_set()
    line = [line for line in told.getvalue().splitlines() if "fetched" in line][-1]
    assert line.split("s  ")[1] == "2 of 3 fetched; the pace of a host: 60000 requests a minute"


def test_a_run_that_may_not_ask_is_told_in_a_sentence(
    home: Path, site: PolledSite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger has what a person is told, and no name of a class."""
    run()
    monkeypatch.delenv("NEWSLEDGER_CONTACT")
    declared = folder / "polled.toml"
    declared.write_text(declared.read_text().replace("allow_private = true", ""))
    with pytest.raises(SettingsError, match="NEWSLEDGER_CONTACT"):
        run()
    with writing(Home(home)) as connection:
        errors = connection.execute("SELECT error FROM runs ORDER BY started_at").fetchall()
    assert errors[0] == ("",)
    assert errors[1][0].startswith("127.0.0.1 is not on this machine")


def test_a_broken_source_file_stops_no_other(home: Path, site: PolledSite, folder: Path) -> None:
    """It is told in one line; who names it gets its mistakes."""
    (folder / "broken.toml").write_text("title = 1")
    assert counts(summary := run()) == {"stored": 3}
    assert [line for line in notes(summary) if "broken" in line] == [
        "The file of the source 'broken' cannot be used; newsledger sources says why."
    ]
    with pytest.raises(SourceError, match=r"broken\.toml: title: must be text"):
        run("broken")
    told = CliRunner().invoke(app, ["sources"])
    assert told.exit_code == 1
    assert "polled" in told.stdout
    assert "broken.toml: title: must be text in quotes." in told.stderr

"""WARC files and folders: what they list, and the pages that come of it."""

import asyncio
import gzip
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc import ZstdWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.articles.errors import Deferred, Reason, Rejected
from tasks.articles.records import Document, Listing, Page, Span
from tasks.discover import Discovery, discover
from tasks.discovery import spool as spooling
from tasks.discovery import warc as warcs
from tasks.discovery.saved import page_of_file
from tasks.extraction.extract import extract
from tasks.fetch import Fetched, fetch
from tasks.sources.schema import FolderList, Source, WarcList
from tests.lists import NOW, source
from tests.served import Asked, Given, site
from tests.warcs import HOST, gzipped, info, response

NOBODY: Any = None


def of_warc(*files: object, only: str = "") -> Source:
    """Return a source of these WARC files."""
    return source(WarcList(kind="warc", files=tuple(map(str, files)), only=only))


def of_folder(*files: object) -> Source:
    """Return a source of these saved files."""
    return source(FolderList(kind="folder", files=tuple(map(str, files))))


def found_in(declared: Source, **said: Any) -> Discovery:
    """Discover what files hold, without a client: nobody is asked."""
    return asyncio.run(discover.fn(declared, NOBODY, lambda: NOW, **said))


def page(listing: Listing, declared: Source) -> Page:
    """Return the page of a listing in a file."""
    return page_of_file(listing, declared, NOW)


def known(documents: list[Document]) -> dict[str, Document]:
    """Return documents by URL, as the ledger hands them in."""
    return {document.url: document for document in documents}


RECORDS = [
    info(),
    response(f"{HOST}/1", "<html>one</html>"),
    response("https://other.example/2"),
    response(f"{HOST}/3", status="404 Not Found"),
    response(f"{HOST}/4.pdf", content_type="application/pdf"),
    response(f"{HOST}/5", kind="request"),
    response(f"{HOST}/6", "<html>six</html>", date="2026-11-18T10:00:00Z"),
]


def zstd(records: list[bytes], path: Path) -> None:
    """Write each record as a zstd frame of its own."""
    parts = []
    for number, record in enumerate(records):
        one = path.with_suffix(f".{number}")
        writer = ZstdWriter(str(one))
        writer.write(record)
        writer.close()
        parts.append(one.read_bytes())
        one.unlink()
    path.write_bytes(b"".join(parts))


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_the_pages_of_a_warc_file(tmp_path: Path, form: str) -> None:
    """HTML answered with 200 on the publisher's hosts; each read back as the crawler met it."""
    path = tmp_path / "news.warc"
    if form == "zstd":
        zstd(RECORDS, path)
    else:
        path.write_bytes(gzipped(RECORDS) if form == "gzip" else b"".join(RECORDS))
    declared = of_warc(path)
    found = found_in(declared)
    assert [listing.url for listing in found.listings] == [f"{HOST}/1", f"{HOST}/6"]
    assert (found.problems, found.is_whole) == ([], True)
    first, last = (page(listing, declared) for listing in found.listings)
    assert (first.body, last.body) == (b"<html>one</html>", b"<html>six</html>")
    assert last.fetched_at == datetime(2026, 11, 18, 10, tzinfo=UTC)
    assert first.content_type == "text/html; charset=utf-8"
    assert ("etag", '"1"') in first.headers
    assert last.asked_at == last.fetched_at


def test_only_and_a_slice(tmp_path: Path) -> None:
    """``only`` takes the place of the hosts; a slice has what was captured in it."""
    path = tmp_path / "news.warc.gz"
    path.write_bytes(gzipped(RECORDS))
    other = found_in(of_warc(path, only=r"other\.example"))
    assert [listing.url for listing in other.listings] == ["https://other.example/2"]
    day = Span(datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC))
    assert [listing.url for listing in found_in(of_warc(path), span=day).listings] == [f"{HOST}/6"]


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """Until it changes; new files of the same pattern are read when they come."""
    (tmp_path / "a.warc.gz").write_bytes(gzipped(RECORDS))
    declared = of_warc(tmp_path / "*.warc.gz")
    first = found_in(declared)
    same = found_in(declared, known=known(first.documents))
    (tmp_path / "b.warc.gz").write_bytes(gzipped([response(f"{HOST}/7")]))
    more = found_in(declared, known=known(same.documents))
    assert [len(x.listings) for x in (first, same, more)] == [2, 0, 1]
    assert len(more.documents) == 2


def test_a_large_file_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next poll goes on where this one stopped."""
    monkeypatch.setattr(warcs, "MOST_LISTINGS", 3)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzipped(response(f"{HOST}/{n}") for n in range(8)))
    seen: list[str] = []
    documents: dict[str, Document] = {}
    wholes = []
    for _ in range(3):
        found = found_in(of_warc(path), known=documents)
        documents = known(found.documents)
        seen += [listing.url for listing in found.listings]
        wholes.append(found.is_whole)
    assert seen == [f"{HOST}/{n}" for n in range(8)]
    assert wholes == [False, False, True]
    assert found_in(of_warc(path), known=documents).listings == []


def test_the_last_capture_of_a_page_counts(tmp_path: Path) -> None:
    """A page that was crawled twice is one listing; another capture later is another one."""
    path = tmp_path / "a.warc"
    early, late = (
        response(f"{HOST}/1", hour, date=f"2026-11-17T{hour}:00:00Z") for hour in ("10", "11")
    )
    path.write_bytes(early + late)
    (both,) = found_in(of_warc(path)).listings
    assert page(both, of_warc(path)).body == b"11"
    path.write_bytes(early)
    assert found_in(of_warc(path)).listings[0].listing_id != both.listing_id


def test_a_damaged_place_costs_its_record_alone(tmp_path: Path) -> None:
    """The records after it are found again, and the damage is told."""
    records = [response(f"{HOST}/{n}", f"<html>{n}</html>" * 200) for n in range(6)]
    parts = [bytearray(gzip.compress(record)) for record in records]
    for at in range(40, 80):
        parts[2][at] ^= 0xFF
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(parts))
    found = found_in(of_warc(path))
    assert [listing.url[-1] for listing in found.listings] == ["0", "1", "3", "4", "5"]
    assert "damaged after byte" in found.problems[0]


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    """The page within which it ends is left out; all before it are there."""
    for form in (gzipped, b"".join):
        path = tmp_path / "a.warc"
        path.write_bytes(
            form(response(f"{HOST}/{n}", "x" * 5000) for n in range(3))[
                : -300 if form is b"".join else -30
            ]
        )
        found = found_in(of_warc(path))
        assert [listing.url[-1] for listing in found.listings] == ["0", "1"], found.problems
        assert "ends within the page" in found.problems[0]


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_a_file_cut_anywhere_is_not_whole(tmp_path: Path, form: str) -> None:
    """Were it in the first bytes of a record, or in one that is no page; cut between two, it is."""
    records = [response(f"{HOST}/{n}", f"<html>{n}</html>" * 20) for n in range(2)]
    records.append(info())
    path, sizes = tmp_path / "a.warc", []
    for count in (2, 3):
        if form == "zstd":
            zstd(records[:count], path)
        else:
            path.write_bytes((gzipped if form == "gzip" else b"".join)(records[:count]))
        sizes.append(path.stat().st_size)
    body, (second, whole) = path.read_bytes(), sizes
    trailer = 4 if form == "plain" else 0  # line ends after a record: nothing is missing in them
    for cut in (second, second + 1, second + 6, second + 12, whole - trailer - 1, whole):
        path.write_bytes(body[:cut])
        found = found_in(of_warc(path))
        assert [listing.url[-1] for listing in found.listings] == ["0", "1"]
        is_whole = cut in sizes
        assert (found.is_whole, not found.problems) == (is_whole, is_whole), (cut, found.problems)


@pytest.mark.parametrize(
    "body", [b"", b"no warc at all", gzip.compress(b"nothing", mtime=0), bytes(10_000)]
)
def test_foreign_files(tmp_path: Path, body: bytes) -> None:
    """They are named; the files beside them are read."""
    (tmp_path / "a.warc.gz").write_bytes(body)
    with pytest.raises(Rejected):
        found_in(of_warc(tmp_path / "*"))
    (tmp_path / "b.warc.gz").write_bytes(gzipped(RECORDS))
    found = found_in(of_warc(tmp_path / "*"))
    assert len(found.listings) == 2
    assert str(tmp_path / "a.warc.gz") in found.problems[0]


def test_records_that_cannot_be_found_again(tmp_path: Path) -> None:
    """A file compressed in one piece is refused with what mends it."""
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(b"".join(RECORDS)))
    found = found_in(of_warc(tmp_path / "a.warc.gz"))
    assert "fastwarc recompress" in found.problems[0]
    assert not found.is_whole


def test_payloads_are_decoded_and_bounded(tmp_path: Path) -> None:
    """Chunked and compressed payloads are read as a browser would; a bomb costs no memory."""
    text = b"<html>" + b"a" * 60_000_000
    records = [
        response(f"{HOST}/1", b"5\r\nhello\r\n0\r\n\r\n", headers="Transfer-Encoding: chunked\r\n"),
        response(f"{HOST}/2", gzip.compress(b"<html>"), headers="Content-Encoding: gzip\r\n"),
        response(f"{HOST}/3", gzip.compress(text), headers="Content-Encoding: gzip\r\n"),
        response(f"{HOST}/4", b"no gzip", headers="Content-Encoding: gzip\r\n"),
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzipped(records))
    declared = of_warc(path)
    listings = found_in(declared).listings
    assert [page(listing, declared).body for listing in listings[:2]] == [b"hello", b"<html>"]
    assert len(page(listings[2], declared).body) == declared.politeness.max_bytes + 1
    with pytest.raises(Rejected):
        page(listings[3], declared)


def test_a_file_that_went_away_comes_back(tmp_path: Path) -> None:
    """Its listings wait; one that is another now is refused."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzipped(RECORDS))
    declared = of_warc(path)
    listing = found_in(declared).listings[-1]
    path.write_bytes(gzipped([response(f"{HOST}/9", "x" * 9000)] * 3))
    with pytest.raises(Rejected):
        page(listing, declared)
    path.unlink()
    with pytest.raises(Deferred, match="put it back"):
        page(listing, declared)


@settings(max_examples=30)
@given(cut=st.integers(0, 3000), junk=st.binary(max_size=50), at=st.integers(0, 3000))
def test_any_damage_ends_well(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes, at: int
) -> None:
    """Cut anywhere, with bytes put in anywhere: pages, problems or an error of ours."""
    body = gzipped(RECORDS)
    path = tmp_path_factory.mktemp("warc") / "a.warc.gz"
    path.write_bytes((body[:at] + junk + body[at:])[: len(body) - cut])
    declared = of_warc(path)
    try:
        for listing in found_in(declared).listings:
            page(listing, declared)
    except Rejected:
        return


def ranged(body: bytes) -> Any:
    """Return an answer that serves ranges, as object stores do."""

    def answer(asked: Asked) -> Given:
        start, _, end = asked.headers["range"].removeprefix("bytes=").partition("-")
        piece = body[int(start) : int(end) + 1]
        return Given(piece, 206) if piece else Given(b"", 416)

    return answer


def test_files_on_the_web_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Piece by piece, going on where it broke off, and never again once read."""
    monkeypatch.setattr(spooling, "PIECE", 100)
    body = gzipped(RECORDS)
    declared = of_warc("http://www.news.example/a.warc.gz")
    with site() as web:
        serve = ranged(body)
        web.pages["/a.warc.gz"] = lambda asked: (
            serve(asked) if len(web.asked) < 4 else Given("", 503)
        )
        with pytest.raises(Deferred):
            web.discover(declared, spool=tmp_path)
        web.asked.clear()
        web.pages["/a.warc.gz"] = serve
        found = web.discover(declared, spool=tmp_path)
        assert web.asked[0].headers["range"].startswith("bytes=300-")
        assert web.asked[0].headers["accept-encoding"] == "identity"
        assert page(found.listings[0], declared).body == b"<html>one</html>"
        web.asked.clear()
        again = web.discover(declared, spool=tmp_path, known=known(found.documents))
        assert (web.asked, again.listings, again.is_whole) == ([], [], True)
    assert found.documents[0].url == "http://www.news.example/a.warc.gz"


def test_a_server_that_knows_no_pieces(tmp_path: Path) -> None:
    """It sends all at once."""
    with site() as web:
        web.pages["/a.warc.gz"] = Given(gzipped(RECORDS))
        assert (
            len(web.discover(of_warc("http://www.news.example/a.warc.gz"), spool=tmp_path).listings)
            == 2
        )


def test_old_copies_are_deleted(tmp_path: Path) -> None:
    """What no listing can wait for any more makes room."""
    old, new = tmp_path / "old.warc", tmp_path / "new.warc"
    for path in (old, new):
        path.touch()
    before = (NOW - spooling.KEPT - timedelta(hours=1)).timestamp()
    os.utime(old, (before, before))
    os.utime(new, (NOW.timestamp(), NOW.timestamp()))
    spooling.sweep(tmp_path, NOW)
    assert (old.exists(), new.exists()) == (False, True)


SAVED = "<html><head>%s<title>T</title></head><body><h1>T</h1><p>Text</p></body></html>"


@pytest.mark.parametrize(
    ("html", "url"),
    [
        (SAVED % '<link rel="canonical" href="https://www.news.example/1">', f"{HOST}/1"),
        (SAVED % '<meta property="og:url" content="https://www.news.example/1">', f"{HOST}/1"),
        ("<!-- saved from url=(0026)https://www.news.example/1 -->" + SAVED % "", f"{HOST}/1"),
        (f"<!--\n Page saved with SingleFile\n url: {HOST}/1\n-->" + SAVED % "", f"{HOST}/1"),
        (
            f"<!-- saved from url=(0026){HOST}/a/1 -->"
            + SAVED % '<link rel="canonical" href="/1">',
            f"{HOST}/1",
        ),
        (SAVED % "", ""),
    ],
)
def test_where_a_saved_page_is_from(tmp_path: Path, html: str, url: str) -> None:
    """As it says itself; one that does not say is known by its file."""
    (tmp_path / "page.html").write_text(html)
    declared = of_folder(tmp_path / "*.html")
    (listing,) = found_in(declared).listings
    assert (listing.url, listing.is_full) == (url, False)
    saved = page(listing, declared)
    assert (saved.body, saved.kind) == (html.encode(), "html")


def test_saved_pages_are_read_once_and_again_when_changed(tmp_path: Path) -> None:
    """Sorted by name, gzipped ones too; another state of a file is another listing."""
    (tmp_path / "b.html.gz").write_bytes(gzip.compress((SAVED % "").encode()))
    (tmp_path / "a.html").write_text(SAVED % "<!-- a -->")
    declared = of_folder(tmp_path / "**")
    first = found_in(declared)
    assert [listing.guid for listing in first.listings] == ["a.html", "b.html.gz"]
    assert page(first.listings[1], declared).body == (SAVED % "").encode()
    assert found_in(declared, known=known(first.documents)).listings == []
    (tmp_path / "a.html").write_text(SAVED % "<!-- changed -->")
    (changed,) = found_in(declared, known=known(first.documents)).listings
    assert changed.listing_id != first.listings[0].listing_id


JSON_LD = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "Organization", "name": "News"},
        {
            "@type": ["NewsArticle"],
            "headline": "Acme rises",
            "mainEntityOfPage": {"@id": f"{HOST}/1"},
            "datePublished": "2026-11-17T09:30:00-05:00",
            "author": [{"@type": "Person", "name": "Ada Lane"}],
            "articleBody": "First paragraph.\n\nSecond < third.",
            "keywords": ["Earnings"],
        },
    ],
}
GENERIC = {
    "url": f"{HOST}/1",
    "title": "Acme rises",
    "body": "<p>First paragraph.</p>",
    "published": "2026-11-17T14:30:00Z",
    "authors": ["Ada Lane"],
    "tags": ["Earnings"],
}
BENZINGA = {
    "id": 52509229,
    "title": "Acme rises",
    "created": "Tue, 17 Nov 2026 10:30:00 -0400",
    "updated": "Tue, 17 Nov 2026 10:30:00 -0400",
    "author": "Ada Lane",
    "body": "<p>First paragraph.</p>",
    "url": f"{HOST}/1",
    "channels": [{"name": "Earnings"}],
    "stocks": [{"name": "ACME"}],
}


@pytest.mark.parametrize(
    "answer", [JSON_LD, GENERIC, [GENERIC], {"articles": [GENERIC]}, BENZINGA, [BENZINGA]]
)
def test_items_in_json(tmp_path: Path, answer: object) -> None:
    """The API's shape, JSON-LD, and the plain names that most programs write."""
    (tmp_path / "items.json").write_text(json.dumps(answer))
    (listing,) = found_in(of_folder(tmp_path / "*.json")).listings
    assert (listing.url, listing.title, listing.is_full) == (f"{HOST}/1", "Acme rises", True)
    assert listing.published_at == datetime(2026, 11, 17, 14, 30, tzinfo=UTC)
    assert (listing.authors, listing.topics) == (("Ada Lane",), ("Earnings",))
    assert "<p>First paragraph.</p>" in listing.body


@pytest.mark.parametrize("body", [b"", b"plain text", b"{", b"[1, 2]", b'{"a": 1}', bytes(99)])
def test_files_that_hold_no_article(tmp_path: Path, body: bytes) -> None:
    """They are listed, and rejected with the reason when it is their turn."""
    (tmp_path / "a.json").write_bytes(body)
    (tmp_path / "b.json").write_text(json.dumps(GENERIC))
    declared = of_folder(tmp_path / "*")
    found = found_in(declared)
    assert (len(found.listings), found.problems, found.is_whole) == (2, [], True)
    with pytest.raises(Rejected) as refused:
        extract(page(found.listings[0], declared), declared)
    assert refused.value.reason in {Reason.EMPTY, Reason.NOT_HTML}


JSON_LD_HEAD = '<script type="application/ld+json">%s</script>'
STATED = [
    '<meta property="article:published_time" content="2026-11-17T23:30:00-05:00">',
    JSON_LD_HEAD % '{"@type": "NewsArticle", "datePublished": "2026-11-18T04:30:00Z"}',
    '<meta property="article:published_time" content="2026-11-18">',
    '<meta name="date" content="0000-00-00"><meta name="pubdate" content="2026-11-18">',
    JSON_LD_HEAD % "{broken" + '<time datetime="2026-11-18"></time>',
    f"<style>{'a' * 300_000}</style>" + '<meta itemprop="datePublished" content="2026-11-18">',
]


@pytest.mark.parametrize("said", STATED, ids=range(len(STATED)))
def test_the_day_of_a_saved_page(tmp_path: Path, said: str) -> None:
    """Stated in its head, its JSON-LD or a time; a page of another day is left out of a slice."""
    (tmp_path / "page.html").write_text(SAVED % said)
    declared = of_folder(tmp_path / "*")
    (listing,) = found_in(declared).listings
    assert listing.day == date(2026, 11, 18)
    before = Span(datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, tzinfo=UTC))
    assert found_in(declared, span=before).listings == []


@pytest.mark.parametrize(
    "said",
    [
        "",
        '<time datetime="2026-11-18"></time><time datetime="2026-11-01"></time>',
        '<meta property="article:published_time" content="2031-01-01">',
        '<meta property="article:published_time" content="1970-01-01T00:00:00Z">',
    ],
)
def test_a_page_without_a_day_of_its_own(tmp_path: Path, said: str) -> None:
    """Times of several days may be other stories'; what cannot be is not believed."""
    (tmp_path / "page.html").write_text(SAVED % said)
    assert found_in(of_folder(tmp_path / "*")).listings[0].day is None


def test_saved_pages_of_equal_names_are_two(tmp_path: Path) -> None:
    """In two folders, and without an address: none hides the other."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.html").write_text(SAVED % "")
    assert len(found_in(of_folder(tmp_path / "**")).listings) == 2


def test_an_empty_folder_has_nothing_new_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    """So that a mistyped path is noticed."""
    assert found_in(of_folder(tmp_path / "*.html")).listings == []
    with pytest.raises(Rejected, match="does not exist"):
        found_in(of_folder(tmp_path / "typo" / "*.html"))


def fetched(listings: list[Listing], declared: Source) -> Fetched:
    """Fetch a batch without a client: nobody is asked."""
    return asyncio.run(fetch.fn(listings, {declared.name: declared}, NOBODY, lambda: NOW))


def test_fetching_files_items_and_removals(tmp_path: Path) -> None:
    """A page from its file, an item from its listing, a removal without any request."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzipped(RECORDS))
    declared = of_warc(path)
    in_file = found_in(declared).listings[0]
    item = Listing(source="news", url=f"{HOST}/8", title="Item", body="<p>b</p>", is_full=True)
    gone = Listing(source="news", url="", publisher_id="40112233", is_removed=True)
    lost = Listing(source="news", url=f"{HOST}/9", file=str(tmp_path / "no.warc"))
    result = fetched([in_file, item, gone, lost], declared)
    assert [(p.kind, p.body) for p in result.pages] == [
        ("html", b"<html>one</html>"),
        ("item", b"<p>b</p>"),
    ]
    removed, waiting = result.outcomes
    assert (removed.outcome, removed.reason) == ("removed", Reason.GONE)
    assert removed.article_key
    assert (waiting.outcome, waiting.reason) == ("deferred", Reason.UNREACHABLE)

"""The bundled newsroom: what it serves, how it changes, and that its gold labels are true."""

import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fastfeedparser
import pytest
from lxml import etree

from tasks.articles.errors import SourceError
from tasks.articles.urls import clean_url, url_identity
from tasks.sources.sample import markup
from tasks.sources.sample.faults import Fault, faults
from tasks.sources.sample.newsroom import Newsroom
from tasks.sources.sample.story import STORIES_FOLDER, Story, load_story, stories

LISTS = ("/feed", "/it/feed.atom", "/news-sitemap.xml")
SITEMAP = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
TICKER_MARK = re.compile(r"(?:\[\[|\{\{)([^\]}]+)(?:\]\]|\}\})")


class Reader:
    """A client with one kept connection to a newsroom."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.connection = http.client.HTTPConnection(
            newsroom.address.removeprefix("http://"), timeout=10
        )

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Return the answer and its body."""
        spelt = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, headers=spelt)
        response = self.connection.getresponse()
        return response, response.read()


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    """Open the newsroom at its second edition."""
    with Newsroom(edition=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def first_newsroom() -> Iterator[Newsroom]:
    """Open the newsroom at its first edition."""
    with Newsroom() as opened:
        yield opened


@pytest.fixture
def reader(newsroom: Newsroom) -> Iterator[Reader]:
    """Connect to the second edition."""
    client = Reader(newsroom)
    yield client
    client.connection.close()


def everything(edition: int) -> dict[str, tuple[int, bytes]]:
    """Return status and body of every story and list of an edition, by path."""
    with Newsroom(edition=edition) as opened:
        client = Reader(opened)
        paths = [*LISTS, *(story.path for story in stories() if story.path)]
        answers = {path: client.ask(path) for path in paths}
        client.connection.close()
    return {path: (response.status, body) for path, (response, body) in answers.items()}


def sitemap_texts(reader: Reader, name: str) -> list[str]:
    """Return the text of this element of each of the sitemap's entries."""
    tree = etree.fromstring(reader.ask(LISTS[2])[1])
    return [found.text or "" for found in tree.iterfind(f".//{name}", SITEMAP)]


def listed_urls(reader: Reader) -> list[str]:
    """Return every address of the three lists, as spelt there."""
    feed, atom = (fastfeedparser.parse(reader.ask(path)[1]) for path in LISTS[:2])
    links = [entry.get("link", "") for entry in [*feed.entries, *atom.entries]]
    return [*filter(None, links), *sitemap_texts(reader, "s:loc")]


def visible_text(page: str) -> str:
    """Return what a page says outside scripts and styles, in single spaces."""
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>|<!--.*?-->|</?(?:p|div|h\d|li)[^>]*>", " ", page)
    return " ".join(markup.plain_text(page).split())


def json_ld_text(page: str) -> str:
    """Return the articleBody that the page carries for search engines, or ""."""
    blocks = re.findall(r'(?s)<script type="application/ld\+json">(.*?)</script>', page)
    return " ".join(" ".join(json.loads(b).get("articleBody", "") for b in blocks).split())


def with_pages(*, gone: bool = True) -> list[Story]:
    """Return the stories that have a page, with or without the one that is withdrawn."""
    return [s for s in stories() if s.path and (gone or not s.gone_from_edition)]


def test_counts_per_language() -> None:
    """The newsroom writes in three languages, and has 38 to 42 stories."""
    counts = Counter(story.language for story in stories())
    assert counts["en"] >= 18
    assert counts["it"] >= 10
    assert counts["es"] >= 8
    assert 38 <= sum(counts.values()) <= 42


@pytest.mark.parametrize("story", with_pages(gone=False), ids=lambda story: story.slug)
def test_every_story_is_a_realistic_page(reader: Reader, story: Story) -> None:
    """A story's page has its charset, its title, its address and the weight of a real page."""
    response, body = reader.ask(story.path)
    assert response.status == 200
    assert response.headers["Content-Type"] == f"text/html; charset={story.charset}"
    page = body.decode(story.charset)
    assert "§" not in page, f"styles/{story.style}.html has a name that pages.py does not fill"
    assert story.title in visible_text(page)
    assert story.url in page
    assert story.published.isoformat() in page
    assert 15_000 <= len(body) <= 60_000


@pytest.mark.parametrize("story", with_pages(), ids=lambda story: story.slug)
def test_gold_lines_are_on_the_page(
    first_newsroom: Newsroom, newsroom: Newsroom, story: Story
) -> None:
    """What the cleaned text must keep and what it must drop are both really served."""
    client = Reader(first_newsroom if story.gone_from_edition else newsroom)
    page = client.ask(story.path)[1].decode(story.charset)
    client.connection.close()
    item = markup.body_html(story.body, story.style) if story.feed == "full" else ""
    served = f"{visible_text(page)} {json_ld_text(page)}"
    for line in story.expect.keep:
        assert " ".join(line.split()) in f"{served} {visible_text(item)}", (
            f"keep is not served: {line!r}"
        )
    for line in story.expect.drop:
        assert " ".join(line.split()) in served, f"drop is not served: {line!r}"


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.slug)
def test_gold_labels_agree_with_the_story(story: Story) -> None:
    """Labels that repeat the story say the same, and tickers are exactly those that are marked."""
    expect = story.expect
    assert (expect.language, expect.title) == (story.language, story.title)
    assert expect.authors in {story.authors, ()}, "authors sign; () where only a newsroom does"
    assert datetime.fromisoformat(expect.published_at) == story.published
    assert expect.published_at.endswith("+00:00")
    marked = {*TICKER_MARK.findall(story.body), *story.stocks}
    assert set(expect.tickers) == marked, "a marked ticker is missing in tickers, or the reverse"
    assert not marked & set(expect.names), "names are the securities without a mark"
    assert not expect.primary or expect.primary in marked
    assert len(expect.topics) <= 3
    if story.body:
        assert 3 <= len(expect.keep) <= 6
        assert expect.drop


def test_stories_are_dated_in_the_two_weeks_of_the_sample() -> None:
    """Every story was published between the 9th and the 20th of November 2026."""
    days = {story.published.astimezone(UTC).date() for story in stories()}
    assert min(days) >= datetime(2026, 11, 9, tzinfo=UTC).date()
    assert max(days) <= datetime(2026, 11, 20, tzinfo=UTC).date()


def test_ids_differ_in_their_last_five_digits() -> None:
    """Numbered variants add 100,000 to an id, so no two stories may agree in the rest."""
    tails = [story.number[-5:] for story in stories() if story.number]
    assert len(tails) == len(set(tails)), "give the newer story another id"


def test_rss_lists_the_english_stories(reader: Reader) -> None:
    """The RSS feed parses; its instants, authors and stock categories are the stories'."""
    feed = fastfeedparser.parse(reader.ask("/feed")[1])
    by_title = {entry.title.replace("&#8217;", "’"): entry for entry in feed.entries}
    english = [story for story in stories() if story.language == "en"]
    assert len(feed.entries) == len(english) + sum(fault.listed for fault in faults())
    for story in english:
        entry = by_title[story.title]
        assert datetime.fromisoformat(entry.published) == story.published
        schemes = [tag["term"] for tag in entry.get("tags", []) if tag.get("scheme")]
        assert schemes == list(story.stocks)


def test_rss_carries_what_real_feeds_carry(reader: Reader) -> None:
    """Tracked links, a summer offset in winter, whole texts, and a title escaped twice."""
    raw = reader.ask("/feed")[1].decode()
    assert "?utm_source=" in raw
    assert "Wed, 18 Nov 2026 17:22:41 -0400" in raw
    assert raw.count("<content:encoded>") == 2
    assert raw.count("<atom:updated>") == 1
    assert "It Isn&amp;#8217;t Over Yet" in raw


def test_a_headline_has_no_link_in_the_feed(reader: Reader) -> None:
    """An item that is nothing but a headline has neither a link nor a text."""
    tree = etree.fromstring(reader.ask("/feed")[1])
    bare = [item for item in tree.iter("item") if item.find("link") is None]
    assert [item.findtext("title") for item in bare] == [s.title for s in stories() if not s.path]
    assert not (bare[0].findtext("description") or "").strip()


def test_atom_lists_the_italian_stories(reader: Reader) -> None:
    """The Atom feed parses, with both instants."""
    feed = fastfeedparser.parse(reader.ask("/it/feed.atom")[1])
    italian = {story.url: story for story in stories() if story.language == "it"}
    assert {entry.link for entry in feed.entries} == set(italian)
    for entry in feed.entries:
        assert datetime.fromisoformat(entry.published) == italian[entry.link].published
        assert entry.get("updated")


def test_sitemap_lists_the_spanish_stories_and_english_ones_spelt_otherwise(reader: Reader) -> None:
    """The sitemap shares stories with the feed under other spellings of the same address."""
    listed = sitemap_texts(reader, "s:loc")
    assert Counter(sitemap_texts(reader, "n:language")) == {"es": 9, "en": 7}
    feed = fastfeedparser.parse(reader.ask("/feed")[1])
    in_feed = {entry.link for entry in feed.entries if "link" in entry}
    assert not in_feed & set(listed)
    shared = {url_identity(url) for url in in_feed} & {url_identity(url) for url in listed}
    assert len(shared) == 7
    assert {clean_url(url).endswith("/") for url in listed} == {True, False}


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_well_formed(reader: Reader, path: str) -> None:
    """A strict XML parser reads every list."""
    assert len(etree.fromstring(reader.ask(path)[1])) > 0


def test_second_edition_changes_three_stories_only() -> None:
    """One story is corrected, one is gone, one is new; every other page reads as before."""
    first, second = everything(1), everything(2)
    corrected = next(story for story in stories() if story.correction)
    gone = next(story for story in stories() if story.gone_from_edition)
    new = next(story for story in stories() if story.from_edition == 2)
    told = {p: (s, _without_related(b)) for p, (s, b) in second.items()}
    before = {p: (s, _without_related(b)) for p, (s, b) in first.items()}
    changed = {path for path in told if told[path] != before[path]}
    assert changed == {corrected.path, gone.path, new.path, *LISTS}
    assert (first[new.path][0], second[new.path][0]) == (404, 200)
    assert (first[gone.path][0], second[gone.path][0]) == (200, 410)


def _without_related(body: bytes) -> bytes:
    """Leave out the links to related stories, where the new one appears on older pages."""
    return re.sub(rb'(?s)<(article|div) class="(?:teaser-card|views-row)">.*?</\1>\s*', b"", body)


def test_a_correction_changes_a_number_a_note_and_the_dates() -> None:
    """The corrected page has the new number, the note and a later modification."""
    story = next(story for story in stories() if story.correction)
    correction = story.correction
    assert correction
    first, second = (everything(edition)[story.path][1].decode() for edition in (1, 2))
    assert correction.old in first
    assert correction.new in second
    assert correction.old not in second
    assert correction.note in visible_text(second)
    assert correction.updated.isoformat() in second
    assert correction.updated > story.published


def test_the_withdrawn_story_is_listed_with_a_later_date(reader: Reader) -> None:
    """A story that is gone stays in its list, and the list says that it changed."""
    gone = next(story for story in stories() if story.gone_from_edition)
    changed = dict(
        zip(sitemap_texts(reader, "s:loc"), sitemap_texts(reader, "s:lastmod"), strict=True)
    )
    assert gone.gone_at
    assert changed[gone.url] == gone.gone_at.isoformat()
    assert gone.gone_at > gone.published


def test_third_edition_is_the_second() -> None:
    """Nothing is new at the third visit, to the byte."""
    assert everything(3) == everything(2)


def test_five_hundred_articles_are_five_hundred_addresses() -> None:
    """A newsroom for benchmarks lists as many distinct articles as asked, and serves them."""
    with Newsroom(articles=500) as opened:
        client = Reader(opened)
        urls = listed_urls(client)
        assert len({url_identity(url) for url in urls}) == 500
        pages = {url_identity(url): url for url in urls}
        paths = [url.removeprefix("http://newsroom.example") for url in pages.values()]
        answers = [client.ask(path) for path in paths]
        client.connection.close()
    assert {response.status for response, _ in answers} == {200}
    assert len({body for _, body in answers}) == 500


def test_few_articles_can_be_asked_for() -> None:
    """A smaller newsroom than the stories lists that many."""
    with Newsroom(articles=7) as opened:
        client = Reader(opened)
        assert len({url_identity(url) for url in listed_urls(client)}) == 7
        client.connection.close()


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: f"{fault.status}-{fault.reason}")
def test_faults_answer_as_their_file_says(reader: Reader, fault: Fault) -> None:
    """Each bad listing misbehaves in its own way, and a redirect leads back to itself."""
    response, body = reader.ask(fault.path)
    assert response.status == fault.status
    assert response.headers["Content-Type"] == fault.content_type
    assert body == fault.body.encode("latin-1")
    if fault.location:
        onward = reader.ask(fault.location)[0]
        assert onward.headers["Location"] in {f.url for f in faults()}


@pytest.mark.parametrize("path", LISTS)
def test_lists_answer_304_to_who_has_them(reader: Reader, path: str) -> None:
    """A list is sent once; whoever returns with its ETag gets no body."""
    response, _ = reader.ask(path)
    assert response.headers["Last-Modified"].endswith(" GMT")
    again, body = reader.ask(path, If_None_Match=str(response.headers["ETag"]))
    assert (again.status, body) == (304, b"")
    assert reader.ask(path, If_None_Match='"other"')[0].status == 200


def test_addresses_are_answered_however_spelt(reader: Reader) -> None:
    """Query, trailing slash and absolute form reach the same page; HEAD sends no body."""
    story = with_pages(gone=False)[0]
    page = reader.ask(story.path)[1]
    for spelt in (f"{story.path}/", f"{story.path}?utm_source=x", story.url):
        assert reader.ask(spelt)[1] == page
    head, body = reader.ask(story.path, method="HEAD")
    assert (head.headers["Content-Length"], body) == (str(len(page)), b"")
    assert reader.ask("/robots.txt")[0].status == 200
    assert reader.ask("/quote/GME")[0].status == 404


def test_requests_are_counted_from_every_thread() -> None:
    """Paths are counted without their query, whoever asks."""

    def ask_five_times(opened: Newsroom) -> None:
        client = Reader(opened)
        for n in range(5):
            client.ask(f"/feed?n={n}")
        client.connection.close()

    with Newsroom() as opened:
        threads = [threading.Thread(target=ask_five_times, args=(opened,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert opened.requests == Counter({"/feed": 20})


def test_leaving_closes_the_port_and_open_connections(capfd: pytest.CaptureFixture[str]) -> None:
    """After the newsroom is closed nothing answers, not even a kept connection; all in silence."""
    with Newsroom() as opened:
        client = Reader(opened)
        assert client.ask("/feed")[0].status == 200
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.ask("/feed")
    client.connection.close()
    with pytest.raises(RuntimeError, match="with Newsroom"):
        _ = opened.address
    assert capfd.readouterr().err == ""


def test_a_wrong_story_file_says_what_a_story_has(tmp_path: Path) -> None:
    """A misspelt key and a missing table are named, with the file."""
    text = next(STORIES_FOLDER.glob("*.toml")).read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace("section =", "sektion =", 1), encoding="utf-8")
    with pytest.raises(SourceError, match=r"wrong\.toml.*sektion.*section"):
        load_story(wrong)
    wrong.write_text(text.split("[expect]")[0], encoding="utf-8")
    with pytest.raises(SourceError, match=r"wrong\.toml.*\[expect\]"):
        load_story(wrong)

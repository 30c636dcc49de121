"""Extraction: a page becomes the article that people read, or an outcome with its reason."""

import contextlib
import dataclasses
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from tasks.articles.errors import ItemError, Reason, Rejected, Removed
from tasks.articles.records import Article, Listing, Page
from tasks.extraction.decode import decode
from tasks.extraction.extract import extract
from tasks.extraction.meta import canonical_url
from tasks.extraction.names import choose_title, clean_authors
from tasks.sources.schema import Source

PAGES = Path(__file__).parent / "pages"
FETCHED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_source(**said: Any) -> Source:
    """Build a source as its TOML file would declare it."""
    return Source.model_validate(
        {
            "name": "example",
            "title": said.get("title", "Example"),
            "publisher": "example.com",
            "home": "https://news.example.com/",
            "languages": said.get("languages", ["en"]),
            "timezone": said.get("timezone", "America/New_York"),
            "id_pattern": r"/(\d{8})(?:/|$)",
            "lists": [{"kind": "feed", "url": "https://news.example.com/feed"}],
            "article": {"region": said.get("region", "")},
        }
    )


def a_page(body: bytes, **said: Any) -> Page:
    """Build a page as the fetch step would hand it over."""
    listed = dict(said.get("listing", {}))
    for key in ("published_at", "updated_at"):
        if key in listed:
            listed[key] = datetime.fromisoformat(listed[key])
    for key in ("authors", "tickers", "topics"):
        listed[key] = tuple(listed.get(key, ()))
    url = said.get("url", "https://news.example.com/story")
    return Page(
        listing=Listing(source="example", url=url, **listed),
        url=url,
        status=said.get("status", 200),
        content_type=said.get("content_type", "text/html"),
        body=body,
        fetched_at=FETCHED,
        kind=said.get("kind", "html"),
    )


def saved(name: str) -> tuple[Page, Source, Mapping[str, Any]]:
    """Read a saved page, its source, and what it must become."""
    spec = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    body = (PAGES / f"{name}.html").read_bytes()
    return a_page(body, **spec["given"]), a_source(**spec["given"]), spec["expect"]


def as_written(article: Article, field: str) -> Any:
    """Return a field as the JSON files write it."""
    value = getattr(article, field)
    if field == "text":
        return value.split("\n") if value else []
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


NAMES = sorted(path.stem for path in PAGES.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_saved_page_becomes_its_article(name: str) -> None:
    """Every saved page gives the fields that its JSON file names."""
    page, source, expected = saved(name)
    article = extract(page, source)
    found = {field: as_written(article, field) for field in expected}
    assert found == expected, (
        f"tests/pages/{name}.html no longer gives what {name}.json says. If the new value is "
        f"right, write it there: {json.dumps(found, ensure_ascii=False, indent=2)}"
    )


def test_same_page_gives_same_article_in_any_process_and_order() -> None:
    """Another process, with another hash seed, in reverse order, gives equal articles."""
    program = (
        "import pickle, sys; from tasks.extraction.extract import extract;"
        "pairs = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(pickle.dumps([extract(*p) for p in reversed(pairs)][::-1]))"
    )
    pairs = [saved(name)[:2] for name in NAMES]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(pairs),
        capture_output=True,
        check=True,
        cwd=PAGES.parent.parent,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    assert pickle.loads(done.stdout) == [extract(*pair) for pair in pairs]


def test_workers_stay_light() -> None:
    """Importing the extractor imports no Prefect, no database and no HTTP client."""
    program = "import sys, tasks.extraction.extract; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
        cwd=PAGES.parent.parent,
    )
    heavy = {"prefect", "duckdb", "httpx", "fastapi"} & set(done.stdout.split())
    assert not heavy, f"{heavy} came in; look at the imports of tasks/extraction/*.py"


LONG = b"<p>" + b"A sentence of an article that goes on for a while. " * 20 + b"</p>"
BAD = {
    "empty": (b"", Reason.EMPTY),
    "white space": (b" \n\t ", Reason.EMPTY),
    "only NULs": (b"\x00" * 50, Reason.EMPTY),
    "a PDF": (b"%PDF-1.7\n\xe2\xe3\xcf\xd3 1 0 obj", Reason.NOT_HTML),
    "a PNG": (b"\x89PNG\r\n\x1a\n\x00\x00", Reason.NOT_HTML),
    "bytes": (bytes(range(256)) * 4, Reason.NOT_HTML),
    "JSON": (b'{"error": "not found", "html": "<p>x</p>"}', Reason.NOT_HTML),
    "a feed": (b'<?xml version="1.0"?><!-- f --><rss><channel/></rss>', Reason.NOT_HTML),
    "an Atom feed": (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', Reason.NOT_HTML),
    "plain words": (b"Not found", Reason.NOT_HTML),
    "no article": (b"<html><body><nav>Home</nav></body></html>", Reason.NO_TEXT),
    "too large": (LONG * 6_000, Reason.TOO_LARGE),
    "16,000 links in a paragraph": (
        b"<p>" + b"<a href=x>y</a> " * 16_000 + b"</p>",
        Reason.TOO_COMPLEX,
    ),
    "100,000 levels": (
        b"<div>" * 100_000 + b"x" + b"</div>" * 100_000,
        Reason.TOO_COMPLEX,
    ),
    "a million paragraphs": (b"<p>a" * 1_000_000, Reason.TOO_COMPLEX),
    "4 MB of JSON-LD": (
        b'<script type="application/ld+json">{"a":"' + b"x" * 4_000_000 + b'"}</script>' + LONG,
        Reason.TOO_COMPLEX,
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_page_ends_in_its_reason_and_soon(what: str) -> None:
    """What is no article is rejected with the right reason, within seconds."""
    body, reason = BAD[what]
    started = time.perf_counter()
    with pytest.raises(Rejected) as caught:
        extract(a_page(body), a_source())
    assert caught.value.reason == reason, caught.value.detail
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("status", [400, 403, 404, 451])
def test_client_errors_are_rejected(status: int) -> None:
    """A page that the server refuses is rejected whatever its body says."""
    with pytest.raises(Rejected) as caught:
        extract(a_page(LONG, status=status), a_source())
    assert caught.value.reason == Reason.HTTP_STATUS


def test_gone_is_removed() -> None:
    """HTTP 410 is the publisher's word that the article is no more."""
    with pytest.raises(Removed) as caught:
        extract(a_page(b"", status=410), a_source())
    assert caught.value.reason == Reason.GONE


def test_deep_json_ld_and_cut_html_still_give_the_article() -> None:
    """Unreadable JSON-LD is passed over, and HTML that breaks off is read as far as it goes."""
    deep = b'<script type="application/ld+json">' + b"[" * 90_000 + b"</script>"
    article = extract(a_page(b"<h1>Title</h1>" + deep + LONG + b"<p>And so it <b"), a_source())
    assert article.text.startswith("A sentence of an article")


def test_nul_bytes_and_lone_surrogates_leave_no_trace() -> None:
    """What the database cannot store is not in the text."""
    body = b"<h1>A\x00cme &#xD800; &#146;s</h1>" + LONG.replace(b"article", b"arti\x00cle\x07")
    article = extract(a_page(body), a_source())
    article.text.encode()
    assert article.title.startswith("Acme")
    assert not [char for char in article.text + article.title if ord(char) < 32 and char != "\n"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Caffè è più".encode(), ""),
        ("Caffè è più".encode(), "text/html; charset=iso-8859-1"),
        ("Caffè è più".encode("utf-8-sig"), "text/html; charset=latin-1"),
        ("Caffè è più".encode("cp1252"), "text/html; charset=utf-8"),
        ("Caffè è più".encode("cp1252"), ""),
        ("Caffè è più".encode("utf-16"), ""),
        ("<meta charset=latin1>Caffè è più".encode("latin-1"), "text/html; charset=x-nonsense"),
    ],
)
def test_charset_is_found_whatever_is_declared(body: bytes, content_type: str) -> None:
    """The same words come out of every encoding, true or false as its declaration may be."""
    assert decode(body, content_type).endswith("Caffè è più")


@given(st.binary(max_size=300), st.sampled_from(["", "text/html; charset=utf-8", "charset=hex"]))
def test_decode_reads_any_bytes(body: bytes, content_type: str) -> None:
    """Decoding never fails and never gives what cannot be encoded again."""
    decode(body, content_type).encode("utf-8")


@given(st.text(min_size=1, max_size=200))
def test_utf8_comes_back_unchanged(text: str) -> None:
    """Text in UTF-8 is read as it was written."""
    body = f"Ünï {text}".encode("utf-8", "ignore")
    if not body.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\x00" not in body:
        assert decode(body, "text/html; charset=windows-1252") == body.decode()


@given(st.binary(max_size=400))
def test_any_body_gives_an_article_or_a_reason(body: bytes) -> None:
    """No bytes make the extractor fail with anything but an outcome."""
    with contextlib.suppress(ItemError):
        assert extract(a_page(b"<h1>T</h1><p>" + body), a_source()).text


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (["John Smith, Benzinga Staff Writer"], ["John Smith"]),
        (["By Jane Doe and John Smith"], ["Jane Doe", "John Smith"]),
        (["Jane Doe, John Smith & Li Wei"], ["Jane Doe", "John Smith", "Li Wei"]),
        (["di Maria Rossi e Luca Bianchi"], ["Maria Rossi", "Luca Bianchi"]),
        (["Por Ana Pérez, redactora"], ["Ana Pérez"]),
        (["José Ortega y Gasset"], ["José Ortega y Gasset"]),
        (["Rossi, Maria"], ["Maria Rossi"]),
        (["Jane Doe | Benzinga"], ["Jane Doe"]),
        (["jane.doe@example.com", "https://example.com/jane", "admin"], []),
        (["Benzinga Newsdesk"], ["Benzinga Newsdesk"]),
        (["Benzinga Staff Writer"], ["Benzinga Staff Writer"]),
        (["Jane Doe (Senior Editor)", "JANE DOE"], ["JANE DOE"]),
        (["山田太郎"], ["山田太郎"]),
    ],
)
def test_authors_are_names(printed: list[str], names: list[str]) -> None:
    """Bylines of all fashions become names, each once."""
    assert list(clean_authors(printed, ["Benzinga"])) == names


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({"headline": "Acme Rises - Benzinga"}, "Acme Rises"),
        ({"social": ("Acme sale | Milano Finanza",)}, "Acme sale"),
        ({"document": "Acme sale | Il Sito di Ieri"}, "Acme sale"),
        ({"h1": "Acme - A Love Story"}, "Acme - A Love Story"),
        ({"headline": "Acme Rises On...", "h1": "Acme Rises On Results"}, "Acme Rises On Results"),
        ({"h1": "It&amp;#8217;s Acme"}, "It’s Acme"),
        ({"headline": "Benzinga", "h1": "Acme Rises"}, "Acme Rises"),
        ({"listed": "From the list"}, "From the list"),
        ({}, ""),
    ],
)
def test_title_is_the_headline_alone(said: Mapping[str, Any], title: str) -> None:
    """The title carries no site name, no entity and no cut end."""
    given_parts: dict[str, Any] = {
        "headline": "",
        "h1": "",
        "social": (),
        "document": "",
        "listed": "",
        "sites": ("Benzinga", "Milano Finanza"),
    }
    assert choose_title(**{**given_parts, **said}) == title


@pytest.mark.parametrize(
    ("declared", "trusted"),
    [
        ("https://www.example.com/story/1", "https://www.example.com/story/1"),
        ("/story/1?utm_source=x", "https://news.example.com/story/1"),
        ("https://www.example.com/", ""),
        ("https://other.test/story/1", ""),
        ("javascript:void(0)", ""),
        ("/markets/", ""),
        ("/story", ""),
        ("/press-releases/", ""),
        ("/acme-rises-on-strong-results", "https://news.example.com/acme-rises-on-strong-results"),
    ],
)
def test_canonical_link_is_trusted_on_its_own_site(declared: str, trusted: str) -> None:
    """Another site's address, the home page or a section is not an article's own."""
    tree = document_fromstring(
        f'<html><head><link rel="canonical" href="{declared}"></head></html>'
    )
    assert canonical_url(tree, {}, "https://news.example.com/story/1") == trusted


def test_key_is_the_publishers_id_however_the_page_is_reached() -> None:
    """The AMP copy, an updated slug and the plain page are one article."""
    urls = [
        "https://news.example.com/story/12345678/acme-rises",
        "https://www.example.com/amp/content/12345678",
        "https://news.example.com/story/12345678/acme-falls?x=1",
    ]
    keys = {extract(a_page(b"<h1>T</h1>" + LONG, url=url), a_source()).article_key for url in urls}
    assert len(keys) == 1


def test_item_without_body_or_headline_is_rejected() -> None:
    """An item that says nothing at all is no article."""
    with pytest.raises(Rejected) as caught:
        extract(a_page(b" ", kind="item"), a_source())
    assert caught.value.reason == Reason.NO_TEXT


def test_subheads_alone_are_no_text() -> None:
    """A page that scripts would have filled has subheads, and no story."""
    with pytest.raises(Rejected) as caught:
        extract(a_page(b"<h1>T</h1><h2>Why It Matters</h2><h2>Price Action</h2>"), a_source())
    assert caught.value.reason == Reason.NO_TEXT


def test_bounded_pages_are_read_in_time() -> None:
    """A page just within the bounds takes seconds, not minutes."""
    links = b"<p>" + b"<a href=x>y</a> z " * 3_900 + b"</p>"
    started = time.perf_counter()
    extract(a_page(b"<h1>T</h1>" + LONG + links + LONG * 900), a_source())
    assert time.perf_counter() - started < 10


def test_page_is_not_changed_by_being_read() -> None:
    """Extraction leaves its input as it was."""
    page, source, _ = saved("modern")
    before = dataclasses.replace(page)
    extract(page, source)
    assert page == before


def with_json_ld(*objects: Mapping[str, Any], head: str = "") -> bytes:
    """Return a page titled "Acme Rises On Results" that carries these JSON-LD objects."""
    blocks = "".join(
        f'<script type="application/ld+json">{json.dumps(item)}</script>' for item in objects
    )
    return f"<html><head>{head}</head><body><h1>Acme Rises On Results</h1>{blocks}".encode() + LONG


OTHER_STORY = {
    "@type": "NewsArticle",
    "headline": "Bolt Cuts Its Dividend",
    "datePublished": "2020-01-02T03:04:05Z",
}


@pytest.mark.parametrize(
    "said",
    [
        {"url": "https://news.example.com/bolt-cuts-its-dividend"},
        {"mainEntityOfPage": {"@id": "https://news.example.com/bolt-cuts"}},
        {"@id": "https://news.example.com/bolt-cuts", "headline": "Acme Rises On Results"},
        {},
    ],
)
def test_json_ld_of_another_story_says_nothing(said: Mapping[str, Any]) -> None:
    """An object with another address, or with another headline, gives no title and no date."""
    article = extract(a_page(with_json_ld({**OTHER_STORY, **said})), a_source())
    assert (article.title, article.published_at) == ("Acme Rises On Results", None)


@pytest.mark.parametrize(
    "said",
    [
        {"url": "https://news.example.com/story"},
        {"url": "https://www.example.com/amp/story"},
        {"headline": "Acme rises on results, analysts cheer"},
        {"headline": "", "url": "https://news.example.com/"},
        {"@id": "#article", "headline": "Acme Rises"},
    ],
)
def test_json_ld_of_this_story_gives_its_date(said: Mapping[str, Any]) -> None:
    """This address, or no other one and a like headline, makes an object the article's own."""
    head = '<link rel="canonical" href="https://www.example.com/amp/story">'
    article = extract(a_page(with_json_ld({**OTHER_STORY, **said}, head=head)), a_source())
    assert article.published_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_json_ld_of_the_page_dates_an_article_that_has_none() -> None:
    """Where only WebPage carries the dates, they are the article's."""
    page = {"@type": "WebPage", "@id": "https://news.example.com/story"}
    dates = {"datePublished": "2026-11-16T08:00:00Z", "dateModified": "2026-11-17T09:00:00Z"}
    graph = {"@graph": [{**page, **dates}]}
    article = extract(a_page(with_json_ld(graph)), a_source())
    assert article.published_at == datetime(2026, 11, 16, 8, tzinfo=UTC)
    assert article.source_updated_at == datetime(2026, 11, 17, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("listed", "reached"),
    [
        ("https://news.example.com/story/12345678/acme-rises", "https://news.example.com/"),
        ("https://news.example.com/story/12345678/acme-rises", "https://news.example.com/story/"),
        ("https://news.example.com/story/12345678/acme-rises", "https://news.example.com/welcome"),
        ("https://news.example.com/markets/acme-rises", "https://news.example.com/markets"),
    ],
)
def test_a_redirect_away_from_the_article_is_rejected(listed: str, reached: str) -> None:
    """A home page, a section or a page without the id is not what the listing named."""
    page = a_page(b"<h1>T</h1>" + LONG, url=reached)
    page = dataclasses.replace(page, listing=dataclasses.replace(page.listing, url=listed))
    with pytest.raises(Rejected) as caught:
        extract(page, a_source())
    assert caught.value.reason == Reason.REDIRECTED_AWAY


def test_a_redirect_to_the_article_is_followed() -> None:
    """A short address that leads to the article's long one is the article."""
    page = a_page(b"<h1>T</h1>" + LONG, url="https://news.example.com/story/12345678/acme")
    listing = dataclasses.replace(page.listing, url="https://news.example.com/z/12345678")
    article = extract(dataclasses.replace(page, listing=listing), a_source())
    assert article.url == page.url


@pytest.mark.parametrize(
    "prose",
    [
        "<p>On March 3, 2025, the company had said it would close the plant.</p>",
        "<p>The company said on <b>March 3, 2025</b> that it would close the plant.</p>",
        '<p>The IPO priced on <time datetime="2024-05-01">May 1</time> at $20.</p>',
        '<p>The IPO priced on <time datetime="2024-05-01">.</p>',
        "<div>Il 3 marzo 2025 la società aveva annunciato la chiusura.</div>",
        "<p>El 3 de marzo de 2025 la empresa anunció el cierre.</p>",
        "<p>2025年3月3日、同社は工場を閉鎖すると発表していたが、撤回した。</p>",
        '<p class="lead">Am 3. März 2025 hatte das Unternehmen die Schließung angekündigt.</p>',
    ],
)
def test_a_date_in_a_sentence_is_not_the_articles(prose: str) -> None:
    """The day that a sentence tells of is no published date, in any language or markup."""
    article = extract(a_page(b"<h1>T</h1>" + prose.encode() + LONG), a_source())
    assert article.published_at is None


@pytest.mark.parametrize(
    "line",
    [
        "<p>Nov. 16, 2026 8:00 am ET</p>",
        "<p>By Jane Doe, Senior Reporter, on November 16, 2026 at 8:00 AM</p>",
        "<div>Jane Doe | Nov 16, 2026 8:00 AM | 3 min read</div>",
        "<p>Pubblicato da Mario Rossi il 16 novembre 2026 alle ore 8:00</p>",
        "<p>Publicado el lunes 16 de noviembre de 2026 a las 8:00</p>",
        "<p>公開日: 2026年11月16日 8時00分</p>",
        '<p>By Jane Doe, <time datetime="2026-11-16T08:00:00-05:00">Nov 16</time></p>',
        '<div><a href="/x">add to my list</a> <time>Nov 16, 2026 8:00 AM</time></div>',
        "<p>Updated Nov. 17, 2026 9:00 am ET; Published Nov. 16, 2026 8:00 am ET</p>",
        "<p>Nov. 16, 2026 8:00 am ET (Updated Nov. 17, 2026 9:00 am ET)</p>",
        "<p>Aggiornato il 17 novembre 2026, 9:00 - Pubblicato il 16 novembre 2026, 8:00</p>",
        "<p>Actualizado: 17/11/2026 9:00 - Publicado: 16/11/2026 8:00</p>",
        "<p>2026年11月17日 9:00 更新 2026年11月16日 8:00 公開</p>",
        "<p>수정 2026.11.17 09:00 입력 2026.11.16 08:00</p>",
        "<time>Updated Nov 17, 2026 9:00 am; Published Nov 16, 2026 8:00 am</time>",
    ],
)
def test_a_printed_dateline_is_the_articles(line: str) -> None:
    """A date with labels and names is read, and of two the one that is not an update."""
    article = extract(a_page(b"<h1>T</h1>" + line.encode() + LONG), a_source())
    assert article.published_at == datetime(2026, 11, 16, 13, 0, tzinfo=UTC)


def test_a_change_alone_is_no_published_date() -> None:
    """Where a page only says when it was modified, it is not known when it was published."""
    said = b'<meta property="article:modified_time" content="2026-11-17T09:00:00Z"><h1>T</h1>'
    article = extract(a_page(said + LONG), a_source())
    assert article.published_at is None
    assert article.source_updated_at == datetime(2026, 11, 17, 9, tzinfo=UTC)


def test_words_of_an_inline_time_stay() -> None:
    """A date marked up in a sentence is part of the sentence."""
    body = b'<p>The IPO priced on <time datetime="2024-05-01">May 1, 2024</time> at $20.</p>'
    article = extract(a_page(b"<h1>T</h1>" + LONG + body), a_source())
    assert "The IPO priced on May 1, 2024 at $20." in article.text.split("\n")

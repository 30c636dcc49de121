"""Extraction: a page becomes the article that people read, or an outcome with its reason."""

import contextlib
import dataclasses
import json
import os
import pickle
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected, Removed
from tasks.articles.records import Article
from tasks.extraction.decode import decode
from tasks.extraction.extract import extract
from tasks.extraction.meta import canonical_url
from tasks.extraction.missing import DATA_FILE, missing_kind
from tasks.extraction.names import clean_authors
from tasks.extraction.titles import choose_title
from tests.gold_pages import SAVED, GoldPage, a_page, a_source, gold_pages, is_kept, saved_page


def as_written(article: Article, field: str) -> Any:
    """Return a field as the JSON files write it."""
    value = getattr(article, field)
    if field == "text":
        return value.split("\n") if value else []
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


NAMES = sorted(path.stem for path in SAVED.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_saved_page_becomes_its_article(name: str) -> None:
    """Every saved page gives the fields that its JSON file names."""
    page, source, expected = saved_page(name)
    article = extract(page, source)
    found = {field: as_written(article, field) for field in expected}
    assert found == expected, (
        f"tests/pages/{name}.html no longer gives what {name}.json says. If the new value is "
        f"right, write it there: {json.dumps(found, ensure_ascii=False, indent=2)}"
    )


@pytest.mark.parametrize("gold", gold_pages(), ids=lambda gold: gold.name)
def test_gold_page_keeps_its_story_and_nothing_else(gold: GoldPage) -> None:
    """Every labelled page gives its sentences, cells, title, authors and instant, and no promo."""
    article = extract(gold.page, gold.source)
    text = f"{article.text}\n"
    mend = f"mend a rule so that tests/gold/pages/{gold.name}.toml holds; never for one page alone"
    assert [line for line in gold.keep if not is_kept(line, text)] == [], mend
    assert [line for line in gold.drop if line in text] == [], mend
    assert (article.title, article.authors) == (gold.title, gold.authors), mend
    if gold.published_at:
        assert article.published_at is not None, mend
        assert abs(article.published_at - gold.published_at) < timedelta(minutes=1), mend


def test_same_page_gives_same_article_in_any_process_and_order() -> None:
    """Another process, with another hash seed, in reverse order, gives equal articles."""
    program = (
        "import pickle, sys; from tasks.extraction.extract import extract;"
        "pairs = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(pickle.dumps([extract(*p) for p in reversed(pairs)][::-1]))"
    )
    pairs = [saved_page(name)[:2] for name in NAMES]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(pairs),
        capture_output=True,
        check=True,
        cwd=SAVED.parent.parent,
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
        cwd=SAVED.parent.parent,
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
        (["Benzinga Newsdesk"], []),
        (["Benzinga Staff Writer"], []),
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
    page, source, _ = saved_page("modern")
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


def test_what_closes_an_agencys_story_dates_it() -> None:
    """The minute that an agency prints below its story is finer than the day above it."""
    page = b"<h1>T</h1>" + LONG + b"<p>(RADIOWIRE) 17-11-26 17:48 (0551) ENE 5</p>"
    article = extract(a_page(page), a_source(timezone="Europe/Rome"))
    assert article.published_at == datetime(2026, 11, 17, 16, 48, tzinfo=UTC)


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


STORY = "".join(
    f"<p>Sentence {number} of a story about the harvest, which tells its readers something.</p>"
    for number in range(9)
)


def the_lines(body: str, **said: Any) -> list[str]:
    """Extract an article whose body follows its headline, and return its lines."""
    page = a_page(f"<html><body><h1>T</h1>{body}</body></html>".encode(), **said)
    return extract(page, a_source()).text.split("\n")


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>Nobody reads this sentence.</p>",
        '<div style="display: none"><p>Nobody reads this sentence.</p></div>',
        '<p style="VISIBILITY:HIDDEN">Nobody reads this sentence.</p>',
        '<div aria-hidden="true"><p>Nobody reads this sentence.</p></div>',
        '<span class="sr-only">Nobody reads this sentence.</span>',
    ],
)
def test_what_nobody_sees_is_not_in_the_text(hidden: str) -> None:
    """Hidden parts go, however they are hidden."""
    lines = the_lines(f"<article>{STORY}{hidden}{STORY.replace('harvest', 'winter')}</article>")
    assert "Nobody" not in "".join(lines)


def test_a_story_that_scripts_would_show_is_kept() -> None:
    """Where most of the text is hidden, it is the story."""
    lines = the_lines(f'<article><div style="display:none">{STORY}</div></article>')
    assert len(lines) == 9


@pytest.mark.parametrize("name", ["related-content", "paywall", "latest", "promo", "social-embed"])
def test_a_box_that_tells_something_stays_whatever_its_name(name: str) -> None:
    """A class alone takes no paragraphs from a story."""
    told = "<p>The mill lost a tenth of its workers in the spring, and has not found others.</p>"
    told += (
        "<p>Nobody at the mill expects that to change before the next harvest is brought in.</p>"
    )
    lines = the_lines(f'<article>{STORY}<div class="{name}">{told}</div></article>')
    assert len(lines) == 11


@pytest.mark.parametrize("above", ["Read Next", "Scopri di più:", "続けて読む:", "Lees ook"])
def test_lists_of_headlines_go_in_every_language(above: str) -> None:
    """A list of links to other stories is none of the story, with the words above it."""
    links = "".join(
        f'<li><a href="/n/{n}">Another story of the day, {n}</a></li>' for n in range(3)
    )
    body = f"<article>{STORY}<h3>{above}</h3><ul>{links}</ul>{STORY.replace('harvest', 'rain')}"
    lines = the_lines(f"{body}</article>")
    assert len(lines) == 18
    assert above not in lines


def test_posts_of_a_live_blog_are_the_story() -> None:
    """Posts marked up as articles stay, with their headings."""
    posts = "".join(
        f'<article class="live-post" id="p{n}"><h2><a href="#p{n}">Post {n}</a></h2>'
        f"<p>Stocks rose by {n} points in the hour, traders said.</p></article>"
        for n in range(5)
    )
    lines = the_lines(f"<main><p>Stocks rose on Monday in thin trading.</p>{posts}</main>")
    assert [line for line in lines if "points" in line] == [
        f"Stocks rose by {n} points in the hour, traders said." for n in range(5)
    ]
    assert "Post 3" in lines


def test_lists_shown_twice_are_told_once() -> None:
    """A list that stands there for two sizes of screen is one list."""
    points = "<ul><li>Wheat: 5.40, up 1%</li><li>Maize: 4.10, flat</li></ul>"
    lines = the_lines(f"<article>{STORY}<div>{points}</div><div>{points}</div></article>")
    assert lines.count("Wheat: 5.40, up 1%") == 1


@pytest.mark.parametrize(
    ("head", "listed", "published", "found_in", "doubt"),
    [
        ("2031-01-01T10:00:00Z", None, None, "", "future"),
        ("1970-01-01T00:00:00Z", None, None, "", "before_1990"),
        ("2031-01-01T10:00:00Z", "2026-11-16T08:00:00+00:00", "2026-11-16", "list", "future"),
        ("2024-02-01T10:00:00Z", "2026-11-16T08:00:00+00:00", "2024-02-01",
         "meta", "contradicts_list"),
        ("2026-11-16T09:00:00Z", "2026-11-16T08:00:00+00:00", "2026-11-16", "meta", ""),
    ],
)  # fmt: skip
def test_doubtful_dates_are_flagged(
    head: str, listed: str | None, published: str | None, found_in: str, doubt: str
) -> None:
    """A date that cannot be, or that the list contradicts, is never used in silence."""
    meta = f'<meta property="article:published_time" content="{head}">'
    listing = {"published_at": listed} if listed else {}
    page = a_page(f"<head>{meta}</head><h1>T</h1>{STORY}".encode(), listing=listing)
    article = extract(page, a_source())
    day = f"{article.published_at:%Y-%m-%d}" if article.published_at else None
    assert (day, article.published_at_from) == (published, found_in)
    assert article.published_at_doubts == tuple(filter(None, [doubt]))


@pytest.mark.parametrize(
    ("printed", "published", "precision"),
    [
        ("2 hours ago", "2026-11-23T10:00:00+00:00", "hour"),
        ("hace 3 horas", "2026-11-23T09:00:00+00:00", "hour"),
        ("un'ora fa", "2026-11-23T11:00:00+00:00", "hour"),
        ("vor 5 Minuten", "2026-11-23T11:55:00+00:00", "minute"),
        ("il y a 2 jours", "2026-11-21T00:00:00+00:00", "day"),
        ("3時間前", "2026-11-23T09:00:00+00:00", "hour"),
        ("ayer", "2026-11-22T00:00:00+00:00", "day"),
    ],
)
def test_relative_times_count_from_the_fetch_and_are_flagged(
    printed: str, published: str, precision: str
) -> None:
    """A time like "2 hours ago" is as exact as it says, and marked as worked out."""
    page = a_page(f'<h1>T</h1><span class="date">{printed}</span>{STORY}'.encode())
    article = extract(page, a_source())
    assert article.published_at == datetime.fromisoformat(published)
    assert article.published_at_precision == precision
    assert (article.published_at_from, article.published_at_doubts) == ("text", ("relative",))


@pytest.mark.parametrize(
    "name", ["InlineImage-imageEmbedCaption", "wp-caption-text", "photo_credit"]
)
def test_captions_that_only_their_class_tells(name: str) -> None:
    """A caption outside of ``figcaption`` is no line of the story."""
    caption = "The Harborline plant in Toledo on Monday, where the sensors are made."
    page = a_page(
        f'<article><h1>T</h1><div class="{name}">{caption}</div>{STORY}</article>'.encode()
    )
    assert caption not in extract(page, a_source()).text


def test_all_posts_of_a_live_blog_are_the_story() -> None:
    """Short posts stay beside long ones: what holds them all is the article."""
    short = "The speech starts at noon, straight after questions, and the figures follow."
    posts = (
        f'<article id="b1"><h2>Now</h2>{STORY}</article><article id="b2"><p>{short}</p></article>'
    )
    page = a_page(f"<h1>T</h1><div>{posts}<article id='b3'>{STORY}</article></div>".encode())
    assert short in extract(page, a_source()).text


def test_a_row_of_links_below_the_story_goes() -> None:
    """Menus of old pages are rows of links; a row of data with a link stays."""
    menu = "".join(f'<td><a href="/{n}">Section number {n}</a></td>' for n in range(3))
    data = (
        '<tr><td><a href="/a">Acme</a></td><td>14.20</td></tr><tr><td>Bolt</td><td>9.10</td></tr>'
    )
    page = a_page(
        f"<article><h1>T</h1>{STORY}<table>{data}</table><table><tr>{menu}</tr></table></article>".encode()
    )
    text = extract(page, a_source()).text
    assert "Acme | 14.20" in text
    assert "Section number" not in text


@pytest.mark.parametrize("kind", ["not_found", "walled"])
def test_titles_of_pages_without_an_article(kind: str) -> None:
    """The examples in missing.toml hold."""
    said = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))[kind]
    assert [title for title in said["matches"] if missing_kind(title) != kind] == []
    assert [title for title in said["passes"] if missing_kind(title)] == []


def test_a_page_that_says_it_is_not_there_is_no_article() -> None:
    """A 200 with "Page not found" is rejected, and one with a robots' wall comes later."""
    sorry = b"<p>We looked everywhere, but the page that you wanted is not with us any more.</p>"
    with pytest.raises(Rejected):
        extract(a_page(b"<title>Page not found | Example</title><h1>Oops</h1>" + sorry), a_source())
    with pytest.raises(Deferred):
        extract(a_page(b"<title>Just a moment...</title><p>Checking you.</p>"), a_source())


def test_a_box_of_readers_comments_ends_the_story() -> None:
    """What stands under "Comments (2)" is not the author's."""
    lines = the_lines(f"<article>{STORY}<h3>Comments (2)</h3><p>I sold mine in May, luckily.</p>")
    assert len(lines) == 9


def test_a_newsletter_set_as_a_table_is_read_like_a_page() -> None:
    """Subheads and paragraphs in cells one below the other stay; the sponsor's cell goes."""
    told = "The company sold more machines than in any quarter before, and its shares rose. "
    offer = "<small>TOGETHER WITH LEDGERLY</small><h3>Calm</h3><a href='/l'>Try it</a>"
    cells = [
        f"<p>{told}</p>",
        "<h2>The railway</h2>",
        "<img src='a.png'><small>Drawn by us</small>",
    ]
    cells += [f"<p>{told * 4}</p>", offer, *(f"<p>{told * 2}{number}.</p>" for number in range(4))]
    rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in cells)
    lines = the_lines(f"<h1>Copper and its railway</h1><div><table>{rows}</table></div>")
    assert lines[1] == "The railway"
    assert not {"TOGETHER WITH LEDGERLY", "Calm", "Try it", "Drawn by us"}.intersection(lines)


@pytest.mark.parametrize("name", ["rating-actions", "slide", "options", "price-expand"])
def test_a_table_stays_whatever_its_box_is_called(name: str) -> None:
    """Words that mean furniture elsewhere take no data out of a story."""
    told = "The agency expects the company to sell more machines than in any quarter before. "
    rows = "<tr><th>Entity</th><th>Rating</th></tr>" + "<tr><td>Acme</td><td>BB-</td></tr>" * 2
    table = f"<div class='{name}'><table>{rows}</table></div>"
    story = "".join(f"<p>{told * 2}{number}.</p>" for number in range(4))
    lines = the_lines(f"<h1>Acme is cut to BB-</h1><div>{story}{table}<p>{told}</p></div>")
    assert "Acme | BB-" in lines


def test_a_portals_own_name_in_the_h1_is_no_headline() -> None:
    """The headline is what the document's title and a heading in the story say."""
    page = (
        "<html><head><title>Exports up a little, furniture down - The Chamber</title></head><body>"
        "<header><h1 class='site-title'><a href='/'>The Chamber</a></h1></header>"
        "<h2 class='component-title'>Exports up a little, furniture down</h2>"
        f"<div><p>{'The region sold more abroad than in any quarter before. ' * 12}</p></div>"
        "</body></html>"
    )
    assert extract(a_page(page.encode()), a_source()).title == "Exports up a little, furniture down"

"""`newsledger sources new`: a first draft by looking at a site."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring
from typer.testing import CliRunner

from flows.cli import app
from flows.source_draft import draft_source, place_for
from tasks.articles.errors import SourceError
from tasks.sources.draft import (
    Draft,
    advertised_feeds,
    guess_id_pattern,
    guess_time_zone,
    name_of,
    sitemaps_of,
    toml_of,
)
from tasks.sources.registry import read_source
from tasks.sources.schema import Source
from tests.site import serving

TEXT = "Il gruppo ha chiuso il trimestre con ricavi in crescita del dieci per cento. "
FRONT = """<html lang="it-IT"><head><title>Il Registro: notizie</title>
<meta property="og:site_name" content="Il Registro">
<link rel="alternate" type="application/rss+xml" href="/feed/">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="stylesheet" type="text/css" href="/x.css"></head><body><main></main></body></html>"""
STORY = f"""<html lang="it"><head><title>Una notizia</title></head><body>
<article><h1>Una notizia</h1><p>{TEXT * 4}</p><p>{TEXT * 3}fine</p></article></body></html>"""
FEED = "<rss version='2.0'><channel><title>Il Registro</title>{}</channel></rss>".format(
    "".join(
        f"<item><title>Notizia {n}</title><link>/economia/{481200 + n}/titolo-{n}</link></item>"
        for n in range(5)
    )
)
SITEMAP = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>".format(
    "".join(f"<url><loc>/a/titolo-{n}</loc></url>" for n in range(4))
)


def drafted(answers: Mapping[str, str], path: str = "/") -> tuple[Source, str]:
    """Draft a source for a site with these answers by path; return it and the site's address.

    The draft must load.
    """

    def answer(place: SplitResult) -> tuple[str, bytes] | None:
        if "titolo" in place.path:
            return "text/html", STORY.encode()
        found = answers.get(place.path)
        return ("text/plain", found.encode()) if found else None

    with serving(answer) as address:
        text = asyncio.run(draft_source(address + path, "registro", "tester@newsledger.example"))
    return read_source(text, Path("registro.toml")), address


def test_a_site_with_a_feed() -> None:
    """Its feed, its name and language, the id in its addresses, the region of its articles."""
    source, site = drafted({"/": FRONT, "/feed/": FEED, "/comments/feed/": FEED})
    assert source.title == "Il Registro"
    assert [declared.url for declared in source.lists] == [f"{site}/feed/"]
    assert source.languages == ("it",)
    assert source.timezone == "Europe/Rome"
    assert source.publisher_id(f"{site}/economia/481203/titolo-3") == "481203"
    assert source.article.region == "article"
    assert list(source.examples.ids.values()) == ["481200"]


def test_a_site_with_sitemaps_only() -> None:
    """The one that robots.txt names, news first; a page in Italian says what its text is."""
    front = "<html><head><title>Registro</title></head><body></body></html>"
    robots = "User-agent: *\nSitemap: /all.xml\nsitemap: /news-map.xml\n"
    source, site = drafted({"/": front, "/robots.txt": robots, "/news-map.xml": SITEMAP})
    assert [declared.url for declared in source.lists] == [f"{site}/news-map.xml"]
    assert source.languages == ("it",)
    assert source.id_pattern is None


def test_a_feed_at_a_usual_place() -> None:
    """It is found though no page names it."""
    source, site = drafted({"/": "<html><body></body></html>", "/rss.xml": FEED})
    assert [declared.url for declared in source.lists] == [f"{site}/rss.xml"]


def test_the_address_of_a_feed_itself() -> None:
    """It is taken as it is."""
    source, site = drafted({"/x/rss": FEED}, "/x/rss")
    assert [declared.url for declared in source.lists] == [f"{site}/x/rss"]


def test_a_site_without_lists_gets_a_sentence() -> None:
    """What was looked for, and what can be done instead."""
    with pytest.raises(SourceError, match=r"no feed and no sitemap.*kind = .pages."):
        drafted({"/": "<html><body>Hello</body></html>"})
    with pytest.raises(SourceError, match="not an http"):
        asyncio.run(draft_source("registro", "x", ""))


def test_without_a_contact_no_site_is_asked() -> None:
    """The same sentence as for a run."""
    done = CliRunner().invoke(app, ["sources", "new", "https://registro.example/"])
    assert "set NEWSLEDGER_CONTACT" in str(done.exception)


def test_the_command_writes_a_draft_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an address to a source that `sources check` can read, on this machine's own site."""
    monkeypatch.setenv("NEWSLEDGER_CONTACT", "tester@newsledger.example")

    def answer(place: SplitResult) -> tuple[str, bytes] | None:
        if "titolo" in place.path:
            return "text/html", STORY.encode()
        found = {"/": FRONT, "/feed/": FEED}.get(place.path)
        return ("text/plain", found.encode()) if found else None

    with serving(answer) as address:
        printed = CliRunner().invoke(app, ["sources", "new", address])
        assert printed.exit_code == 0, printed.exception
        monkeypatch.setenv("NEWSLEDGER_SOURCES", str(tmp_path))
        written = CliRunner().invoke(app, ["sources", "new", address, "--name", "mine"])
        assert written.exit_code == 0, written.exception
        assert (tmp_path / "mine.toml").read_text() == printed.stdout
        done = CliRunner().invoke(app, ["sources", "check", "mine", "--json"])
    assert done.exit_code == 0, done.exception
    record = json.loads(done.stdout)
    assert record["lists"][0]["listings"] == 5
    assert record["article"]["title"] == "Una notizia"


def test_a_draft_never_replaces_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file of the user's nor a source of the project's; nobody is asked for it."""
    monkeypatch.setenv("NEWSLEDGER_SOURCES", str(tmp_path))
    assert place_for(tmp_path, "mine", {}) == tmp_path / "mine.toml"
    for name in ("sample", "cnbc"):
        done = CliRunner().invoke(app, ["sources", "new", "http://a.example", "--name", name])
        assert f"There is a source '{name}' already" in str(done.exception)
    (tmp_path / "mine.toml").write_text("mine")
    with pytest.raises(SourceError, match="'mine' already"):
        place_for(tmp_path, "mine", {})
    assert (tmp_path / "mine.toml").read_text() == "mine"


@given(
    title=st.text(max_size=40),
    language=st.from_regex(r"[a-z]{2}", fullmatch=True),
    path=st.text(max_size=20),
    region=st.sampled_from(["", "article", "[itemprop='articleBody']"]),
)
def test_every_draft_loads(title: str, language: str, path: str, region: str) -> None:
    """Whatever a site calls itself, the file is TOML and fits the schema."""
    draft = Draft(
        name="x",
        title=title,
        home="https://x.example/",
        languages=(language,),
        lists=(("feed", f"https://x.example/{path}"),),
        urls=(f"https://x.example/{path}",),
        region=region,
    )
    assert read_source(toml_of(draft), Path("x.toml")).article.region == region


@pytest.mark.parametrize(
    ("urls", "found"),
    [
        (["/a/123456/x", "/b/123457/y", "/c/123458"], "123456"),
        (["/a/one-9123456.html", "/a/two-9123457.html", "/a/three-9123458.html"], "9123456"),
        (["/s/one-5a868358", "/s/two-1b868358", "/s/three-9c868351"], "5a868358"),
        (["/2026/11/20/one", "/2026/11/20/two", "/2026/11/20/three"], ""),
        (["/20261120/one", "/20261120/two", "/20261120/three"], ""),
        (["/a/123456/x", "/b/123457/y"], ""),
        (["/a/123456/x", "/one", "/two", "/three"], ""),
    ],
)
def test_an_id_is_guessed_only_where_most_addresses_have_their_own(
    urls: list[str], found: str
) -> None:
    """A date is none: it is not each article's own."""
    pattern = guess_id_pattern([f"https://x.example{url}" for url in urls])
    fields = {
        "id_pattern": pattern or None,
        "lists": [{"kind": "feed", "url": "https://x.example"}],
    }
    source = Source.model_validate(
        {
            "name": "x",
            "title": "X",
            "publisher": "x.example",
            "home": "https://x.example/",
            **fields,
        }
    )
    assert source.publisher_id(f"https://x.example{urls[0]}") == found


def test_small_guesses() -> None:
    """Names, zones, advertised feeds and sitemaps."""
    assert [name_of(f"https://{h}/") for h in ("www.cnbc.com", "it.benzinga.com", "a.co.uk")] == [
        "cnbc",
        "it-benzinga",
        "a",
    ]
    assert name_of("http://127.0.0.1:8000/") == "local"
    assert guess_time_zone("www.expansion.com", "es") == "Europe/Madrid"
    assert guess_time_zone("mf.it", "en") == "Europe/Rome"
    assert guess_time_zone("x.example", "xx") == "America/New_York"
    tree = document_fromstring(FRONT)
    assert advertised_feeds(tree, "https://r.example/") == ["https://r.example/feed/"]
    assert sitemaps_of("", "https://r.example/") == []

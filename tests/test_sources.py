"""Source files: what is declared is what runs, and a typo gets a sentence."""

import re
import textwrap
from pathlib import Path

import pytest

from tasks.articles.errors import SourceError
from tasks.sources.examples import broken_examples, unproven_patterns
from tasks.sources.registry import choose, load_source, load_sources, read_source, source_of
from tasks.sources.schema import KINDS, Source

GOOD = """
title = "News"
publisher = "news.example"
home = "https://www.news.example/"
id_pattern = '/(\\d{6,9})/'

[[lists]]
kind = "feed"
url = "https://www.news.example/feed"
"""


def declare(folder: Path, text: str, name: str = "news") -> Path:
    """Write a source file."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", load_sources())
def test_every_bundled_source_loads(name: str) -> None:
    """Each source file of the project is valid and named as its file."""
    source = load_sources()[name]
    assert source.name == name
    assert source.lists


def test_a_user_folder_adds_and_overrides(tmp_path: Path) -> None:
    """The user's file of the same name wins."""
    declare(tmp_path, GOOD)
    declare(tmp_path, GOOD.replace("News", "Mine"), name="sample")
    sources = load_sources(tmp_path)
    assert sources["news"].publisher_id("https://www.news.example/123456/slug") == "123456"
    assert sources["news"].publisher_id("https://partner.example/123456/slug") == ""
    assert sources["sample"].title == "Mine"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("publisher", "publsher", "there is no key 'publsher'; did you mean 'publisher'?"),
        (
            'kind = "feed"',
            'kindd = "feed"',
            "lists.0: kind must be one of: feed, sitemap, benzinga, pages, warc, folder.",
        ),
        ('"feed"', '"fed"', "lists.0: kind must be one of: feed, sitemap, benzinga"),
        ('"feed"', '"fed"', "did you mean 'feed'?"),
        ('"feed"', '"sitemap"\nonly = "["', "lists.0.only: '[' is not a regular expression"),
        ("url = ", "urll = ", "there is no key 'lists.0.urll'; did you mean 'url'?"),
        (
            '"feed"',
            '"feed"\nlicence = "x"',
            "belongs to the top of the file, above the first header",
        ),
        ('"feed"', '"feed"\nregion = "x"', "'lists.0.region'; it belongs under [article]"),
        ('"feed"', '"feed"\nchannels = []', 'it belongs under a [[lists]] with kind = "benzinga"'),
        ("[[lists]]", "[lists]", "write [[lists]], in double brackets"),
        ("[[lists]]", "[politeness]\nperminute = 9\n[[lists]]", "did you mean 'per_minute'?"),
        ("[[lists]]", '[politeness]\nrobots = "maybe"\n[[lists]]', "robots: must be true or false"),
        ("[[lists]]", "[polling]\nlongest_minutes = 1\n[[lists]]", "shortest_minutes (5) must not"),
        ("[[lists]]", "[examples]\nid = {}\n[[lists]]", "did you mean 'ids'?"),
        (
            "title",
            'languages = "it"\ntitle',
            "languages: must be a list in square brackets, such as",
        ),
        ("title", 'article = "x"\ntitle', "article: must be a section: write [article]"),
        ('title = "News"', "", "the key 'title' is missing"),
        ('news.example"\nhome', 'News.example"\nhome', "domain in small letters"),
        ("title", "x = [\ntitle", "line"),
        (r"/(\d{6,9})/", "[", "is not a regular expression"),
        (r"(\d{6,9})", "x", "must have exactly one group"),
        ("title", 'timezone = "Mars"\ntitle', "'Mars' is not an IANA time zone"),
        ("[[lists]]", "[[lists", "cannot be read as TOML"),
        ("title", 'name = "other"\ntitle', "name = 'other' must be 'news'"),
        ("[[lists]]", '[article]\nregion = "div["\n[[lists]]', "is not a CSS selector"),
        ("[[lists]]", '[article]\nboilerplate = ["("]\n[[lists]]', "is not a regular expression"),
        (
            'home = "https',
            'home = "ftp',
            "home: 'ftp://www.news.example/' must be an address that begins",
        ),
    ],
)
def test_a_mistake_gets_a_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """The message names the file, the key and what to write instead."""
    path = declare(tmp_path, GOOD.replace(old, new))
    with pytest.raises(SourceError) as caught:
        load_source(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_typo_in_a_list_of_any_kind(tmp_path: Path, kind: str) -> None:
    """Each kind knows its own keys."""
    for key in set(KINDS[kind].model_fields) - {"kind"}:
        text = GOOD.replace('kind = "feed"', f'kind = "{kind}"\n{key}x = "y"')
        with pytest.raises(SourceError) as caught:
            load_source(declare(tmp_path, text))
        assert f"there is no key 'lists.0.{key}x'; did you mean '{key}'?" in str(caught.value)


@pytest.mark.parametrize("section", ["article", "politeness", "polling", "rights", "examples"])
def test_a_typo_in_a_section(tmp_path: Path, section: str) -> None:
    """Each section knows its own keys."""
    for key in Source.model_fields[section].annotation.model_fields:
        text = GOOD.replace("[[lists]]", f'[{section}]\n{key}x = "y"\n[[lists]]')
        with pytest.raises(SourceError) as caught:
            load_source(declare(tmp_path, text))
        assert f"there is no key '{section}.{key}x'; did you mean '{key}'?" in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """In one file and in all files; a typo hides the key that is missing because of it."""
    declare(tmp_path, GOOD.replace("title", "titel").replace("url =", "ulr ="))
    declare(tmp_path, "title = 1", name="other")
    (tmp_path / "bytes.toml").write_bytes(b'title = "a"\nhome = "\xff"')
    sources = load_sources(tmp_path)
    assert {"news", "other", "bytes"} == sources.broken.keys()
    assert "sample" in sources, "a broken file stops only its own source"
    told = "\n".join(sources.broken.values()).splitlines()
    assert [line.rpartition("/")[2] for line in told] == [
        "bytes.toml: line 2 is not UTF-8; save the file as UTF-8.",
        "news.toml: there is no key 'lists.0.ulr'; did you mean 'url'?",
        "news.toml: there is no key 'titel'; did you mean 'title'?",
        "other.toml: title: must be text in quotes.",
        "other.toml: the key 'publisher' is missing.",
        "other.toml: the key 'home' is missing.",
        "other.toml: the key 'lists' is missing.",
    ]


def test_the_example_in_contributing_is_right() -> None:
    """What people copy loads, and its patterns do what its examples say."""
    text = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert block
    source = read_source(textwrap.dedent(block.group(1)), Path("name.toml"))
    assert list(broken_examples(source)) == list(unproven_patterns(source)) == []


def test_choosing_by_name() -> None:
    """Names are taken once, in order; an unknown one gets the nearest."""
    sources = load_sources()
    assert [source.name for source in choose(sources, ["sample", "sample"])] == ["sample"]
    with pytest.raises(SourceError, match="did you mean 'sample'"):
        choose(sources, ["simple"])
    with pytest.raises(SourceError, match="there are: "):
        choose(sources, ["zzz"])


def test_a_broken_file_stops_those_who_name_it(tmp_path: Path) -> None:
    """Also where it was to replace a bundled one: that is not taken in its place."""
    declare(tmp_path, "title = 1", name="benzinga")
    sources = load_sources(tmp_path)
    assert [source.name for source in choose(sources, ["sample"])] == ["sample"]
    with pytest.raises(SourceError, match=r"benzinga\.toml: title: must be text in quotes"):
        choose(sources, ["sample", "benzinga"])
    with pytest.raises(SourceError, match=r"benzinga\.toml"):
        sources.require_all()


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    """NEWSLEDGER_SOURCES that points nowhere is an error, not an empty list."""
    with pytest.raises(SourceError, match="does not exist"):
        load_sources(tmp_path / "nowhere")


def test_an_address_finds_its_source() -> None:
    """By host, with or without www; else a source that knows nothing."""
    sources = load_sources()
    assert source_of("http://www.newsroom.example/x", sources).name == "sample"
    assert source_of("https://www.benzinga.com/news/x", sources).name == "benzinga"
    assert source_of("https://it.benzinga.com/news/x", sources).name == "benzinga-it"
    assert source_of("https://elsewhere.example/x", sources).publisher == "elsewhere.example"
    assert source_of("", sources).name == "undeclared"

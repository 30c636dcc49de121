"""Source files: what is declared is what runs, and a typo gets a sentence."""

from pathlib import Path

import pytest

from tasks.articles.errors import SourceError
from tasks.sources.registry import choose, load_source, load_sources, source_of

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
        ("url = ", "urll = ", "there is no key 'lists.0.urll'; did you mean 'url'?"),
        (r"/(\d{6,9})/", "[", "is not a regular expression"),
        (r"(\d{6,9})", "x", "must have exactly one group"),
        ("title", 'timezone = "Mars"\ntitle', "'Mars' is not an IANA time zone"),
        ("[[lists]]", "[[lists", "cannot be read as TOML"),
        ("title", 'name = "other"\ntitle', "name = 'other' must be 'news'"),
        ("[[lists]]", '[article]\nregion = "div["\n[[lists]]', "is not a CSS selector"),
        ("[[lists]]", '[article]\nboilerplate = ["("]\n[[lists]]', "is not a regular expression"),
        ('home = "https', 'home = "ftp', "home: String should match pattern"),
    ],
)
def test_a_mistake_gets_a_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """The message names the file, the key and what to write instead."""
    path = declare(tmp_path, GOOD.replace(old, new))
    with pytest.raises(SourceError) as caught:
        load_source(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)


def test_choosing_by_name() -> None:
    """Names are taken once, in order; an unknown one gets the nearest."""
    sources = load_sources()
    assert [source.name for source in choose(sources, ["sample", "sample"])] == ["sample"]
    with pytest.raises(SourceError, match="did you mean 'sample'"):
        choose(sources, ["simple"])
    with pytest.raises(SourceError, match="there are: "):
        choose(sources, ["zzz"])


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    """NEWSLEDGER_SOURCES that points nowhere is an error, not an empty list."""
    with pytest.raises(SourceError, match="does not exist"):
        load_sources(tmp_path / "nowhere")


def test_an_address_finds_its_source() -> None:
    """By host, with or without www; else a source that knows nothing."""
    sources = load_sources()
    assert source_of("http://www.newsroom.example/x", sources).name == "sample"
    assert source_of("https://elsewhere.example/x", sources).publisher == "elsewhere.example"
    assert source_of("", sources).name == "undeclared"

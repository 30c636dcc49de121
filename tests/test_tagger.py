"""The tagger as a whole: its version, its determinism, and wild or hostile texts."""

import pickle
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.knowledge import read_all_rules
from flows.start import check_knowledge
from tasks.articles.errors import KnowledgeError
from tasks.articles.records import Article
from tasks.tagging.tagger import CODE_VERSION, knowledge_version, load_tagger
from tests.articles import article
from warehouse.home import Home


def _article(title: str, text: str, language: str = "en") -> Article:
    return article(title, text, language=language)


def test_knowledge_is_read_whole_once_after_each_change(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in any language's file is told when a run starts, until it is mended."""
    read: list[object] = []

    def apart(function: object) -> None:
        read.append(function)
        if len(read) == 1:
            raise KnowledgeError("de.toml: [crypto] strong")

    monkeypatch.setattr("flows.start.apart", apart)
    monkeypatch.setattr("flows.start.knowledge_version", lambda: "mistaken, then mended")
    with pytest.raises(KnowledgeError):
        check_knowledge(Home(home))
    check_knowledge(Home(home))
    check_knowledge(Home(home))
    assert read == [read_all_rules] * 2
    monkeypatch.setattr("flows.start.knowledge_version", lambda: "changed")
    check_knowledge(Home(home))
    assert len(read) == 3


def test_a_real_kind_of_article() -> None:
    """An Italian story with brackets gets its securities, its topics and the tagger's version."""
    tagged = load_tagger().tag(
        _article(
            "Meta, causa per copyright sui modelli di intelligenza artificiale",
            "Meta Platforms Inc. (NASDAQ:META) è accusata dagli autori in tribunale.\n"
            "Meta lavora con Nvidia (NASDAQ:NVDA) e con Azure di Microsoft Inc (NASDAQ:MSFT).",
            "it",
        )
    )
    assert [(t.symbol, t.role) for t in tagged.tickers] == [
        ("META", "primary"),
        ("MSFT", "mention"),
        ("NVDA", "mention"),
    ]
    assert {"legal", "ai-tech"} <= {topic.topic for topic in tagged.topics}
    assert tagged.tagger_version == load_tagger().version
    assert pickle.loads(pickle.dumps(tagged)) == tagged


def test_version_follows_the_data(tmp_path: Path) -> None:
    """An edited, renamed or added data file changes the version; other files do not."""
    (tmp_path / "phrases").mkdir()
    phrases = tmp_path / "phrases" / "en.toml"
    phrases.write_text("a", encoding="utf-8")
    first = knowledge_version(tmp_path)
    assert first.startswith(f"{CODE_VERSION}-")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert knowledge_version(tmp_path) == first
    phrases.write_text("b", encoding="utf-8")
    second = knowledge_version(tmp_path)
    phrases.rename(tmp_path / "phrases" / "it.toml")
    assert len({first, second, knowledge_version(tmp_path)}) == 3


def test_loading_happens_once() -> None:
    """The tagger is read once a process."""
    assert load_tagger() is load_tagger()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000_000,
        "[(" * 300_000,
        "(" + "NASDAQ:" * 140_000 + ")",
        "[a](http://x" * 80_000,
        "Foo Bar (NASDAQ:META) " * 10_000,
        "Meta (NASDAQ:META) " + "Meta " * 200_000,
        "Foo Co " + "(NYSE:AB)(NYSE:CD)" * 10_000 + "Foo " * 100_000,
        "$META " * 160_000,
        "Apple (AAPL) " * 80_000,
        "Foo (A" * 160_000,
        "NYSE: AB " * 100_000,
        "Target " * 140_000,
        "Shell, Target and Meta " * 40_000,
        "Facebook, X and YouTube / " * 40_000,
        "Nvidia rose 3%. Tim Cook " * 40_000,
        "İ" * 500_000,
        "Foo Inc (“Foo” or the “" * 40_000,
        "Foo (“Foo” or “Bar”) (NYSE:FOO) " * 30_000,
        "stock split at stake in " * 40_000,
        "e\u0301" * 400_000,
        " " * 1_000_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_is_bounded(text: str) -> None:
    """A megabyte of anything takes seconds at most (about one at worst on one slow core)."""
    started = time.process_time()
    load_tagger().tag(_article(text[:200], text))
    assert time.process_time() - started < 8, "something is no longer linear in the text"


@settings(max_examples=100)
@given(st.text(max_size=80), st.text(max_size=400), st.sampled_from(["", "en", "it", "es", "ja"]))
def test_any_text_is_tagged(title: str, text: str, language: str) -> None:
    """Nothing that an article says makes the tagger fail."""
    load_tagger().tag(_article(title, text, language))

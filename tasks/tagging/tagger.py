"""An article in, the article with its tickers, topics and facts out.

Pure and deterministic: each data file is read once, those of a language with its first article.
"""

import hashlib
from collections.abc import Iterable, Sequence
from copy import copy
from functools import cache, lru_cache
from pathlib import Path
from typing import Self

from tasks.articles.records import Article, Fact, TaggedArticle, TickerTag
from tasks.tagging.facts.reader import FactReader
from tasks.tagging.learning.model import TopicModel
from tasks.tagging.learning.model_file import ModelFile, read_model
from tasks.tagging.stories.fingerprints import NO_FINGERPRINT, fingerprint
from tasks.tagging.tickers.citations import blank_citations
from tasks.tagging.tickers.evidence import Reading
from tasks.tagging.tickers.tags import TickerTagger
from tasks.tagging.topics import TopicTagger, Weighed

CODE_VERSION = "8"  # raised by hand when the code comes to other tags
_FOLDER = Path(__file__).parent
_DATA_FILES = ("*.csv", "*.toml")


class Tagger:
    """Tags articles; ``version`` changes with the code's number, any data file and the model."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._tickers = TickerTagger()
        self._topics = TopicTagger()
        self._facts = FactReader()
        self.model: TopicModel | None = None

    def read_all(self) -> None:
        """Read the data files of all languages now. Raises KnowledgeError for an unusable one."""
        self._topics.books()
        self._facts.books()

    def expect(self, languages: Iterable[str]) -> None:
        """Read the data files of these languages (ISO 639-1) now. Raises KnowledgeError."""
        for language in languages:
            self._topics.book(language)
            self._facts.book(language)

    def beside(self, file: ModelFile) -> Self:
        """Return a tagger that judges topics with this model, too. Raises KnowledgeError."""
        other = copy(self)
        other.version = f"{self.version}-{file.version}"
        other.model = read_model(file)
        return other

    def tag(self, article: Article, *, with_fingerprint: bool = True) -> TaggedArticle:
        """Return the article with tags, facts and fingerprint; never raises for what it says.

        Without its fingerprint, which costs a quarter of the time, it has an empty one.
        """
        reading = self._tickers.read(article)
        tickers = self._tickers.tag(reading)
        facts = self._facts.read(reading, tickers)
        weighed = self._weigh(reading, facts, tickers)
        return TaggedArticle(
            article=article,
            tickers=tickers,
            topics=self.model.judge(article, weighed) if self.model else weighed.tags,
            facts=facts,
            fingerprint=fingerprint(article, tickers) if with_fingerprint else NO_FINGERPRINT,
            tagger_version=self.version,
            reference_version=self._tickers.reference.version,
        )

    def weigh(self, article: Article) -> Weighed:
        """Return what the rules alone say of its topics: what a model is trained beside."""
        reading = self._tickers.read(article)
        tickers = self._tickers.tag(reading)
        return self._weigh(reading, self._facts.read(reading, tickers), tickers)

    def _weigh(
        self, reading: Reading, facts: Sequence[Fact], tickers: Sequence[TickerTag]
    ) -> Weighed:
        article = reading.article
        title = blank_citations(article.title, reading.title_citations)
        text = blank_citations(article.text, reading.text_citations)
        return self._topics.weigh(article, title, text, facts, tickers)


def load_tagger(model: ModelFile | None = None) -> Tagger:
    """Return this process's tagger, with the user's model if one is handed in.

    Raises KnowledgeError for an unusable data file or model.
    """
    return _load_beside(model) if model else _load()


@cache
def _load() -> Tagger:
    return Tagger(knowledge_version())


@lru_cache(maxsize=1)  # a model that was replaced is not asked for again
def _load_beside(model: ModelFile) -> Tagger:
    return _load().beside(model)


def tag_article(
    article: Article, model: ModelFile | None = None, *, with_fingerprint: bool = True
) -> TaggedArticle:
    """Tag one article with this process's tagger: what the worker processes run."""
    return load_tagger(model).tag(article, with_fingerprint=with_fingerprint)


def knowledge_version(folder: Path = _FOLDER) -> str:
    """Return the code's number and a short hash of all data files below, e.g. ``1-3f9a02c4``."""
    digest = hashlib.sha256()
    paths = sorted(path for pattern in _DATA_FILES for path in folder.rglob(pattern))
    for path in paths:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return f"{CODE_VERSION}-{digest.hexdigest()[:8]}"

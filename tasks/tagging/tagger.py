"""An article in, the article with its tickers, topics and facts out.

Pure and deterministic: the data files are read once, by ``load_tagger``.
"""

import hashlib
from functools import cache
from pathlib import Path

from tasks.articles.records import Article, TaggedArticle
from tasks.tagging.facts.reader import FactReader
from tasks.tagging.stories.fingerprints import NO_FINGERPRINT, fingerprint
from tasks.tagging.tickers.citations import blank_citations
from tasks.tagging.tickers.tags import TickerTagger
from tasks.tagging.topics import TopicTagger

CODE_VERSION = "5"  # raised by hand when the code comes to other tags
_FOLDER = Path(__file__).parent
_DATA_FILES = ("*.csv", "*.toml")


class Tagger:
    """Tags articles; ``version`` changes with the code's number and with any data file."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._tickers = TickerTagger()
        self._topics = TopicTagger()
        self._facts = FactReader()

    def tag(self, article: Article, *, with_fingerprint: bool = True) -> TaggedArticle:
        """Return the article with tags, facts and fingerprint; never raises for what it says.

        Without its fingerprint, which costs a quarter of the time, it has an empty one.
        """
        reading = self._tickers.read(article)
        title = blank_citations(article.title, reading.title_citations)
        text = blank_citations(article.text, reading.text_citations)
        tickers = self._tickers.tag(reading)
        facts = self._facts.read(reading, tickers)
        return TaggedArticle(
            article=article,
            tickers=tickers,
            topics=self._topics.tag(article, title, text, facts),
            facts=facts,
            fingerprint=fingerprint(article, tickers) if with_fingerprint else NO_FINGERPRINT,
            tagger_version=self.version,
            reference_version=self._tickers.reference.version,
        )


@cache
def load_tagger() -> Tagger:
    """Return this process's tagger. Raises KnowledgeError for an unusable data file."""
    return Tagger(knowledge_version())


def tag_article(article: Article, *, with_fingerprint: bool = True) -> TaggedArticle:
    """Tag one article with this process's tagger: what the worker processes run."""
    return load_tagger().tag(article, with_fingerprint=with_fingerprint)


def knowledge_version(folder: Path = _FOLDER) -> str:
    """Return the code's number and a short hash of all data files below, e.g. ``1-3f9a02c4``."""
    digest = hashlib.sha256()
    paths = sorted(path for pattern in _DATA_FILES for path in folder.rglob(pattern))
    for path in paths:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return f"{CODE_VERSION}-{digest.hexdigest()[:8]}"

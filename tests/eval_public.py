"""The public sets of `make eval`, scored as their own authors score them, beside other extractors.

``NEWSLEDGER_EVAL_DATA`` names a folder with copies of the repositories, as far as they are at hand:
``article-extraction-benchmark`` (its ``evaluate.py`` scores), ``trafilatura`` (its
``tests/eval_common.py`` scores) and ``fundus`` (its parsers' expected titles, authors and instants;
text by the first set's measure). Pages come without a source's declaration or a listing.
"""

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from rich.console import Console

from flows.display import print_rows
from tasks.articles.errors import ItemError
from tasks.articles.records import Article
from tasks.extraction.characters import folded
from tasks.extraction.extract import extract
from tests.eval_text import MINUTE
from tests.gold_pages import a_page, a_source
from tests.measuring import Share

Extractor = Callable[[bytes, str], str]
BOOTSTRAPS = 2  # the scorer's spread needs two; ours are printed by `make eval` for the gold pages
FETCHED_AT = datetime(2030, 1, 1, tzinfo=UTC)  # after every page of the sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A page of fundus and what its parser must give."""

    name: str
    url: str
    html: bytes
    title: str
    authors: tuple[str, ...]
    published_at: datetime | None
    text: str


def our_article(html: bytes, url: str) -> Article | None:
    """Extract a page that no source has declared."""
    url = url if url.startswith("http") else f"https://{url or 'unknown.example'}"
    host = (urlsplit(url).hostname or "unknown.example").encode("idna").decode()
    source = a_source(publisher=host, timezone="UTC")
    try:
        return extract(a_page(html, url=url, fetched_at=FETCHED_AT), source)
    except ItemError:
        return None


def ours(html: bytes, url: str) -> str:
    """Return our text of a page."""
    article = our_article(html, url)
    return article.text if article else ""


def plain(html: bytes, url: str) -> str:
    """Return trafilatura's text, as its own evaluation asks for it."""
    return trafilatura.extract(html, url=url, include_comments=False) or ""


def newspaper(html: bytes, url: str) -> str:
    """Return newspaper4k's text."""
    import newspaper  # type: ignore[import-not-found]  # noqa: PLC0415  not among our dependencies

    article = newspaper.Article(url)
    article.download(input_html=html.decode("utf-8", "replace"))
    article.parse()
    return str(article.text)


def news_please(html: bytes, url: str) -> str:
    """Return news-please's text."""
    from newsplease import NewsPlease  # type: ignore[import-not-found]  # noqa: PLC0415  likewise

    return str(NewsPlease.from_html(html, url=url).maintext or "")


def extractors() -> dict[str, Extractor]:
    """Return ours, trafilatura, and the others that are installed."""
    found: dict[str, Extractor] = {"newsledger": ours, "trafilatura": plain}
    if find_spec("newspaper"):
        found["newspaper4k"] = newspaper
    if find_spec("newsplease"):
        found["news-please"] = news_please
    return found


def benchmark_rows(folder: Path) -> Iterator[tuple[str, ...]]:
    """Yield a row for each extractor on the article-extraction benchmark."""
    scorer = _module(folder / "evaluate.py")
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = {
        key: gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()) for key in truth
    }
    for name, extractor in extractors().items():
        texts, rate = _texts(extractor, {key: (pages[key], truth[key]["url"]) for key in truth})
        found = {key: {"articleBody": text} for key, text in texts.items()}
        figures = scorer.evaluate(truth, found, BOOTSTRAPS)
        yield ("benchmark", name, str(len(truth)), *_figures(figures), rate)


def trafilatura_rows(folder: Path) -> Iterator[tuple[str, ...]]:
    """Yield a row for each extractor on trafilatura's own evaluation."""
    scorer = _module(folder / "tests" / "eval_common.py")
    truth = scorer.load_evaldata(str(folder / "tests"))
    pages = {
        url: (page, url)
        for url, item in truth.items()
        if (page := scorer.read_document(str(folder / "tests"), item["file"])) is not None
    }
    for name, extractor in extractors().items():
        texts, rate = _texts(extractor, pages)
        counts = [scorer.count_item(truth[url], text or None) for url, text in texts.items()]
        right, wrong, missed = (sum(column) for column in list(zip(*counts, strict=True))[:3])
        precision, recall = right / (right + wrong), right / (right + missed)
        figures = {"precision": precision, "recall": recall}
        figures["f1"] = 2 * precision * recall / (precision + recall)
        yield ("trafilatura", name, str(len(pages)), *_figures(figures), rate)


def fundus_pages(folder: Path) -> Iterator[Known]:
    """Yield the test pages whose expected version is beyond doubt."""
    for truth in sorted(folder.glob("tests/resources/parser/test_data/*/*.json")):
        versions = json.loads(truth.read_text(encoding="utf-8"))
        saved = sorted(truth.parent.glob(f"{truth.stem}_????_??_??.html.gz"))
        info = json.loads((truth.parent / "meta.info").read_text(encoding="utf-8"))
        if len(saved) != len(versions):
            continue
        for path, (_, said) in zip(saved, sorted(versions.items()), strict=True):
            yield _known(path, info.get(path.name, {}).get("url", ""), said)


def _known(path: Path, url: str, said: dict[str, Any]) -> Known:
    sections = (said.get("body") or {}).get("sections", [])
    lines = [line for part in sections for line in (*part["headline"], *part["paragraphs"])]
    at = said.get("publishing_date")
    moment = datetime.fromisoformat(at) if at else None
    return Known(
        name=path.name,
        url=url,
        html=gzip.decompress(path.read_bytes()),
        title=said.get("title") or "",
        authors=tuple(said.get("authors") or ()),
        published_at=moment if moment and moment.tzinfo else None,
        text="\n".join(lines),
    )


def fundus_shares(pages: list[Known]) -> tuple[dict[str, Share], list[str]]:
    """Return how many titles, authors and instants of ours are right, and what is wrong."""
    shares = {"titles": Share(), "authors": Share(), "instants": Share()}
    wrong = []
    for known in pages:
        article = our_article(known.html, known.url)
        title, authors = (article.title, article.authors) if article else ("", ())
        at = article.published_at if article else None
        right = {
            "titles": [folded(title) == folded(known.title)] if known.title else [],
            "authors": [_names(authors) == _names(known.authors)] if known.authors else [],
            "instants": [at is not None and abs(at - known.published_at) < MINUTE]
            if known.published_at
            else [],
        }
        found = {"titles": title, "authors": authors, "instants": at}
        wanted = {"titles": known.title, "authors": known.authors, "instants": known.published_at}
        for figure, hits in right.items():
            shares[figure].add(hits)
            if not all(hits):
                wrong.append(f"{known.name}: {figure}: {found[figure]} not {wanted[figure]}")
    return shares, wrong


def fundus_rows(folder: Path, pages: list[Known]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each extractor on the texts of fundus' test pages."""
    scorer = _module(folder.parent / "article-extraction-benchmark" / "evaluate.py")
    truth = {known.name: {"articleBody": known.text} for known in pages if known.text}
    works = {known.name: (known.html, known.url) for known in pages if known.text}
    for name, extractor in extractors().items():
        texts, rate = _texts(extractor, works)
        found = {key: {"articleBody": text} for key, text in texts.items()}
        figures = scorer.evaluate(truth, found, BOOTSTRAPS)
        yield ("fundus", name, str(len(truth)), *_figures(figures), rate)


def print_public(folder: Path, console: Console) -> None:
    """Score what sets there are in a folder, and print."""
    rows: list[tuple[str, ...]] = []
    if (folder / "article-extraction-benchmark").is_dir():
        rows += benchmark_rows(folder / "article-extraction-benchmark")
    if (folder / "trafilatura" / "tests" / "evaldata.json").is_file():
        rows += trafilatura_rows(folder / "trafilatura")
    known = list(fundus_pages(folder / "fundus"))
    if known and (folder / "article-extraction-benchmark").is_dir():
        rows += fundus_rows(folder / "fundus", known)
    columns = ("public set", "extractor", "pages", "F1", "precision", "recall", "pages/s")
    print_rows(columns, rows, console)
    if known:
        shares, _ = fundus_shares(known)
        figures = "; ".join(f"{name} {share}" for name, share in shares.items())
        console.print(f"fundus, newsledger: {figures}", soft_wrap=True)


def _texts(extractor: Extractor, pages: dict[str, tuple[bytes, str]]) -> tuple[dict[str, str], str]:
    started = time.process_time()
    texts = {key: _text(extractor, *page) for key, page in pages.items()}
    return texts, f"{len(pages) / (time.process_time() - started):.0f}"


def _text(extractor: Extractor, html: bytes, url: str) -> str:
    if extractor is ours:
        return ours(html, url)
    try:
        return extractor(html, url)
    except Exception:  # noqa: BLE001  another extractor that fails has found nothing
        return ""


def _figures(said: dict[str, float]) -> tuple[str, str, str]:
    return (f"{said['f1']:.3f}", f"{said['precision']:.3f}", f"{said['recall']:.3f}")


def _names(names: tuple[str, ...]) -> set[str]:
    return {folded(name) for name in names}


def _module(path: Path) -> ModuleType:
    spec = spec_from_file_location(f"public_{path.stem}", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is not there: copy the set's repository whole.")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module

"""Part of `make bench`: pages a second and core of the extract step, beside bare trafilatura.

The step is everything from bytes to article: characters, JSON-LD, meta, region, text, boilerplate,
authors, instants, tickers, language. Bare is ``trafilatura.bare_extraction(page,
with_metadata=True)``, which gives text, title, author and day. Both read the same pages in the same
process, in turns; the ratio is the figure to keep. The pages are the newsroom's, the saved and the
gold ones, each set in the menus, scripts and footers that make real pages 50 to 300 kB.
"""

import os
import platform
import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from statistics import mean, median, quantiles
from typing import NamedTuple

import trafilatura
from rich.console import Console

from flows.display import print_rows
from tasks.articles.records import Page
from tasks.extraction.decode import decode
from tasks.extraction.extract import extract
from tasks.sources.schema import Source
from tests.gold_pages import gold_pages, newsroom_pages, saved_pages

ROUNDS = 5
SIZES = (50_000, 80_000, 120_000, 180_000, 300_000)  # characters; real pages lie between
SECTIONS = ("Markets", "Stocks", "Ratings", "Options", "Crypto", "Funds", "Economy", "Video")
Work = tuple[Page, Source]

MENU = '<li class="menu-item"><a href="/s/{0}"><span>{1} {0}</span></a></li>\n'
CARD = (
    '<div class="card"><a href="/news/{0}"><img src="/i/{0}.jpg" loading="lazy" alt=""></a>'
    '<h3><a href="/news/{0}">{1} shares move as traders weigh report number {0}</a></h3>'
    '<span class="time">{0} min</span></div>\n'
)
SCRIPT = (
    "window.q=window.q||[];q.push(function(){{var s{0}={{id:{0},slot:'/x/{0}',w:[300,250]}};}});\n"
)
STYLE = ".c{0}{{margin:0 {0}px;color:#1a{0:04d};display:flex}}\n"


def in_chrome(text: str, size: int) -> str:
    """Return a page with menus, cards, styles and scripts around its own, about so large.

    Of what is added a fifth is markup that is seen, as on real pages; the rest is script and style.
    """
    added = max(0, size - len(text))
    menu = _repeated(MENU, added // 10)
    cards = _repeated(CARD, added // 10)
    head = f"<style>{_repeated(STYLE, added // 5)}</style><script>{_repeated(SCRIPT, added // 2)}"
    head += "</script>"
    frame = f'<nav class="mega-menu"><ul>{menu}</ul></nav>'
    foot = f'<footer class="site-footer"><div class="cards">{cards}</div></footer>'
    start = text.lower().find("</head>")
    text = text[:start] + head + text[start:] if start >= 0 else head + text
    body = text.lower().find("<body")
    body = text.find(">", body) + 1 if body >= 0 else 0
    end = text.lower().rfind("</body>")
    end = end if end >= body else len(text)
    return text[:body] + frame + text[body:end] + foot + text[end:]


def _repeated(template: str, size: int) -> str:
    parts, length = [], 0
    while length < size:
        number = len(parts) + 1
        parts.append(template.format(number, SECTIONS[number % len(SECTIONS)]))
        length += len(parts[-1])
    return "".join(parts)


def corpus() -> list[Work]:
    """Return every labelled page at one of the sizes, in UTF-8."""
    gold = [*newsroom_pages(), *saved_pages(), *gold_pages()]
    pages = [(one.page, one.source) for one in gold if one.page.kind == "html"]
    return [
        (resized(page, SIZES[number % len(SIZES)]), source)
        for number, (page, source) in enumerate(pages)
    ]


def resized(page: Page, size: int) -> Page:
    """Return a page in such chrome, about so large, in UTF-8."""
    text = in_chrome(decode(page.body, page.content_type), size)
    return replace(page, body=text.encode(), content_type="text/html; charset=utf-8")


def whole(work: Work) -> None:
    """Extract a page as the pipeline does."""
    extract(*work)


def bare(work: Work) -> None:
    """Extract a page as trafilatura's documentation does."""
    trafilatura.bare_extraction(work[0].body, with_metadata=True)


def seconds_of(works: Sequence[Work]) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of each page, whole and bare, one right after the other."""
    ours, theirs = [], []
    for work in works:
        ours.append(_seconds(whole, work))
        theirs.append(_seconds(bare, work))
    return ours, theirs


def _seconds(do: Callable[[Work], None], work: Work) -> float:
    started = time.process_time()
    do(work)
    return time.process_time() - started


class Together(NamedTuple):
    """What so many processes make of the pages at once."""

    by_clock: float  # pages a second, which falls when others use the machine
    by_work: float  # pages a second of their own CPU time, all processes together


def together(processes: int, works: Sequence[Work]) -> Together:
    """Measure the step in so many processes, all of them started and warm."""
    context = get_context("spawn")
    ready = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, _get_warm, (ready, works)) as pool:
        list(pool.map(_whole_seconds, works[:processes]))
        started = time.perf_counter()
        busy = sum(pool.map(_whole_seconds, works, chunksize=4))
        clock = time.perf_counter() - started
    return Together(len(works) / clock, processes * len(works) / busy)


def _get_warm(ready: Barrier, works: Sequence[Work]) -> None:
    """Read all rules that the pages need, and wait until the other processes have."""
    for work in works:
        whole(work)
    ready.wait()


def _whole_seconds(work: Work) -> float:
    return _seconds(whole, work)


def main() -> None:
    """Measure and print."""
    console = Console(highlight=False)
    works = corpus()
    seconds_of(works[:10])
    rounds = [seconds_of(works) for _ in range(ROUNDS)]
    rates = [(len(works) / sum(ours), len(works) / sum(theirs)) for ours, theirs in rounds]
    ratios = [ours / theirs for ours, theirs in rates]
    columns = ("pages a second and core", *(f"round {n}" for n in range(1, ROUNDS + 1)), "median")
    rows = [
        _row("extract step", [ours for ours, _ in rates], 1),
        _row("bare trafilatura with metadata", [theirs for _, theirs in rates], 1),
        _row("ratio", ratios, 2),
    ]
    print_rows(columns, rows, console)
    each = [median(times) * 1000 for times in zip(*(ours for ours, _ in rounds), strict=True)]
    cuts = quantiles(each, n=100)
    console.print(
        f"A page takes {cuts[49]:.0f} ms (p50), {cuts[94]:.0f} (p95), {cuts[98]:.0f} (p99)."
    )
    pairs = [(together(1, works), together(2, works)) for _ in range(ROUNDS)]
    for name, figure in (("by the clock", "by_clock"), ("by their own work", "by_work")):
        gains = [getattr(two, figure) / getattr(one, figure) for one, two in pairs]
        rate = median(getattr(two, figure) for _, two in pairs)
        console.print(
            f"Two processes {name}: {rate:.0f} pages a second, {median(gains):.2f} x one."
        )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    size = mean(len(page.body) for page, _ in works) / 1000
    console.print(
        f"Peak memory of a worker: {peak:.0f} MB.\n{datetime.now(UTC):%Y-%m-%d}, "
        f"Python {platform.python_version()}, trafilatura {version('trafilatura')}, "
        f"{os.cpu_count()} cores, {len(works)} pages of {size:.0f} kB",
        soft_wrap=True,
    )


def _row(name: str, figures: Sequence[float], digits: int) -> tuple[str, ...]:
    return (name, *(f"{figure:.{digits}f}" for figure in (*figures, median(figures))))


if __name__ == "__main__":
    main()

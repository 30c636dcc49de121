"""Turns a story's body, written as plain paragraphs, into the HTML of a style.

A body is written so that a person can read and edit it::

    A paragraph about Cisco Systems [[NASDAQ:CSCO]]. Paragraphs are separated by an empty line.

    ## A subhead

    ~ **Read Next:** [Something else](/z/48210001)

    - an item of a list

    | Company | Ticker | Price |
    | Cisco | {{NASDAQ:CSCO}} | 71.20 |

``[[EXCHANGE:SYMBOL]]`` is a ticker as the style prints it after a company's name, ``{{...}}`` the
symbol alone, ``~`` begins a line that is not part of the article (a promotion, a credit, a
disclaimer). ``**bold**``, ``*italic*`` and ``[text](link)`` are as in Markdown. What a style makes
of each is written in ``styles/marks.toml``.
"""

import html
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from string import Template

STYLES_FOLDER = Path(__file__).parent / "styles"

_INLINE = re.compile(
    r"\[\[(?P<bracket>[^:\]]+:[^\]]+)\]\]"
    r"|\{\{(?P<symbol>[^:}]+:[^}]+)\}\}"
    r"|\[(?P<label>[^\]]+)\]\((?P<link>[^)]+)\)"
    r"|\*\*(?P<bold>[^*]+)\*\*"
    r"|\*(?P<italic>[^*]+)\*"
)


class StyleTemplate(Template):
    """A template with ``§`` before its names: style sheets and scripts are full of ``$``."""

    delimiter = "§"


@cache
def marks(style: str) -> Mapping[str, StyleTemplate]:
    """Return the style's mark-up by the name of what it is for."""
    every = tomllib.loads((STYLES_FOLDER / "marks.toml").read_text(encoding="utf-8"))
    return {name: StyleTemplate(text) for name, text in (every["base"] | every[style]).items()}


def body_html(body: str, style: str) -> str:
    """Return the whole body as HTML, one block per line."""
    return "\n".join(_block(block, style) for block in _blocks(body))


def hollow_html(body: str, style: str) -> str:
    """Return what is left of a body behind a script wall: subheads and promotions."""
    shown = (block for block in _blocks(body) if block.startswith(("## ", "~ ")))
    return "\n".join(_block(block, style) for block in shown)


def article_text(body: str, style: str) -> str:
    """Return the plain text of a body without its promotions, one block per line."""
    real = (block for block in _blocks(body) if not block.startswith("~ "))
    return "\n".join(plain_text(_block(block, style)) for block in real)


def plain_text(fragment: str) -> str:
    """Return the text of an HTML fragment of ours; the cells of a table row join with " | "."""
    fragment = re.sub(r"</t[dh]>\s*<t[dh][^>]*>", " | ", fragment)
    return html.unescape(re.sub(r"<[^>]+>", "", fragment)).strip()


def _blocks(body: str) -> Iterable[str]:
    return (block.strip() for block in body.split("\n\n") if block.strip())


def _block(block: str, style: str) -> str:
    mark = marks(style)
    if block.startswith("## "):
        return mark["heading"].substitute(text=_inline(block[3:], style))
    if block.startswith("~ "):
        return mark["promo"].substitute(text=_inline(block[2:], style))
    lines = block.splitlines()
    if block.startswith("- "):
        items = (f"<li>{_inline(line[2:], style)}</li>" for line in lines)
        return mark["list"].substitute(items="\n".join(items))
    if block.startswith("|"):
        return _table(lines, style)
    return mark["paragraph"].substitute(text=_inline(" ".join(lines), style))


def _table(lines: list[str], style: str) -> str:
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    head, *rest = rows
    return marks(style)["table"].substitute(
        head=_row(head, "th", style), rows="\n".join(_row(row, "td", style) for row in rest)
    )


def _row(cells: list[str], tag: str, style: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_inline(cell, style)}</{tag}>" for cell in cells) + "</tr>"


def _inline(text: str, style: str) -> str:
    mark = marks(style)

    def marked(match: re.Match[str]) -> str:
        kind = str(match.lastgroup)
        if kind in {"bracket", "symbol"}:
            exchange, symbol = match[kind].split(":")
            kind = "crypto" if exchange == "CRYPTO" else kind
            return mark[kind].substitute(exchange=exchange, symbol=symbol, lower=symbol.lower())
        if kind == "link":
            return mark["link"].substitute(text=_inline(match["label"], style), href=match["link"])
        return mark[kind].substitute(text=match[kind])

    return _INLINE.sub(marked, html.escape(text, quote=False))

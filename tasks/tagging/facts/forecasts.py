"""Rules of forecasts: the wordings of a language, for each of its metrics.

A rule file's ``[forecasts]`` has ``ranges`` and ``singles``, patterns with these of their own:

- ``<metric>``: the ``words`` of one of the ``[[metrics]]``;
- ``{low}`` and ``{high}``: the ends of a range;
- ``{single}``: one figure; with ``<atleast>`` before it ("about", "at least") it is the low end
  alone, without it both ends;
- ``{one}``: the same behind one of ``<of_one>``, which ``<atleast>`` may stand for.

``examples`` are those of all of them. A metric's ``unit`` says what its figures are: ``share`` for
money per share, ``large`` for money in thousands or more, ``percent``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_SINGLE = "((<atleast>) {low}|{exact})"
_ONE = "((<of_one>|) (<atleast>) {low}|(<of_one>) {exact})"
_SLOTS = {"share": "eps", "large": "revenue", "percent": "percent"}


def forecast_rules(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a rule of ranges and one of single figures for each metric of a rule file."""
    wordings, examples = data["forecasts"], data["forecasts"]["examples"]
    for metric in data["metrics"]:
        for form, title in (("ranges", "guidance"), ("singles", "guidance of one number")):
            yield {
                "kind": "guidance",
                "name": f"{metric['name'].replace('_', ' ')} {title}",
                "says": {"metric": metric["name"]},
                "patterns": _patterns(wordings[form], metric),
                "examples": examples,
            }
            examples = ""


def _patterns(wordings: str, metric: Mapping[str, str]) -> str:
    lines = wordings.replace("{single}", _SINGLE).replace("{one}", _ONE)
    for end in ("low", "high", "exact"):
        lines = lines.replace(f"{{{end}}}", f"{{{end}_{_SLOTS[metric['unit']]}}}")
    return lines.replace("<metric>", f"({metric['words']})")

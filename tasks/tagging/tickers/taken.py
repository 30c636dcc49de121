"""Where in an article names are told by brackets or earlier layers, or are none."""

from bisect import bisect_right
from collections.abc import Sequence

from tasks.tagging.securities.names import has_blanks
from tasks.tagging.tickers.evidence import Reading, Sighting
from tasks.tagging.tickers.surroundings import network_lists

_LEARNT = frozenset({"local_alias", "bare_symbol"})  # what a longer name may go on after


class Taken:
    """The spans of a field in which names are told by their brackets or by earlier layers."""

    def __init__(self, field: str, reading: Reading, earlier: Sequence[Sighting]) -> None:
        in_title = field == "title"
        citations = reading.title_citations if in_title else reading.text_citations
        runs = reading.title_runs if in_title else reading.text_runs
        body = reading.article.title if in_title else reading.article.text
        spans = [(c.start, c.end) for c in citations]
        spans += network_lists(body)
        spans += [(run.start, run.end) for run in runs if has_blanks(body[run.start : run.end])]
        own = [seen.mention for seen in earlier if seen.mention.field == field]
        self._shorter = {(m.start, m.end) for m in own if m.evidence in _LEARNT}
        spans += [(mention.start, mention.end) for mention in own]
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        self._reaches: list[int] = []
        for _, end in self._spans:
            self._reaches.append(max(end, self._reaches[-1] if self._reaches else 0))

    def touches(self, start: int, end: int) -> bool:
        """Tell whether a span overlaps one of these; a learnt SIA may go on: "SIA Engineering"."""
        before = bisect_right(self._starts, end - 1)
        if before == 0 or self._reaches[before - 1] <= start:
            return False
        only = self._spans[before - 1]
        is_longer = only in self._shorter and only[0] == start and only[1] < end
        return not (is_longer and (before == 1 or self._reaches[before - 2] <= start))

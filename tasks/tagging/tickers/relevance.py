"""How much an article is about each security, 0-1, and which one it is about."""

from collections.abc import Mapping, Sequence

from tasks.articles.records import Article, Mention

# relevance = title + lead + share of mentions + earliness; a security that only the publisher
# declares has DECLARED_ALONE. That title, lead and count decide was measured (17 of 21 primary
# tickers right, the first mention 16); these weights themselves are a judgement.
TITLE, LEAD, SHARE, EARLY = 0.5, 0.25, 0.15, 0.1
DECLARED_ALONE = 0.05
_LEAD_AT_LEAST, _LEAD_AT_MOST = 200, 500  # characters
_TIE = 0.05  # relevances this near are equal
_AHEAD = 0.1  # how far the first must lead when no title helps
_PRIMARIES = 2

Key = tuple[str, str]


def lead_end(text: str) -> int:
    """Return where the lead ends: with the paragraph that passes 200 characters, at most at 500."""
    newline = text.find("\n", _LEAD_AT_LEAST, _LEAD_AT_MOST)
    return newline if newline >= 0 else min(len(text), _LEAD_AT_MOST)


def relevances(article: Article, mentions: Mapping[Key, Sequence[Mention]]) -> dict[Key, float]:
    """Return the relevance, 0-1, of each security from all its mentions."""
    lead = lead_end(article.text)
    counts = {key: _places(places) for key, places in mentions.items()}
    most = max(counts.values(), default=0)
    return {
        key: _relevance(places, counts[key] / most if most else 0.0, lead, len(article.text))
        for key, places in mentions.items()
    }


def _places(mentions: Sequence[Mention]) -> int:
    return len({(m.field, m.start) for m in mentions if m.field in {"title", "text"}})


def _relevance(mentions: Sequence[Mention], share: float, lead: int, length: int) -> float:
    in_title = any(mention.field == "title" for mention in mentions)
    starts = [mention.start for mention in mentions if mention.field == "text"]
    if not in_title and not starts:
        return DECLARED_ALONE
    score = TITLE * in_title + SHARE * share
    if starts:
        score += LEAD * (min(starts) < lead) + EARLY * (1 - min(starts) / length)
    return round(min(score, 1.0), 4)


def primaries(
    relevance: Mapping[Key, float], mentions: Mapping[Key, Sequence[Mention]]
) -> frozenset[Key]:
    """Return the securities that the article is about: usually one, none for a round-up.

    With securities in the title, the most relevant of them, and a second that ties with it; three
    or more that tie make a round-up. Without, the one that is clearly ahead of all others.
    """
    if len(relevance) == 1:
        return frozenset(relevance)
    in_title = {
        key: relevance[key]
        for key, places in mentions.items()
        if any(mention.field == "title" for mention in places)
    }
    if in_title:
        best = max(in_title.values())
        tied = [key for key, value in in_title.items() if value >= best - _TIE]
        return frozenset(tied if len(tied) <= _PRIMARIES else ())
    ranked = sorted(relevance.values(), reverse=True)
    if ranked and ranked[0] - ranked[1] >= _AHEAD and ranked[0] > LEAD:
        return frozenset(key for key, value in relevance.items() if value == ranked[0])
    return frozenset()

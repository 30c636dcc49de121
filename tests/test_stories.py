"""Fingerprints: what an article is recognised by, in any language, the same for ever."""

import hashlib
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.tagging.stories.fingerprints import fingerprint
from tasks.tagging.stories.names import names
from tasks.tagging.stories.numbers import MOST_NUMBERS, numbers
from tasks.tagging.stories.shingles import shingles
from tasks.tagging.stories.signature import SIZE, sign
from tests.articles import article

WORDS = [hashlib.md5(str(n).encode()).hexdigest() for n in range(2_000)]


def likeness(one: str, other: str) -> float:
    """Return the share of places at which the signatures of two texts agree."""
    signed = [struct.unpack(f"<{SIZE}I", sign(shingles(text))) for text in (one, other)]
    return sum(a == b for a, b in zip(*signed, strict=True)) / SIZE


@pytest.mark.parametrize("shared", [0, 100, 300, 500, 700, 900, 1_000])
def test_signatures_estimate_the_share_of_shingles(shared: int) -> None:
    """Within four standard errors of the Jaccard similarity."""
    one, other = WORDS[:1_000], WORDS[1_000 - shared : 2_000 - shared]
    jaccard = max(shared - 2, 0) / (2 * 998 - max(shared - 2, 0))
    assert likeness(" ".join(one), " ".join(other)) == pytest.approx(jaccard, abs=0.16)


def test_signatures_never_change() -> None:
    """They are stored: a change would cut new articles off from all older ones."""
    signature = sign(shingles("Shares of Meta rose 4.7% on Friday after the results."))
    assert hashlib.md5(signature).hexdigest() == "1c029413ebe66fd4f4d457392fb108f7", (
        "The signatures of stored articles were made in another way: undo the change, or write a"
        " migration that makes them anew."
    )
    unspaced = sign(shingles("トヨタ自動車の株価は金曜日に急騰した。"))
    assert hashlib.md5(unspaced).hexdigest() == "d3582a6bc7818129b7dea756e15e5c07"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Shares of NESTLÉ rose, again.", "shares of Nestle rose again"),
        ("トヨタ自動車の株価は、急騰した。", "トヨタ自動車の株価は急騰した"),
        ("삼성전자 주가가 금요일에 급등했다.", "삼성전자 주가가 금요일에 급등했다"),
    ],
)
def test_case_accents_and_punctuation_do_not_count(one: str, other: str) -> None:
    """Two editors set them differently."""
    assert likeness(one, other) == 1


@pytest.mark.parametrize("text", ["", " ", "Word", "Two words", "\ud800", "...", "株"])
def test_a_text_too_short_for_a_shingle_has_no_signature(text: str) -> None:
    """It is recognised by nothing, so it is never taken for another."""
    assert fingerprint(article("", text), ()).signature == b""


@pytest.mark.parametrize(
    "text",
    [
        "EPS of $1.42 on sales of $1,234.50 million, up 8.4% in 2026.",
        "Utile di 1,42 dollari su ricavi per 1.234,50 milioni, +8,4% nel 2026.",
        "Un bénéfice de 1,42 $ pour 1\u202f234,50 millions de ventes, +8,4 % en 2026.",
        "주당순이익 1.42달러, 매출 12억 3450만 달러, 8.4% 증가. 2026년.",
        "株利益は１.４２ドル、売上高は12億3450万ドルで、8.4％増。2026年。",
    ],
)
def test_numbers_are_the_same_in_all_languages(text: str) -> None:
    """By their significant digits, whatever the separators."""
    assert numbers(text) == ("142", "12345", "84", "y2026")


def test_numbers_inside_names_and_beyond_the_sixtieth_do_not_count() -> None:
    """Q3, S&P500 and A380 are names; a long table says no more after sixty numbers."""
    assert numbers("Q3 of the S&P500 and the A380") == ()
    assert len(numbers(" ".join(str(n) for n in range(101, 301)))) == MOST_NUMBERS


def test_names_are_words_with_a_capital_within_a_sentence() -> None:
    """What begins a sentence, or is written small elsewhere, is none."""
    said = names(
        "Meridian Gains", "Shares of Meridian rose. Analysts like Meridian and Hensley's team."
    )
    assert said == {"meridian": 3, "hensley": 1}
    assert "the" not in names("", "The Street saw The Bank. Then the bank fell.")


def test_names_in_japanese_are_katakana_and_latin() -> None:
    """Kanji would need a dictionary."""
    assert set(names("", "アップルとNvidiaが新製品を発表した。株価は上昇した。")) == {
        *names("", "新製品のアップルについてNvidiaが発表した。"),
    }


@settings(max_examples=50, deadline=None)
@given(st.text(), st.text())
def test_any_text_has_a_fingerprint(title: str, text: str) -> None:
    """Twice the same, and no longer than a row may be."""
    made = fingerprint(article(title, text), ())
    assert made == fingerprint(article(title, text), ())
    assert len(made.signature) in (0, 4 * SIZE)
    assert len(made.numbers) <= MOST_NUMBERS


@pytest.mark.parametrize(
    "part", ["Shares of Meta rose 4.7% in New York. ", "1,2.3'", "トヨタ", "A "]
)
def test_a_fingerprint_takes_linear_time(part: str) -> None:
    """A megabyte costs no more than the hundred thousand characters that are read."""
    began = time.process_time()
    fingerprint(article("", part * (1_000_000 // len(part))), ())
    assert time.process_time() - began < 1

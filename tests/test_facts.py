"""Facts: every rule's own examples, numbers by language, whom they are about, hostile texts."""

import re
import time
import tomllib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.tagging.facts import amounts, periods
from tasks.tagging.facts.amounts import find_amounts, load_units
from tasks.tagging.facts.lines import sentence_at, sentence_ends
from tasks.tagging.facts.numerals import DECIMALS, convention_of, parse_number
from tasks.tagging.facts.patterns import compile_pattern, fold
from tasks.tagging.facts.periods import find_stretches, load_periods
from tasks.tagging.facts.rulebook import languages, load_rulebook, read_rules
from tests.facts import facts_of, normal, shown

KINDS = {
    *("analyst_rating", "earnings", "guidance", "price_move"),
    *("dividend", "deal_value", "edge_ranking"),
}

WHOLE = set(languages())


def _examples() -> list[tuple[str, str, str]]:
    return [
        (language, rule["kind"], example)
        for language in languages()
        for rule in read_rules(language)["rules"]
        for example in rule.get("examples", "").strip().splitlines()
    ]


@pytest.mark.parametrize(("language", "kind", "example"), _examples())
def test_examples_of_the_rules(language: str, kind: str, example: str) -> None:
    """A sentence beside a rule states exactly the facts after the arrow, or nothing."""
    sentence, _, wanted = example.partition(" => ")
    found = [shown(fact) for fact in facts_of(sentence, language) if fact.kind == kind]
    facts = [] if wanted == "nothing" else [normal(fact) for fact in wanted.split("; ")]
    assert found == facts, (
        f"mend the [[rules]] or the veto of {kind} in tasks/tagging/facts/rules/{language}.toml"
    )


@pytest.mark.parametrize("language", languages())
def test_each_language_proves_each_kind(language: str) -> None:
    """Every kind of a language has an example; what states nothing is shown too."""
    shown_kinds = {kind for lang, kind, example in _examples() if lang == language}
    assert shown_kinds == set(load_rulebook(language).kinds)
    assert shown_kinds == (KINDS if language in WHOLE else {"analyst_rating", "price_move"})
    assert any(lang == language and e.endswith("=> nothing") for lang, _, e in _examples())


def _written(path: str) -> list[tuple[str, str, str]]:
    data = tomllib.loads(path)
    return [
        (language, *example.split(" = "))
        for language, entry in data.items()
        if "examples" in entry
        for example in entry["examples"].strip().splitlines()
    ]


@pytest.mark.parametrize(
    ("language", "printed", "wanted"), _written(amounts.DATA.read_text(encoding="utf-8"))
)
def test_examples_of_the_units(language: str, printed: str, wanted: str) -> None:
    """Money, percentages and millions, as each language prints them."""
    found = find_amounts(f"x {printed}.", load_units(language), convention_of("", language))
    units = {"percent": "percent", "number": "", "money": ""}
    values = [f"{a.value:.12g} {a.currency or units[a.kind]}".strip() for a in found if a.value]
    assert ", ".join(values).startswith(wanted.removesuffix(" USD")), "mend units.toml"


@pytest.mark.parametrize(
    ("language", "printed", "wanted"), _written(periods.DATA.read_text(encoding="utf-8"))
)
def test_examples_of_the_periods(language: str, printed: str, wanted: str) -> None:
    """Quarters, halves, years and days, as each language prints them."""
    found = find_stretches(f"x {printed}.", load_periods(language), None)
    assert [stretch.value for stretch in found] == [wanted], "mend periods.toml"


def test_a_day_without_a_year_is_the_next_one() -> None:
    """In December, January 15 lies ahead; a day of last week does not lie a year ahead."""
    book, published = load_periods("en"), date(2026, 12, 20)
    found = find_stretches("on January 15 and on December 14", book, published)
    assert [stretch.value for stretch in found] == ["2027-01-15", "2026-12-14"]
    assert list(find_stretches("on June 31", book, published)) == []


@pytest.mark.parametrize(
    ("printed", "language", "beside", "value"),
    [
        ("1.077", "en", "", 1.077),
        ("1.077", "it", "", 1077),
        ("1.077", "it", "il 3,5% e 12,4 milioni", 1077),
        ("1.077", "it", "a rise of 3.5%", None),
        ("1.077", "it", "3.5 e 2,5", None),
        ("1,077", "es", "un alza de 3.5%", 1077),
        ("1,077", "es", "un alza del 3,5%", 1.077),
        ("1.077", "", "", None),
        ("1.077,50", "en", "", 1077.5),
        ("0.077", "it", "", 0.077),
        ("1.000.000", "en", "", 1_000_000),
        ("12.34.56", "en", "", None),
        ("1,2,3", "it", "", None),
    ],
)
def test_numbers_by_the_conventions_of_the_article(
    printed: str, language: str, beside: str, value: float | None
) -> None:
    """The language decides, unless other numbers contradict it: then there is no number."""
    assert parse_number(printed, convention_of(beside, language)) == value


@given(st.integers(0, 999_999_999), st.integers(0, 99), st.sampled_from(sorted(DECIMALS)))
def test_what_is_printed_with_both_signs_is_read(whole: int, cents: int, language: str) -> None:
    """A grouped number with two decimals reads the same in every language and style."""
    for decimal, group in ((".", ","), (",", ".")):
        printed = f"{whole:,}".replace(",", group) + f"{decimal}{cents:02}"
        assert parse_number(printed, convention_of("", language)) == float(f"{whole}.{cents:02}")


@given(st.text(max_size=200))
def test_folding_moves_no_character(text: str) -> None:
    """What a pattern finds in a folded text lies at the same place in the text itself."""
    assert len(fold(text)) == len(text)


def test_sentences_do_not_end_in_abbreviations() -> None:
    """Inc., J.P. Morgan and Dec. 17 stand within one."""
    text = 'Acme Inc. (NYSE:A) of J.P. Morgan paid on Dec. 17. "Good." It rose.\nNext'
    ends = sentence_ends(text, load_rulebook("en").abbreviations)
    sentences = [text[slice(*sentence_at(ends, end - 1))].strip() for end in ends]
    assert [s[:4] for s in sentences if s] == ["Acme", '"Goo', "It r", "Next"]


@pytest.mark.parametrize("line", ["raised <nobody>", "{nothing}", "(a|b"])
def test_a_mistake_in_a_pattern_gets_a_sentence(line: str) -> None:
    """An unknown list or slot and an open bracket are named."""
    with pytest.raises(ValueError, match=re.compile("no pattern|is no slot|has no")):
        compile_pattern(line, {})


MU, INTC = "Micron (NASDAQ:MU)", "Intel (NASDAQ:INTC)"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{MU} shares rose 3% after {INTC} lost 2%.", {"MU": 3, "INTC": -2}),
        (f"Revenue at {MU} rose 20% to $8.7 billion.", {}),
        (f"{MU} was quiet. European shares rose 3%.", {}),
        (f"{MU} was quiet. The stock rose 3%.", {"MU": 3}),
        (f"{MU} lost 5% of its customers.", {}),
        (f"{MU} rose 3 percentage points in market share.", {}),
        (f"{MU} fell 3%, {INTC} 2%.", {"MU": -3, "INTC": -2}),
    ],
)
def test_moves_are_bound_to_their_company(text: str, wanted: dict[str, float]) -> None:
    """The company that did it, never one that stands nearby, and no move that is not a share's."""
    moves = [fact for fact in facts_of(text) if fact.kind == "price_move"]
    assert {fact.symbol: fact.values[0].value for fact in moves} == wanted


@pytest.mark.parametrize(
    "text",
    [
        f"Wall Street expects {MU} to report earnings of $1.06 per share.",
        f"If {MU} were to beat estimates of $1.06 per share, shares could rise 10% to $120.",
        f"In the same quarter last year, {MU} reported earnings of $0.95 per share.",
        f"{MU} cloud revenue was $1.2 billion.",
        f"Rivals of {MU} such as Foobar Corp reported EPS of $2.10, beating the $2.00 estimate.",
        f"{MU} will pay $1.2 billion for a 20% stake in Foobar Inc.",
        f"Fitch downgraded {MU} to BBB from BBB+.",
        f"The average price target for {MU} is $150.",
        f"{MU} trades at 15 times earnings, with a dividend yield of 0.4%.",
        "Foobar shares rose 3% and nobody is tagged.",
        "",
    ],
)
def test_rather_missing_than_wrong(text: str) -> None:
    """Expectations, conditions, history, parts and others' news state nothing."""
    assert facts_of(text) == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", f"{MU}, since January, has gained 45%."),
        ("en", f"{MU}'s cloud unit posted sales of $1.2 billion."),
        ("en", f"{MU} trades at 15 times earnings of $5.60 per share."),
        ("it", f"{MU}, dall'inizio di gennaio, è in rialzo del 20%."),
        ("it", f"Gli ordini di {MU} sono saliti del 12%."),
        ("es", f"El petróleo cae un 2% y lastra a {MU}."),
        ("es", f"Los analistas prevén que {MU} ingrese 8.700 millones de euros."),
        ("de", f"Der Auftragseingang bei {MU} legte um 8 Prozent zu."),
        ("de", f"{MU} hält 5 Prozent an {INTC}."),
        ("fr", f"Le CAC 40 gagne 0,5%, avec {MU} en tête."),
        ("fr", f"Les commandes de {MU} ont chuté de 8%."),
        ("pt", f"No ano, {MU} acumula alta de 30%."),
        ("pt", f"O Ibovespa subia 0,5%, com {MU} em destaque."),
    ],
)
def test_what_is_no_fact_in_any_language(language: str, text: str) -> None:
    """Moves of other times, parts of a company, indices and orders state nothing."""
    assert facts_of(text, language) == ()


def test_a_move_told_exactly_is_not_told_rounded() -> None:
    """The title's 8 % and the text's 8.3 % are one move."""
    facts = facts_of(f"{MU} fell 8.3% on Tuesday.", title=f"{MU} Stock Falls 8%")
    assert [shown(fact) for fact in facts] == ["MU change=-8.3 percent, session=regular"]


def test_the_stock_is_that_of_whom_the_last_sentence_is_about() -> None:
    """What is named in passing owns no guidance; the article's subject does, or nobody."""
    facts = facts_of(
        f"{MU} reported results on Thursday.\nSales grew again while demand at the large customer"
        f" and long-time partner {INTC} fell. The company expects revenue of $8 billion to $9"
        " billion.",
        title="Micron Stock Falls After Results",
    )
    assert {fact.symbol for fact in facts} <= {"MU"}


def test_a_rating_told_in_several_sentences_is_one() -> None:
    """The title's part is told again by the text, whose sentences belong together."""
    facts = facts_of(
        f"Needham analyst Jane Roe maintained a Buy rating on {MU}. The price target was raised to"
        " $150 from $120.",
        title="Needham Maintains Buy On Micron (NASDAQ:MU)",
    )
    assert [shown(fact) for fact in facts] == [
        "MU action=raise_target, firm=Needham, rating=Buy, target=150 USD, target_before=120 USD"
    ]


def test_two_firms_in_a_sentence_stay_apart() -> None:
    """Each target belongs to the firm before it."""
    facts = facts_of(
        f"Goldman Sachs raised its price target on {MU} to $210 from $195, while Morgan Stanley cut"
        " its target to $180 from $190."
    )
    assert [shown(fact).split(", target=")[0] for fact in facts] == [
        "MU action=raise_target, firm=Goldman Sachs",
        "MU action=cut_target, firm=Morgan Stanley",
    ]


def test_every_fact_shows_its_place() -> None:
    """The span holds the words, in the text as it is."""
    text = f"Ünïcode first — “quoted”. Shares of {MU} rose\u00a03% to $84 in premarket trading."
    (fact,) = facts_of(text)
    assert text[fact.start : fact.end] == fact.text
    assert re.fullmatch("Shares of .* premarket", fact.text)


HOSTILE = [
    "1.1," * 250_000,
    f"{MU} rose 3% " * 12_000,
    f"{MU} rose 3%. " * 12_000,
    "." * 1_000_000,
    "$1 " * 330_000,
    "to $1 from $1 " * 70_000,
    "price target " * 80_000,
    "A " * 500_000,
    "(-" * 500_000,
    "first quarter of of of fiscal " * 30_000,
    "target to $1 from $2. " * 45_000,
    "shares rose by about more than some " * 28_000,
    "Goldman Sachs analyst " * 45_000,
    "consensus estimate of " * 45_000,
    f"{MU}\n{'9' * 1_000_000}",
    ("9 " * 40 + "rose 3% " * 20 + ".\nA") * 2_500,
]


@pytest.mark.parametrize(
    ("text", "language"),
    list(zip(HOSTILE, languages() * len(HOSTILE), strict=False)),
    ids=lambda value: value[:12],
)
def test_hostile_text_is_bounded(text: str, language: str) -> None:
    """A megabyte of anything takes seconds at most."""
    started = time.process_time()
    facts_of(f"{MU} {text}"[:1_000_000], language)
    assert time.process_time() - started < 8, "something is no longer linear in the text"


_PRINTED = (
    f"{MU}/{INTC}/./,/(/\n/|/Ä/Goldman Sachs/raised/price target/to/from/$210/195 dollari/3%/"
    "shares/rose/azioni/sale/del/consensus/of/Buy/-1,5/1.077/per share/dividend/revenue/"
    "$1.2 billion/third quarter"
)
_WORDS = st.sampled_from(_PRINTED.split("/"))


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=30), st.sampled_from(["en", "it", "es", "de", ""]))
def test_any_words_in_any_order(words: list[str], language: str) -> None:
    """Whatever an article says: no failure, and every fact has its place and a finite number."""
    text = " ".join(words)
    for fact in facts_of(text, language, title=text[:80]):
        field = text[:80] if fact.field == "title" else text
        assert field[fact.start : fact.end] == fact.text
        assert fact.values
        assert all(value.value is None or abs(value.value) < 1e15 for value in fact.values)

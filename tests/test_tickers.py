"""Tickers: which securities an article names, from mark-up, brackets, pairs, cashtags and names."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.articles.records import Article, TickerTag
from tasks.tagging.tagger import load_tagger
from tasks.tagging.tickers import analysts, plain_brackets
from tasks.tagging.tickers.exchanges import Exchange, load_exchanges
from tasks.tagging.tickers.tags import MOST_MENTIONS, MOST_TAGS
from tests.articles import article

ABBREVIATIONS = tomllib.loads(plain_brackets.DATA.read_text(encoding="utf-8"))
_FORMS = ("({}:{})", "({}: {})", "( {} : {} )", "[{}:{}]", "（{}：{}）", "(the “Company”, {}: {})")


def _article(text: str = "", title: str = "News", declared: tuple[str, ...] = ()) -> Article:
    return article(title, text, tickers=declared)


def _tags(text: str = "", title: str = "News", declared: tuple[str, ...] = ()) -> list[TickerTag]:
    return list(load_tagger().tag(_article(text, title, declared)).tickers)


def _found(text: str = "", title: str = "News", declared: tuple[str, ...] = ()) -> set[str]:
    return {f"{tag.exchange}:{tag.symbol}" for tag in _tags(text, title, declared)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(NASDAQ:META)", "NASDAQ:META"),
        ("(NASDAQ: GOOG, GOOGL)", "NASDAQ:GOOG NASDAQ:GOOGL"),
        ("(NASDAQ:GOOG)(NASDAQ:GOOGL)", "NASDAQ:GOOG NASDAQ:GOOGL"),
        ("(NASDAQ: GOOG/GOOGL)", "NASDAQ:GOOG NASDAQ:GOOGL"),
        ("(NASDAQ:GOOG, NASDAQ:GOOGL)", "NASDAQ:GOOG NASDAQ:GOOGL"),
        ("(NYSE:BRK.A) and (NYSE:BRK-B)", "NYSE:BRK-A NYSE:BRK-B"),
        ("(NYSE: BRK/B)", "NYSE:BRK-B"),
        ("(NYSE:BRK.b)", "NYSE:BRK-B"),
        ("(TSX:SHOP)(NYSE:SHOP)", "TSX:SHOP NYSE:SHOP"),
        ("(NYSE American: XYZ)", "AMEX:XYZ"),
        ("(NASDAQ/TSX: ABC)", "NASDAQ:ABC TSX:ABC"),
        ("(NASDAQ and TSX: ABC)", "NASDAQ:ABC TSX:ABC"),
        ("(Nasdaq:META; NYSE:T)", "NASDAQ:META NYSE:T"),
        ("(NYSE: T and NASDAQ: VZ)", "NYSE:T NASDAQ:VZ"),
        ("(CSE: ABC / OTCQB: ABCF / FSE: 1AB)", "CSE:ABC OTC:ABCF FRA:1AB"),
        ("(TSX.V: ABC | OTCQB: ABCDF)", "TSXV:ABC OTC:ABCDF"),
        ("（NASDAQ：AAPL）", "NASDAQ:AAPL"),
        ("(nasdaq: meta)", "NASDAQ:META"),
        ("(NASDAQ:\u200bMETA)", "NASDAQ:META"),
        ("(NASDAQ:[META](https://news.example/quote/META))", "NASDAQ:META"),
        ("([NASDAQ:META](https://news.example/quote/META))", "NASDAQ:META"),
        ("(ticker: NASDAQ: META)", "NASDAQ:META"),
        ("(NASDAQ: META, up 2%)", "NASDAQ:META"),
        ("(formerly Square, NYSE: XYZ)", "NYSE:XYZ"),
        ("(ASX XRO)", "ASX:XRO"),
        ("(ENI.MI) and (0700.HK)", "BIT:ENI HKEX:0700"),
        ("(AAPL.O)", "NASDAQ:AAPL"),
        ("(TSE: 7203)", "TYO:7203"),
        ("(TSE: SHOP)", "TSX:SHOP"),
        ("BTC/USD and ETH-USD", "CRYPTO:BTC CRYPTO:ETH"),
        ("(CRYPTO: BTC)", "CRYPTO:BTC"),
        ("$META rose", "NASDAQ:META"),
        ("$BTC rose", "CRYPTO:BTC"),
    ],
)
def test_forms_that_name_a_security(text: str, expected: str) -> None:
    """Every form of citation gives its symbols, normalised, on their exchanges."""
    assert _found(text) == set(expected.split())


@pytest.mark.parametrize(
    "text",
    [
        "Nasdaq: up 2%",
        "NASDAQ: ACME style funds",
        "(NYSE: closed)",
        "(Nasdaq: down 1.2%)",
        "(Nasdaq: up 2%)",
        "(NASDAQ: UP 2%)",
        "(NYSE: A record day)",
        "(NASDAQ: TBA)",
        "(Borsa Italiana: chiusa)",
        "(KRX: 1.2%)",
        "(set: meta)",
        "EUR/USD, CL=F and ES=F",
        "(U.S) and (U.N) and (U.K.)",
        "(ZZQX)",
        "$USD and $5 and US$20 and $BN",
        "The CEO (left) spoke: it was fine.",
    ],
)
def test_forms_that_name_none(text: str) -> None:
    """Market talk, money and bare brackets are not securities."""
    assert _found(text) == set()


@pytest.mark.parametrize(("text", "symbols"), ABBREVIATIONS["matches"].items())
def test_brackets_without_an_exchange(text: str, symbols: str) -> None:
    """Capitals directly after a name, with a change or in a list, are its ticker."""
    assert {found.partition(":")[2] for found in _found(text)} == set(symbols.split())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (language, line)
        for language, some in ABBREVIATIONS["passes"].items()
        for line in some.strip().splitlines()
    ],
)
def test_abbreviations_are_no_tickers(language: str, text: str) -> None:
    """Offices, authorities, places, parties and initials in brackets give nothing."""
    tags = load_tagger().tag(article("News", text, language=language)).tickers
    assert not tags, "add it to [words] or [local] of abbreviations.toml"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ja", "サンリオ<8136> 5840 -612", "TYO:8136"),
        ("ja", "トヨタ（7203）は続伸、キオクシア【285A】も高い。", "TYO:7203 TYO:285A"),
        ("ja", "2026年（2026）に1500円（1500）となった。", ""),
        ("ko", "삼성전자(005930)와 신생기업(000001)이 올랐다.", "KRX:005930 KRX:000001"),
        ("pt", "O MXRF11 paga R$ 0,10 e PETR4 sobe.", "B3:MXRF11 B3:PETR4"),
        ("en", "The code PETR4 and Sanrio<8136> mean nothing here.", ""),
        ("pt", "A placa ABCD1234 e o voo GLOB30 não são papéis.", ""),
    ],
)
def test_codes_without_an_exchange(language: str, text: str, expected: str) -> None:
    """A country's own press prints its codes alone; a year in brackets is none."""
    tags = load_tagger().tag(article("News", text, language=language)).tickers
    coded = {f"{t.exchange}:{t.symbol}" for t in tags if t.mentions[0].evidence != "name"}
    assert set(expected.split()) <= {f"{t.exchange}:{t.symbol}" for t in tags}
    assert expected or not coded


def test_other_evidence_supports_an_abbreviation() -> None:
    """What mark-up or an exchange bracket knows is a ticker in a plain bracket, too."""
    text = "Eagle Bulk Shipping (EBS) rose."
    assert _found(text) == set()
    assert _found(text, declared=("NYSE:EBS",)) == {"NYSE:EBS"}
    assert _found(f"{text} Rivals of (NYSE:EBS) fell.") == {"NYSE:EBS"}


def test_plain_bracket_joins_other_evidence() -> None:
    """A plain bracket is .85, after a legal form .9; with mark-up it is one tag, and surer."""
    assert _tags("Apple (AAPL) rose.")[0].confidence == pytest.approx(0.85)
    assert _tags("Apple Inc. (AAPL) rose.")[0].confidence == pytest.approx(0.9)
    (tag,) = _tags("Apple Inc. (AAPL) rose.", declared=("NASDAQ:AAPL",))
    assert (tag.exchange, tag.evidence) == ("NASDAQ", ("markup", "plain_bracket"))
    assert tag.confidence == pytest.approx(0.999)
    (coin,) = _tags("Bitcoin (BTC) rose.")
    assert coin.exchange == "CRYPTO"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Software | NASDAQ:INTU | 3%", "NASDAQ:INTU"),
        ("Shares of Amazon NASDAQ: AMZN rose.", "NASDAQ:AMZN"),
        ("Shares of Amazon, NASDAQ: AMZN, rose.", "NASDAQ:AMZN"),
        ("Berkshire | NYSE: BRK.B", "NYSE:BRK-B"),
        ("Unicredit | Milano: UCG", "BIT:UCG"),
        ("Iberdrola | BME: IBE | 2%", "BME:IBE"),
        ("Iberdrola MC:IBE sube", "BME:IBE"),
        ("Alibaba | HKEX: 9988", "HKEX:9988"),
    ],
)
def test_exchange_and_symbol_without_a_bracket(text: str, expected: str) -> None:
    """An exchange, a colon and a symbol that stands alone are a citation."""
    assert _found(text) == {expected}


@pytest.mark.parametrize(
    "text",
    [
        "Nasdaq: Closed",
        "NYSE: Shares of banks rose.",
        "NYSE: ACME shares rose.",
        "NASDAQ:UP 2%",
        "NYSE: A record day",
        "Milano: FTSE MIB in rialzo",
        "Milano: BTP",
        "The index NYSE: US stocks fell.",
        "https://news.example/NYSE:T",
        "HKEX: 25,000 points",
    ],
)
def test_what_follows_a_market_is_no_symbol(text: str) -> None:
    """A sentence, a figure or an index after a market's name names no security."""
    assert _found(text) == set()


@pytest.mark.parametrize("exchange", load_exchanges().exchanges, ids=lambda ex: ex.aliases[0])
def test_every_alias_reads_every_example(exchange: Exchange) -> None:
    """Each alias of an exchange, in each form of bracket, gives each example's symbol there."""
    book = load_exchanges()
    for alias in exchange.aliases:
        for printed, symbol in exchange.examples.items():
            expected = book.symbol(book.named(alias), printed)[1]
            for form in _FORMS:
                text = form.format(alias, printed)
                assert _found(text) == {f"{expected}:{symbol}"}, (
                    f"{text} is misread; look at {exchange.code} in exchanges.toml"
                )


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("NASDAQ:META", "NASDAQ:META"),
        (" nasdaq : meta ", "NASDAQ:META"),
        ("META", "NASDAQ:META"),
        ("BRK/B", "NYSE:BRK-B"),
        ("$META", "NASDAQ:META"),
        ("ZZQX", ":ZZQX"),
        ("ENI.MI", "BIT:ENI"),
        ("BTC/USD", "CRYPTO:BTC"),
    ],
)
def test_declared_tickers(declared: str, expected: str) -> None:
    """What the publisher declares is taken, with its exchange where it gives one."""
    (tag,) = _tags(declared=(declared,))
    assert f"{tag.exchange}:{tag.symbol}" == expected
    assert (tag.evidence, tag.role, tag.confidence) == (("markup",), "primary", 0.99)


@pytest.mark.parametrize("declared", ["EUR/USD", "CL=F", "^GSPC", "", "N/A", "two words", ":"])
def test_declared_things_that_are_no_securities(declared: str) -> None:
    """Pairs of money, futures, indices and rubbish are left out."""
    assert _found(declared=(declared,)) == set()


def test_markup_and_bracket_are_one_security() -> None:
    """A bare declared symbol joins the bracket that says its exchange, and confidence grows."""
    (tag,) = _tags("Meta Platforms Inc. (NASDAQ:META) rose.", declared=("META",))
    assert (tag.symbol, tag.exchange) == ("META", "NASDAQ")
    assert tag.evidence == ("markup", "exchange_bracket")
    assert tag.confidence == pytest.approx(0.999)


def test_one_market_is_one_security() -> None:
    """NYSE:SPY and ARCA:SPY trade on one tape: one tag."""
    assert len(_tags("(ARCA:SPY) and again (ARCA:SPY)", declared=("NYSE:SPY",))) == 1


@pytest.mark.parametrize(
    ("text", "symbol", "alias", "count"),
    [
        ("Meta Platforms Inc. (NASDAQ:META) fell. Then Meta, and Meta's.", "META", "Meta", 2),
        ("Clorox Company (NYSE:CLX) fell.\nClorox said so.", "CLX", "Clorox", 1),
        ("Google Cloud di Alphabet (NASDAQ:GOOG). Alphabet sale.", "GOOG", "Alphabet", 1),
        ("Bank of America Corp (NYSE:BAC). Bank of America did.", "BAC", "Bank of America", 1),
        ("Johnson & Johnson (NYSE:JNJ). Johnson & Johnson did.", "JNJ", "Johnson & Johnson", 1),
        ("l’utile dell’Enel S.p.A. (BIT: ENEL) sale. Enel cresce, disse Enel.", "ENEL", "Enel", 2),
        ("The Walt Disney Company (NYSE:DIS) fell. Disney said.", "DIS", "Disney", 1),
        ("Advanced Micro Devices, Inc. (NASDAQ:AMD) and AMD again.", "AMD", "AMD", 1),
        ("Target Corp (NYSE:TGT) has a price target. Target it was.", "TGT", "Target", 1),
        ("Bank of America (NYSE:BAC) did. Bank of America BAC posted.", "BAC", "BAC", 1),
        ("AT&T Inc (NYSE:T) fell. AT&T said so. AT&T T was sold.", "T", "T", 1),
    ],
)
def test_names_are_learnt_from_their_brackets(
    text: str, symbol: str, alias: str, count: int
) -> None:
    """A name before its bracket counts again further on; a doubtful first word does not."""
    tag = next(tag for tag in _tags(text) if tag.symbol == symbol)
    places = [mention.text for mention in tag.mentions if mention.evidence != "exchange_bracket"]
    assert places.count(alias) == count


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("Kestrel Corp. (“Kestrel” or the “Company”) (TSX: KST). Kestrel said.", "Kestrel"),
        ("Nimbus Holdings Inc. (NYSE: NMB) (“NimbusCo”, “we” or “us”). NimbusCo said.", "NimbusCo"),
        ("Acme S.p.A. (“Acme” o la “Società”) (BIT: ACM). Acme dice.", "Acme"),
        ("Faro S.A. (en adelante, «Faro» o la «Sociedad») (BME: FAR). Faro dice.", "Faro"),
    ],
)
def test_definitions_teach_names(text: str, alias: str) -> None:
    """A bracket of quoted names is stepped over and learnt from, but for "the Company"."""
    (tag,) = _tags(f"{text} The Company, la Società, la Sociedad: Company, Società.")
    places = [mention.text for mention in tag.mentions if mention.evidence == "local_alias"]
    assert alias in places
    assert not {"Company", "Società", "Sociedad", "us"} & set(places)


def test_listings_of_one_company_rank_together() -> None:
    """Three listings after one name are all primary, and equally relevant; others are mentions."""
    text = "Shell plc (LSE: SHEL) (NYSE: SHEL) (AMS: SHELL) won. BP (LSE: BP) lost. Shell spoke."
    tags = {f"{tag.exchange}:{tag.symbol}": tag for tag in _tags(text, title="Shell wins")}
    roles = {key: tag.role for key, tag in tags.items()}
    shell = ["LSE:SHEL", "NYSE:SHEL", "AMS:SHELL"]
    assert roles == {**dict.fromkeys(shell, "primary"), "LSE:BP": "mention"}
    assert len({tags[key].relevance for key in shell}) == 1


def test_a_list_in_one_bracket_is_not_one_company() -> None:
    """Different symbols of one market are different companies, whatever stands before them."""
    tags = _tags("Verizon (NYSE: T, VZ, TMUS) rose.", title="Carriers rise")
    assert {tag.role for tag in tags} == {"mention"}


def test_words_before_a_bracket_are_not_the_name() -> None:
    """Headline verbs, brokers and connecting words do not become names."""
    text = "Google rose. Analyst day. Nvidia said. Goldman spoke."
    tags = _tags(text, title="Goldman Analyst Upgrades Nvidia (NASDAQ:NVDA)")
    assert [m.text for m in tags[0].mentions if m.field == "text"] == ["Nvidia"]


def test_first_word_of_two_names_is_neither() -> None:
    """American stands for nobody when American Airlines and American Express are both named."""
    text = (
        "Johnson Controls (NYSE:JCI) and Johnson Outdoors (NASDAQ:JOUT) met. Johnson spoke."
        " Johnson Controls won."
    )
    places = {tag.symbol: [m.text for m in tag.mentions] for tag in _tags(text)}
    assert places == {"JCI": ["JCI", "Johnson Controls"], "JOUT": ["JOUT"]}


def test_cashtag_is_surer_when_known() -> None:
    """A cashtag alone is .7; one that a bracket knows adds to it."""
    assert _tags("$PLTR is up")[0].confidence == pytest.approx(0.7)
    (tag,) = _tags("Palantir (NASDAQ:PLTR) is up. $PLTR")
    assert set(tag.evidence) == {"exchange_bracket", "cashtag"}
    assert tag.confidence > 0.99


def test_primary_is_the_one_in_the_title() -> None:
    """The most relevant security of the title is primary; the others are mentions."""
    text = "Dell (NYSE:DELL), Nvidia (NASDAQ:NVDA) and Meta (NASDAQ:META) met. Meta said so."
    roles = {tag.symbol: tag.role for tag in _tags(text, title="Meta cuts its bill")}
    assert roles == {"META": "primary", "DELL": "mention", "NVDA": "mention"}


def _citing(kind: str) -> list[str]:
    files = (tomllib.loads(path.read_text("utf-8")) for path in analysts.FOLDER.glob("*.toml"))
    return [line for file in files for line in file[kind].strip().splitlines()]


@pytest.mark.parametrize("text", _citing("matches"))
def test_firms_cited_for_a_rating(text: str) -> None:
    """A firm named for its rating is an analyst firm and never primary."""
    roles = {tag.symbol: tag.role for tag in _tags(text)}
    assert roles == {"GS": "analyst_firm", "MU": "primary"}


@pytest.mark.parametrize("text", _citing("passes"))
def test_firms_that_are_the_story(text: str) -> None:
    """A firm that reports, trades or is rated itself is a company like others."""
    roles = {tag.symbol: tag.role for tag in _tags(text)}
    assert roles["GS"] != "analyst_firm"


def test_company_whose_analysts_speak_is_no_firm() -> None:
    """The Apple analyst covers Apple; only banks and brokers have analysts of their own."""
    assert _tags("Apple (NASDAQ:AAPL) analyst Jane Roe spoke.")[0].role == "primary"


def test_firm_in_the_title_is_not_primary() -> None:
    """A headline that ends in the firm's name is about the company that it rates."""
    text = "Micron (NASDAQ:MU) rose. Goldman Sachs (NYSE:GS) analyst Jane Roe likes it."
    roles = {t.symbol: t.role for t in _tags(text, title="Micron Upgraded By Goldman Sachs")}
    assert roles == {"MU": "primary", "GS": "analyst_firm"}


@pytest.mark.parametrize(
    ("title", "text", "primary"),
    [
        ("Ibex Falls; Nike Gains", "Nike rose. Pfizer, Boeing, Oracle and Chevron fell.", set()),
        (
            "Oracle Leads The Ibex",
            "Oracle beat. Oracle rose, Nvidia, Pfizer and Boeing too.",
            {"ORCL"},
        ),
        (
            "Nike Sinks, Pfizer Jumps",
            "Nike fell. Pfizer rose. Boeing, Visa, Netflix, Intel.",
            set(),
        ),
        ("Nike's Takeover Of Crocs", "Nike agreed to a merger with Crocs.", {"NKE", "CROX"}),
        ("Here Are The Top 4 Upgrades", "Nike, Pfizer, Boeing and Netflix were upgraded.", set()),
    ],
)
def test_what_a_title_is_about(title: str, text: str, primary: set[str]) -> None:
    """A market that leads a title makes a round-up; a deal has two subjects."""
    tags = _tags(text, title=title)
    assert {tag.symbol for tag in tags if tag.role == "primary"} == primary


def test_of_two_firms_in_a_sentence_one_rates_the_other() -> None:
    """The banks that a broker rates are no raters, nor is the label of a line."""
    text = "UBS raised its targets on Barclays and Deutsche Bank.\nCiti: Jefferies rates it Buy."
    roles = {tag.symbol: tag.role for tag in _tags(text)}
    assert {symbol for symbol, role in roles.items() if role == "analyst_firm"} == {"UBS", "JEF"}


def test_firms_of_one_list_expect_the_same() -> None:
    """What the last of a list expects, all of it do; who works for a firm speaks for it."""
    text = "Barclays and Deutsche Bank disagree.\nRates fell, said Jane Roe, an economist at ING."
    firms = {tag.symbol for tag in _tags(text) if tag.role == "analyst_firm"}
    assert firms == {"BCS", "DB", "ING"}


def test_a_title_that_begins_with_its_shares_is_about_them() -> None:
    """The title "Nike shares rally" tells of Nike, however many others the text names."""
    found = _tags("Nike rose. Pfizer, Boeing, Oracle and Chevron rose, too.", "Nike shares rally")
    assert [tag.symbol for tag in found if tag.role == "primary"] == ["NKE"]


def test_a_kind_of_fund_is_no_name() -> None:
    """What "the ETF (ARCA:SCHD)" teaches is not that every ETF is this one."""
    (tag,) = _tags("It likes the ETF (ARCA:SCHD).", title="Four ETFs for a rainy day: which ETF")
    assert [mention.text for mention in tag.mentions] == ["SCHD"]


def test_a_small_word_ends_a_name() -> None:
    """Portuguese "a" is no share class: the bank before it is another company."""
    text = "Segundo o Goldman Sachs, a Micron (NASDAQ:MU) vai subir."
    tags = load_tagger().tag(article("News", text, language="pt")).tickers
    assert {tag.symbol for tag in tags} == {"GS", "MU"}


def test_two_share_classes_tie_in_the_title() -> None:
    """GOOG and GOOGL of one name in the title are both primary."""
    tags = _tags("Alphabet (NASDAQ:GOOG) (NASDAQ:GOOGL) rose.", title="Alphabet rises")
    assert {tag.role for tag in tags} == {"primary"}


def test_a_round_up_has_no_primary() -> None:
    """Many equal tickers in the text, none in the title: nobody is primary."""
    text = "\n".join(f"Company {letter} (NYSE:AB{letter}) reports." for letter in "CDEFGH")
    assert {tag.role for tag in _tags(text, title="Earnings scheduled for today")} == {"mention"}


def test_relevance_follows_title_lead_and_count() -> None:
    """Relevance falls from the title to the lead to the end, and is never outside 0-1."""
    text = "Beta (NYSE:BTA) led. " + "Filler words go on. " * 60 + "Gamma (NYSE:GMA) closed."
    tags = _tags(text, title="Alpha (NYSE:ALP) wins", declared=("NYSE:DLT",))
    assert [tag.symbol for tag in tags] == ["ALP", "BTA", "GMA", "DLT"]
    assert all(0 < tag.relevance <= 1 for tag in tags)


def test_output_is_bounded() -> None:
    """Ten thousand brackets end in a bounded number of tags and mentions."""
    letters = "ABCDEFGHIJ"
    codes = [a + b + c + d for a in letters for b in letters for c in letters for d in letters]
    tags = _tags(" ".join(f"Name (NYSE:{code})" for code in codes))
    assert len(tags) == MOST_TAGS
    (tag,) = _tags("Foo Bar (NYSE:FOO) " * 2_000)
    assert len(tag.mentions) == MOST_MENTIONS


_PIECES = st.sampled_from(
    ["(NASDAQ:META)", "（NYSE：", "Meta", "Meta Platforms Inc.", "$META", "(", ")", "[", "](http://x)",
     "BTC/USD", "NYSE:", " ", "\n", ",", "&", "’s", "META", "(TSX-V: ABC / OTC: ABCF)", "é", "😀",
     "\u200b", "İ", "ß", "(ENI.MI)", "Corp", "of", "dell’", "A" * 40, ":" * 9]
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.lists(_PIECES | st.text(max_size=6), max_size=30),
    st.lists(_PIECES, max_size=8),
    st.lists(st.text(max_size=12) | st.just("META"), max_size=4),
)
def test_spans_are_exact(text: list[str], title: list[str], declared: list[str]) -> None:
    """Whatever the text, field[start:end] is the mention's text, and a second run says the same."""
    article = _article("".join(text), " ".join(title), tuple(declared))
    tagged = load_tagger().tag(article)
    for tag in tagged.tickers:
        assert 0 < tag.confidence <= 0.999
        for mention in tag.mentions:
            if mention.field in {"title", "text"}:
                body = getattr(article, mention.field)
                assert body[mention.start : mention.end] == mention.text
    assert load_tagger().tag(article) == tagged

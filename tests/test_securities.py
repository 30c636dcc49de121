"""The securities reference: its files, its dates, its names in sentences, and its table."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tasks.articles.errors import KnowledgeError
from tasks.articles.records import TickerTag
from tasks.tagging.securities import names
from tasks.tagging.securities.names import load_name_index
from tasks.tagging.securities.reference import FOLDER, load_reference
from tasks.tagging.securities.rows import security_rows
from tasks.tagging.securities.words import choices, words_of
from tasks.tagging.tagger import load_tagger
from tasks.tagging.tickers import known_names, publishers, relevance
from tasks.tagging.tickers.evidence import PUBLISHED
from tests.articles import article
from warehouse import versions
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.securities import load_securities

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
COMPANY_FILES = sorted((FOLDER / "companies").glob("*.csv"))
NEVER = tomllib.loads(names.NEVER.read_text(encoding="utf-8"))
SUPPORT = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(known_names.SUPPORT.glob("*.toml"))
}
ROUND_UPS = tomllib.loads(relevance.DATA.read_text(encoding="utf-8"))
PUBLISHERS = tomllib.loads(publishers.DATA.read_text(encoding="utf-8"))
# Sentences about business that hold any name, by language.
FRAMES = {
    "en": "Shares of {} fell 3% on Monday, traders said.",
    "it": "In Borsa le azioni {} guadagnano il 3% dopo i conti.",
    "es": "En Bolsa, las acciones de {} suben un 3% tras las cuentas.",
    "pt": "As ações da {} sobem 3% depois do balanço.",
    "de": "Die Aktie von {} steigt um 3 Prozent.",
    "fr": "L'action {} grimpe de 3% à Paris.",
    "ja": "{}は3%上昇した。",
    "ko": "{}는 3% 상승했다.",
}
OF_FILE = {"italy": "it", "spain": "es", "names_in_asia": "ja"}


def _tags(text: str, language: str = "en", title: str = "News") -> list[TickerTag]:
    given = article(title, text, language=language)
    return list(load_tagger().tag(replace(given, published_at=TODAY)).tickers)


def _shown(text: str, language: str = "en", title: str = "News") -> set[str]:
    tags = _tags(text, language, title)
    return {f"{tag.exchange}:{tag.symbol}" for tag in tags if tag.confidence >= PUBLISHED}


def _language(name: str, path: Path) -> tuple[str, str]:
    """Return a name without its language mark, and the language to try it in."""
    if name[2:3] == "=":
        return name[3:], name[:2]
    if any("\uac00" <= character <= "\ud7af" for character in name):
        return name, "ko"
    if any("\u3040" <= character <= "\u9fff" or character > "\uff00" for character in name):
        return name, "ja"
    return name, OF_FILE.get(path.stem, "en")


def _entries(path: Path) -> Iterator[tuple[set[str], str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            listings = {written.rpartition("=")[2] for written in row["listings"].split()}
            for kind in ("names", "brands", "doubtful", "products"):
                for name in filter(None, row[kind].split("|")):
                    yield (listings, *_language(name, path))


@pytest.mark.parametrize("path", COMPANY_FILES, ids=lambda path: path.stem)
def test_every_name_is_found_in_a_sentence(path: Path) -> None:
    """Each name, brand and product of the files kept by hand means its company."""
    wrong = [
        f"{name} ({language}): {sorted(_shown(FRAMES[language].format(name), language))}"
        for listings, name, language in _entries(path)
        if not listings & _shown(FRAMES[language].format(name), language)
    ]
    assert not wrong, f"mend the row in {path.name}, or never.toml: {wrong}"


@pytest.mark.parametrize("path", COMPANY_FILES, ids=lambda path: path.stem)
def test_files_of_names_hold_together(path: Path) -> None:
    """Each row has the columns, known exchanges and a name; no listing stands twice."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    book, firsts = load_reference().exchanges, [row["listings"].split()[0] for row in rows]
    assert len(firsts) == len(set(firsts)), sorted({x for x in firsts if firsts.count(x) > 1})
    for row in rows:
        codes = {
            written.rpartition("=")[2].partition(":")[0] for written in row["listings"].split()
        }
        assert codes <= set(book.by_code), row
        assert any(row[kind] for kind in ("names", "brands", "doubtful", "products")), row


@pytest.mark.parametrize("entry", NEVER)
def test_phrases_that_hide_names(entry: str) -> None:
    """Each sentence that passes names nothing; each that matches names its securities still."""
    for line in filter(None, map(str.strip, NEVER[entry]["passes"].splitlines())):
        assert _shown(line) == set(), f"{line!r}: add a phrase to [{entry}] of never.toml"
    for line, expected in NEVER[entry].get("matches", {}).items():
        found = _shown(line) | _shown(line, "it") | _shown(line, "es") | _shown(line, "fr")
        assert set(expected.split()) <= found, f"{line!r}: a phrase of [{entry}] hides too much"


@pytest.mark.parametrize("language", SUPPORT)
def test_what_supports_a_name(language: str) -> None:
    """Beside words of business Target is the company, elsewhere a word."""
    for line in SUPPORT[language]["matches"].strip().splitlines():
        assert "NYSE:TGT" in _shown(line, language), f"{line!r}: add it to support/{language}.toml"
    for line in SUPPORT[language]["passes"].strip().splitlines():
        assert "NYSE:TGT" not in _shown(line, language), f"{line!r}: see support/{language}.toml"


def test_titles_of_round_ups() -> None:
    """A round-up is told by its title; an article on one company is not one."""
    book = relevance.load_round_ups()
    for title in ROUND_UPS["matches"].strip().splitlines():
        assert book.announced_by(title, len(title)), f"{title!r}: add it to round_ups.toml"
    for title in ROUND_UPS["passes"].strip().splitlines():
        assert not book.announced_by(title, 0), f"{title!r}: round_ups.toml says too much"


@pytest.mark.parametrize("line", PUBLISHERS["matches"].strip().splitlines())
def test_companies_that_are_a_source(line: str) -> None:
    """A credit, a disclaimer and a cited figure make a publisher."""
    (tag,) = [tag for tag in _tags(line) if tag.symbol in {"SSTK", "FDS", "NDAQ"}]
    assert tag.role == "publisher", f"{line!r}: add it to publishers.toml"


@pytest.mark.parametrize("line", PUBLISHERS["passes"].strip().splitlines())
def test_companies_that_are_no_source(line: str) -> None:
    """A company that reports or trades is no source."""
    (tag,) = [tag for tag in _tags(line) if tag.symbol in {"SSTK", "FDS", "NDAQ"}]
    assert tag.role != "publisher"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Target reported weak sales.", "en", "NYSE:TGT"),
        ("The price target and the target date moved.", "en", ""),
        ("Block Inc (NYSE:XYZ) rose.", "en", "NYSE:XYZ"),
        ("IT spending is ON hold, ALL of it, NOW.", "en", ""),
        ("EUR/USD and CL=F were flat.", "en", ""),
        ("Leonardo sale del 3%.", "it", "BIT:LDO"),
        ("Leonardo da Vinci dipinse.", "it", ""),
        ("Solana (CRYPTO: SOL) rose.", "en", "CRYPTO:SOL"),
        ("Invesco QQQ Trust QQQ slid.", "en", "NASDAQ:QQQ"),
        ("Helios & Matheson; metals, evening.", "en", ""),
        ("Apple Inc. AAPL rose.", "en", "NASDAQ:AAPL"),
        ("Bank of America Corp BAC posted a profit.", "en", "NYSE:BAC"),
        ("OpenAI, SpaceX, Databricks, Groq and Anthropic raised money.", "en", ""),
        ("Le azioni Enel e Intesa Sanpaolo salgono.", "it", "BIT:ENEL BIT:ISP"),
        ("Suben Inditex y BBVA en el Ibex 35.", "es", "BME:ITX BME:BBVA"),
        ("AWS di Amazon e Google Cloud crescono.", "it", "NASDAQ:AMZN NASDAQ:GOOGL"),
        ("Metà dei titoli sale.", "it", ""),
        ("Stellantis sale.", "it", "BIT:STLAM"),
        ("Stellantis shares rose.", "en", "NYSE:STLA"),
        ("In London, Shell rose 2% and the FTSE 100 fell.", "en", "LSE:SHEL"),
        ("On Wall Street, Shell rose 2%; London was closed.", "en", "NYSE:SHEL"),
        ("Bene Enel, Ansaldo Energia e Leonardo.", "it", "BIT:ENEL BIT:LDO"),
        ("Stellantis e Ferrari (NYSE:RACE) salgono.", "it", "NYSE:STLA NYSE:RACE"),
        ("Alibaba (NYSE:BABA) e Telefónica salgono.", "it", "NYSE:BABA BME:TEF"),
        ("L'Oréal et Orange annoncent leurs résultats.", "fr", "EPA:OR EPA:ORA"),
        ("Il gestore Marco Ferrari compra.", "it", ""),
        ("Canta Iren Sabaf, poi Leonardo Buzzi.", "it", ""),
        ("Bene Iren, Sabaf e Buzzi.", "it", "BIT:IRE BIT:SAB BIT:BZU"),
        ("O Santander baixou o spread em Portugal.", "pt", "BME:SAN"),
        ("O Santander lucrou mais no Brasil.", "pt", "B3:SANB11"),
        ("Los analistas de Goldman Sachs dudan.", "es", "NYSE:GS"),
        ("Mapfre recauda más.", "es", "BME:MAP"),
        (
            "SINGAPORE Airlines (SIA) fell. Shares of SIA slid, as did SIA Engineering.",
            "en",
            "SGX:C6L SGX:S59",
        ),
    ],
)
def test_names_without_a_bracket(text: str, language: str, expected: str) -> None:
    """Names, brands and products mean their companies, and words mean words."""
    assert _shown(text, language) == set(expected.split())


def test_headline_in_capitals() -> None:
    """A title in capitals is read as names, not as symbols."""
    assert _shown("", title="APPLE AND MICROSOFT LEAD") == {"NASDAQ:AAPL", "NASDAQ:MSFT"}


def test_weak_names_are_kept_below_the_threshold() -> None:
    """A capital amid a sentence alone is stored, and not shown."""
    tags = _tags("Nvidia rose.\nHe looked at the Target of the year.")
    weak = [tag for tag in tags if tag.confidence < PUBLISHED]
    assert [(tag.symbol, tag.evidence) for tag in weak] == [("TGT", ("weak_name",))]
    assert versions.PUBLISHED == PUBLISHED, "the warehouse and the tagger must agree"


def test_unknown_symbols_are_not_verified() -> None:
    """A bracket's symbol is kept whether the reference knows it or not."""
    tags = {tag.symbol: tag for tag in _tags("Acme (NYSE:ZZQX) and Meta (NASDAQ:META) met.")}
    assert not tags["ZZQX"].is_verified
    assert tags["META"].is_verified


@pytest.mark.parametrize(
    ("symbol", "day", "expected"),
    [
        ("META", date(2020, 5, 1), "FB"),
        ("META", date(2022, 6, 9), "META"),
        ("XYZ", date(2025, 1, 20), "SQ"),
        ("XYZ", date(2025, 1, 21), "XYZ"),
        ("TWTR", date(2021, 1, 1), "TWTR"),
        ("TWTR", date(2024, 1, 1), None),
        ("VMW", date(2022, 1, 1), "VMW"),
        ("VMW", date(2024, 1, 1), "AVGO"),
    ],
)
def test_symbols_by_date(symbol: str, day: date, expected: str | None) -> None:
    """A company has the symbol of the day, and none once it is gone."""
    reference = load_reference()
    company = next(c for code in ("NASDAQ", "NYSE") if (c := reference.company(symbol, code)))
    listing = company.listing("en", day)
    assert (listing[0] if listing else None) == expected


def test_history_does_not_overlap() -> None:
    """Each stretch of the past ends after it began."""
    former = [former for company in load_reference().companies for former in company.former]
    assert len(former) > 50
    assert all(one.since < one.until for one in former)


def test_unusable_files_name_their_line(tmp_path: Path) -> None:
    """A slip of the pen is told with file and line."""
    (tmp_path / "companies").mkdir()
    (tmp_path / "listed.csv").write_text("# 2026-01-01: x\nsymbol\n")
    (tmp_path / "history.csv").write_text("symbol,exchange,name,valid_from,valid_to,now,owner\n")
    file = tmp_path / "companies" / "us.csv"
    file.write_text("listings,names,brands,doubtful,products\nMOON:AAPL,Apple,,,\n")
    with pytest.raises(KnowledgeError, match=r"us\.csv, line 2: 'MOON:AAPL'"):
        load_reference.__wrapped__(tmp_path)
    file.unlink()
    columns = "symbol,exchange,name,valid_from,valid_to,now,owner"
    (tmp_path / "history.csv").write_text(f"{columns}\nFB,NASDAQ,,never,2022-06-09,META,\n")
    with pytest.raises(KnowledgeError, match=r"history\.csv, line 2"):
        load_reference.__wrapped__(tmp_path)


def test_words_and_choices() -> None:
    """Whatever the punctuation, names are words; choices may be nested."""
    assert words_of("L'Oréal, AT&T—e dell’Enel") == " l oréal at&t e dell enel "
    assert choices("a (b|c (d|e)|)") == [" a b ", " a c d ", " a c e ", " a "]


def test_spans_in_odd_letters() -> None:
    """A letter that is two in small letters moves no span."""
    text = "İİİ İstanbul: Nvidia and Microsoft rose."
    found = [text[one.start : one.end] for one in load_name_index().find(text, "en")]
    assert found == ["Nvidia", "Microsoft"]


def test_the_table_is_loaded_once_a_version(tmp_path: Path) -> None:
    """The reference fills its table; the same again and an older one change nothing."""
    reference = load_reference()
    with writing(Home(tmp_path)) as connection:
        assert load_securities(connection, reference.version, lambda: security_rows(reference))
        assert not load_securities(connection, reference.version, pytest.fail)
        assert not load_securities(connection, "2020-01-01-abcdef00", pytest.fail)
        rows = connection.execute(
            "SELECT symbol, valid_from_at, valid_to_at FROM securities"
            " WHERE entity_id = (SELECT entity_id FROM securities WHERE symbol = 'META'"
            " AND exchange = 'NASDAQ') AND symbol IN ('FB', 'META') ORDER BY symbol"
        ).fetchall()
        doubles = connection.execute(
            "SELECT symbol, exchange, valid_from_at FROM securities"
            " GROUP BY ALL HAVING count(*) > 1"
        ).fetchall()
    renamed = datetime(2022, 6, 9, tzinfo=UTC)
    assert rows == [("FB", datetime(2012, 5, 18, tzinfo=UTC), renamed), ("META", renamed, None)]
    assert doubles == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Infineons Umsatz stieg im dritten Quartal.", {"ETR:IFX"}),
        ("Der Kreditkartenanbieter Visa wächst.", {"NYSE:V"}),
        ("Ein Visa kostet mehr als früher.", set()),
    ],
)
def test_german_genitives_and_trades(text: str, wanted: set[str]) -> None:
    """German adds an s without an apostrophe, and says a trade in one word before the name."""
    quiet = "Am Markt war es ruhig, die Anleger warteten auf die Zahlen der Woche. " * 8
    assert _shown(quiet + text + quiet, "de") == wanted


def test_two_companies_that_a_title_joins_share_the_article() -> None:
    """Both are what it is about, unless the text dwells on one of them alone."""
    title, text = "Vonovia und Zalando kaufen zu", "Vonovia zahlt bar. Zalando zahlt mit Aktien."
    tops = {tag.symbol for tag in _tags(text, "de", title) if tag.role == "primary"}
    assert tops == {"VNA", "ZAL"}


def test_what_a_long_text_names_once_is_not_its_subject() -> None:
    """Where the title names nobody, a subject is dwelt on."""
    filler = "Economists saw inflation fall and wages rise over the months ahead. " * 20
    (tag,) = _tags(f"Prices at Walmart fell. {filler}", title="Inflation slows again")
    assert tag.role == "mention"


@pytest.mark.parametrize(
    ("title", "primary"),
    [("Viking slumps after trial", ["VKTX"]), ("Viking Park opens its gates", [])],
)
def test_first_word_of_a_name_in_the_title(title: str, primary: list[str]) -> None:
    """What the lead names in full, a title may call by its first word."""
    text = "Viking Therapeutics told of a trial." + " The pill works, but not for all." * 30
    assert [tag.symbol for tag in _tags(text, title=title) if tag.role == "primary"] == primary


BUSINESS = "Nvidia and Microsoft rose on Monday. "


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The phone fell to $169 at Target, and stayed there.", "en", "NYSE:TGT"),
        ("Burlington, which tried three times, takes the stores.", "en", "NYSE:BURL"),
        ("Comcast would like that. So would Charter.", "en", "NASDAQ:CMCSA NASDAQ:CHTR"),
        ("The average American now pays in Burlington and at the Gap.", "en", ""),
        ("Our target is low. He went to Target, then home.", "en", ""),
        ("Marlene Otis lost. Otis said she would run again.", "en", ""),
        ("They say that Michael Dell met with Ms. Lilly, and that Herr Henkel came.", "en", ""),
        ("L'indice perde Avio e Juventus, dice una nota di Equita.", "it", "BIT:AVIO BIT:EQUI"),
        ("Para Vesta, el desarrollador, hay demanda.", "es", "BMV:VESTA"),
        ("El norte de Galicia y el puerto de Buenaventura.", "es", ""),
    ],
)
def test_names_that_their_print_tells(text: str, language: str, expected: str) -> None:
    """A capital amid a sentence of a business article is a name, but for persons and places."""
    found = _shown(BUSINESS + text, language) - {"NASDAQ:NVDA", "NASDAQ:MSFT", "BIT:JUVE"}
    assert found == set(expected.split())


def test_print_tells_nothing_where_no_company_is_named() -> None:
    """In an article about other things a capital is a capital."""
    assert _shown("The dog slept at Target, and stayed there.") == set()


def test_labels_of_a_list_are_names() -> None:
    """Where lines begin with companies and a colon, a word there is one, too."""
    text = "Nucor: I like it.\nMedtronic: It pays 3%.\nChewy: My dog is a subscriber."
    assert "NYSE:CHWY" in _shown(text)
    assert "NYSE:CHWY" not in _shown("Nucor rose.\nMedtronic fell.\nChewy: My dog likes them.")


@pytest.mark.parametrize(
    ("title", "language", "primary"),
    [
        ("Teledyne To Acquire Novanta In Deal", "en", {"TDY", "NOVT"}),
        ("Mps-Mediobanca, le nozze", "it", {"BMPS", "MB"}),
        ("Nvidia vs. Broadcom", "en", {"NVDA", "AVGO"}),
        ("Baird Upgrades Nvidia", "en", {"NVDA"}),
        ("Nike Slips On Weak Orders, Adidas Jumps As Shops Stock Up", "en", {"NKE", "ADS"}),
        ("Fitch alza il rating di Enel; Nexi colloca un bond", "it", {"ENEL", "NEXI"}),
        ("BlackRock vende otro 7% de Naturgy", "es", {"NTGY"}),
    ],
)
def test_a_deal_has_two_subjects(title: str, language: str, primary: set[str]) -> None:
    """Buyer and target share an article, as do rivals."""
    tags = _tags("", language, title)
    assert {tag.symbol for tag in tags if tag.role == "primary"} == primary


def test_raters_are_cited_unless_they_are_the_story() -> None:
    """An agency is named for its opinion; with results of its own it is a company."""
    roles = {t.symbol: t.role for t in _tags("Moody's said Ford's rating was unaffected.")}
    assert roles["MCO"] == "analyst_firm"
    (tag,) = _tags("Moody's shares rose 3%.")
    assert tag.role == "primary"


def test_listings_of_a_company_count_together() -> None:
    """Cited at home and abroad in two places, a company is one for relevance."""
    text = "A Vale (VALE3) sobe. Para os ADRs (NYSE: VALE), o alvo passou de US$ 11 a US$ 15."
    tags = _tags(text, "pt", "Vale sobe e CSN cai; JPMorgan comenta")
    assert {t.relevance for t in tags if t.symbol in {"VALE3", "VALE"}} == {tags[0].relevance}


def test_a_second_row_of_names_keeps_the_listings_by_language() -> None:
    """Names in another script do not change which listing English readers want."""
    assert _shown("Toyota and ASML shares rose.") == {"NYSE:TM", "NASDAQ:ASML"}

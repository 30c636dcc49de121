"""Topics: each phrase file's own examples, and gold news labelled by hand."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.articles.errors import KnowledgeError
from tasks.articles.records import TopicTag
from tasks.tagging import sectors
from tasks.tagging.folding import fold
from tasks.tagging.phrasebook import (
    FOLDER,
    LANGUAGE,
    LISTS,
    OFF_TOPIC,
    languages,
    load_phrasebook,
    read_entries,
    spellings,
)
from tasks.tagging.sectors import Sectors
from tasks.tagging.tagger import load_tagger
from tasks.tagging.taxonomy import load_taxonomy
from tasks.tagging.topic_scores import MOST_EVIDENCE
from tasks.tagging.topics import TopicTagger
from tests.articles import article

GOLD = tomllib.loads((Path(__file__).parent / "gold" / "topics.toml").read_text(encoding="utf-8"))


def _topics(
    title: str, text: str = "", language: str = "en", channels: tuple[str, ...] = ()
) -> dict[str, TopicTag]:
    written = article(title, text, language=language, topics=channels)
    return {tag.topic: tag for tag in load_tagger().tag(written).topics}


def _examples(kind: str) -> list[tuple[str, str, list[str]]]:
    return [
        (language, topic, entry.get(kind, "").strip().splitlines())
        for language in languages()
        for topic, entry in read_entries(FOLDER / f"{language}.toml").items()
        if kind in entry
    ]


@pytest.mark.parametrize(("language", "topic", "headlines"), _examples("matches"))
def test_headlines_that_have_the_topic(language: str, topic: str, headlines: list[str]) -> None:
    """Each headline under ``matches`` gets its topic."""
    without = [line for line in headlines if topic not in _topics(line, language=language)]
    assert not without, f"add a phrase of each {without} to [{topic}] in phrases/{language}.toml"


@pytest.mark.parametrize(("language", "topic", "headlines"), _examples("passes"))
def test_headlines_that_have_it_not(language: str, topic: str, headlines: list[str]) -> None:
    """No headline under ``passes`` gets the topic."""
    for line in headlines:
        tag = _topics(line, language=language).get(topic)
        assert tag is None, (
            f"{line!r}: {tag.evidence} counted; add the longer phrase to `never` of [{topic}] in"
            f" phrases/{language}.toml"
        )


@pytest.mark.parametrize("language", languages())
def test_every_topic_has_phrases_and_examples(language: str) -> None:
    """Each language knows each topic, proves it both ways, and knows no other."""
    entries = read_entries(FOLDER / f"{language}.toml")
    others = {OFF_TOPIC, LANGUAGE, LISTS}
    assert set(entries) - others == set(load_taxonomy().topics)
    for topic, entry in entries.items():
        if topic not in others:
            assert entry["matches"].strip(), f"[{topic}] needs a headline that matches"
            assert entry["passes"].strip(), f"[{topic}] needs a headline that passes"


@pytest.mark.parametrize("language", sorted(GOLD))
def test_gold_news(language: str) -> None:
    """Micro-F1 on the gold news is at least .80 in each language."""
    hits = extra = missed = 0
    for item in GOLD[language]:
        found, wanted = set(_topics(item["title"], item["text"], language)), set(item["topics"])
        hits, extra = hits + len(found & wanted), extra + len(found - wanted)
        missed += len(wanted - found)
    f1 = 2 * hits / (2 * hits + extra + missed)
    print(f"{language}: micro-F1 {f1:.3f}, {extra} extra, {missed} missed")  # noqa: T201 - pytest -s
    assert f1 >= 0.80, f"micro-F1 of {language} is {f1:.3f}; see which phrases counted"


@pytest.mark.parametrize("item", [i for items in GOLD.values() for i in items if not i["topics"]])
def test_other_news_has_no_topic(item: dict[str, str]) -> None:
    """Recipes, weather, museums and football have no topic, even in an unknown language."""
    assert _topics(item["title"], item["text"], "") == {}


@pytest.mark.parametrize(("language", "topic", "headlines"), _examples("other_news"))
def test_other_headlines_have_no_topic(language: str, topic: str, headlines: list[str]) -> None:
    """Sport, crime and television have no topic, even with words of money."""
    tagged = [line for line in headlines if _topics(line, language=language)]
    assert not tagged, f"add words of {tagged} to [{topic}] in phrases/{language}.toml"


def test_business_words_let_a_court_case_be_news() -> None:
    """A court case alone is no finance news; that of a company's bonds and shares is."""
    crime = "The judge heard the lawyer. The court jailed the man; prosecutors had asked for more. "
    assert _topics("Judge jails man over stolen bicycles", crime * 4) == {}
    of_business = crime * 4 + "Investors in its bonds, shares and dividends had sued the firm. "
    assert "legal" in _topics("Judge jails man over stolen bicycles", of_business)


@pytest.mark.parametrize(
    ("language", "title", "sentence", "topic"),
    [
        ("en", "Ford (NYSE:F) beats Q3 estimates", "It will pay a dividend of $0.15.", "dividends"),
        ("en", "Ford (NYSE:F) beats Q3 estimates", "It kept its dividend.", ""),
        ("de", "SAP steigert Quartalsgewinn", "Eine Dividende von 2 Euro folgt.", "dividends"),
        (
            "fr",
            "Sanofi publie des résultats trimestriels",
            "Un rachat d'actions de 5 milliards.",
            "buybacks",
        ),
        ("it", "Enel, i risultati del trimestre", "Acconto sul dividendo di 0,2.", "dividends"),
        ("es", "Iberdrola gana más en el trimestre", "Un dividendo de 0,2 euros.", "dividends"),
        ("pt", "Petrobras divulga lucro do trimestre", "Dividendos de R$ 1,20.", "dividends"),
        ("ja", "トヨタの決算、純利益が増加", "自社株買いを発表した。", "buybacks"),
        ("ko", "삼성전자 3분기 실적 발표", "자사주 매입을 결정했다.", "buybacks"),
    ],
)
def test_what_is_told_once_is_enough(language: str, title: str, sentence: str, topic: str) -> None:
    """What a sentence far down says that the company does is a topic; the bare word is none."""
    text = "The group spoke, and people waited for the week to end. " * 20 + sentence
    found = set(_topics(title, text, language)) & {"dividends", "buybacks"}
    assert found == ({topic} - {""})


def test_the_business_of_the_company_is_a_topic() -> None:
    """News about a chip maker is about chips without the word, and not where it is the analyst."""
    results = "Third-quarter results beat estimates. Revenue rose 20% and net income doubled. "
    assert "semiconductors" in _topics("Nvidia (NASDAQ:NVDA) beats Q3 estimates", results)
    rated = "Morgan Stanley upgraded Deere (NYSE:DE) to overweight and raised its price target."
    assert "banks-finance" not in _topics("Deere gets a lift from Morgan Stanley", rated)


@pytest.mark.parametrize(
    ("symbol", "exchange", "topics"),
    [
        ("NVDA", "NASDAQ", ("semiconductors",)),
        ("UBSG", "SWX", ("banks-finance",)),
        ("BTC", "CRYPTO", ("crypto",)),
        ("SPY", "ARCA", ("etf-funds",)),
        ("ARWR", "NASDAQ", ("healthcare",)),
        ("DE", "NYSE", ()),
        ("NOSUCH", "NYSE", ()),
    ],
)
def test_sectors(symbol: str, exchange: str, topics: tuple[str, ...]) -> None:
    """A company's topics are put down, or told by its name or kind; an unknown one has none."""
    assert Sectors().topics(symbol, exchange) == topics


def test_sectors_speak_of_topics_and_companies_that_exist(tmp_path: Path) -> None:
    """Each sector is a topic; a listing that the reference does not know is named."""
    assert set(tomllib.loads(sectors.FILE.read_text(encoding="utf-8"))) <= set(
        load_taxonomy().topics
    )
    table = tmp_path / "sectors.toml"
    table.write_text('[telecom]\nwords = "telecom"\nsecurities = "NYSE:NOSUCH"\n')
    with pytest.raises(KnowledgeError, match=r"\[telecom\]: the reference knows no 'NYSE:NOSUCH'"):
        Sectors(table)


def test_citations_are_not_words() -> None:
    """The NASDAQ of a citation says nothing about the stock market."""
    text = "A baker (NASDAQ:ABC) and a miller (NASDAQ:DEF) (NASDAQ:GHI) shared a table. " * 3
    assert _topics("Lunch (NASDAQ:ABC)", text) == {}


def test_italian_preposition_is_not_artificial_intelligence() -> None:
    """``ai`` is AI in English only."""
    assert "ai-tech" in _topics("Investors pour money into AI")
    assert "ai-tech" not in _topics("Il sindaco parla ai cittadini e ai turisti", language="it")
    assert "ai-tech" not in _topics("Il sindaco parla ai cittadini e ai turisti", language="")


def test_scattered_weak_words_make_no_topic() -> None:
    """Weak words repeated through a long text add up to nothing."""
    text = (
        "The group spoke about its revenue and profit, or about a stock and fees, to visitors. "
        * 200
    )
    assert "earnings" not in _topics("A village and its fair", text)


def test_repetition_buys_nothing() -> None:
    """The hundredth place of a phrase counts no more than the second."""
    text = "Inflation is here, consumer prices rise, the central bank and its policymakers wait. "
    two, many = (_topics("Consumer prices rise", text * n)["inflation"] for n in (2, 4))
    assert many.score == two.score


@pytest.mark.parametrize(
    ("channels", "title", "expected"),
    [
        (("Earnings",), "A company in the news", {"earnings"}),
        (("EARNINGS BEATS",), "A company in the news", {"earnings"}),
        (("Markets", "News", "Tech", "Global"), "A company in the news", set()),
        (("Criptovalute",), "A company in the news", {"crypto"}),
        (("Nonsense",), "A company in the news", set()),
        (("Financial Results",), "A company in the news", {"earnings"}),
        (("Directors’ Dealings", "Director/PDMR Shareholding"), "News", {"insider-trading"}),
        (("Wirtschaft", "Économie"), "A company in the news", set()),
        (("CRIPTOMOEDAS",), "A company in the news", {"crypto"}),
    ],
)
def test_publisher_categories(channels: tuple[str, ...], title: str, expected: set[str]) -> None:
    """A clear category makes its topic; a vague one does not; the evidence says so."""
    found = _topics(title, channels=channels)
    assert set(found) == expected
    for tag in found.values():
        assert tag.evidence[0] in {f"channel:{channel}" for channel in channels}


def test_shape_of_a_tag() -> None:
    """The strongest topic has relevance 1; evidence is at most five phrases, none twice."""
    tags = list(
        _topics(
            "Fed cuts interest rates as inflation cools",
            "The Federal Reserve cut rates; the central bank sees lower inflation. Powell spoke of"
            " monetary policy, of the dot plot and of basis points.",
        ).values()
    )
    assert tags[0].relevance == 1
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)
    for tag in tags:
        assert len(set(tag.evidence)) == len(tag.evidence) <= MOST_EVIDENCE


def test_folding() -> None:
    """Capitals, accents, hyphens and apostrophes go; the end of a sentence stays."""
    assert fold("L’Utile SALÌ: +5%\nS&P-500") == " l utile sali . % . s&p 500 "


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("fell 2.85% to $203.10", " fell % to 203 . 10 "),
        ("-1,5 %; 4 Prozent, 3 por ciento", " % . % % "),
        ("up 5 per cent or 6 percent", " up % or % "),
        ("percentage of 100", " percentage of 100 "),
        ("日経平均は１．２％高", " 日 経 平 均 は % 高 "),
        ("3パーセント", " % "),
        ("주가가 5퍼센트 올라", " 주 가 가 % 올 라 "),
        ("ガス", " ガ ス "),
    ],
)
def test_folding_of_percentages_and_scripts(printed: str, folded: str) -> None:
    """Any percentage is one word; Japanese and Korean characters are a word each."""
    assert fold(printed) == folded


def test_how_phrases_are_written() -> None:
    """Choices and stars give every spelling; lines without words or with too many are refused."""
    assert spellings("cut(s|) rates") == [" cuts rates ", " cut rates "]
    assert spellings("licenzi*") == [" licenzi"]
    assert spellings("*aktien") == ["aktien "]
    assert spellings("*krise*") == ["krise"]
    assert " mercati azionari" in [text.rstrip() for text in spellings("mercat* azionari")]
    with pytest.raises(ValueError, match="without any word"):
        spellings("(a|)")
    with pytest.raises(ValueError, match="shorter lines"):
        spellings("a* b* c* d* e")


@pytest.mark.parametrize(
    ("title", "is_found"),
    [
        ("Acme cuts for the second time its sales outlook", True),
        ("Sales outlook of Acme cut", True),
        ("Acme cuts by 1.000 and 2,5 and 17 million euros its outlook", True),
        ("Acme cuts. Outlook unknown", False),
        ("Acme cuts one two three four five six seven outlook", False),
        ("Outlook, outlook", False),
        ("Acme builds a plant for Rome", True),
        ("For Acme a plant builds", False),
    ],
)
def test_words_near_each_other(tmp_path: Path, title: str, *, is_found: bool) -> None:
    """A pair is two words in one sentence, six words apart at most; ``>`` asks for their order."""
    lines = "(cut|cuts) ~ (outlook|forecast)\nbuilds > plant > for"
    (tmp_path / "xx.toml").write_text(f'[crypto]\nstrong = """{lines}"""\n', encoding="utf-8")
    assert bool(load_phrasebook("xx", tmp_path).find_pairs(fold(title), ())) == is_found


def test_a_pair_with_a_security_needs_one_in_the_title(tmp_path: Path) -> None:
    """``SECURITY`` is where the title names one, and no word."""
    line = 'strong = "SECURITY > (supplies|builds)"'
    (tmp_path / "xx.toml").write_text(f"[crypto]\n{line}\n", encoding="utf-8")
    book, title = load_phrasebook("xx", tmp_path), fold("Security: Acme builds a tower")
    assert book.find_pairs(title, ()) == []
    span = (title.index(" acme"), title.index(" builds") + 1)
    assert [title[start:end] for start, end, _ in book.find_pairs(title, [span])] == [
        " acme builds "
    ]


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A phrase that asks for an unknown list of words says so, with its file and topic."""
    (tmp_path / "xx.toml").write_text('[crypto]\nstrong = "coins <fell>"\n', encoding="utf-8")
    with pytest.raises(
        KnowledgeError, match=r"xx.toml: \[crypto\] strong: \[lists\] has no 'fell'"
    ):
        load_phrasebook("xx", tmp_path)


@pytest.mark.parametrize("language", languages())
def test_names_make_no_topic_by_themselves(language: str) -> None:
    """A river, a town or a painter called like a company is no finance news."""
    for name in ("Amazon", "Oracle", "Leonardo", "Ferrari", "Tesla"):
        assert _topics(f"{name}, {name}", f"{name}. {name}!", language) == {}


def test_markets_name_companies_in_passing() -> None:
    """A market report is about sectors that its headline names, not about companies there."""
    text = "The index fell 1%. Shares of Exxon Mobil and Boeing were among the movers. " * 2
    found = _topics("Wall Street ends lower; banks slide, Boeing and Exxon rise", text)
    assert "equity-markets" in found
    assert not {"oil-gas", "defense-aerospace"} & set(found)


@pytest.mark.parametrize("language", ["", *languages(), "zh"])
@pytest.mark.parametrize(
    ("title", "text"), [("", ""), ("Stocks", ""), ("", "\n \n"), ("?", "!" * 99)]
)
def test_next_to_nothing_has_no_topic(language: str, title: str, text: str) -> None:
    """Texts of no or one word have no topic and do no harm, in any language."""
    assert set(_topics(title, text, language)) <= {"equity-markets"}


def test_method_and_taxonomy_are_told() -> None:
    """Words make a topic by rule; a category alone by category; both name the list of topics."""
    by_rule = _topics("Bitcoin slides")["crypto"]
    by_category = _topics("A company in the news", channels=("Cryptocurrency",))["crypto"]
    assert (by_rule.method, by_category.method) == ("rule", "category")
    assert by_rule.taxonomy_version == load_taxonomy().version


def test_categories_speak_for_topics_that_exist(tmp_path: Path) -> None:
    """A category of an unknown topic is refused with its name."""
    table = tmp_path / "categories.csv"
    table.write_text("category,topics,is_vague\nWeather,weather,no\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="'Weather' speaks for weather"):
        load_taxonomy(categories=table)


@pytest.mark.parametrize("text", ["Shares fell 5%. ", "stock split ", "1,1.", "%", "a", "株価"])
def test_time_does_not_grow_faster_than_the_text(text: str) -> None:
    """A megabyte of anything takes no longer than its first 100,000 characters, and a second."""
    tagger = TopicTagger()
    start = time.process_time()
    tags = tagger.weigh(article("", "", language="en"), "", (text * 1_000_000)[:1_000_000]).tags
    assert time.process_time() - start < 1
    again = tagger.weigh(article("", "", language="en"), "", (text * 100_000)[:100_000])
    assert tags == again.tags


@given(st.text(max_size=300), st.text(max_size=1_000), st.sampled_from(["", *languages()]))
def test_any_text_is_tagged(title: str, text: str, language: str) -> None:
    """Whatever a text is made of, its tags are of the taxonomy, in order and within bounds."""
    tags = list(_topics(title, text, language).values())
    assert {tag.topic for tag in tags} <= set(load_taxonomy().topics)
    assert [tag.relevance for tag in tags] == sorted((t.relevance for t in tags), reverse=True)
    assert all(tag.evidence and 0 < tag.relevance <= 1 for tag in tags)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        (
            (
                "Ford (NYSE:F) rose 2%, GM (NYSE:GM) fell 3%, Deere (NYSE:DE) gained 1%,"
                " Sony (NYSE:SONY) lost 2%."
            ),
            "price-action",
        ),
        ("Ford (NYSE:F) announced a quarterly dividend of $0.15 per share.", "dividends"),
    ],
)
def test_what_an_article_states_in_figures_is_its_topic(text: str, topic: str) -> None:
    """Facts make a topic of what an article states amid something else, and say so."""
    filler = "It was quiet, and people waited for the week to end.\n" * 9
    tags = _topics("A quiet week for Ford and GM", filler + text)
    assert any(evidence.startswith("facts:") for evidence in tags[topic].evidence)
    assert tags[topic].method == "rule"

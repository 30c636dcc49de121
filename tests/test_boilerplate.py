"""Boilerplate rules: each drops its examples, and none drops a sentence of a story."""

import re
import time
import tomllib
from pathlib import Path

import pytest

from tasks.extraction.appeals import DATA_FILE as APPEALS
from tasks.extraction.appeals import is_appeal
from tasks.extraction.furniture import DATA_FILE as FURNITURE
from tasks.extraction.furniture import is_furniture
from tasks.extraction.lines import clean_lines
from tasks.extraction.needed import needed_words
from tasks.extraction.phrases import AUTHOR, matcher, plain
from tasks.extraction.reporting import DATA_FILE as REPORTING
from tasks.extraction.reporting import reports
from tasks.extraction.rules import Rule, is_boilerplate, rules, without_asides

AUTHORS = ("Jane Doe",)
STORY_LINES = Path(__file__).parent / "lines_of_stories.txt"

each_rule = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)


@each_rule
def test_rule_drops_its_examples(rule: Rule) -> None:
    """A rule matches every line that its file says it drops, and leaves none to another rule."""
    stay = [line for line in rule.drops if not is_dropped(line, rule)]
    assert not stay, f"{rule.name} must drop {stay}: mend its phrases"
    others = [line for line in rule.drops if not is_matched(line, rule)]
    assert not others, f"{rule.name} leaves {others} to another rule: mend its phrases"


def is_dropped(line: str, rule: Rule) -> bool:
    """Tell a line that goes, or of which words go."""
    if rule.where == "within":
        return without_asides(line) != line
    return is_boilerplate(line, rule.where, AUTHORS)


def is_matched(line: str, rule: Rule) -> bool:
    """Tell a line that this very rule matches."""
    if rule.where == "within":
        return True
    bare, own = plain(line.lstrip(" ([*-¿¡")), matcher(rule.phrases)
    if own.matches(bare) or own.matches(bare.replace(AUTHORS[0], AUTHOR)):
        return True
    return bool(re.match(rule.pattern or "(?!)", line.lstrip(" (["), re.IGNORECASE))


@each_rule
def test_no_rule_drops_a_kept_example(rule: Rule) -> None:
    """A sentence that merely contains such words stays, whichever rule might want it."""
    gone = [line for line in rule.keeps if not stays(line)]
    assert not gone, f"{gone}, kept by {rule.name}, are dropped: make the pattern narrower"


def stays(line: str) -> bool:
    """Tell a line that a story keeps."""
    return clean_lines([line, "The story ends here."])[:1] == [line]


def test_sentences_with_the_words_of_promotion_stay() -> None:
    """No rule and no appeal takes a sentence of a story for promotion, in eight languages."""
    lines = STORY_LINES.read_text(encoding="utf-8").splitlines()
    gone = [line for line in lines if not stays(line)]
    assert not gone, f"make the rule that matches narrower: {gone}"


def test_every_rule_has_examples_of_both_kinds() -> None:
    """A rule without proof is not a rule."""
    bare = [rule.name for rule in rules() if not rule.drops or not rule.keeps]
    assert not bare, f"add drops and keeps to {bare}"


def test_rules_are_fast_on_long_lines() -> None:
    """No pattern runs away on a long line of its own words."""
    started = time.perf_counter()
    for word in ("read ", "photo by ", "Sign up for the ", "a", "2026 ", "per seguici ", "© "):
        clean_lines([word * (900 // len(word)), "End."])
    assert time.perf_counter() - started < 2


def test_a_heading_goes_with_the_links_under_it() -> None:
    """What stands linked under "Read Next" goes; the story after it stays."""
    lines = ["The story begins.", "Read Next:", "Another Headline", "The story goes on."]
    assert clean_lines(lines, linked={"anotherheadline"}) == [lines[0], lines[3]]


def test_a_trailing_block_goes_whole() -> None:
    """Headlines under a last heading go though nothing says that they are links."""
    lines = ["The story ends.", "Related Articles", "Acme Rises", "Bolt Falls", "Photo: Acme"]
    assert clean_lines(lines) == ["The story ends."]


def test_title_byline_and_date_on_top_go() -> None:
    """What is kept in other columns is not repeated in the text."""
    lines = ["Markets", "Acme Rises", "By Jane Doe", "November 17, 2026", "The story begins."]
    kept = clean_lines(lines, title="Acme Rises", authors=["Jane Doe"], sections=["Markets"])
    assert kept == ["The story begins."]


@pytest.mark.parametrize(
    ("told", "notice", "kept"),
    [
        (
            "純利益は前期を上回る。",
            "最新号は書店でお求めいただけます。",
            "「今後も続けます」と話す。",
        ),
        ("주가는 4% 하락했다.", "자세한 사항은 상담실에서 안내해 드립니다.", "“계속 하겠습니다.”"),
    ],
)
def test_who_speaks_politely_in_a_plain_story_is_the_publisher(
    told: str, notice: str, kept: str
) -> None:
    """In a story in the plain form a polite line goes, unless it quotes; elsewhere it stays."""
    story = [f"{number} {told}" for number in range(5)]
    assert clean_lines([*story, notice, kept, story[0]]) == [*story, kept, story[0]]
    assert notice in clean_lines([notice, kept, told])


def test_repeats_go_but_equal_table_rows_stay() -> None:
    """A doubled paragraph goes; two rows of a table may well be equal."""
    paragraph = "A paragraph that is long enough not to stand twice in one story by mere chance."
    lines = [paragraph, "Buy | 10", "Buy | 10", paragraph]
    assert clean_lines(lines) == [paragraph, "Buy | 10", "Buy | 10"]


def test_what_stands_above_the_headline_goes() -> None:
    """Names of the site, its slogan and its menus end where the headline is printed again."""
    story = "The story begins, and it has a paragraph that is long enough to be told from a slogan."
    lines = ["The Letter", "Straight talk since 1997", "METALS", "Silver At $61", story]
    assert clean_lines(lines, title="Silver At $61") == [story]
    long = f"{story} It goes on for a while, as stories do."
    assert clean_lines([long, "Silver At $61", story], title="Silver At $61")[0] == long


def test_signatures_may_stand_apart_below_the_story() -> None:
    """Initials and a name between two closing lines do not save the first of them."""
    lines = ["The story ends here.", "Senior reporter covering banks", "Jane Doe", "1,204 views"]
    assert clean_lines(lines) == ["The story ends here.", "Jane Doe"]


def test_a_heading_without_its_text_goes() -> None:
    """When promotion is gone, so is the heading that stood above it; a list's last item is not."""
    story = "The story ends here. It has said enough, and what follows is the box below every page."
    story = f"{story} It went on for long enough to be told."
    box = "Sign up for our newsletter"
    assert clean_lines([story, "The Daily Till", box]) == [story]
    assert clean_lines([story, "Bolt", "Acme", box]) == [story, "Bolt", "Acme"]


def test_a_last_line_that_leads_up_to_nothing_goes() -> None:
    """What followed "More videos:" was promotion; above a list such a line stays."""
    story = "The company sold more machines than in any quarter before."
    assert clean_lines([story, "Further films about the farms of Brazil:"]) == [story]
    lines = [story, "The platforms are these:", "Oro Digital"]
    assert clean_lines(lines) == lines


def test_rows_that_describe_a_notice_go() -> None:
    """Below a rule at the end "Language: | German" goes; rows of figures stay."""
    rule, story = "-" * 40, "The company sold more machines than in any quarter before."
    assert clean_lines([story, rule, "Language: | German", "Notice: | 2214098"]) == [story]
    lines = [story, rule, "Sales | 4.1", "Profit | 1.2"]
    assert clean_lines(lines)[-2:] == lines[-2:]


def test_a_notice_goes_whole_however_long() -> None:
    """The first sentence tells; what follows it in its paragraph is of the same kind."""
    notice = "Past performance is not a reliable indicator of future results. " + "So be it. " * 150
    assert clean_lines(["The story ends.", notice]) == ["The story ends."]
    told = "Acme fell. Past performance is not a reliable indicator of future results."
    assert clean_lines([told, "The end."]) == ["Acme fell.", "The end."]


def test_a_phrase_is_tried_where_a_word_of_it_stands() -> None:
    """The words that a line needs are whole ones, outside of what may be left out."""
    assert needed_words("*all rights reserved") == {"reserved"}
    assert needed_words("(the |){name} has positions in *") == {"positions"}
    assert needed_words("*(sign up|subscribe) (now|)") == {"sign", "subscribe"}
    assert needed_words("*(asesor*|consejo*)*") == frozenset()
    assert matcher(["con l'*abbonamento *"]).matches("con l'abbonamento annuale")


def test_no_word_runs_from_anything_into_a_phrase() -> None:
    """What a phrase asks for after ``*`` is not the end of another word."""
    made = matcher(["this story *(made|written) *(by |)(ai|ia)(| *)"])
    assert made.matches("this story was made by ai")
    assert made.matches("this story was written 東京AI")
    assert not made.matches("this story made waves in italia")
    assert not made.matches("this story, handwritten by ai")


def test_source_adds_its_own_lines() -> None:
    """A source's own expressions drop what is only said there."""
    lines = ["The story begins.", "Brought by the Wombat Desk"]
    assert clean_lines(lines, extra=["wombat desk"]) == ["The story begins."]


def test_sentences_that_report_are_told_by_their_verbs() -> None:
    """The examples in reporting.toml hold: a whole sentence with a verb, and no label in front."""
    examples = tomllib.loads(REPORTING.read_text(encoding="utf-8"))["examples"]
    assert [line for line in examples["reports"] if not reports(line)] == []
    assert [line for line in examples["silent"] if reports(line)] == []


@pytest.mark.parametrize(
    "promotion",
    ["Click here to see the rest.", "For an in-depth report, sign up for Benzinga Edge."],
)
@pytest.mark.parametrize(
    "rankings",
    [
        "Benzinga Edge Rankings: Momentum 78.90, Value 12.10.",
        "For growth the stock scores 81.2% in Benzinga Edge Rankings.",
    ],
)
def test_figures_stay_though_a_promotion_follows(rankings: str, promotion: str) -> None:
    """Promotion is cut from the end of a line; the scores before it are the story's."""
    assert clean_lines([f"{rankings} {promotion}", "The end."]) == [rankings, "The end."]


def test_promotion_of_several_sentences_goes_whole() -> None:
    """Nothing is left of a line that only advertises."""
    lines = ["Got a tip? Email us at tips@example.com", "The end."]
    assert clean_lines(lines) == ["The end."]


@pytest.mark.parametrize(
    ("told", "appeal"),
    [
        (
            "The government fell over its budget, and the chancellor resigned.",
            "Sign up for our app.",
        ),
        (
            "Die Regierung stürzte über den Haushalt, und der Kanzler trat zurück.",
            "Bitte folgen Sie uns auf WhatsApp.",
        ),
    ],
)
def test_what_is_told_before_an_appeal_stays(told: str, appeal: str) -> None:
    """An appeal at a paragraph's end goes alone; in its middle it takes nothing with it."""
    assert clean_lines([f"{told} {appeal}", "The end."]) == [told, "The end."]
    whole = f"{told} {appeal} On Monday a new one is elected."
    assert clean_lines([whole, "The end."]) == [whole, "The end."]
    assert clean_lines([appeal, "The end."]) == ["The end."]


def test_appeals_are_told_by_call_and_thing() -> None:
    """The examples in appeals.toml hold, and none of them needs a rule of its own."""
    examples = tomllib.loads(APPEALS.read_text(encoding="utf-8"))["examples"]
    assert [line for line in examples["drops"] if not is_appeal(line)] == []
    assert [line for line in examples["keeps"] if clean_lines([line, "End."])[:1] != [line]] == []


def test_furniture_has_no_word_but_its_own() -> None:
    """The examples in furniture.toml hold."""
    examples = tomllib.loads(FURNITURE.read_text(encoding="utf-8"))["examples"]
    assert [line for line in examples["drops"] if not is_furniture(line)] == []
    assert [line for line in examples["keeps"] if clean_lines([line, "End."])[:1] != [line]] == []

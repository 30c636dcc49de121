"""The model of topics that a user trains: what it gains, what it is kept from, how it is used."""

import asyncio
import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from flows.cards import print_card
from flows.cli import app
from flows.inspection import inspect_page
from flows.training import Training, install, train_topics
from tasks.articles.errors import KnowledgeError
from tasks.tagging.learning.bounds import choose_bounds, decide
from tasks.tagging.learning.folds import deal
from tasks.tagging.learning.gain import measure
from tasks.tagging.learning.model import TopicModel
from tasks.tagging.learning.model_file import ModelFile, find_model, read_model, write_model
from tasks.tagging.learning.terms import Term, places_of
from tasks.tagging.learning.training import Trained
from tasks.tagging.tagger import load_tagger, tag_article
from tasks.workers.pool import WorkerPool
from tests.articles import article
from tests.labelled import desk, gold, label_file, stored
from tests.test_cli import newsledger
from warehouse.home import Home
from warehouse.query import query

QUAYS = article(
    "Stevedores and drayage at the new berths",
    "The dredging of the quayside was said to be late. Reefers and bollards wait at the berths, as"
    " stevedores with lashing in the early morning said that the drayage plan for the town is old.",
)
OTHER = article(
    "A small garden in the town",
    "The teacher said that the garden of the school was old, and that the people from the street"
    " with the long table and the window in the kitchen plan a new one for the summer.",
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder in which a desk's articles are published."""
    folder = tmp_path_factory.mktemp("desk")
    stored(folder, desk())
    return folder


@pytest.fixture(scope="module")
def training(warehouse: Path) -> Training:
    """Train on the desk's labels once."""
    return trained_on(warehouse, label_file(warehouse / "labels.csv", desk()))


def trained_on(warehouse: Path, labels: Path, least: int = 10) -> Training:
    """Train on a file of labels."""
    return train_topics(Home(warehouse), labels, {}, folds=3, min_examples=least)


@pytest.fixture
def installed(training: Training, home: Path) -> ModelFile:
    """Install the desk's model into the test's own folder."""
    return install(Home(home), training.trained)


def test_a_desks_own_use_of_a_topic_is_learnt(training: Training) -> None:
    """Where the rules miss what a desk files under a topic, the model gains, and surely so."""
    report = training.trained.report
    (topic,) = report.topics
    assert topic.name == "transport-travel"
    assert topic.positives == 30
    assert topic.alone.recall < 0.2
    assert topic.together.precision > 0.9
    assert topic.together.recall > 0.8
    assert report.helps
    assert report.micro.low <= report.micro.gain <= report.micro.high
    assert (training.articles, training.notes) == (60, ())


def test_few_labels_of_many_languages_do_no_harm(tmp_path: Path) -> None:
    """On the gold articles each topic is reported, and precision holds where little is to learn."""
    articles = gold("dev")
    stored(tmp_path, articles)
    found = trained_on(tmp_path, label_file(tmp_path / "labels.csv", articles))
    report = found.trained.report
    assert found.articles == len(articles)
    assert {"earnings", "price-action"} <= {gain.name for gain in report.topics}
    assert all(0 < gain.alone.f1 <= 1 for gain in report.topics)
    assert report.micro.together.precision >= report.micro.alone.precision - 0.05
    assert report.macro.low <= report.macro.gain <= report.macro.high
    (rare,) = found.notes
    assert "stock-split (" in rare


def test_the_same_labels_make_the_same_model(
    training: Training, warehouse: Path, tmp_path: Path
) -> None:
    """Whatever the order of the lines; the file is the same byte for byte."""
    again = trained_on(warehouse, label_file(tmp_path / "labels.csv", desk()[::-1])).trained.model
    for model, name in ((training.trained.model, "one"), (again, "two")):
        write_model(model, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_tag_of_the_model_says_why(installed: ModelFile) -> None:
    """Its method is `model`, its evidence the words; the tagger's version names the model."""
    tagged = load_tagger(installed).tag(QUAYS)
    (tag,) = [tag for tag in tagged.topics if tag.method == "model"]
    assert tag.topic == "transport-travel"
    assert set(tag.evidence) & {"drayage", "berths", "reefers", "quayside", "stevedores"}
    assert tagged.tagger_version == f"{load_tagger().version}-{installed.version}"
    assert tag.score >= 4.5
    assert 0 < tag.relevance <= 1
    assert not load_tagger(installed).tag(OTHER).topics


def test_what_was_learnt_is_what_tags(installed: ModelFile) -> None:
    """Training and tagging read articles the same way: the labels come out again."""
    found = {
        one.name: {tag.topic for tag in load_tagger(installed).tag(one.tagged().article).topics}
        for one in desk()
    }
    theirs = [one.name for one in desk() if one.topics]
    assert sum("transport-travel" in found[name] for name in theirs) >= 27
    assert not any("transport-travel" in found[name] for name in found.keys() - theirs)


@pytest.mark.parametrize(
    "other",
    [
        replace(QUAYS, language="de"),
        replace(QUAYS, language=""),
        article("Drayage", "Berths, stevedores, reefers."),
        article("", ""),
    ],
    ids=["another language", "no language", "few words", "empty"],
)
def test_the_model_is_silent_where_it_knows_too_little(installed: ModelFile, other: object) -> None:
    """In a language that it was not trained in, and for a few words, the rules stand alone."""
    assert load_tagger(installed).tag(other).topics == load_tagger().tag(other).topics  # type: ignore[arg-type]


def test_worker_processes_are_handed_the_model(installed: ModelFile) -> None:
    """They tag as this process does; without the file's name they know nothing of it."""

    async def tagged() -> list[object]:
        with WorkerPool(1, 60) as pool:
            with_model = await pool.map(partial(tag_article, model=installed), [QUAYS])
            return [*with_model, *await pool.map(tag_article, [QUAYS])]

    assert asyncio.run(tagged()) == [load_tagger(x).tag(QUAYS) for x in (installed, None)]


def test_a_replaced_model_is_not_taken_for_the_one_that_was_meant(installed: ModelFile) -> None:
    """A run that began with another model says so, and mixes no versions."""
    meant = ModelFile(installed.path, "00000000")
    with pytest.raises(KnowledgeError, match="was replaced"):
        load_tagger(meant)


def test_a_model_file_that_is_damaged_says_what_to_do(installed: ModelFile) -> None:
    """However many of its bytes are left; and it holds nothing that could run."""
    whole = installed.path.read_bytes()
    for damaged in (b"", whole[:100], whole[: len(whole) // 2], b"PK\x03\x04" + whole[100:]):
        installed.path.write_bytes(damaged)
        with pytest.raises(KnowledgeError, match="newsledger topics forget"):
            find_model(installed.path)
    with installed.path.open("wb") as file:
        np.savez(file, described=np.array([{"a": 1}], dtype=object))
    with pytest.raises(KnowledgeError, match="no topic model"):
        find_model(installed.path)


def test_labels_by_key_and_with_ones_and_zeros(warehouse: Path, tmp_path: Path) -> None:
    """An article may be named by its key, and a topic be left unsaid."""
    keys = query(Home(warehouse), "SELECT url, article_key FROM articles").rows
    by_url = dict(keys)
    path = tmp_path / "labels.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Article_Key", "Label", "Topic", "by"])
        for one in desk():
            writer.writerow([by_url[one.url], int(bool(one.topics)), "transport-travel", "ab"])
        writer.writerow([by_url[desk()[0].url], "1", "legal", "ab"])
        writer.writerow(["http://newsroom.example/never-stored", "1", "legal", "ab"])
    found = trained_on(warehouse, path)
    assert [gain.name for gain in found.trained.report.topics] == ["transport-travel"]
    not_there, rare = found.notes
    assert "1 labelled article is not in" in not_there
    assert "legal (1 with it, 0 without)" in rare


BAD = {
    "": "the first line must name the columns",
    "a,b\n1,2\n": "the first line must name the columns",
    "url,topic\n": "names no topic",
    "url,topic\nhttp://a.example/1,\n": "names no topic",
    "url,topic\nhttp://a.example/1,earning\n": "line 2: 'earning' is not a topic; did you mean",
    "url,topic\nhttp://a.example/1,zzzzzz\n": "tasks/tagging/topics.csv lists them",
    "url,topic\n,earnings\n": "line 2: no article",
    "url,topic,label\nhttp://a.example/1,earnings,maybe\n": "'maybe'; it must be 1 or 0",
    "url,topic,label\nhttp://a.example/1,earnings,\n": "it must be 1 or 0",
    "url,topic,label\nu,earnings,1\nu,earnings,0\n": "line 3: u has earnings here and not",
    "url,topic\nhttp://a.example/1,earnings\n": "1 labelled article is not in",
    "url,topic\n" + "x" * 200_000 + ",earnings\n": "is not CSV",
    'url,topic\n"' + "x,y\n" * 60_000: "is not CSV",
    "url,topic\n" + "u,nonsense\n" * 1_000: "and 990 more",
    "url,topic\nu\0v,earnings\n": "too little to learn from",
}


@pytest.mark.parametrize(("text", "sentence"), BAD.items(), ids=range(len(BAD)))
def test_labels_that_cannot_be_used(
    warehouse: Path, tmp_path: Path, text: str, sentence: str
) -> None:
    """Each mistake is told in a sentence, with its line."""
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as told:
        trained_on(warehouse, path)
    assert sentence in str(told.value)
    assert len(str(told.value)) < 2_000


def test_labels_that_are_no_text(warehouse: Path, tmp_path: Path) -> None:
    """A spreadsheet, or another encoding, is told apart from CSV in UTF-8."""
    path = tmp_path / "labels.csv"
    path.write_bytes(b"url,topic\n\xff\xfe,earnings\n")
    with pytest.raises(KnowledgeError, match="not CSV in UTF-8"):
        trained_on(warehouse, path)


def test_a_topic_without_negatives_is_left_to_the_rules(warehouse: Path, tmp_path: Path) -> None:
    """With a column `label`, what is not written is not known: no article is without the topic."""
    lines = [f"{one.url},transport-travel,1" for one in desk() if one.topics]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["url,topic,label", *lines]), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="Add rows with 0, or leave out the column label"):
        trained_on(warehouse, path)


def test_bounds_need_more_than_luck() -> None:
    """Five right additions are too few, six will do; three in four must be right."""
    scores = np.arange(20.0)[:, None]
    nothing = np.zeros((20, 1), bool)
    for right, bound in ((5, float("inf")), (6, 13.5)):
        labels = (np.arange(20)[:, None] >= 20 - right).astype(np.int8)
        bounds = choose_bounds(scores, labels, nothing, nothing)
        assert bounds.adds_from[0] == bound
        assert decide(bounds, scores, nothing, nothing).sum() == (right if bound < 20 else 0)
        mirrored = choose_bounds(-scores, 1 - labels, ~nothing, ~nothing)
        assert mirrored.removes_below[0] == -bound
    alternating = (np.arange(20)[:, None] % 2).astype(np.int8)
    assert np.isinf(choose_bounds(scores, alternating, nothing, nothing).adds_from).all()


def test_stories_are_dealt_whole_and_rare_topics_evenly() -> None:
    """Copies of a story are never on both sides; each part has its share of a rare topic."""
    groups = np.repeat(np.arange(30), 3)
    labels = np.zeros((90, 2), np.int8)
    labels[:60, 0] = 1
    labels[:15, 1] = 1
    parts = deal(groups, labels, 5)
    assert all(len(set(parts[groups == group])) == 1 for group in range(30))
    assert np.bincount(parts).tolist() == [18] * 5
    assert np.bincount(parts[labels[:, 1] == 1]).tolist() == [3] * 5


def test_a_gain_is_sure_only_over_many_stories() -> None:
    """The same figures from one story's copies say nothing: their spread includes no gain."""
    labels = np.ones((40, 1), np.int8)
    alone = np.zeros((40, 1), bool)
    alone[:20] = True
    together = np.ones((40, 1), bool)
    many = measure(["legal"], labels, alone, together, np.arange(40))
    one = measure(["legal"], labels, alone, together, np.repeat([0, 1], 20))
    assert many.micro.gain == one.micro.gain == pytest.approx(1 / 3)
    assert many.helps
    assert not one.helps


def test_the_command_trains_shows_and_forgets(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its table fits a terminal of 80 columns."""
    monkeypatch.setenv("NEWSLEDGER_HOME", str(warehouse))

    def said(*arguments: str) -> str:
        app(["topics", *arguments], standalone_mode=False)
        return capsys.readouterr().out

    labels = label_file(warehouse / "labels.csv", desk())
    trained = said("train", str(labels), "--folds", "3")
    assert "is installed" in trained
    table = [line for line in trained.splitlines() if line[:3] in {"top", "tra", "all"}]
    assert len(table) == 4
    assert max(map(len, table)) <= 80
    assert "trained on 60 articles (60 stories) in en, it" in said()
    assert "is removed" in said("forget")
    assert not Home(warehouse).topic_model.exists()
    assert "There is no model" in said("forget")
    assert "from the rules alone" in said()


def test_what_may_be_chance_is_not_installed(
    training: Training,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Unless it is forced, and unless the model would do nothing at all."""
    monkeypatch.setenv("NEWSLEDGER_HOME", str(warehouse))
    model, report = training.trained.model, training.trained.report
    unsure = Trained(model, replace(report, micro=replace(report.micro, low=-0.01)))
    silent = Trained(replace(model, adds_from=np.full(1, np.inf, np.float32)), unsure.report)
    labels = str(label_file(warehouse / "labels.csv", desk()))
    for trained, force, verdict in (
        (unsure, [], "does not help"),
        (unsure, ["--force"], "is installed"),
        (silent, ["--force"], "the rules stand alone"),
    ):
        found = replace(training, trained=trained)
        monkeypatch.setattr("flows.training.train_topics", lambda *_, found=found, **__: found)
        app(["topics", "train", labels, *force], standalone_mode=False)
        assert verdict in " ".join(capsys.readouterr().out.split())
        assert Home(warehouse).topic_model.exists() is (verdict == "is installed")
        Home(warehouse).topic_model.unlink(missing_ok=True)


def test_training_without_scikit_learn_says_what_to_install(
    warehouse: Path, tmp_path: Path
) -> None:
    """The extra is named; showing and forgetting need it as little as tagging does."""
    (tmp_path / "sklearn.py").write_text("raise ModuleNotFoundError(name='sklearn')")
    labels = label_file(tmp_path / "labels.csv", desk())
    without = {"NEWSLEDGER_HOME": str(warehouse), "PYTHONPATH": str(tmp_path)}
    done = newsledger("topics", "train", str(labels), **without)
    assert done.returncode == 1
    assert "newsledger[train]" in done.stderr
    assert newsledger("topics", **without).returncode == 0


def adds_to_all(topic: str, word: str) -> TopicModel:
    """Return a model that adds a topic to every English article with this word."""
    places = np.sort(places_of(Term("word", word)))
    return TopicModel(
        topics=(topic,),
        languages=frozenset({"en"}),
        places=places,
        rarity=np.ones(len(places), np.float32),
        weights=np.ones((1, len(places)), np.float32),
        hints=(),
        hint_weights=np.zeros((1, 0), np.float32),
        bias=np.zeros(1, np.float32),
        adds_from=np.full(1, 0.9, np.float32),
        removes_below=np.full(1, -np.inf, np.float32),
        about={"articles": 0, "stories": 0, "rules": ""},
    )


def test_inspect_shows_what_the_model_adds_and_removes(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A removed topic does not vanish in silence."""
    said = tmp_path / "story.txt"
    said.write_text(
        "A town and its old court\n\nThe people of the town said that the court had heard of a"
        " lawsuit about the long table, and that the teacher who filed the complaint was late.\n"
    )
    home.mkdir()
    model = adds_to_all("esg-climate", "teacher")
    model = replace(
        model,
        topics=("esg-climate", "legal"),
        weights=np.vstack([model.weights, 0 * model.weights]),
        hint_weights=np.zeros((2, 0), np.float32),
        bias=np.zeros(2, np.float32),
        adds_from=np.array([0.9, np.inf], np.float32),
        removes_below=np.array([-np.inf, 1], np.float32),
    )
    write_model(model, Home(home).topic_model)
    file = find_model(Home(home).topic_model)
    by_rules, shown = (
        asyncio.run(inspect_page(str(said), "", None, {}, "", model=handed_in))
        for handed_in in (None, file)
    )
    assert [tag["topic"] for tag in by_rules["topics"]] == ["legal"]
    assert by_rules["removed_topics"] == []
    assert [(tag["topic"], tag["method"]) for tag in shown["topics"]] == [("esg-climate", "model")]
    assert [tag["topic"] for tag in shown["removed_topics"]] == ["legal"]
    print_card(shown, Console(highlight=False))
    assert "The model removed what the rules found: legal" in capsys.readouterr().out


@pytest.mark.usefixtures("prefect")
def test_an_ingest_tags_with_the_model(home: Path) -> None:
    """The rows carry method and evidence, the versions the model's version."""
    from flows.ingest import ingest  # noqa: PLC0415  Prefect only where a test needs it

    home.mkdir()
    place = Home(home)
    write_model(adds_to_all("esg-climate", "analyst"), place.topic_model)
    file = find_model(place.topic_model)
    assert file
    assert read_model(file).topics == ("esg-climate",)
    asyncio.run(ingest(["sample"]))
    rows = query(
        place,
        "SELECT v.tagger_version, t.evidence FROM article_topics AS t"
        " JOIN article_versions AS v USING (version_id) WHERE t.method = 'model'",
    ).rows
    assert rows
    assert {row[0] for row in rows} == {f"{load_tagger().version}-{file.version}"}
    assert "analyst" in {word for row in rows for word in row[1]}


@pytest.mark.usefixtures("prefect")
def test_reprocessing_tags_stored_articles_with_the_model(first: Path) -> None:
    """What was stored before the training gets its topics, too; another model is another run."""
    from flows.reprocess import reprocess  # noqa: PLC0415  Prefect only where a test needs it

    place = Home(first)
    for topic in ("esg-climate", "legal"):
        write_model(adds_to_all(topic, "analyst"), place.topic_model)
        asyncio.run(reprocess(only=["topics"]))
        (found,) = query(
            place,
            "SELECT list(DISTINCT t.topic) FROM article_topics AS t"
            " JOIN articles AS a USING (version_id) WHERE t.method = 'model'",
        ).rows
        assert found == ([topic],)

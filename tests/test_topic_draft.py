"""A topic drafted from an article: it reads as a topic file, finds its seed and what is like it, and costs no file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from corpus.store import overview
from corpus.store.database import Database, open_database
from corpus.types import Article, Concept, Topic
from crawler.catalogue.topics import read_topic
from crawler.topic_draft import as_toml, draft, places
from nazair.cli import run
from pipelines.topic import judge
from tests import rude_server
from tests.processes import nazair
from tests.rude_server import HTML, Answer, catalogue, serving
from tests.storing import store
from tests.texts import article

SEED = Path(__file__).resolve().parent.parent / "fixtures" / "seed" / "essay.html"


def drafted(one: Article) -> Topic:
    return draft(one, id_="mine", title=None, telling=lambda terms: [1.0] * len(terms))


def concept(topic: Topic, name: str) -> Concept:
    return next(one for one in topic.concepts if one.name == name)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_draft_finds_the_article_that_it_is_made_from(number: int) -> None:
    one = article(number)

    match = judge(drafted(one), one)

    assert match.on_topic, match.reason
    assert match.score > drafted(one).min_score


def test_a_draft_does_not_find_an_article_on_something_else() -> None:
    assert judge(drafted(article(1)), article(3)).on_topic is False


FLOOD = (
    "ضربت سيول جارفة مدينة درنة فجر اليوم بعد انهيار سدين في الوادي، وقال الهلال الأحمر إن آلاف السكان مفقودون. "
    "وتواصل فرق الإنقاذ البحث تحت الأنقاض في درنة، وقالت فرق الإنقاذ إن السيول جرفت أحياء كاملة إلى البحر."
)
AFTER_THE_FLOOD = (
    "أعلنت النيابة العامة توقيف ثمانية مسؤولين على خلفية انهيار السدين في درنة، بينهم رئيس هيئة الموارد المائية. "
    "وطالب أهالي درنة بتحقيق دولي في أسباب الكارثة، وقالت البلدية إن صيانة السدين توقفت قبل سنوات."
)


def test_a_draft_finds_what_another_reporter_writes_of_the_same_event() -> None:
    seed = replace(article(1), title="سيول درنة: انهيار سدين وآلاف المفقودين تحت الأنقاض", text=FLOOD)
    other = replace(article(1), title="توقيف مسؤولين بعد كارثة درنة", text=AFTER_THE_FLOOD)

    assert judge(drafted(seed), other).on_topic
    assert not judge(drafted(seed), article(2)).on_topic
    assert concept(drafted(seed), "سيول").role == "optional"  # not Seoul: the text says «السيول»


def test_an_article_before_a_number_in_brackets_is_no_subject() -> None:
    seed = replace(article(1), title="سيول درنة تبلغ الدور الـ(9) من المباني", text=FLOOD)

    assert "ال" not in {one.name for one in drafted(seed).concepts}


def test_names_come_with_their_spellings_and_those_of_the_title_are_required() -> None:
    topic = drafted(article(1))

    assert concept(topic, "ترامب").aliases == ("ترامب", "ترمب")
    assert {one.name for one in topic.concepts if one.role == "required"} == {"ترامب", "بوتين"}
    assert concept(topic, "ألاسكا").weight == 1.0


def test_a_place_is_known_by_its_name() -> None:
    one = article(3)
    topic = drafted(
        Article(**{**vars_of(one), "title": "افتتاح معرض الكتاب في الأردن", "text": one.text + "\nوالأردن بلد المعرض."})
    )

    assert "الاردن" in places()
    assert concept(topic, "الأردن").role == "required"


def vars_of(one: Article) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Article.__dataclass_fields__}


def test_words_of_time_and_number_are_no_subject_and_a_word_that_is_no_name_is_not_required() -> None:
    text = "وافق الطرفان الخميس على هدنة مدتها ثلاثة أشهر، تليها ثلاثة أشهر أخرى وأشهر من الحوار، كما جاء في نص الهدنة"
    one = Article(**{**vars_of(article(1)), "title": "هدنة لثلاثة أشهر تبدأ الخميس", "text": text})
    topic = drafted(one)

    assert "هدنة" in {found.name for found in topic.concepts}
    assert not {"أشهر", "ثلاثة", "الخميس"} & {found.name for found in topic.concepts}
    assert {found.role for found in topic.concepts} == {"optional"}
    assert "Give one or two concepts" in as_toml(topic, seed="x")


def test_the_window_lies_around_the_article() -> None:
    topic = drafted(article(1))

    assert topic.since is not None
    assert topic.until is not None
    assert str(topic.since) == "2025-08-01"
    assert str(topic.until) == "2025-09-29"


def test_without_a_date_there_is_no_window() -> None:
    topic = drafted(Article(**{**vars_of(article(1)), "published_at": None, "published_precision": None}))

    assert (topic.since, topic.until) == (None, None)


def test_a_draft_reads_back_as_the_same_topic(tmp_path: Path) -> None:
    one = Article(**{**vars_of(article(1)), "title": 'عنوان "مقتبس" \\ ترامب\t'})
    topic, file = drafted(one), tmp_path / "mine.toml"

    file.write_text(as_toml(topic, seed="http://a.example/\n[topic]"), encoding="utf-8")

    assert read_topic(file) == Topic(
        **{**{n: getattr(topic, n) for n in Topic.__dataclass_fields__}, "title": topic.title.strip()}
    )


@pytest.fixture
def collection(tmp_path: Path) -> str:
    path = str(tmp_path / "nazair.db")
    with open_database(path, create=True).writing() as connection:
        store(connection, article(1), article(2), article(3))
    return path


def test_the_command_writes_a_new_file_and_shows_what_would_match(
    collection: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, arguments = tmp_path / "mine.toml", ["--from", article(1).url, "--id", "mine", "--db", collection]

    assert run(["topics", "new", *arguments, "--write", str(file)]) == 0

    shown = capsys.readouterr()
    assert article(1).title in shown.out
    assert "Of 3 stored articles of its window 2 would match." in shown.err
    assert read_topic(file).id == "mine"
    assert run(["topics", "check", str(file)]) == 0


def test_of_a_topic_that_wants_more_than_titles_name_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    concepts = "".join(f'[[topic.concept]]\nname = "{i}"\naliases = ["الوزير {i}"]\n' for i in range(50))
    for name, score in (("much", 0.5), ("little", 0.02)):
        head = f'[topic]\nid = "{name}"\ntitle = "الوزراء"\nmin_score = {score}\n'
        (tmp_path / f"{name}.toml").write_text(head + concepts, encoding="utf-8")

    assert run(["topics", "check", str(tmp_path / "little.toml"), str(tmp_path / "much.toml")]) == 0

    said = capsys.readouterr().err
    assert said.startswith("much: to score 0.5 an article must name 25 of the 50 concepts in its title")
    assert "little" not in said


def test_a_topic_is_drafted_from_an_article_by_its_id(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    drafts = []
    for seed in ("1", article(1).url):
        assert run(["topics", "new", "--from", seed, "--id", "mine", "--db", collection]) == 0
        drafts.append(capsys.readouterr().out)

    assert drafts[0] == drafts[1]
    assert run(["topics", "new", "--from", "9", "--id", "mine", "--db", collection]) == 3
    assert "There is no article 9: 3 are stored" in capsys.readouterr().err


def test_the_command_leaves_a_file_that_exists(
    collection: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("kept")

    assert (
        run(["topics", "new", "--from", article(1).url, "--id", "mine", "--db", collection, "--write", str(file)]) == 2
    )

    assert "exists; it was left as it is" in capsys.readouterr().err
    assert file.read_text() == "kept"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--from", "nowhere.html", "--id", "mine"], 2, "is no file and no URL"),
        (["--from", str(SEED), "--id", "alaska-summit"], 2, "There is a topic 'alaska-summit' already"),
        (["--from", str(SEED), "--id", "Mine"], 2, "--id: 'Mine' must consist of the letters a-z"),
        (["--from", __file__, "--id", "mine"], 3, "is no article"),
    ],
)
def test_bad_input_is_told(
    arguments: list[str], code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["topics", "new", *arguments, "--db", str(tmp_path / "nazair.db")]) == code

    output = capsys.readouterr()
    assert words in output.err
    assert output.out == ""
    assert not (tmp_path / "nazair.db").exists()


def test_a_file_that_is_no_text_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "saved.txt"
    saved.write_bytes(b"PK\x03\x04" + bytes(range(256)))

    assert run(["topics", "new", "--from", str(saved), "--id", "mine", "--db", str(tmp_path / "nazair.db")]) == 3

    assert f"{saved}: it is" in capsys.readouterr().err


@pytest.mark.parametrize("said", ["نص قصير", "ضربت سيول جارفة المدينة فجر اليوم."])
def test_of_a_text_that_nothing_is_told_of_no_topic_is_drafted(
    said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "saved.txt"
    saved.write_text(said, encoding="utf-8")

    assert run(["topics", "new", "--from", str(saved), "--id", "mine", "--db", str(tmp_path / "nazair.db")]) == 3

    output = capsys.readouterr()
    assert output.out == ""
    assert "No topic was drafted" in output.err


def test_a_page_is_read_by_the_rules_of_its_source(tmp_path: Path) -> None:
    page = rude_server.article(1, "ترامب في ألاسكا").replace(
        b"<article>", "<p class=head>لقاء ألاسكا</p><article>".encode()
    )
    pages = {"/news/1": Answer(200, page, HTML)}
    config = catalogue(tmp_path, ["a.example"], extra='delay_s = 0\nrules.title = "p.head"\n')
    with serving(lambda host, path, headers: pages.get(path, Answer(404))) as server:
        given = ("--config", config, "--proxy", server.url, "--db", tmp_path / "nazair.db")
        done = nazair("topics", "new", "--from", "http://a.example/news/1", "--id", "mine", *given)

    assert done.returncode == 0, done.stderr
    assert 'title = "لقاء ألاسكا"' in done.stdout


def test_a_saved_page_makes_a_draft_before_there_is_any_collection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["topics", "new", "--from", str(SEED), "--id", "mine", "--db", str(tmp_path / "nazair.db")]) == 0

    (tmp_path / "mine.toml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert {"ترامب", "بوتين", "ألاسكا"} <= {one.name for one in read_topic(tmp_path / "mine.toml").concepts}


TOPIC = """
[topic]
id = "floods"
title = "فيضانات"
[[topic.concept]]
name = "{name}"
aliases = ["{name}"]
role = "required"
"""


def test_rescoring_judges_what_is_stored_and_is_the_same_the_second_time(
    database: Database, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        store(connection, article(1), article(2), article(3))
    file = tmp_path / "topics" / "mine.toml"
    file.parent.mkdir()
    command = ["topics", "rescore", "floods", "--config", str(tmp_path), "--db", database_url]

    told = []
    for name in ("المعرض", "بوتين", "بوتين", "الزلزال"):
        file.write_text(TOPIC.format(name=name), encoding="utf-8")
        assert run(command) == 0
        told.append(capsys.readouterr().out.splitlines())

    assert told == [
        ["1 of 3 articles are judged differently.", "  floods: 1 article"],
        ["3 of 3 articles are judged differently.", "  floods: 2 articles"],
        ["0 of 3 articles are judged differently.", "  floods: 2 articles"],
        ["2 of 3 articles are judged differently.", "  floods: 0 articles"],
    ]
    with database.reading() as connection:
        assert overview.counts_by_topic(connection) == {}


def test_rescoring_stores_no_judgement_without_the_lists_that_follow_from_it(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with database.writing() as connection:
        store(connection, article(1), article(2), article(3))
        connection.execute(text("ALTER TABLE similar_lists RENAME TO away"))
    file = tmp_path / "topics" / "mine.toml"
    file.parent.mkdir()
    file.write_text(TOPIC.format(name="بوتين"), encoding="utf-8")
    command = ["topics", "rescore", "floods", "--config", str(tmp_path), "--db", database_url]

    assert run(command) != 0

    with database.writing() as connection:
        assert overview.counts_by_topic(connection) == {}
        connection.execute(text("ALTER TABLE away RENAME TO similar_lists"))
    assert run(command) == 0
    with database.reading() as connection:
        assert overview.counts_by_topic(connection) == {"floods": 2}

"""Spellings of names: ours and the user's, here and in worker processes; what a file must not say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import spellings
from corpus.errors import ConfigError
from corpus.morphology import alternatives, stop_words
from corpus.store.database import open_database
from corpus.terms import analyse, lemma, use_spellings
from corpus.types import Article
from nazair.cli import run
from tests.storing import store


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    yield
    use_spellings(None)


def file_of(folder: Path, text: str) -> Path:
    file = folder / "spellings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_adds_names_and_spellings(tmp_path: Path) -> None:
    assert lemma("تشارلز") != lemma("شارل")

    use_spellings(file_of(tmp_path, '[spellings]\n"تشارلز" = ["شارل"]\n"ترمب" = ["طرامب"]\n'))

    assert lemma("وتشارلز") == lemma("شارل")
    assert lemma("طرامب") == lemma("ترامب") == "ترامب"


def test_a_process_started_from_here_knows_the_file_too(tmp_path: Path) -> None:
    use_spellings(file_of(tmp_path, '[spellings]\n"تشارلز" = ["شارل"]\n'))

    script = "from corpus.terms import lemma; import sys; sys.exit(lemma('تشارلز') != lemma('شارل'))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_row_with_a_spelling_of_ours_adds_to_our_name(tmp_path: Path) -> None:
    use_spellings(file_of(tmp_path, '[spellings]\n"طرامب" = ["ترمب"]\n'))

    assert lemma("طرامب") == lemma("ترمب") == lemma("ترامب") == "ترامب"
    assert set(spellings.family("ترامب")) >= {"ترامب", "ترمب", "طرامب"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[spelings]\n"ا" = []', "spelings: unknown; there are two tables, [spellings] and [words]"),
        ("spellings = 3", "must be a table"),
        ('[spellings]\n"ترامب" = "ترمب"', "must be a list of strings"),
        ('[spellings]\n"دونالد ترامب" = []', "'دونالد ترامب' is not one word"),
        ('[spellings]\n"بوتين" = ["ترمب"]', "'ترمب' is a spelling of 'ترامب' already"),
        ('[words]\n"قلعة" = ["قلعه", "قلعة كبيرة"]', "words.قلعة: 'قلعة كبيرة' is not one word"),
        ("[spellings", "not TOML"),
    ],
)
def test_a_file_that_says_what_it_does_not_mean_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError) as refused:
        use_spellings(file_of(tmp_path, text))

    assert str(tmp_path) in str(refused.value)
    assert why in str(refused.value)
    assert lemma("ترمب") == "ترامب"


def test_a_search_knows_the_spellings_of_the_configuration_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = str(tmp_path / "nazair.db")
    now = datetime(2025, 8, 15, tzinfo=UTC)
    article = Article(url="http://a.example/1", title="خبر", text="زار شارل المدينة", language="ar", fetched_at=now)
    with open_database(db, create=True).writing() as connection:
        store(connection, article)

    assert run(["search", "تشارلز", "--db", db, "-f", "jsonl"]) == 0
    assert capsys.readouterr().out == ""

    file_of(tmp_path, '[spellings]\n"تشارلز" = ["شارل"]\n')
    # Stored before the file was written: spellings are looked up when somebody asks.
    assert run(["search", "تشارلز", "--db", db, "-f", "jsonl", "--config", str(tmp_path)]) == 0
    assert "شارل" in capsys.readouterr().out


def test_articles_that_spell_a_name_in_ways_of_the_users_file_share_it(tmp_path: Path) -> None:
    one, other = ("زار تشارلز الرباط", "خطاب"), ("غادر شارل القاهرة", "مؤتمر")
    shared = {term.lemma for term in analyse(*one).terms} & {term.lemma for term in analyse(*other).terms}
    assert shared == set()

    use_spellings(file_of(tmp_path, '[spellings]\n"تشارلز" = ["شارل"]\n'))

    shared = {term.lemma for term in analyse(*one).terms} & {term.lemma for term in analyse(*other).terms}
    assert shared == {"تشارلز"}


def test_spellings_of_one_name_are_all_its_spellings() -> None:
    assert spellings.all_of("ترامب") == {"ترامب", "ترمب"}
    assert spellings.all_of("مدينه") == {"مدينه"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("سوريا", "وسورية"),
        ("السوري", "السورية"),
        ("بنتاغون", "البنتاجون"),
        ("هونغ", "هونج"),
        ("ديمقراطيون", "الديموقراطيين"),
        ("التلفزيونية", "التليفزيونية"),
        ("بالمئة", "بالمائة"),
        ("الله", "ولله"),
        ("القمة", "لقمة"),
    ],
)
def test_what_newsrooms_spell_in_two_ways_is_one_word(one: str, other: str) -> None:
    assert lemma(one) == lemma(other)


@pytest.mark.parametrize(("one", "other"), [("سوريا", "السورية"), ("مئة", "كمية"), ("إيلون", "بالون")])
def test_other_words_are_no_spellings(one: str, other: str) -> None:
    assert lemma(one) != lemma(other)


def test_a_word_that_is_no_name_has_no_family() -> None:
    assert lemma("لقمة") == "قمه"
    assert spellings.family("القمة") == spellings.family("قمة") == ()
    assert spellings.family("ترمب") == ("ترامب", "ترمب")


def test_no_stop_word_is_taken_for_a_name() -> None:
    assert {word for word in stop_words() if spellings.names().keys() & alternatives(word)} <= {
        "ابو",
        "ابي",
        "ابا",
        "مايه",
    }

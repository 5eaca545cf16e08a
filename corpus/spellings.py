"""Names and words that Arabic papers spell in several ways, from TOML files: ours beside this module, and the user's.

    [spellings]
    "زيلينسكي" = ["زيلنسكي", "زلينسكي"]

    [words]
    "تلفزيون" = ["تليفزيون"]

The user's file is named by an environment variable, so that worker processes know it, too.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from corpus.arabic import fold
from corpus.errors import ConfigError

VARIABLE = "NAZAIR_SPELLINGS"
NAMES, WORDS = TABLES = ("spellings", "words")


def use(file: Path | None) -> bool:
    """Add this file's spellings to ours, here and in the processes started from here; tells whether that is a change.

    Raises ConfigError for a file that says what it does not mean.
    """
    named = None if file is None else str(file.absolute())
    if os.environ.get(VARIABLE) == named:
        return False
    _read([_shipped(), *([file] if file else [])])
    if named is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = named
    names.cache_clear()
    _families.cache_clear()
    return True


@cache
def names() -> Mapping[str, str]:
    """The name that stands for each spelling, both folded; a name stands for itself."""
    return _read(_files())


def all_of(name: str) -> frozenset[str]:
    """All spellings of a folded name, itself among them; of another word just the word."""
    return frozenset({name, *(spelling for spelling, of in names().items() if of == name)})


def family(word: str) -> tuple[str, ...]:
    """All spellings of the name that a word is, as the files spell them, the one that stands for all first.

    None of a word that is no name.
    """
    return _families().get(names().get(fold(word), ""), ())


@cache
def _families() -> Mapping[str, tuple[str, ...]]:
    """The spellings of each name, by the one that stands for all, folded."""
    found: dict[str, dict[str, str]] = {}
    for file in _files():
        for name, spellings in _tables(file)[NAMES].items():
            spelled = found.setdefault(names()[fold(name)], {})
            for spelling in (name, *spellings):
                spelled.setdefault(fold(spelling), spelling)
    return {name: tuple(spelled.values()) for name, spelled in found.items()}


def _files() -> list[Traversable | Path]:
    named = os.environ.get(VARIABLE)
    return [_shipped(), *([Path(named)] if named else [])]


def _shipped() -> Traversable:
    return files("corpus").joinpath("spellings.toml")


def _read(sources: list[Traversable | Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sources:
        known = dict(found)
        rows = [(table, row) for table, of in _tables(file).items() for row in of.items()]
        for table, (name, spellings) in rows:
            keys = {fold(spelling): spelling for spelling in (name, *spellings)}
            # A row that has a spelling of ours goes on with our row, whatever it takes for the name.
            one = next((known[key] for key in keys if key in known), fold(name))
            for key, spelling in keys.items():
                if len(key.split()) != 1:
                    raise ConfigError(file, key=f"{table}.{name}", why=f"{spelling!r} is not one word")
                if found.setdefault(key, one) != one:
                    why = f"{spelling!r} is a spelling of {found[key]!r} already"
                    raise ConfigError(file, key=f"{table}.{name}", why=why)
    return found


def _tables(file: Traversable | Path) -> dict[str, dict[str, list[str]]]:
    try:
        read = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(file, why=f"cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(file, why=f"not TOML in UTF-8: {error}") from error
    if unknown := sorted(read.keys() - set(TABLES)):
        raise ConfigError(file, key=unknown[0], why=f"unknown; there are two tables, [{NAMES}] and [{WORDS}]")
    return {table: _checked(file, table, read.get(table, {})) for table in TABLES}


def _checked(file: Traversable | Path, key: str, table: object) -> dict[str, list[str]]:
    if not isinstance(table, dict):
        raise ConfigError(file, key=key, why=f"must be a table: [{key}]")
    for name, spellings in table.items():
        if not isinstance(spellings, list) or not all(isinstance(one, str) for one in spellings):
            raise ConfigError(file, key=f"{key}.{name}", why="must be a list of strings")
    return table

"""TOML read strictly: every key is known, every value is checked, every error says where and why.

A table is described by `Fields`: the keys that it may have, each with a checker, a function from the
raw value to the wanted one that raises ValueError with the reason. Nothing here knows of sources or topics.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources.abc import Traversable
from typing import Any

from corpus.errors import ConfigError
from corpus.urls import normalise

Check = Callable[[object], object]

# What Arabic keyboards and word processors write in the place of a comma and of quotation marks.
TYPED_OTHERWISE = re.compile(r"\"[ \t]*([،؛])|[=\[,][ \t]*([“”«])")

KIND_NAMES = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a table"}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One key of a table."""

    check: Check
    required: bool = False


Fields = Mapping[str, Field]


def toml_files(folder: Traversable) -> list[Traversable]:
    """The TOML files of a folder, by name. Raises ConfigError when there is no such folder."""
    require_folder(folder)
    return sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)


def require_folder(folder: Traversable) -> None:
    """Raise ConfigError for what is not a folder."""
    if folder.is_file():
        raise ConfigError(folder, why="this is a file; a folder is needed here")
    if not folder.is_dir():
        raise ConfigError(folder, why="there is no such folder")


def read_toml(file: Traversable) -> dict[str, object]:
    """A file's content. Raises ConfigError for a file that is missing, not UTF-8 or not TOML."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ConfigError(file, why=f"cannot be read: {error.strerror}") from error
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(file, why=f"not UTF-8 at line {line}; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        typed = TYPED_OTHERWISE.search(raw.decode("utf-8-sig"))
        hint = (
            f"; TOML has ',' between strings, and '\"' around them: here is '{typed[1] or typed[2]}'" if typed else ""
        )
        raise ConfigError(file, why=f"not TOML: {error}{hint}") from error


def read_table(raw: object, fields: Fields, *, file: Traversable, key: str = "") -> dict[str, Any]:
    """The checked values of a table's keys. Raises ConfigError that names `key` and the field below it."""
    if not isinstance(raw, dict):
        raise ConfigError(file, key=key, why=f"must be a table, not {kind(raw)}")
    prefix = f"{key}." if key else ""
    for name in raw:
        if name not in fields:
            raise ConfigError(file, key=prefix + name, why=_unknown(name, fields))
    for name, field in fields.items():
        if field.required and name not in raw:
            raise ConfigError(file, key=prefix + name, why="missing")
    values = {}
    for name, value in raw.items():
        try:
            values[name] = fields[name].check(value)
        except ValueError as error:
            raise ConfigError(file, key=prefix + name, why=str(error)) from error
    return values


def keyed(tables: list[object], *, key: str, name: str) -> Iterator[tuple[str, object]]:
    """Each table of an array with the key that errors call it by: the value of its `name`, or its position."""
    for position, table in enumerate(tables, start=1):
        called = table.get(name) if isinstance(table, dict) else None
        yield f"{key}.{called if isinstance(called, str) and called else position}", table


def kind(value: object) -> str:
    """What a TOML value is, for people."""
    return KIND_NAMES.get(type(value), f"a {type(value).__name__}")


def anything(value: object) -> object:
    """Checked elsewhere."""
    return value


def tables(value: object) -> list[object]:
    """An array of tables with at least one in it."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"must be one or more tables in [[double brackets]], not {kind(value)}")
    return value


def text(value: object) -> str:
    """A string with something in it."""
    if not isinstance(value, str):
        raise ValueError(f"must be a string, not {kind(value)}")
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def ascii_id(value: object) -> str:
    """A name that fits into file names, URLs and command lines."""
    name = text(value)
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(f"{name!r} must consist of the letters a-z, digits and '-'")
    return name


def http_url(value: object) -> str:
    """An http(s) URL, normalised; no template, which would be asked for as it stands."""
    given = text(value)
    url = normalise(given)
    if url is None or "{" in given:
        raise ValueError(f"not an http(s) URL: {value!r}")
    return url


def truth(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {kind(value)}")
    return value


def number(value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number, not {kind(value)}")
    if not math.isfinite(value):
        raise ValueError(f"must be a finite number, not {value}")
    return float(value)


def day(value: object) -> date:
    """A TOML date."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"must be a date without quotes, such as 2025-08-15, not {kind(value)}")
    return value


def that(check: Callable[[object], float], holds: Callable[[float], bool], rule: str) -> Check:
    """A number for which something holds; `rule` completes "must be"."""

    def checked(value: object) -> float:
        result = check(value)
        if not holds(result):
            raise ValueError(f"must be {rule}, not {result:g}")
        return result

    return checked


def one_of(*choices: str) -> Check:
    """One of these strings."""

    def checked(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    return checked


def list_of(check: Check, *, least: int = 0) -> Check:
    """A list with `least` or more items, each checked."""

    def checked(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, not {kind(value)}")
        if len(value) < least:
            raise ValueError("must not be empty")
        return tuple(check(item) for item in value)

    return checked


def quoted(value: str) -> str:
    """A TOML string: JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False)


def _unknown(name: str, fields: Fields) -> str:
    near = difflib.get_close_matches(name, fields, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(fields)}"
    return f"unknown key {name!r}; {hint}"

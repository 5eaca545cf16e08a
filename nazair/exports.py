"""Export lines into a file: JSONL, CSV or Parquet, a line at a time; complete, or not there.

What is written goes into a hidden file beside the one that was named, which takes that name when all is on the disk.
A file that has come to be there in the meantime is not replaced.
"""

from __future__ import annotations

import io
import os
import sys
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from corpus.ask import EXPORTED
from corpus.errors import UsageError
from nazair.files import open_new, put_in_place
from nazair.output import json_line, write_csv

if TYPE_CHECKING:
    from pyarrow import DataType, Schema

Line = Mapping[str, Any]

SUFFIXES = {".jsonl": "jsonl", ".csv": "csv", ".parquet": "parquet"}
FORMATS = tuple(SUFFIXES.values())

# Lines of a row group of Parquet: some 4 MB of Arabic text.
ROWS_AT_ONCE = 1_000

BOM = "\ufeff"


def to_file(file: Path, lines: Iterable[Line], output_format: str, *, bom: bool, force: bool) -> int:
    """Write a new file, or with `force` in place of one; returns how many lines.

    Raises UsageError when it exists, or cannot be written: then nothing is left of it.
    """
    if file.exists() and not file.is_file():
        raise UsageError(f"{file} is a folder or a device; it was left as it is. For standard output give - and -f.")
    beside = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with open_new(beside) as opened:
            count = _write(opened, lines, output_format, bom=bom)
            opened.flush()
            os.fsync(opened.fileno())
        put_in_place(beside, file, force=force)
    except FileExistsError as error:
        raise UsageError(f"{file} exists; it was left as it is. Name another file, or say --force.") from error
    except OSError as error:
        raise UsageError(f"{file} could not be written: {error.strerror or error}. Nothing was left there.") from error
    finally:
        beside.unlink(missing_ok=True)
    return count


def to_stdout(lines: Iterable[Line], output_format: str, *, bom: bool) -> int:
    """Write to standard output; returns how many lines."""
    count = _write(sys.stdout.buffer, lines, output_format, bom=bom)
    sys.stdout.buffer.flush()
    return count


def require_parquet(output_format: str) -> None:
    """Raise UsageError when Parquet is asked for and cannot be written here."""
    if output_format != "parquet":
        return
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ModuleNotFoundError as error:
        raise UsageError(
            "Parquet support is not installed. Add it: pip install 'nazair[parquet]'. Or write .jsonl or .csv."
        ) from error


def _write(file: IO[bytes], lines: Iterable[Line], output_format: str, *, bom: bool) -> int:
    if output_format == "csv":
        return _csv(file, lines, bom=bom)
    return (_jsonl if output_format == "jsonl" else _parquet)(file, lines)


def _jsonl(file: IO[bytes], lines: Iterable[Line]) -> int:
    count = 0
    for line in lines:
        file.write(json_line(line).encode() + b"\n")
        count += 1
    return count


def _csv(file: IO[bytes], lines: Iterable[Line], *, bom: bool) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    if bom:
        text.write(BOM)
    count = write_csv(lines, text, names=EXPORTED)
    text.detach()
    return count


def _parquet(file: IO[bytes], lines: Iterable[Line]) -> int:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    left, count = iter(lines), 0
    some = list(islice(left, ROWS_AT_ONCE))
    schema = parquet_schema(some[0] if some else EXPORTED)
    with ParquetWriter(file, schema, compression="zstd") as writer:
        while some:
            rows = [{name: _typed(name, value) for name, value in line.items()} for line in some]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
            count += len(some)
            some = list(islice(left, ROWS_AT_ONCE))
    return count


def parquet_schema(names: Iterable[str]) -> Schema:
    """The columns of an export, by their names; those of an unknown name are text."""
    import pyarrow

    number, text = pyarrow.int64(), pyarrow.string()
    moment, texts = pyarrow.timestamp("s", tz="UTC"), pyarrow.list_(text)
    topic = pyarrow.struct([("id", text), ("score", pyarrow.float64()), ("matched", texts)])
    known: dict[str, DataType] = {
        "id": number,
        "copy_group": number,
        "copy_of": number,
        "published_at": moment,
        "fetched_at": moment,
        "gone_at": moment,
        "tags": texts,
        "directives": texts,
        "topics": pyarrow.list_(topic),
    }
    return pyarrow.schema([(name, known.get(name, text)) for name in names])


def _typed(name: str, value: Any) -> Any:
    if name.endswith("_at") and isinstance(value, str):
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return value

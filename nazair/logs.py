"""How log messages are written: to stderr, one a line; nothing in them can forge a line or move a cursor."""

from __future__ import annotations

import json
import logging
import sys

CHATTY = {"scrapy", "asyncio", "twisted", "trafilatura", "alembic", "py.warnings"}


class TextFormatter(logging.Formatter):
    """`12:30:01 WARNING  message`, control characters made visible."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        record.message = visible(record.message.strip())  # uvicorn ends some with a line end
        return super().formatMessage(record)


class JSONFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().strip(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def json_line(sentence: str, level: int) -> str:
    """What the program says of itself, as a line of JSON."""
    return JSONFormatter().format(logging.LogRecord("nazair", level, "", 0, "%s", (sentence,), None))


def handler(log_format: str) -> logging.Handler:
    """A handler that writes to stderr in this format, text or json."""
    made = logging.StreamHandler(sys.stderr)
    made.setFormatter(JSONFormatter() if log_format == "json" else TextFormatter())
    return made


def without_chatter(record: logging.LogRecord) -> bool:
    """Whether a message is from this program, or more than small talk of a library."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in CHATTY


def visible(text: str) -> str:
    """The text with control characters escaped: a page's title is not to be trusted with a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)

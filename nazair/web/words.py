"""The two languages of the interface: its words (`words.toml`), plural forms, dates and delays."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from typing import Literal

from babel import Locale
from babel.dates import format_date

Language = Literal["ar", "en"]
DIRECTIONS: Mapping[Language, str] = {"ar": "rtl", "en": "ltr"}

# Numbers stand in Latin digits in both languages, as most Arabic news sites write them.
CLOCK = "%H:%M"


class Words:
    """The interface in one language, with times in one zone."""

    def __init__(self, language: Language, zone: tzinfo = UTC, zone_name: str = "UTC") -> None:
        self.language = language
        self.direction = DIRECTIONS[language]
        self.zone, self.zone_name = zone, zone_name
        self._locale = Locale(language)

    def __call__(self, key: str, n: int | None = None, /, **values: object) -> str:
        """What stands for `key`; with `n`, in the plural form of that number."""
        found = _words()[key][self.language]
        if isinstance(found, str):
            return found.format(**values)
        if n is None:
            raise TypeError(f"{key!r} needs a number")
        return found.get(self._locale.plural_form(n), found["other"]).format(n=f"{n:,}", **values)

    def day(self, day: date) -> str:
        """A day, as «15 أغسطس 2025»."""
        return str(format_date(day, "d MMMM y", locale=self._locale))

    def short_day(self, day: date) -> str:
        """A day without its year."""
        return str(format_date(day, "d MMMM", locale=self._locale))

    def month(self, day: date) -> str:
        """The month of a day."""
        return str(format_date(day, "MMMM y", locale=self._locale))

    def moment(self, moment: datetime | None, precision: str | None = "minute", *, clock: bool = True) -> str:
        """A moment no more exactly than it is known: with its clock if it may be, as a day, as a month."""
        if moment is None:
            return self("undated")
        if precision not in ("second", "minute"):
            # A day has no zone: it stays the day that the page named.
            return self.month(moment.date()) if precision == "month" else self.day(moment.date())
        local = moment.astimezone(self.zone)
        return self.day(local.date()) + (f"{self('comma')}{local.strftime(CLOCK)}" if clock else "")

    def later(self, delay: timedelta) -> str:
        """How long after another: «بعد 3 ساعات»."""
        return self("same_time") if delay < timedelta(minutes=1) else self("later", delay=self.delay(delay))

    def delay(self, delay: timedelta) -> str:
        """How long, in the two largest units: «3 ساعات و5 دقائق»."""
        minutes = max(0, int(delay.total_seconds())) // 60
        if minutes == 0:
            return self("same_time")
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        units = [("days", days), ("hours", hours), ("minutes", 0 if days else minutes)]
        said = [self(unit, count) for unit, count in units if count]
        return said[0] if len(said) == 1 else self("and", a=said[0], b=said[1])


def known(language: str) -> Language:
    """The language of that code; Arabic for every other."""
    return "en" if language == "en" else "ar"


@cache
def _words() -> Mapping[str, Mapping[str, str | Mapping[str, str]]]:
    return tomllib.loads(files("nazair.web").joinpath("words.toml").read_text(encoding="utf-8"))

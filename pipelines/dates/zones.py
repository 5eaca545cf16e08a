"""Whose clock is meant: the outlet's by its country, or the one that the words name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from corpus.arabic import fold

# The zone of the capital, or of most of the press, in countries that have several.
OF_SEVERAL = {
    "AU": "Australia/Sydney",
    "CA": "America/Toronto",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "PS": "Asia/Hebron",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
}

# What stands behind a clock on Arabic pages. AST is Arabia there, GST the Gulf.
ABBREVIATIONS = {"gst": 4, "uae": 4, "ast": 3, "ksa": 3, "msk": 3, "eest": 3, "eet": 2, "cest": 2, "cet": 1, "wat": 1}

# Behind «بتوقيت»; further cities and countries come from CLDR.
MORE_PLACES = {
    "مكة المكرمة": "Asia/Riyadh",
    "مكة": "Asia/Riyadh",
    "السعودية": "Asia/Riyadh",
    "الإمارات": "Asia/Dubai",
    "أبوظبي": "Asia/Dubai",
    "أبو ظبي": "Asia/Dubai",
    "القدس المحتلة": "Asia/Jerusalem",
    "القدس": "Asia/Jerusalem",
    "فلسطين": "Asia/Hebron",
    "سوريا": "Asia/Damascus",
    "مسقط": "Asia/Muscat",
    "صنعاء": "Asia/Aden",
    "الرباط": "Africa/Casablanca",
    "موسكو": "Europe/Moscow",
    "روسيا": "Europe/Moscow",
    "واشنطن": "America/New_York",
    "غرينتش": "UTC",
    "غرينيتش": "UTC",
    "جرينتش": "UTC",
    "جرينيتش": "UTC",
    "قرينتش": "UTC",
}

# The outlet's own clock, said in so many words.
LOCAL = frozenset({fold("المحلي"), fold("محلي")})


@cache
def zone_of(country: str | None) -> ZoneInfo | None:
    """The zone of a country (ISO 3166); None where that is unknown, or where several are equally likely."""
    name = OF_SEVERAL.get(country or "") or _only_zones().get(country or "")
    return ZoneInfo(name) if name else None


@cache
def place_zones() -> Mapping[str, str]:
    """Folded Arabic name of a city or a country → its zone."""
    from babel import Locale

    arabic = Locale.parse("ar")
    found = {fold(name): zone for name, zone in MORE_PLACES.items()}
    for zone, names in arabic.time_zones.items():
        if "city" in names:
            found.setdefault(fold(names["city"]), zone)
    for country, zone in {**_only_zones(), **OF_SEVERAL}.items():
        if country in arabic.territories:
            found.setdefault(fold(arabic.territories[country]), zone)
    return found


def offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    """The zone of an offset such as +03:00; None for one that no place has."""
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if ahead > timedelta(hours=14) or int(minutes or 0) >= 60:
        return None
    return timezone(-ahead if sign == "-" else ahead) if ahead else UTC


@cache
def _only_zones() -> Mapping[str, str]:
    """Country → its zone, for countries that have one only."""
    zones: dict[str, list[str]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, []).append(zone)
    return {country: of[0] for country, of in zones.items() if len(of) == 1}

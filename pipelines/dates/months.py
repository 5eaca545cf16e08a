"""The names of months and weekdays, folded, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from corpus.arabic import fold

# The Gulf and Egypt, the Levant and Iraq, and the Maghreb; and the languages of half-translated templates.
ARABIC_LOCALES = ("ar", "ar_SY", "ar_MA", "ar_DZ", "ar_MR")
LATIN_LOCALES = ("en", "en_GB", "fr")

# Spellings that papers use and CLDR does not.
MORE_MONTHS = {
    "ابريل": 4,
    "يونيه": 6,
    "يوليه": 7,
    "جوييه": 7,
    "جويليه": 7,
    "غشت": 8,
    "اغشت": 8,
    "أوغسطس": 8,
    "شتنبر": 9,
    "سبتمر": 9,
    "أوكتوبر": 10,
    "تشرين أول": 10,
    "تشرين ثاني": 11,
    "تشرين ثان": 11,
    "نونبر": 11,
    "كانون أول": 12,
    "كانون ثاني": 1,
    "كانون ثان": 1,
}

MORE_HIJRI_MONTHS = {
    "المحرم": 1,
    "محرم الحرام": 1,
    "صفر الخير": 2,
    "ربيع أول": 3,
    "ربيع الآخر": 4,
    "ربيع ثاني": 4,
    "ربيع ثان": 4,
    "جمادى الأول": 5,
    "جماد الأول": 5,
    "جماد أول": 5,
    "جمادى الثانية": 6,
    "جمادى الثاني": 6,
    "جمادى الآخر": 6,
    "جماد الثاني": 6,
    "جماد ثاني": 6,
    "رمضان المبارك": 9,
    "ذي القعدة": 11,
    "ذوالقعدة": 11,
    "ذي الحجة": 12,
    "ذوالحجة": 12,
}


@cache
def months() -> Mapping[str, int]:
    """Folded name of a Gregorian month, of any region → its number."""
    from babel import Locale

    found = {fold(name): number for name, number in MORE_MONTHS.items()}
    for locale in (*ARABIC_LOCALES, *LATIN_LOCALES):
        widths = ("wide",) if locale in ARABIC_LOCALES else ("wide", "abbreviated")
        for width in widths:
            for number, name in Locale.parse(locale).months["format"][width].items():
                found.setdefault(fold(name), number)
    return found


@cache
def hijri_months() -> Mapping[str, int]:
    """Folded name of a Hijri month → its number."""
    from hijridate.locales import get_locale

    found = {fold(name): number for number, name in enumerate(get_locale("ar").month_names, start=1)}
    return found | {fold(name): number for name, number in MORE_HIJRI_MONTHS.items()}


@cache
def weekdays() -> Mapping[str, int]:
    """Folded name of a weekday → its number, Monday 0."""
    from babel import Locale

    locales = ("ar", *LATIN_LOCALES)
    return {fold(name): number for of in locales for number, name in Locale.parse(of).days["format"]["wide"].items()}


@cache
def shortened_weekdays() -> Mapping[str, int]:
    """The same with their short names, as Drupal writes them: «جمعة», Fri. Within a sentence «أحد» is no Sunday."""
    from babel import Locale

    english = Locale.parse("en").days["format"]["abbreviated"]
    bare = {name.removeprefix(fold("ال")): number for name, number in weekdays().items()}
    return {**weekdays(), **bare, **{fold(name): number for number, name in english.items()}}


@cache
def weekday_initials() -> Mapping[str, int]:
    """The letter that stands for a weekday right before a date: «ج, 08/01/2025»."""
    from babel import Locale

    return {fold(name): number for number, name in Locale.parse("ar").days["format"]["narrow"].items()}


def whole(pattern: str) -> str:
    """The pattern where no letter touches it; a digit may: «15أغسطس2025»."""
    return rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"

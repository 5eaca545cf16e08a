"""The particles of dates: labels, parts of the day, units of time, numbers. All as `plain` leaves them."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from corpus.arabic import fold

Unit = Literal["second", "minute", "hour", "day", "week", "month"]


class Half(Enum):
    """Which twelve hours a clock counts in, by the words beside it."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    NOON = "noon"  # from eleven to three
    NIGHT = "night"  # from the evening to after midnight


# What may stand on either side of a clock. «مساءا» is wrong, and frequent.
LONG_HALVES = {
    Half.MORNING: ("صباحا", "صباح", "فجرا", "ضحى", "قبل الظهر", "بعد منتصف الليل"),
    Half.AFTERNOON: ("مساء", "مساءا", "عصرا", "بعد الظهر"),
    Half.NOON: ("ظهرا",),
    Half.NIGHT: ("ليلا",),
}
# What only follows one: before it «م» belongs to the year.
SHORT_HALVES = {
    Half.MORNING: ("ص", "ق ظ", "ق.ظ"),
    Half.AFTERNOON: ("م", "ب ظ", "ب.ظ"),
}

THE_HOUR = "الساعة"
AT_THE_TIME_OF = "بتوقيت"
THE_TIME_OF = "توقيت"
GREENWICH = ("غرينتش", "غرينيتش", "جرينتش", "جرينيتش", "قرينتش", "ت.غ", "ت غ")
MINUTES_LONG = "دقيق"  # behind what looks like a clock, and is the length of a film
HIJRI_MARKS = ("ه", "هجري", "هجرية")
GREGORIAN_MARKS = ("م", "ميلادي", "ميلادية")

# Between the parts of a date: «15 من شهر أغسطس لعام 2025».
OF_MONTH = ("من شهر", "من", "شهر")
OF_YEAR = ("من العام", "من عام", "لعام", "لسنة", "عام", "سنة", "العام")
UNTIL = ("الى", "حتى", "و")  # between the two ends of a range

# Said of the publication, and of what came after it.
PUBLISHED = ("نشرت", "نشر", "نشره", "نشرها", "النشر", "published", "posted")
UPDATED = (
    *("آخر تحديث", "تم التحديث", "تم تحديثه", "تم تحديثها", "تاريخ التحديث", "التحديث", "تحديث", "محدث", "محدثة"),
    *("آخر تعديل", "تم التعديل", "تم تعديله", "تاريخ التعديل", "تعديل"),
    *("last updated", "last update", "updated", "update", "last modified", "modified"),
)
# What may stand before a date that has a line of its own.
LABELS = (*PUBLISHED, "تم", "تاريخ", "بتاريخ", "التاريخ", "في", "يوم", "شهر", "on", "date")

# Unit → one, two, and the forms that follow a number.
UNITS: dict[Unit, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "second": ("ثانية", ("ثانيتين", "ثانيتان"), ("ثوان", "ثواني", "ثانية")),
    "minute": ("دقيقة", ("دقيقتين", "دقيقتان"), ("دقائق", "دقايق", "دقيقة")),
    "hour": ("ساعة", ("ساعتين", "ساعتان"), ("ساعات", "ساعة")),
    "day": ("يوم", ("يومين", "يومان"), ("أيام", "يوما", "يوم")),
    "week": ("أسبوع", ("أسبوعين", "أسبوعان"), ("أسابيع", "أسبوعا", "أسبوع")),
    "month": ("شهر", ("شهرين", "شهران"), ("أشهر", "شهور", "شهرا", "شهر")),
}
NUMBERS = {
    **{"واحد": 1, "واحدة": 1, "اثنين": 2, "اثنتين": 2, "ثلاث": 3, "ثلاثة": 3, "أربع": 4, "أربعة": 4},
    **{"خمس": 5, "خمسة": 5, "ست": 6, "ستة": 6, "سبع": 7, "سبعة": 7, "ثمان": 8, "ثماني": 8, "ثمانية": 8},
    **{"تسع": 9, "تسعة": 9, "عشر": 10, "عشرة": 10},
}
AGO = ("منذ", "قبل", "مضى", "مضت")
ABOUT = ("حوالي", "نحو", "قرابة", "أقل من", "أكثر من", "ما يقارب")
PASSED = ("مضت", "مضى", "مضيا", "تقريبا", "واحدة", "واحد", "اثنتين", "اثنين")
AND = "و"
BEFORE_CLOCK = (THE_HOUR, "في", "عند", "على", "تمام")
DAYS_BACK = {
    **{"أمس": 1, "البارحة": 1, "أمس الأول": 2, "أول أمس": 2, "أول من أمس": 2, "قبل أمس": 2},
    **{"امبارح": 1, "yesterday": 1},
}


def plain_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words as they stand in a plain text: folded, their full stops kept."""
    return tuple(".".join(map(fold, word.split("."))) for word in words)

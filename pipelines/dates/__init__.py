"""When was it published? Arabic dates of every region, read strictly: a date that is not there is not guessed.

In the order in which the words of a page meet them:

    plain       one spelling for comparing; what is said of the publication apart from what is said of an update
    machine     ISO 8601 and RFC 2822
    written     «15 آب/أغسطس 2025», «21 صفر 1447 هـ», 15/08/2025, «أغسطس 2025»
    clock       20:45, «8:45 مساءً بتوقيت مكة المكرمة»
    relative    «منذ ساعتين», «أمس»: against the time of the fetch
    read        one candidate's words to a moment
    alone       whether a text is nothing but a time
    moment      a moment as exact as its words
    choose      which of a page's candidates is the publication
    months, zones, words    the tables: CLDR (Babel), Umm al-Qura (hijridate), tzdata, and what they lack

No dateparser: 1.5 finds the day of 79 of the 159 dates in fixtures/dates.toml, makes one up for 25 of the 78 that
are none, and of 2,524 strings on seven real pages reads 40 that these do not: clocks, telephones, years, no date.
"""

from pipelines.dates.choose import Published, published
from pipelines.dates.moment import Moment
from pipelines.dates.read import read_date

__all__ = ["Moment", "Published", "published", "read_date"]

"""Which news agency a by-line, a dateline or a closing credit names. The agencies: agencies.toml.

Only where a credit can stand: inside a sentence an agency is a source of somebody's, not of the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from corpus.arabic import fold, repair
from pipelines.phrases import phrases, table

WORDS = "fields/agencies.toml"

# Longer, a credit is a text. The limit also keeps the patterns from seeing megabytes.
LONGEST_CREDIT = 300

# Between the parts of a by-line or credit: «الواحة - المدار», «محمد علي | بغداد»; mailboxes and handles, too.
SEPARATOR = re.compile(
    r"\s*[|/\\•·&+]\s*|(?<=\d)\s?م\s+|\s+[-\u2013\u2014]+\s*|\s*[-\u2013\u2014]+\s+|\s*[،,؛;]\s*|\s*[()\[\]«»\"]\s*|(?<!\S)\S{0,64}@\S+"
)

# «أنكوريج (ألاسكا) (أ ف ب) –», «موسكو - رويترز -», «عمّان - (بترا)», «القاهرة - رويترز:»: place, country, agency, around
# a dash; or between slashes: «أبوظبي في 15 أغسطس / وام /», «غزة/ محمد ماجد/ الأناضول:».
DATELINE_WORDS = 14
DATELINE = re.compile(r".{2,80}[\w\s.)»][-\u2013\u2014]{1,2}\s(?:\([^()]{1,30}\)|(?:[^\s:()-]{1,20}\s?){1,3}:)?")
BETWEEN_SLASHES = re.compile(r"[^/]{2,80}(?:/[^/:]{1,30}){1,2}[/:]")
# A dateline on a line of its own: «إسطنبول / الأناضول», «الرياض 21 صفر 1447 هـ الموافق 15 أغسطس 2025 م واس».
LONGEST_DATELINE_WORDS = 8  # numbers and initials («م.ع/ ع.غ (أ ف ب)») not counted
SENTENCE_ENDS = (".", "!", "?", "\u061f", "…")
SET_OFF = re.compile(r"(?:/|\s-\s)([^/:-]{1,30})[/:]")
BRACKETED = re.compile(r"\(([^()]{1,30})\)")
CLOSING = re.compile(r"\(([^()]{1,30})\)\s*\.?$")


def parts(credit: str) -> list[str]:
    """A by-line or credit, taken apart."""
    split = SEPARATOR.split(repair(credit[:LONGEST_CREDIT]).replace("\n", " | "))
    return [stripped for part in split if (stripped := part.strip(" .:*"))]


def agency(name: str) -> str | None:
    """The agency that goes by this name, as it is stored; None for anything else."""
    return _names("exact").get(_exact(name)) or _names("spellings").get(_key(name))


def bracketed_agency(name: str) -> str | None:
    """The agency that a name means in brackets or behind «المصدر:», where towns and other words do not stand."""
    return agency(name) or _names("in_brackets").get(_key(name))


def agency_in(credit: str) -> str | None:
    """The agency that a by-line credits: «الواحة - أ.ف.ب»."""
    return _agency_in(credit[:LONGEST_CREDIT])


# A page has its author in four places, and a site's pages have the same.
@lru_cache(maxsize=1_000)
def _agency_in(credit: str) -> str | None:
    bracketed = map(bracketed_agency, BRACKETED.findall(credit))
    plain = (agency(part.rpartition(":")[2].strip()) for part in parts(credit))
    return agency_after_label(credit) or _best([*bracketed, *plain])


def agency_after_label(line: str) -> str | None:
    """The agency of a credit line such as «المصدر: رويترز»."""
    label, colon, rest = line[:LONGEST_CREDIT].partition(":")
    if not colon or fold(label) not in phrases(WORDS, "label"):
        return None
    return _best(map(bracketed_agency, parts(rest)))


def is_dateline(line: str, *, site_name: str | None = None) -> bool:
    """Whether a line is nothing but places, names and who has the text: «الرياض - واس», «لندن – «الواحة»:»."""
    if len(line) > LONGEST_CREDIT or line.endswith(SENTENCE_ENDS):
        return False
    if sum(len(word) > 2 and not word.isdecimal() for word in line.split()) > LONGEST_DATELINE_WORDS:
        return False
    site = fold(site_name or "")
    return any(agency(part) or (site and fold(part) == site) for part in parts(line))


def dateline_agency(text: str) -> str | None:
    """The agency that the first line of a text credits, in brackets, before a dash or by itself, or its last line.

    Of a second line, below a standfirst, its dateline.
    """
    first, *others = text.split("\n", 2)
    for line in (first, *others[:1]):
        head = " ".join(line[:LONGEST_CREDIT].split()[:DATELINE_WORDS])
        dateline = line if is_dateline(line) else _place(head)
        if (found := agency_after_label(line) or _best(_of_dateline(dateline))) is not None:
            return found
        if line is first and not _place(head) and (found := _best(map(bracketed_agency, BRACKETED.findall(head)))):
            return found
    last = text.rpartition("\n")[2]
    closing = CLOSING.search(last[-LONGEST_CREDIT:])
    return agency_after_label(last) or (_best(map(bracketed_agency, parts(closing[1]))) if closing else None)


def _place(head: str) -> str:
    """What stands before the first sentence of a text: a place, and who has it."""
    found = DATELINE.match(head) or BETWEEN_SLASHES.match(head)
    return found[0] if found else ""


def _of_dateline(place: str) -> Iterator[str | None]:
    yield from map(bracketed_agency, (*BRACKETED.findall(place), *SET_OFF.findall(place)))
    yield from map(agency, parts(place))


def _best(found: Iterable[str | None]) -> str | None:
    """The first agency; one with a name before «وكالات», which is none."""
    named = [one for one in found if one]
    return next((one for one in named if one not in _generic()), named[0] if named else None)


def _key(name: str) -> str:
    """Dots and spaces do not count (أ.ف.ب, أف ب), nor does hamza."""
    return fold(name).replace(" ", "")


def _exact(name: str) -> str:
    return re.sub(r"[\s.]+", "", repair(name))


@cache
def _names(kind: str) -> dict[str, str]:
    """The agency of each spelling of this kind; a name is a spelling unless it is listed as another kind."""
    key = _exact if kind == "exact" else _key
    found = {key(spelling): one["name"] for one in table(WORDS)["agency"] for spelling in one.get(kind, ())}
    if kind == "spellings":
        for one in table(WORDS)["agency"]:
            if one["name"] not in (*one.get("exact", ()), *one.get("in_brackets", ())):
                found[key(one["name"])] = one["name"]
    return found


@cache
def _generic() -> frozenset[str]:
    return frozenset(one["name"] for one in table(WORDS)["agency"] if one.get("generic"))

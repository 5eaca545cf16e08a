"""Arabic verbs: what a form is one of where the dictionary does not tell.

The dictionary has most forms of a verb, but gives one in six as a lemma of its own: «يقوم», «حصلوا», «سمحت», «نسمح».
Other forms of the same verb say more: «يقومون» is one of «قام», and «حصل» has «حصلوا» beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

# The lemma of a bare word in a dictionary; None of one that it does not have.
Entry = Callable[[str], str | None]

# What stands before the present: he, she, we, I.
HE, SHE, WE, ME = "ي", "ت", "ن", "أ"

# What may stand behind it: they, and they where it is a wish or may not be.
MANY = ("ون", "وا")

# What stands behind the past: they, she or I, we, you.
THEY, SHE_DID = "وا", "ت"
PAST = (THEY, SHE_DID, "نا", "تم")
WE_WEAK = "ينا"  # we, behind a stem that ends in another letter of its own: «قضينا»

FEMININE = "ة"
DONE = "م"  # before the participle
REFLEXIVE = ("ت", "ط", "د")  # behind the first letter of a root: «يهتم», «يضطر», «يزداد»
ALEF, WAW, YA = VOWELS = ("ا", "و", "ي")
FINAL_ALEF, ALEF_HAMZA, ALEF_MADDA, WAW_HAMZA = ("ى", "أ", "آ", "ؤ")

# So many letters has a stem without what stands before and behind it.
SHORTEST = 3

# Nouns without a feminine that are written as the present of a verb: left, oath, certainty, Jews, and a town.
NOUNS = frozenset("يسار يمين يقين يهود ينبع".split())


def verb_of(word: str, entry: Entry) -> str | None:
    """The lemma of the verb that a bare word is a form of, by other forms in the dictionary; None of other words."""
    if entry(word + FEMININE) is not None:
        return None  # «ثابت», firm, and «يمني», of Yemen
    if word.startswith(HE):
        return _of_present(word, entry)
    return _of_past(word, entry) or _of_present(word, entry)


def _of_past(word: str, entry: Entry) -> str | None:
    """«حصل» of «حصلوا», «ألقى» of «ألقت»."""
    for ending in PAST:
        stem = word.removesuffix(ending)
        if stem == word or entry(stem + THEY) is None:
            continue
        weak = stem + FINAL_ALEF
        if ending in (THEY, SHE_DID) and len(weak) >= SHORTEST and entry(weak) == weak and entry(stem + WE_WEAK):
            return weak
        if len(stem) >= SHORTEST and (found := entry(stem)) is not None:
            return found
    return None


def _of_present(word: str, entry: Entry) -> str | None:
    """«عمل» of «يعملون», «قام» of «تقوم»; not «عرض» of «تعرض», which is a verb or noun with a letter of its own."""
    person = word[:1]
    if person not in (HE, SHE, WE, ME) or word in NOUNS:
        return None
    for stem in _stems(word):
        if entry(HE + stem) is None or not _is_present(person, stem, entry):
            continue
        pasts = _pasts(stem)
        for form in (HE + stem, HE + stem + MANY[0], SHE + stem):
            if (lemma := entry(form)) in pasts:
                return lemma
        if found := _unaided(stem, entry):
            return found
    return None


def _stems(word: str) -> Iterator[str]:
    """What a form of the present may be without what stands before and behind it, behind first."""
    for ending in (*MANY, ""):
        if word.endswith(ending) and len(word) - 1 - len(ending) >= SHORTEST:
            yield word[1 : len(word) - len(ending)]


def _is_present(person: str, stem: str, entry: Entry) -> bool:
    """Whether the letter before a stem is that of a person, and no letter of a noun or another verb."""
    if person == HE:
        return True
    if person == SHE:  # «تراث», heritage; «تعرض», he suffered, of which she is «تعرضت»
        she_did = SHE + stem.removesuffix(FINAL_ALEF) + SHE_DID
        return stem[1] != ALEF and (stem[0] == SHE or entry(she_did) is None)
    # «نصيب», a share, «أغلب», most, «أوضح», he made clear
    return len(stem) > SHORTEST or (person == WE and stem[1] not in VOWELS and stem[-1] != YA)


def _pasts(stem: str) -> list[str]:
    """What the past of a verb may be whose present has this stem: «عمل», «أعلن», «قام», «أقام», «سعى», «استخدم»."""
    found = [start + stem for start in ("", ALEF_HAMZA, ALEF)]
    if stem[-2] in (WAW, YA):
        found += [start + _hollow(stem) for start in ("", ALEF_HAMZA, ALEF)]
    if stem[-1] in (WAW, YA, FINAL_ALEF):
        found += [start + stem[:-1] + end for end in (FINAL_ALEF, ALEF) for start in ("", ALEF_HAMZA, ALEF)]
    if stem[0] == WAW_HAMZA:  # «أكد», «أدى» and «آمن» of «يؤكد», «يؤدي» and «يؤمن»
        found += [ALEF_HAMZA + stem[1:], ALEF_HAMZA + stem[1:-1] + FINAL_ALEF, ALEF_MADDA + stem[1:]]
    return found


def _hollow(stem: str) -> str:
    """The past of a present whose last letter but one is another vowel: «قام» of «يقوم»."""
    return stem[:-2] + ALEF + stem[-1]


def _unaided(stem: str, entry: Entry) -> str | None:
    """The verb whose present has this stem, by what its past may be; a past has a form for «she»."""
    if stem[0] == SHE and len(stem) > SHORTEST:
        return stem if entry(stem + SHE_DID) else None
    candidates = [stem]
    if len(stem) > SHORTEST or stem[1] in REFLEXIVE or stem[0] == "ن":
        candidates.append(ALEF + stem)
    elif stem[0] == SHE and entry(DONE + stem) not in (None, stem):  # «متفق» beside «يتفق», but no «مترك» beside «يترك»
        candidates.insert(0, ALEF + stem)
    # «تصوير», so «يصور» is no form of «صار».
    if stem[-2] in (WAW, YA) and entry(SHE + stem[:-1] + YA + stem[-1]) is None:
        candidates[:0] = [_hollow(stem), ALEF + _hollow(stem)]
    for past in candidates:
        if entry(past) == past and entry(past + SHE_DID):
            return past
    return None

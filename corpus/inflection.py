"""Arabic nouns and adjectives: what they may end in, and what they are without it. `conjugation` is for verbs.

Which of several forms is a word is for the caller to know. Words are bare (`arabic`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.morphology import AN_OBJECT, ARTICLE, AS_OBJECT, SHORTEST_STEM

# What stands behind a noun or adjective: the dual, the plural and the feminine, each with what it ends in without it.
ENDINGS = (("تين", ("ة",)), ("تان", ("ة",)), ("ات", ("ة", "")), ("يين", ("ي",)), ("يون", ("ي",)), ("ية", ("ي",)))

# The plural of who does or is done to: «باحثون», «محتجين». In «بولتون» the letters are the name's.
PLURAL_OF_PARTICIPLES = ("ون", "ين")
_PARTICIPLE = re.compile(".ا..|م...")
_WHOLE_PARTICIPLE = re.compile(".ا.[^يو]|م.[^ا][^يو]|م.{3,4}[^يو]")

# What those end in that have behind them whose they are: «لاعبو», «لاعبي», «مدينتا», «مدينتي».
CONSTRUCT = ("و", "ي")
CONSTRUCT_DUAL = ("تا", "تي")

# What is written behind a noun of whose it is: his, her or its, their, our.
OWNERS = ("ه", "ها", "هم", "نا")
FEWER_OWNERS = ("هما", "هن")  # of two, of women

# Those that are no part of a name; and what a feminine and its plural end in.
SURE_OWNERS = ("هما", "هم", "هن", "ها")
LIGHT_ENDINGS = ("اته", "ته", "ات", "ة", "ه")

# What stands before a word that is in no dictionary, and is no part of it: the article, and a letter before a hamza.
# «كأس», a cup, would leave two letters.
_SURE_FRONT = re.compile("[وف]?(?P<article>[بكف]?ال|لل)(?=.{3})|[وفبلك]{1,2}(?=[أإآ].{3})")

# What some words end in before whose it is, and what they do without.
BEFORE_OWNERS = (("ئ", "ء"), ("ؤ", "ء"), ("ا", "ى"), ("و", "وا"))

# Daughter and voice: what they would be with the other t are words, too.
END_IN_T = ("بنت", "صوت")

# She, in the past of verbs with letters of their own: «تشكلت», and no «تكريت».
_SHE_DID = re.compile("[تا].{2,}[^اوي]ت")

# «منطقتنا», our region; «إعلانا» and «معلنا» are objects.
_OURS = re.compile(".*تنا|[^م].*[^اوي]نا")

# Before what will be done stands an s: «سيلتقي».
_WILL = re.compile("س(?=[يتنأ])")

# With fewer, what stands before the letters of an owner may be a preposition and two letters of another word.
SHORTEST_OWNED = 4


def nearest_forms(word: str, *, has_article: bool) -> Iterator[str]:
    """What a bare word may be a form or another spelling of.

    «انفجارات» of «انفجار», «سيارتين» of «سيارة», «حدودية» of «حدودي», «مسلحو» and «مسلحي» of «مسلح», «هجوما» of
    «هجوم», «سيلتقي» of «يلتقي», «تشكلت» of «تشكل»; «الإتحاد» of «الاتحاد», «المالى» of «المالي», «القاهره», which has
    the article, of «القاهرة»; without it «فريقه» is his team.
    """
    if word.endswith("ى"):
        yield word[:-1] + "ي"
    if word.endswith("ه") and has_article:
        yield word[:-1] + "ة"
    if word[0] in "أإا":
        yield from (first + word[1:] for first in "اأإ" if first != word[0])
    for ending, without in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            yield from (word.removesuffix(ending) + end for end in without)
    if word.endswith(CONSTRUCT_DUAL) and not has_article and len(word) > SHORTEST_STEM:
        yield word[:-2] + "ة"
    if word.endswith(CONSTRUCT) and not has_article and _WHOLE_PARTICIPLE.fullmatch(word[:-1]):
        yield word[:-1]
    for ending in PLURAL_OF_PARTICIPLES:
        if word.endswith(ending) and _PARTICIPLE.match(word.removesuffix(ending)):
            yield word.removesuffix(ending)
    if _WILL.match(word) and not has_article:
        yield word[1:]
    if _SHE_DID.fullmatch(word) or (as_no_object(word) != word and not _OURS.fullmatch(word)):
        yield word[:-1]


def without_end(word: str) -> Iterator[str]:
    """What a bare word may be without whose it is, or as no object: of «كتابه» «كتاب», of «وصولا» «وصول»."""
    for end in (*OWNERS, AS_OBJECT):
        if word.endswith(end) and len(word) - len(end) >= SHORTEST_OWNED:
            yield word.removesuffix(end)


def without_owner(word: str) -> Iterator[str]:
    """What a bare word may be written as before whose it is: «حكومت» of «حكومتها»."""
    for owner in (*FEWER_OWNERS, *OWNERS):
        if word.endswith(owner) and len(word) - len(owner) >= SHORTEST_STEM - (owner in SURE_OWNERS):
            yield word.removesuffix(owner)


def before_owner(stem: str) -> Iterator[str]:
    """How a word may be written that has this stem before whose it is.

    «حكومة» of «حكومت», «قوات» of «قوات», «لقاء» of «لقائ», «مستوى» of «مستوا», «لاعب» of «لاعبو».
    """
    if stem.endswith("ت") and stem not in END_IN_T:
        yield stem[:-1] + "ة"
    yield stem
    for ending, other in BEFORE_OWNERS:
        if stem.endswith(ending):
            yield stem.removesuffix(ending) + other
    if stem.endswith(CONSTRUCT) and _WHOLE_PARTICIPLE.fullmatch(stem[:-1]):
        yield stem[:-1]


def light_stem(word: str) -> str:
    """A bare word that is in no dictionary, without what is for certain no part of it, on its front and behind it.

    «مرتبط» of «والمرتبطة», «تهديد» of «تهديداتها», «أنقرة» of «لأنقرة»; «تبوك», «سوتشي» and «جونسون» as they are.
    """
    front = _SURE_FRONT.match(word)
    rest = masculine(word[front.end() :] if front else word)
    if not (front and front["article"]):
        rest = as_no_object(rest)
        for owner in SURE_OWNERS:
            if rest.endswith(owner) and len(rest) - len(owner) > SHORTEST_STEM:
                rest = rest.removesuffix(owner) + "ه"  # as where it is his
                break
    for ending in LIGHT_ENDINGS:
        if rest.endswith(ending) and len(rest) - len(ending) >= SHORTEST_STEM:
            return rest.removesuffix(ending)
    for ending in PLURAL_OF_PARTICIPLES:
        if rest.endswith(ending) and _PARTICIPLE.match(rest.removesuffix(ending)):
            return rest.removesuffix(ending)
    return rest


def as_no_object(word: str) -> str:
    """A bare word without the alef that it may end in as an object: of «دولارا» «دولار»."""
    is_object = word.endswith(AS_OBJECT) and AN_OBJECT.fullmatch(word[:-1]) and not word.startswith(ARTICLE)
    return word[:-1] if is_object else word


def masculine(word: str) -> str:
    """A bare word, of «الهاتفية» the masculine: «الهاتفي»."""
    return word[:-1] if word.endswith("ية") else word

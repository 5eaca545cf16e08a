"""Arabic words: what may stand on their front, which are spelt in two ways, which say nothing.

Which of several forms is a word is for the caller to know (`terms` has the dictionary). Folded and bare words are those
of `arabic`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from corpus.arabic import ARABIC_SCRIPT, HIJRI, bare, fold

# What may stand before a noun: and, so, by, for, like, the.
SO = "ف"
CONJUNCTIONS = ("و", SO)
FOR, LIKE = "ل", "ك"
PREPOSITIONS = ("ب", FOR, LIKE)
ARTICLE = "ال"
BEFORE_NOUNS = ("ب", LIKE)  # where «for» stands before verbs, too
PRESENT = "ي"  # he does
FOR_THE = "لل"  # for + the, written with one alef less
ARTICLES = (ARTICLE, *(part + ARTICLE for part in PREPOSITIONS if part not in FOR_THE), FOR_THE)

# Folded.
GOD = "الله"
OR = "او"
AND = "و"
GREGORIAN = "م"  # behind a year
SON_OF = "بن"  # between a name and the father's
WEEKDAYS = frozenset("السبت الاحد الاثنين الثلاثاء الاربعاء الخميس الجمعه".split())
NUMBER_WORDS = frozenset(  # from two to ten
    "اثنان اثنين اثنتان اثنتين ثلاث ثلاثه اربع اربعه خمس خمسه ست سته".split()
    + "سبع سبعه ثمان ثماني ثمانيه تسع تسعه عشر عشره".split()
)

# Names that begin so are written as one word or as two, «عبدالله» and «عبد الله», «أبوظبي» and «أبو ظبي»: their first
# part, and how the second begins.
TWO_PART_NAMES = (("عبد", "ال"), ("ابو", ""))

# Where Egyptian and older print seats a hamza otherwise than dictionaries do: «مسئولية», «رءوس», «مبادىء», «مائتين».
HAMZA_SEATS = (("ئو", "ؤو"), ("ءو", "ؤو"), ("ىء", "ئ"), ("مائت", "مئت"))

# What a noun without the article ends in as an object: «هجوما». Of 600 labelled articles on an attack one in ten writes
# the word so alone. Not a word of three letters, whose alef may make it another («صيد», fishing, and «صيدا», the town),
# nor behind a ya («سوري», «سوريا»), but where the words beside it agree: «اتفاقا نوويا».
AS_OBJECT = "ا"
AN_OBJECT = re.compile("[ء-ي]{3,}[^اهءي\\W]")
_TAKES_ALEF = re.compile("[ء-ي][^اهء\\W]$")
_LETTERS_OR_DIGITS = re.compile(r"\d+|\D+")

# A word keeps at least so many letters when something is taken off its front.
SHORTEST_STEM = 3

# So many when that is the article: «الحل», the solution.
SHORTEST_WITH_ARTICLE = 2

# What is written before so short a word: and, by, for. «كجم» is a kilogram.
BEFORE_SHORT = ("و", "ب", FOR)

# So many stand behind the beginning of a name of two parts.
SHORTEST_PART = 2

# Folded, so without hamza seats.
_ALPHABET = "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي"


@lru_cache(maxsize=100_000)
def alternatives(word: str) -> tuple[str, ...]:
    """A folded word, and what it may be without what Arabic writes on its front.

    «وبالاسكا» gives itself, «بالاسكا», «الاسكا» and «اسكا»: which of them is a word is for the caller to know.
    """
    found = dict.fromkeys([word])
    rest = _without(word, CONJUNCTIONS)
    for stem in dict.fromkeys([word, rest]):
        found[stem] = None
        if stem.startswith(FOR_THE) and len(stem) - len(FOR_THE) >= SHORTEST_WITH_ARTICLE:
            # Before the bare preposition, which leaves «لقمة», a morsel, of «للقمة», for the summit.
            found[stem[len(FOR_THE) :]] = None
            found[ARTICLE + stem[len(FOR_THE) :]] = None
        for part in (stem, _without(stem, PREPOSITIONS)):
            found[part] = None
            # «كالته» is no «like the», and «الله» no «له» with an article.
            shortest = SHORTEST_STEM if stem[0] == LIKE or part == GOD else SHORTEST_WITH_ARTICLE
            found[_without(part, (ARTICLE,), shortest=shortest)] = None
        if stem.startswith(FOR_THE):  # «لليرة», for the lira: before another l, that of the article is not written
            found[ARTICLE + stem.removeprefix(FOR)] = None
    return tuple(found)


def ways_to_name(name: Sequence[str]) -> list[list[str]]:
    """A name in folded words, and as texts write it where more changes than the front of its first word.

    «اتفاق نووي» stands there as «الاتفاق النووي» and «اتفاقا نوويا», too, «عبد الله» as «عبدالله» and
    «كوفيد-19» as «كوفيد19», and the other way.
    """
    in_parts = [part for word in name for part in in_two_parts(word) or _LETTERS_OR_DIGITS.findall(word)]
    ways = [list(name), _in_one_word(name), in_parts]
    if not any(word.startswith(ARTICLE) for word in name):
        if len(name) > 1:
            ways.append([ARTICLE + word if ARABIC_SCRIPT.fullmatch(word) else word for word in name])
        if len(name) > 1 or AN_OBJECT.fullmatch(name[0]):
            ways.append([word + AS_OBJECT if _TAKES_ALEF.search(word) else word for word in name])
    if len(name) > 1 and len(name[0]) < SHORTEST_STEM:
        # «وتل أبيب»: from so short a word nothing is taken off, but here the next one tells.
        ways += [[front, *name[1:]] for front in fronted(name[0])]
    return [way for i, way in enumerate(ways) if way not in ways[:i]]


def fronted(beginning: str) -> list[str]:
    """A folded beginning of a word, and the same with all that Arabic may write on its front: «والاوكران»."""
    return [
        conjunction + part + beginning for conjunction in ("", *CONJUNCTIONS) for part in ("", *PREPOSITIONS, *ARTICLES)
    ]


def definite(word: str) -> list[str]:
    """A folded word with the article, and with what Arabic may write before that: «والقمه», «للقمه»."""
    if len(word) < SHORTEST_WITH_ARTICLE:
        return []
    return [conjunction + article + word for conjunction in ("", *CONJUNCTIONS) for article in ARTICLES]


def short_rest(word: str) -> str | None:
    """What a bare word of three letters may be without the first: «حل» of «لحل», for a solution; «من» of «فمن».

    Not of the names «كيم» and «باخ»; behind «so» a function word.
    """
    first, rest = word[:1], word[1:]
    if len(rest) != SHORTEST_WITH_ARTICLE or rest[0] in "اوي":
        return None
    return rest if first in BEFORE_SHORT or (first == SO and is_function_word(rest)) else None


def with_its_article(word: str, part: str) -> str:
    """A part of a bare word, with the article if the word has it before that: «الفاشر» of «بالفاشر» and «فاشر»."""
    front = fold(word[: len(word) - len(part)])
    return ARTICLE + part if front.endswith((ARTICLE, FOR_THE)) else part


def is_verb_behind_preposition(word: str, part: str, lemma: str) -> bool:
    """Whether a part of a bare word is a verb («يلوي», he bends) behind «by» or «like», where none can be: «كيلو»."""
    return word[: -len(part)].endswith(BEFORE_NOUNS) and part.startswith(PRESENT) and not lemma.startswith(PRESENT)


def with_usual_seats(word: str) -> str:
    """A bare word with its hamzas where dictionaries seat them."""
    for seat, usual in HAMZA_SEATS:
        word = word.replace(seat, usual)
    return word


def in_two_parts(word: str) -> tuple[str, str] | None:
    """The parts of a bare word that may be a name which others write as two words; None of any other word."""
    for first, second in TWO_PART_NAMES:
        if fold(word).startswith(first + second) and len(word) >= len(first + second) + SHORTEST_PART:
            return word[: len(first)], word[len(first) :]
    return None


def is_one_name(first: str, second: str) -> bool:
    """Whether two bare words may be a name that others write as one word."""
    parts = in_two_parts(first + second)
    return parts is not None and parts[0] == first


def one_letter_off(folded: str) -> Iterator[str]:
    """Folded words that have one letter more or less, another one, or two in the other order."""
    for i in range(len(folded)):
        before, letter, after = folded[:i], folded[i], folded[i + 1 :]
        yield before + after
        yield before + after[:1] + letter + after[1:]
        for other in _ALPHABET:
            yield before + other + after
            yield before + other + letter + after
    yield from (folded + letter for letter in _ALPHABET)


def is_or(word: str) -> bool:
    """Whether a word of a query says "or"."""
    return word == "OR" or fold(word) == OR


def is_and(word: str) -> bool:
    """Whether a word of a query says "and", which all words of a query mean."""
    return word == "AND" or fold(word) == AND


def is_number(word: str) -> bool:
    """Whether a folded word is a number."""
    return word.isdecimal()


def number_in(word: str) -> str | None:
    """The number that a folded word is, with what Arabic may write on its front, or the sign of its calendar behind."""
    found = _NUMBER.fullmatch(word)
    return found and (found["year"] or found["number"])


@cache
def stop_words() -> frozenset[str]:
    """The folded words that say nothing about a subject."""
    return frozenset(map(fold, _function_words() | _words_of("news_words.txt")))


def is_function_word(word: str) -> bool:
    """Whether a bare word is one that nobody looks for: «على», and not the name «علي», which is folded alike."""
    return word in _function_words()


def stands_everywhere(name: Sequence[str]) -> bool:
    """Whether a name in folded words is of function words alone: «من», and «علي», which is folded like «على»."""
    return all(word in _folded_function_words() for word in name)


@cache
def _folded_function_words() -> frozenset[str]:
    return frozenset(map(fold, _function_words()))


@cache
def _function_words() -> frozenset[str]:
    return _words_of("function_words.txt")


def _words_of(file: str) -> frozenset[str]:
    lines = files("corpus").joinpath(file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in bare(line).split())


def _without(word: str, prefixes: tuple[str, ...], *, shortest: int = SHORTEST_STEM) -> str:
    for prefix in prefixes:
        rest = word.removeprefix(prefix)
        # Of «الـF-35» and «بـG7» what is left is no Arabic word.
        if rest != word and (len(rest) >= shortest or (rest and rest.isascii())):
            return rest
    return word


def _in_one_word(name: Sequence[str]) -> list[str]:
    """A name with those of its words made one that others write so."""
    joined: list[str] = []
    for word in name:
        if joined and (is_one_name(joined[-1], word) or (is_number(word) and not is_number(joined[-1]))):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


_NUMBER = re.compile(
    rf"[{''.join(CONJUNCTIONS)}]?(?:{'|'.join(map(re.escape, (*PREPOSITIONS, *ARTICLES)))})?"
    rf"(?:(?P<year>\d{{4}})[{HIJRI}{GREGORIAN}]|(?P<number>\d+))"
)

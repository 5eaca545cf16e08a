"""Arabic letters: the only module that knows them. Repair what is shown, fold what is compared.

Two levels. `repair` keeps the text as its author wrote it and takes away what makes it unsafe
or unequal to the eye; `fold` keeps only what tells words apart, and is never shown or stored as
an article's text. Raise `corpus.signature.FOLD_VERSION` when `fold` changes.
"""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files

TATWEEL = 0x0640
JOINER = 0x200D  # makes one picture of several

# The same letter under several hands: hamza seats, the two ya, ta marbuta, Persian keyboards.
FOLDED_LETTERS = {
    "أ": "ا",  # alef with hamza above
    "إ": "ا",  # alef with hamza below
    "آ": "ا",  # alef with madda
    "ٱ": "ا",  # alef wasla
    "ى": "ي",  # alef maqsura, in Egypt the final ya
    "ئ": "ي",  # ya with hamza
    "ؤ": "و",  # waw with hamza
    "ة": "ه",  # ta marbuta
    "ک": "ك",  # Persian kaf
    "ی": "ي",  # Persian ya
    "ہ": "ه",  # Urdu ha
    "ڤ": "ف",  # V, in foreign names
    "پ": "ب",  # P
    "چ": "ج",  # G in Egypt
    "ۀ": "ه",  # Persian ha with hamza
}

# Letters that Arabic does not write, and its neighbours in the same script do. Not ڤ and گ and پ
# alone, which Arabic papers use in foreign names: it is their share that tells (`foreign_letters`).
FOREIGN_LETTERS = frozenset(
    "پچژگکیۀہھےٹڈڑں"  # Persian and Urdu
    "ەێۆڕڵڎۊ"  # Kurdish
    "ټډړږښڼۍې"  # Pashto
    "ۇۈۋڭ"  # Uighur
    "ٻڀٺٽڦڇڃڄڌڏڊڙڳڱڻڪ"  # Sindhi
    "ڠڽݢۏ"  # Malay
)

# Of these, what Kurdish (Sorani) writes and Persian does not; a tenth of its letters.
KURDISH_LETTERS = frozenset("ەێۆڕڵ")

# Of these, what a Persian keyboard types where an Arabic one has another form of the same letter.
TYPED_IN_PERSIAN = str.maketrans("کی", "كي")  # kaf, ya

# What a tenth or more of the words of Persian is, and hardly one of Arabic; in Arabic letters.
PERSIAN_WORDS = frozenset("از به كه را اين است براي شد شده هاي مي با يك خود كرد بود نيز تا هم در".split())

# More marks on one letter are no writing, and putting 600,000 in order takes minutes. The limit is that of
# Unicode's stream-safe format (UAX #15, section 13).
MOST_MARKS = 30

# Letters and marks that are seen nowhere, outside of the categories that `repair` takes away whole
# (Default_Ignorable_Code_Point): grapheme joiner, Hangul fillers, Khmer and Mongolian selectors, variation selectors.
INVISIBLE = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)

# What may stand before a noun: and, so, by, for, like, the.
CONJUNCTIONS = ("و", "ف")
PREPOSITIONS = ("ب", "ل", "ك")
ARTICLE = "ال"
FOR = "ل"
FOR_THE = "لل"  # for + the, written with one alef less
ARTICLES = (ARTICLE, *(part + ARTICLE for part in PREPOSITIONS if part not in FOR_THE), FOR_THE)

# Folded.
OR = "او"
AND = "و"
HIJRI = "ه"  # behind a year
GREGORIAN = "م"  # behind a year
SON_OF = "بن"  # between a name and the father's
WEEKDAYS = frozenset("السبت الاحد الاثنين الثلاثاء الاربعاء الخميس الجمعه".split())

# Names that begin so are written as one word or as two, «عبدالله» and «عبد الله», «أبوظبي» and «أبو ظبي»: their first
# part, and how the second begins.
TWO_PART_NAMES = (("عبد", "ال"), ("ابو", ""))

# Where Egyptian and older print seats a hamza otherwise than dictionaries do: «مسئولية», «رءوس», «مبادىء», «مائتين».
HAMZA_SEATS = (("ئو", "ؤو"), ("ءو", "ؤو"), ("ىء", "ئ"), ("مائت", "مئت"))

# What stands behind a noun or adjective: the dual, the plural and the feminine, each with what it ends in without it.
ENDINGS = (("تين", ("ة",)), ("تان", ("ة",)), ("ات", ("ة", "")), ("يين", ("ي",)), ("يون", ("ي",)), ("ية", ("ي",)))

# The plural of who does or is done to: «باحثون», «محتجين». In «بولتون» the letters are the name's.
PLURAL_OF_PARTICIPLES = ("ون", "ين")
_PARTICIPLE = re.compile(".ا..|م...")

# What a noun without the article ends in as an object: «هجوما». Of 600 labelled articles on an attack one in ten writes
# the word so alone. Not a word of three letters, whose alef may make it another («صيد», fishing, and «صيدا», the town),
# nor behind a ya («سوري», «سوريا»), but where the words beside it agree: «اتفاقا نوويا».
AS_OBJECT = "ا"
_AN_OBJECT = re.compile("[ء-ي]{3,}[^اهءي\\W]")
_TAKES_ALEF = re.compile("[ء-ي][^اهء\\W]$")

_LETTERS_OR_DIGITS = re.compile(r"\d+|\D+")

# Before what will be done stands an s: «سيلتقي».
_WILL = re.compile("س(?=[يتنأ])")

# A word keeps at least so many letters when something is taken off its front.
SHORTEST_STEM = 3

# So many stand behind the beginning of a name of two parts.
SHORTEST_PART = 2

# A newline always ends one; a full stop only before a space, so that 3.5 is no end. A run of marks is tried from its
# first alone: from each, a search that shows a text with 40,000 of them took 26 s.
SENTENCE_END = re.compile(r"(?<![.!?\u061f\u2026])[.!?\u061f\u2026]++[\"”»)]*+\s+|\n+")

# Folded, so without hamza seats.
_ALPHABET = "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي"

LETTERS = re.compile(r"[^\W\d_]+")
ARABIC_SCRIPT = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufefc]+")

# What Arabic in UTF-8 looks like when it is read as a Western or as an Arabic Windows encoding.
GARBLED = re.compile("[ØÙÂÃ][\u0080-\u00ff\u0192-\u2122]|ط[§¨¹±¯]|ظ[†„…ٹپ]")
GARBLED_SIGNS = "ØÙÂÃ§¨¹±¯†„…ٹپ"  # one of these is in every pair

# What Arabic pages are written in, but for a few characters each: a code page of one byte a character, so of at most
# 256. ASCII; letters, marks and digits, Persian ones among them; punctuation; what is seen nowhere; French letters.
USUAL = "".join(
    (
        *map(chr, (*range(0x80), *range(0x0621, 0x063B), *range(0x0640, 0x0656), *range(0x0660, 0x066D))),
        *map(chr, (*range(0x06F0, 0x06FA), *range(0x200B, 0x2010), *range(0x202A, 0x202F))),
        "\u0670\u0671\u067e\u0686\u0698\u06a4\u06a9\u06af\u06cc\u060c\u061b\u061f",
        "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\xa0\xa9\xab\xad\xb7\xbb\ufeff",
        "àâçèéêëîïñôöûüÀÇÈÉ",
    )
)
_CODE_PAGE = codecs.charmap_build(USUAL.ljust(256, "\ufffe"))  # U+FFFE stands for no character
_LETTER_CODES = bytes(code for code, char in enumerate(USUAL) if LETTERS.match(char))
_ARABIC_LETTER_CODES = bytes(code for code in _LETTER_CODES if ARABIC_SCRIPT.match(USUAL[code]))


class _Table(dict[int, str | None]):
    """What becomes of each character of a text, worked out when it is first met.

    A text of usual characters goes through the code page, where `str.translate` takes thirteen times as long.
    """

    def __init__(self, of: Callable[[str], str | None]) -> None:
        super().__init__()
        self._of = of
        become = [of(char) for char in USUAL]
        self._gone = bytes(code for code, char in enumerate(become) if not char)
        # A few become several blanks («…»).
        self._decoded = "".join(char if char and len(char) == 1 else " " for char in become)

    def __missing__(self, code: int) -> str | None:
        self[code] = result = self._of(chr(code))
        return result

    def __call__(self, text: str) -> str:
        """The text with each character replaced; several blanks for one may be one."""
        try:
            coded, _ = codecs.charmap_encode(text, "strict", _CODE_PAGE)
        except UnicodeEncodeError:
            return text.translate(self)
        return codecs.charmap_decode(coded.translate(None, self._gone), "strict", self._decoded)[0]


def repair(text: str) -> str:
    """The text as it is to be shown: NFC, one space between words, one newline between paragraphs.

    Gone are NUL and control characters, lone surrogates, marks of direction, zero-width
    characters and tatweel (but for joiners between emoji, and that of «1446 هـ»), and marks
    beyond MOST_MARKS on one letter; presentation forms are letters again. Idempotent.
    """
    plain = _REPAIR(text)
    if chr(TATWEEL) in plain or chr(JOINER) in plain:
        plain = _STRAY.sub("", plain)
    plain = _with_few_marks(plain)
    composed = unicodedata.normalize("NFC", plain)
    if composed is not plain:
        composed = _with_few_marks(composed)  # NFC takes a few characters apart
    lines = composed.split("\n")
    return "\n".join(filter(None, [" ".join(line.split()) for line in lines]))


def bare(text: str) -> str:
    """The words of a text without vowel marks, tatweel and punctuation, hamza and ta marbuta kept.

    What a dictionary of lemmas expects, whatever keyboard it was typed on. Word for word the same as `fold`.
    """
    return " ".join(_BARE(text).split())


def spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand, as it is written: (start, end) of each, with its marks."""
    return [match.span() for match in _WORD.finditer(_PLACES(text))]


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand, each with the space behind it."""
    edges = [match.end() for match in SENTENCE_END.finditer(text)]
    return [(start, end) for start, end in zip([0, *edges], [*edges, len(text)], strict=True) if start < end]


def fold(text: str) -> str:
    """The words of a text as they are compared, joined by single spaces. Idempotent."""
    return " ".join(_FOLD(text).split())


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return _FOLD(text).split()


def bare_words(text: str) -> list[str]:
    """The bare words of a text."""
    return _BARE(text).split()


@lru_cache(maxsize=100_000)
def alternatives(word: str) -> tuple[str, ...]:
    """A folded word, and what it may be without what Arabic writes on its front.

    «وبالاسكا» gives itself, «بالاسكا», «الاسكا» and «اسكا»: which of them is a word is for the caller to know.
    """
    found = dict.fromkeys([word])
    rest = _without(word, CONJUNCTIONS)
    for stem in dict.fromkeys([word, rest]):
        found[stem] = None
        if stem.startswith(FOR_THE) and len(stem) - len(FOR_THE) >= SHORTEST_STEM - 1:
            # Before the bare preposition, which leaves «لقمة», a morsel, of «للقمة», for the summit.
            found[stem[len(FOR_THE) :]] = None
            found[ARTICLE + stem[len(FOR_THE) :]] = None
        for part in (stem, _without(stem, PREPOSITIONS)):
            found[part] = None
            found[_without(part, (ARTICLE,))] = None
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
        if len(name) > 1 or _AN_OBJECT.fullmatch(name[0]):
            ways.append([word + AS_OBJECT if _TAKES_ALEF.search(word) else word for word in name])
    return [way for i, way in enumerate(ways) if way not in ways[:i]]


def fronted(beginning: str) -> list[str]:
    """A folded beginning of a word, and the same with all that Arabic may write on its front: «والاوكران»."""
    return [
        conjunction + part + beginning for conjunction in ("", *CONJUNCTIONS) for part in ("", *PREPOSITIONS, *ARTICLES)
    ]


def definite(word: str) -> list[str]:
    """A folded word with the article, and with what Arabic may write before that: «والقمه», «للقمه»."""
    if len(word) < SHORTEST_STEM:
        return []
    return [conjunction + article + word for conjunction in ("", *CONJUNCTIONS) for article in ARTICLES]


def arabic_share(text: str) -> float:
    """Share of the letters of a text that are of the Arabic script, 0 to 1; 0 for a text without letters."""
    letters = _count_letters(text)
    return _count_arabic_letters(text) / letters if letters else 0.0


def foreign_letters(text: str, letters: frozenset[str] = FOREIGN_LETTERS) -> float:
    """Share of the Arabic-script letters that Arabic itself does not write, 0 to 1. Arabic prose has under 0.01."""
    all_letters = _count_arabic_letters(text)
    return sum(map(text.count, letters)) / all_letters if all_letters else 0.0


def in_arabic_letters(text: str) -> str:
    """The text with an Arabic keyboard's letters for those of a Persian one that are forms of the same."""
    return text.translate(TYPED_IN_PERSIAN)


def garbled(text: str) -> float:
    """Pairs that only a wrongly decoded text has, for each character of the text."""
    # Most texts have none of the signs, and looking for these takes a thirtieth of the time.
    return len(GARBLED.findall(text)) / max(1, len(text)) if any(map(text.__contains__, GARBLED_SIGNS)) else 0.0


def nearest_forms(word: str, *, has_article: bool) -> Iterator[str]:
    """What a bare word may be a form or another spelling of; which of them is a word is for the caller to know.

    «انفجارات» of «انفجار», «سيارتين» of «سيارة», «حدودية» of «حدودي», «سيلتقي» of «يلتقي»; «الإتحاد» of «الاتحاد»,
    «المالى» of «المالي», «القاهره», which has the article, of «القاهرة»; without it «فريقه» is his team.
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
    for ending in PLURAL_OF_PARTICIPLES:
        if word.endswith(ending) and _PARTICIPLE.match(word.removesuffix(ending)):
            yield word.removesuffix(ending)
    if _WILL.match(word) and not has_article:
        yield word[1:]


def masculine(word: str) -> str:
    """A bare word, of «الهاتفية» the masculine: «الهاتفي»."""
    return word[:-1] if word.endswith("ية") else word


def with_usual_seats(word: str) -> str:
    """A bare word with its hamzas where dictionaries seat them."""
    for seat, usual in HAMZA_SEATS:
        word = word.replace(seat, usual)
    return word


def is_or(word: str) -> bool:
    """Whether a word of a query says "or"."""
    return word == "OR" or fold(word) == OR


def is_and(word: str) -> bool:
    """Whether a word of a query says "and", which all words of a query mean."""
    return word == "AND" or fold(word) == AND


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


def is_number(word: str) -> bool:
    """Whether a folded word is a number."""
    return word.isdecimal()


def number_in(word: str) -> str | None:
    """The number that a folded word is, with what Arabic may write on its front, or the sign of its calendar behind."""
    found = _NUMBER.fullmatch(word)
    return found and (found["year"] or found["number"])


def with_its_article(word: str, part: str) -> str:
    """A part of a bare word, with the article if the word has it before that: «الفاشر» of «بالفاشر» and «فاشر»."""
    front = fold(word[: len(word) - len(part)])
    return ARTICLE + part if front.endswith((ARTICLE, FOR_THE)) else part


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


def _count_letters(text: str) -> int:
    usual = _count_usual(text, _LETTER_CODES)
    return sum(map(len, LETTERS.findall(text))) if usual is None else usual


def _count_arabic_letters(text: str) -> int:
    usual = _count_usual(text, _ARABIC_LETTER_CODES)
    return _count_letters("".join(ARABIC_SCRIPT.findall(text))) if usual is None else usual


def _count_usual(text: str, codes: bytes) -> int | None:
    """How many characters of a text have such codes, in a tenth of the time; None when one has no code."""
    try:
        coded, _ = codecs.charmap_encode(text, "strict", _CODE_PAGE)
    except UnicodeEncodeError:
        return None
    return len(coded) - len(coded.translate(None, codes))


def _without(word: str, prefixes: tuple[str, ...]) -> str:
    for prefix in prefixes:
        rest = word.removeprefix(prefix)
        # Of «الـF-35» and «بـG7» what is left is no Arabic word.
        if rest != word and (len(rest) >= SHORTEST_STEM or (rest and rest.isascii())):
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


def _with_few_marks(text: str) -> str:
    # Of so many in a row one stands at a multiple of their number, and none is a letter or a digit. Looked at in this
    # order, because each takes ten times as long as what stands before it.
    if any(map(unicodedata.combining, text[::MOST_MARKS])) and _SYMBOLS.search(text):
        return _too_many_marks().sub(r"\1", text)
    return text


_SYMBOLS = re.compile(rf"[^\w\s]{{{MOST_MARKS}}}")


@cache
def _too_many_marks() -> re.Pattern[str]:
    marks = "".join(map(chr, filter(lambda code: unicodedata.combining(chr(code)), range(sys.maxunicode + 1))))
    return re.compile(f"([{marks}]{{{MOST_MARKS}}})[{marks}]+")


def _is_presentation_form(char: str) -> bool:
    return "\ufb00" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufeff"


def _repaired(char: str) -> str | None:
    category = unicodedata.category(char)
    if char in "\n\r\x85\u2028\u2029":
        return "\n"
    if category == "Zs" or char == "\t":
        return " "
    if ord(char) in (TATWEEL, JOINER):  # some stay: see _STRAY
        return char
    if category in ("Cc", "Cf", "Cs", "Cn", "Co") or char in INVISIBLE:
        return None
    if _is_presentation_form(char):
        return unicodedata.normalize("NFKC", char).replace(chr(TATWEEL), "").strip()
    return char


def _bared(char: str) -> str | None:
    category = unicodedata.category(char)
    if ord(char) == TATWEEL or category in ("Mn", "Me", "Cf"):
        return None
    # In small letters first: the Turkish dotted I becomes an i and a mark, which goes.
    plain = unicodedata.normalize("NFKC", char).lower()
    if len(plain) > 1:
        return "".join(_bared(part) or "" for part in plain)
    if (digit := unicodedata.digit(plain, None)) is not None:
        return str(digit)
    return in_arabic_letters(plain) if unicodedata.category(plain)[0] in "LN" else " "


def _fold_of(char: str) -> str | None:
    plain = _bared(char)
    return plain and "".join(FOLDED_LETTERS.get(part, part) for part in plain)


def _place_of(char: str) -> str:
    plain = _bared(char)
    return "-" if plain is None else " " if plain.isspace() else "w"


_NUMBER = re.compile(
    rf"[{''.join(CONJUNCTIONS)}]?(?:{'|'.join(map(re.escape, (*PREPOSITIONS, *ARTICLES)))})?"
    rf"(?:(?P<year>\d{{4}})[{HIJRI}{GREGORIAN}]|(?P<number>\d+))"
)

# Tatweel and joiners that mean nothing, in text without other signs that are seen nowhere. After a year and its ه,
# tatweel stands for the letters that are left out; a joiner between two emoji makes them one.
_HIJRI_YEAR = rf"(?:(?<=\d{HIJRI})|(?<=\d {HIJRI}))"
_EMOJI = "[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_STRAY = re.compile(
    rf"(?!{_HIJRI_YEAR}{chr(TATWEEL)}(?:[\s.,;:!?\u060c\u061b\u061f()\[\]«»\"“”/-]|\Z)){chr(TATWEEL)}"
    rf"|(?!(?<={_EMOJI}){chr(JOINER)}{_EMOJI}){chr(JOINER)}"
)

# A word has a letter or digit; vowel marks and tatweel belong to the word that they stand in.
_WORD = re.compile("-*w[w-]*")

_PLACES = _Table(_place_of)
_REPAIR, _BARE, _FOLD = _Table(_repaired), _Table(_bared), _Table(_fold_of)

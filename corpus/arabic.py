"""Arabic letters: repair what is shown, fold what is compared. Words, and what is written around them: `morphology`.

Two levels. `repair` keeps the text as its author wrote it and takes away what makes it unsafe
or unequal to the eye; `fold` keeps only what tells words apart, and is never shown or stored as
an article's text. Raise `corpus.signature.FOLD_VERSION` when `fold` changes.
"""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache

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

HIJRI = "ه"  # folded; behind a year

# A newline always ends one; a full stop only before a space, so that 3.5 is no end. A run of marks is tried from its
# first alone: from each, a search that shows a text with 40,000 of them took 26 s.
SENTENCE_END = re.compile(r"(?<![.!?\u061f\u2026])[.!?\u061f\u2026]++[\"”»)]*+\s+|\n+")

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
    characters and tatweel (but for joiners between emoji, that of «1446 هـ», and one that ties a letter to
    what is none: «بـ"حماس"», «الـ27»), and marks beyond MOST_MARKS on one letter; presentation forms are
    letters again, and a tatweel between two blanks is the dash that it was typed for. Idempotent.
    """
    plain = _REPAIR(text)
    if chr(TATWEEL) in plain or chr(JOINER) in plain:
        plain = _STRAY.sub("", _DASH.sub("-", plain))
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


# Tatweel and joiners that mean nothing, in text without other signs that are seen nowhere. After a year and its ه,
# tatweel stands for the letters that are left out; it ties what is written before a word to a quotation, a number or
# Latin letters, as one article in five does; a joiner between two emoji makes them one.
_HIJRI_YEAR = rf"(?:(?<=\d{HIJRI})|(?<=\d {HIJRI}))"
_EMOJI = "[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_JOINING = "بتثجحخسشصضطظعغفقكلمنهيئپچڤگکی"  # what has a form with a stroke to the left
_TIED = (
    rf"(?<=[{_JOINING}]){chr(TATWEEL)}++"
    rf"(?:[“‘«(\[]|[\"'](?=\w)|[0-9\u0660-\u0669\u06f0-\u06f9A-Za-z]|(?<=\W[بلكف]{chr(TATWEEL)}) [\"“«]\w)"
)
# «واشنطن ـ رويترز»
_DASH = re.compile(rf"(?<=[^\S\n]){chr(TATWEEL)}+(?=[^\S\n])")
_STRAY = re.compile(
    rf"(?!{_TIED})(?!{_HIJRI_YEAR}{chr(TATWEEL)}(?:[\s.,;:!?\u060c\u061b\u061f()\[\]«»\"“”/-]|\Z)){chr(TATWEEL)}"
    rf"|(?!(?<={_EMOJI}){chr(JOINER)}{_EMOJI}){chr(JOINER)}"
)

# A word has a letter or digit; vowel marks and tatweel belong to the word that they stand in.
_WORD = re.compile("-*w[w-]*")

_PLACES = _Table(_place_of)
_REPAIR, _BARE, _FOLD = _Table(_repaired), _Table(_bared), _Table(_fold_of)

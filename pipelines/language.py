"""What a text is written in, told apart among the languages that Arabic sites and their neighbours use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from corpus.arabic import KURDISH_LETTERS, PERSIAN_WORDS, arabic_share, foreign_letters, in_arabic_letters, words
from corpus.morphology import ARTICLE, stop_words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Among all its 97 languages the identifier takes a fifth of short Arabic texts for Egyptian or
# Moroccan; among these it was right on 1,743 of 1,743 strings of six words.
LANGUAGES = {
    "ar": "Arabic",
    "fa": "Persian",
    "ur": "Urdu",
    "ps": "Pashto",
    "ug": "Uighur",
    "ku": "Kurdish",
    "en": "English",
    "fr": "French",
    "he": "Hebrew",
    "ru": "Russian",
    "tr": "Turkish",
    "es": "Spanish",
    "de": "German",
}

# Letters that Arabic does not write. Arabic prose has under .01 of them (foreign names), Persian
# over .05; between the two the identifier decides alone.
FOREIGN_SHARE = 0.03

# A text with so many Arabic stop words and articles, and hardly a letter that Arabic does not write, needs no
# identifier, which costs as much as parsing the page, and half a second when it is first asked. Arabic news has
# .15 or more of each; Persian and Urdu of this length are not written without their own letters.
PLAIN_SHARE = 0.1
MOST_FOREIGN_IN_PLAIN = 0.01
FEWEST_PLAIN_WORDS = 30

# Arabic is typed on Persian keyboards too, whose kaf and ya are other letters. Of 600 Arabic titles and texts so typed
# all were told by this, of 21 Persian lines none: a tenth of their words, or more, are Persian ones, of Arabic none.
MOST_PERSIAN_WORDS = 0.05

# Of fewer words the identifier knows too little: it takes «ترامب» for Persian.
FEWEST_TOLD_WORDS = 4

# How much of a text is looked at: more changes nothing.
LOOKED_AT = 1_000


def language(text: str) -> str:
    """The ISO 639-1 code of a text's language, one of LANGUAGES; "und" for a text without letters."""
    sample = text[:LOOKED_AT]
    if not any(char.isalpha() for char in sample):
        return "und"
    if _is_plain_arabic(in_arabic_letters(sample)):
        return "ar"
    code: str = _identifier().classify(sample)[0]
    if code == "ar" and arabic_share(sample) < 0.5:
        return "und"
    if code in ("fa", "ur") or (code == "ar" and foreign_letters(sample) > FOREIGN_SHARE):
        code = "ar" if _is_arabic_by_any_keyboard(in_arabic_letters(sample)) else "fa" if code == "ar" else code
    # The identifier knows Kurdish in Latin letters alone.
    if code == "fa" and foreign_letters(sample, KURDISH_LETTERS) > FOREIGN_SHARE:
        return "ku"
    return code


def name(code: str) -> str:
    """A language's English name, for messages."""
    return LANGUAGES.get(code, "a language that is not known")


def _is_plain_arabic(sample: str) -> bool:
    found = words(sample)
    if len(found) < FEWEST_PLAIN_WORDS or arabic_share(sample) < 0.9:
        return False
    if foreign_letters(sample) > MOST_FOREIGN_IN_PLAIN:
        return False
    stops, articles = sum(map(stop_words().__contains__, found)), sum(word.startswith(ARTICLE) for word in found)
    return min(stops, articles) >= PLAIN_SHARE * len(found)


def _is_arabic_by_any_keyboard(sample: str) -> bool:
    found = words(sample)
    persian = sum(map(PERSIAN_WORDS.__contains__, found))
    if foreign_letters(sample) > FOREIGN_SHARE or persian > MOST_PERSIAN_WORDS * len(found):
        return False
    return len(found) < FEWEST_TOLD_WORDS or bool(_identifier().classify(sample)[0] == "ar")


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier

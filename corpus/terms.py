"""The one analyser: a text's words, their lemmas, and the terms that similarity and search compare.

A lemma comes from simplemma's dictionary. Where that has another form of a word alone, `conjugation` and `inflection`
say which; of a word that it does not have at all no more is taken off than is certain. Of 6,861 words of a treebank of
news (UD Arabic PUD), 82 % of the pairs that are forms of one word have one lemma here, and of the pairs that have one
lemma here 88 % are forms of one word; with a stemmer for all that the dictionary lacks, it was 67 % and 88 %.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from sys import intern
from typing import NamedTuple

from corpus import spellings
from corpus.arabic import bare, bare_words, fold, repair
from corpus.conjugation import verb_of
from corpus.inflection import (
    as_no_object,
    before_owner,
    light_stem,
    masculine,
    nearest_forms,
    without_end,
    without_owner,
)
from corpus.morphology import (
    ARTICLE,
    SO,
    alternatives,
    is_number,
    is_verb_behind_preposition,
    number_in,
    short_rest,
    stop_words,
    with_its_article,
    with_usual_seats,
)
from corpus.types import Term

# News tells what matters first. 300 words against 500: nDCG .413 → .4225 on 490 labelled queries, Pearson
# the same within .001 on 119 labelled pairs, a third fewer terms to store; 200 words lose .02 on the pairs.
BODY_WORDS = 300

# A shorter word is no form of a verb that the dictionary calls by that form alone: «بيت», a house; «صوت», a voice.
SHORTEST_FORM = 4

# What becomes of a word, here, in `arabic`, `morphology`, `inflection`, `conjugation` and `spellings.toml`. Raised when
# lemmas change: a test tells.
VERSION = 4


@cache
def settings() -> str:
    """What lemmas follow from, but for the user's spellings: stored with the words of a collection."""
    return f"words={VERSION}/simplemma={version('simplemma')}"


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A text in the forms that are compared."""

    title_words: tuple[str, ...]  # folded
    body_words: tuple[str, ...]  # folded
    lemmas: tuple[str, ...]  # of the title's words, then of the body's
    terms: tuple[Term, ...]  # in order of first appearance
    numbers: tuple[str, ...]  # of the body, in order of first appearance


def analyse(title: str, text: str) -> Analysis:
    """The words, lemmas, terms and numbers of an article."""
    title_words, body_words = bare_words(title), bare_words(text)
    title_forms, body_forms = list(map(_form, title_words)), list(map(_form, body_words))
    in_title = Counter([form.lemma for form in title_forms])
    in_body = Counter([form.lemma for form in body_forms[:BODY_WORDS]])
    folded = tuple([form.folded for form in body_forms])
    return Analysis(
        title_words=tuple([form.folded for form in title_forms]),
        body_words=folded,
        lemmas=tuple([form.lemma for form in (*title_forms, *body_forms)]),
        terms=tuple(
            Term(lemma=word, surface=surface, in_title=in_title.get(word, 0), in_body=in_body.get(word, 0))
            for word, surface in _surfaces([*title_words, *body_words[:BODY_WORDS]]).items()
            if _tells_something(word, surface)
        ),
        numbers=tuple(dict.fromkeys([form.lemma for form in body_forms if is_number(form.lemma)])),
    )


def use_spellings(file: Path | None) -> None:
    """Take the spellings of names from this file, too. Raises ConfigError."""
    if spellings.use(file):
        _form.cache_clear()


def lemma(word: str) -> str:
    """The folded dictionary form of one word; names come in the spelling that stands for all of theirs."""
    return _form(bare(word)).lemma


def is_known(word: str) -> bool:
    """Whether a word is in the dictionary, or a name."""
    return _known(bare(word)) is not None


class _Form(NamedTuple):
    """What becomes of a bare word."""

    folded: str
    lemma: str
    shown: str  # without what stands before the article or the word, where that leaves a word


@lru_cache(maxsize=200_000)
def _form(word: str) -> _Form:
    found = (word, word) if word.isascii() else _number(word) or _known(word) or _nearly_known(word)
    shown, lemma = found or (word, fold(light_stem(word)))
    plain = as_no_object(shown)
    if plain != shown and fold(plain) == lemma and _is_known(plain):
        shown = plain
    # Mostly the same strings: interned, those of 47,000 words take 4 MB less.
    return _Form(folded=intern(fold(word)), lemma=intern(lemma), shown=intern(repair(shown)))


def _number(word: str) -> tuple[str, str] | None:
    """The number that a bare word is, «و38», «الـ15» and «2025م» too, as it is shown and as its lemma."""
    number = number_in(fold(word))
    return (number, number) if number is not None else None


def _known(word: str) -> tuple[str, str] | None:
    """What of a bare word is a name or in the dictionary, with the article that it has, and its lemma."""
    for part in alternatives(fold(word)):
        # Before the dictionary, which takes «لبوتين» for two lionesses.
        if part in spellings.names():
            return with_its_article(word, word[-len(part) :]), spellings.names()[part]
    for written in dict.fromkeys([word, with_usual_seats(word)]):
        for part in alternatives(written):
            if not _is_known(part):
                continue
            shown = with_its_article(written, part)
            lemma = fold(_lemma(part, is_noun=shown.startswith(ARTICLE)))
            if is_verb_behind_preposition(written, part, lemma):
                continue
            if shown != written and lemma not in stop_words():
                # «كتابه», his book, and no «تابه» with «like» before it, which the dictionary has, too.
                for whole in filter(_is_known, without_end(written)):
                    shown, lemma = written, fold(_lemma(whole))
            return shown, _spelled(lemma)
    return None


def _nearly_known(word: str) -> tuple[str, str] | None:
    """The same of a bare word of which the dictionary has another form: it has «انفجار», and no «انفجارات».

    It has «حكومة», too, and no «حكومته».
    """
    for part in alternatives(with_usual_seats(word)):
        shown = with_its_article(word, part)
        has_article = shown.startswith(ARTICLE)
        for form in nearest_forms(part, has_article=has_article):
            if _is_known(form):
                return shown, _spelled(fold(_lemma(form, is_noun=has_article)))
    if (rest := short_rest(word)) and _is_known(rest):
        return rest, _spelled(fold(_lemma(rest)))
    return _owned(word)


def _owned(word: str) -> tuple[str, str] | None:
    """The same of a bare word that is somebody's: «حكومته», his government.

    Of what it may be without that, first comes what is no form of another word: «دور» of «بدوره», not «بدور», a plural.
    But «فروعه», his branches, is no «روع» with «so» before it, which seldom stands before a noun.
    """
    word = with_usual_seats(word)
    parts = [part for part in alternatives(word) if with_its_article(word, part) == part]  # what has it is nobody's
    stems = [(part, form) for part in parts for stem in without_owner(part) for form in before_owner(stem)]
    nearest = ((part, form) for part, stem in stems for form in nearest_forms(stem, has_article=False))
    found = [one for one in stems if _is_known(one[1])] or [one for one in nearest if _is_known(one[1])]
    if not found:
        return None
    own = [] if word.startswith(SO) else [(part, form) for part, form in found if _lemma(form) == form]
    part, form = (own or found)[0]
    return part, _spelled(fold(_lemma(form)))


def _spelled(lemma: str) -> str:
    return spellings.names().get(lemma, lemma)


def _lemma(word: str, *, is_noun: bool = False) -> str:
    """The lemma of a word that is in the dictionary, which has some forms of verbs for verbs of their own."""
    from simplemma import lemmatize

    found = lemmatize(word, lang="ar")
    if found == word.removeprefix(ARTICLE) and masculine(found) != found:
        # It has «التاريخية» as a form of «تاريخي», and «تاريخية» as a lemma; or the reverse.
        others = map(_entry, (found, ARTICLE + found))
        return next((other for other in others if other and masculine(other) == other), found)
    if found != word or is_noun or len(word) < SHORTEST_FORM:
        return found
    return verb_of(word, _entry) or found


def _entry(word: str) -> str | None:
    from simplemma import lemmatize

    return lemmatize(word, lang="ar") if _is_known(word) else None


def _is_known(word: str) -> bool:
    from simplemma import is_known

    return is_known(word, lang="ar")


@lru_cache(maxsize=200_000)
def _tells_something(lemma: str, surface: str) -> bool:
    return len(lemma) > 1 and not is_number(lemma) and lemma not in stop_words() and fold(surface) not in stop_words()


def _surfaces(words: list[str]) -> dict[str, str]:
    """The usual form of each lemma; of equals the shortest, which has least on its front; of these the first."""
    often = Counter(words)
    forms: dict[str, str] = {}
    for word in often:
        known = forms.setdefault(_form(word).lemma, word)
        if known is not word and (-often[word], len(word)) < (-often[known], len(known)):
            forms[_form(word).lemma] = word
    return {of: _form(word).shown for of, word in forms.items()}

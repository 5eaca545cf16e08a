"""Search: the articles that match a query, best first, and what of them to show.

Words become forms here: a word is looked for in all its forms and spellings, a quoted one as it is written.
What matches is decided in `matching`; rows are read in `store.word_index`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property

import numpy as np

from corpus import matching, spellings
from corpus.arabic import fold
from corpus.directives import most_shown
from corpus.errors import UsageError
from corpus.inverted import UNKNOWN_TIME, minutes
from corpus.matching import Found, Matches
from corpus.morphology import alternatives, definite, fronted
from corpus.query import Either, Part, Phrase, Query
from corpus.snippet import MOST_WORDS, Snippet, marked_whole, snippet
from corpus.store import Connection, articles, topic_matches, words
from corpus.store.word_index import Form, Index
from corpus.terms import is_known, lemma
from corpus.types import Filter, StoredArticle

# A beginning may stand for so many forms.
MOST_FORMS = 5_000

# Shorter words are like too many: with 3, of 3,606 words of news «حره» found 357 articles, not 46, «وفا» 545, not 26.
SHORTEST_SURE = 4


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An article that matches a search."""

    article: StoredArticle
    score: float
    forms: Sequence[Sequence[Collection[str]]]  # for each phrase, in which forms each of its words was found

    @cached_property
    def title(self) -> Snippet:
        """All of the title, marked."""
        return marked_whole(self.article.article.title, self.forms)

    @cached_property
    def snippet(self) -> Snippet:
        """The place of the text that says most, made when it is asked for: of those on earlier pages nobody does."""
        found = self.article.article
        # Of a text of few words it is a half: what is found is for showing to others.
        most = max(1, min(MOST_WORDS, len(found.text.split()) // 2))
        shown = most_shown(found)
        if shown == 0:
            return Snippet(text="")
        whole = snippet(found.text, self.forms, most=most)
        return whole if shown is None else whole.within(shown)


def search(connection: Connection, query: Query, wanted: Filter, *, limit: int) -> list[Hit]:
    """The articles that match, best first; of equal ones the newest.

    Raises UsageError for a beginning of a word that stands for too many.
    """
    index = Index(connection)
    forms = _forms(index, query)
    matched = _matching(index, forms, query, wanted)
    best = _best(connection, index, matched, (query.limits, wanted), limit=limit)
    stored = articles.load(connection, [article_id for article_id, _ in best])
    # Once, however often and in whatever forms of it a word was typed: of 32 times «قمة», snippets took 2.5 s.
    shown = dict.fromkeys(
        tuple(frozenset(form.folded for form in of_word) for of_word in forms[phrase]) for phrase in query.phrases()
    )
    return [
        Hit(article=found, score=round(score, 4), forms=tuple(shown))
        for article_id, score in best
        if (found := stored.get(article_id)) is not None
    ]


def matching_ids(connection: Connection, query: Query, wanted: Filter) -> frozenset[int]:
    """The ids of all articles that match. Raises UsageError as `search` does."""
    index = Index(connection)
    documents = _matching(index, _forms(index, query), query, wanted).documents
    return frozenset(_allowed(connection, index.column("article_ids", documents).tolist(), (query.limits, wanted)))


def _matching(index: Index, forms: Mapping[Phrase, Sequence[Sequence[Form]]], query: Query, wanted: Filter) -> Found:
    """The documents that match, within days and source."""
    ids = {phrase: [[form.id for form in of_word] for of_word in found] for phrase, found in forms.items()}
    lengths, postings = index.look_up({form for found in forms.values() for of_word in found for form in of_word})
    found = Matches(lengths, postings, ids).of(query)
    for limits in (query.limits, wanted):
        found = _passing(index, found, limits)
    return found


def _best(
    connection: Connection, index: Index, matched: Found, limits: Sequence[Filter], *, limit: int
) -> list[tuple[int, float]]:
    """The ids and scores of the best that the filters allow: more and more are looked at, until there are enough."""
    looked_at = limit
    while True:
        some = matching.highest(matched, limit=looked_at)
        ranked = _ranked(index, some)
        allowed = _allowed(connection, [article_id for article_id, _ in ranked], limits)
        found = [one for one in ranked if one[0] in allowed]
        if len(found) >= limit or len(ranked) == len(matched.documents):
            return found[:limit]
        looked_at *= 8


def _ranked(index: Index, found: Found) -> list[tuple[int, float]]:
    """The ids and scores of documents, best first; of equal ones the newest, then the earliest id."""
    ids, published = index.columns(["article_ids", "published"], found.documents)
    order = np.lexsort((ids, -published, -found.scores))
    return list(zip(ids[order].tolist(), found.scores[order].tolist(), strict=True))


def _forms(index: Index, query: Query) -> Mapping[Phrase, Sequence[Sequence[Form]]]:
    """For each phrase, the forms in which each of its words stands in the collection."""
    phrases = set(_phrases(query))
    exact = index.forms_of(folded={fold(word) for phrase in phrases if phrase.exact for word in _plain(phrase)})
    loose = _in_all_forms(index, {word for phrase in phrases if not phrase.exact for word in _plain(phrase)})

    def of(word: str, *, phrase: Phrase) -> Sequence[Form]:
        return [form for form in exact if form.folded == fold(word)] if phrase.exact else loose[word]

    return {
        phrase: [
            *(of(word, phrase=phrase) for word in _plain(phrase)),
            *([_beginning(index, phrase.words[-1])] if phrase.beginning else ()),
        ]
        for phrase in phrases
    }


def _in_all_forms(index: Index, wanted: Collection[str]) -> Mapping[str, Sequence[Form]]:
    """By word, all its forms; where it has none, those of what is left without what stands on its front.

    «بجانب», beside, is only then «by a side», and «كمال» never «like money» where a Kamal is written of.
    """
    found = _forms_of(index, wanted)
    stems = {word: alternatives(fold(word))[1:] for word, forms in found.items() if not forms}
    of_stems = _forms_of(index, {stem for of_word in stems.values() for stem in of_word})
    return found | {word: next(filter(None, map(of_stems.__getitem__, of_word)), ()) for word, of_word in stems.items()}


def _forms_of(index: Index, wanted: Collection[str]) -> dict[str, Sequence[Form]]:
    """By word, the forms of its lemma, those that are the word once folded, and all that have a lemma of these.

    The lemma alone is that of the word as it was typed, and people type «اطلاق» for «إطلاق», «هدنه» for «هدنة».
    """
    lemmas = {word: spellings.all_of(lemma(word)) for word in wanted}
    written = {word: ways_to_write(fold(word)) for word in wanted}
    found = index.forms_of(folded=set[str]().union(*written.values()), lemmas=set[str]().union(*lemmas.values()))
    same = {word: {form for form in found if _is_written(form, ways)} for word, ways in written.items()}
    others = {
        word: frozenset[str]().union(*(spellings.all_of(form.lemma) for form in same[word]))
        for word, ways in written.items()
        if len(min(ways, key=len)) >= SHORTEST_SURE and not (is_known(word) and _has_lemma(same[word], lemmas[word]))
    }
    found += index.forms_of(lemmas=set[str]().union(*others.values()).difference(*lemmas.values()))
    meant = {word: of_word | others.get(word, frozenset[str]()) for word, of_word in lemmas.items()}
    return {word: [form for form in found if form in same[word] or form.lemma in meant[word]] for word in wanted}


def _has_lemma(forms: Collection[Form], lemmas: Collection[str]) -> bool:
    return any(form.lemma in lemmas for form in forms)


def ways_to_write(folded: str) -> dict[str, str]:
    """The ways in which a word may be written: each with what then stands on its front and may be a part of it."""
    ways: dict[str, str] = {}
    for stem in alternatives(folded):
        with_article = definite(stem)
        if stem == folded or folded in with_article:
            if len(stem) >= SHORTEST_SURE:
                ways |= {one: one.removesuffix(stem) for one in fronted(stem)}
            ways |= dict.fromkeys([stem, *with_article], "")
    return ways


def _is_written(form: Form, ways: Mapping[str, str]) -> bool:
    """Whether a form is a word in one of the ways, and the analyser took off what stands on its front, too.

    «بحرية», a navy, has the lemma «بحري», so it is not «حرية».
    """
    front = ways.get(form.folded)
    if not front:
        return front is not None
    first = form.folded[len(front)]
    return not any(form.lemma.startswith(front[i:] + first) for i in range(len(front)))


def _plain(phrase: Phrase) -> tuple[str, ...]:
    return phrase.words[:-1] if phrase.beginning else phrase.words


def _beginning(index: Index, beginning: str) -> list[Form]:
    found = index.forms_beginning(fronted(fold(beginning)), limit=MOST_FORMS + 1)
    if len(found) > MOST_FORMS:
        raise UsageError(f"'{beginning}*' stands for more than {MOST_FORMS:,} words here: give more of its letters.")
    return found


def _phrases(part: Part) -> list[Phrase]:
    """All phrases of a part of a query, those that must not be there too."""
    if isinstance(part, Phrase):
        return [part]
    inner = part.of if isinstance(part, Either) else (*part.all_of, *part.none_of)
    return [phrase for one in inner for phrase in _phrases(one)]


def _passing(index: Index, found: Found, limits: Filter) -> Found:
    """What is within the filter's days and source; an unknown date is within no days."""
    if limits.since is not None:
        found = found.where(index.column("published", found.documents) >= _minutes(limits.since))
    if limits.until is not None:
        published = index.column("published", found.documents)
        found = found.where((published < _minutes(limits.until) + 24 * 60) & (published != UNKNOWN_TIME))
    if limits.source_id is not None:
        found = found.where(index.column("source_keys", found.documents) == words.source_key(limits.source_id))
    return found


def _allowed(connection: Connection, ids: Collection[int], limits: Sequence[Filter]) -> set[int]:
    """Those of the articles that the filters allow by what the index does not know: topic and reserved rights."""
    allowed = set(ids)
    for one in limits:
        if one.topic_id is not None:
            allowed &= topic_matches.of_topic(connection, one.topic_id, allowed)
        if one.unreserved:
            allowed -= articles.reserved(connection, allowed)
    return allowed


def _minutes(day: date) -> int:
    return minutes(datetime.combine(day, time.min, UTC))

"""A topic file drafted from one article: what it is about, as far as its words tell. A person looks it over.

Names are known by what is listed: spelling families, and the places of CLDR (countries, and the cities that stand for
time zones) in Arabic. What else is told by weight: words of the title, and what the text says again and again, more so
when few articles of the collection do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from corpus.arabic import bare_words, fold
from corpus.errors import NotComparable
from corpus.morphology import ARTICLE, CONJUNCTIONS, alternatives, is_number, stop_words
from corpus.spellings import family
from corpus.terms import analyse, lemma
from corpus.types import Article, Concept, Term, Topic
from crawler.catalogue.strict import quoted
from pipelines.dates.months import months, weekdays
from pipelines.dates.words import NUMBERS, OF_YEAR, UNITS
from pipelines.topic import LEAD_WORDS, judge

# Coverage begins before an event, and goes on after it. Guess.
BEFORE, AFTER = timedelta(days=14), timedelta(days=45)

MOST_CONCEPTS = 10
MOST_REQUIRED = 2

# A phrase that is repeated is one thing: «وقف إطلاق النار». Guess.
PHRASE_TIMES = 3
LONGEST_PHRASE = 3

# Of the seed's own score: other articles on its subject name less of what it names. Drafts from 47 labelled articles of
# eight subjects found with .6 a tenth of what else is written on them (precision 1.00), with .3 half (.93), with .2
# two thirds (.79).
SHARE_OF_SEED = 0.3

IN_TITLE, IN_LEAD, REPEATED = 1.0, 0.5, 0.25


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """Something that the article may be about."""

    name: str
    aliases: tuple[str, ...]
    weight: float
    rank: float
    is_name: bool


def draft(
    article: Article, *, id_: str, title: str | None, telling: Callable[[Sequence[Term]], Sequence[float]]
) -> Topic:
    """The topic that an article seems to be about. `telling` says how much each term tells, as `corpus.vector.idf`.

    The concepts that it requires are at most two names of the title: a word that is none may be chance, and to require
    it would lose articles. The seed itself is always on the topic. Raises NotComparable when nothing tells.
    """
    found = _candidates(article, telling)
    if not found:
        raise NotComparable(
            "No topic was drafted: in the article stands no name that is known, nor a word that it comes back to. "
            "Give a longer one."
        )
    names = [one for one in found if one.is_name and one.weight == IN_TITLE]
    required = {one.name for one in names[:MOST_REQUIRED]}
    concepts = tuple(
        Concept(
            name=one.name,
            aliases=one.aliases,
            weight=one.weight,
            role="required" if one.name in required else "optional",
        )
        for one in sorted(found, key=lambda one: one.name not in required)
    )
    day = article.published_at.date() if article.published_at else None
    topic = Topic(
        id=id_,
        title=title or article.title or id_,
        concepts=concepts,
        since=day - BEFORE if day else None,
        until=day + AFTER if day else None,
        min_score=0.0,
    )
    seed = judge(topic, article)
    return replace(topic, min_score=round(seed.score * SHARE_OF_SEED, 2))


def as_toml(topic: Topic, *, seed: str) -> str:
    """The file of a topic, with notes for whoever looks it over."""
    lines = [
        f"# Drafted from {' '.join(seed.split())}. Look over names, spellings and weights; take out what is chance."
    ]
    lines += ["", "[topic]", f"id = {quoted(topic.id)}", f"title = {quoted(topic.title)}"]
    lines += [f"since = {topic.since}  # the article's day, and some before", f"until = {topic.until}"] * (
        topic.since is not None
    )
    lines += [f"min_score = {topic.min_score:g}  # of the article's own score, {SHARE_OF_SEED:.0%}"]
    if all(concept.role == "optional" for concept in topic.concepts):
        lines += ["", '# No name that is known stands in the title. Give one or two concepts: role = "required"']
    for concept in topic.concepts:
        lines += ["", "[[topic.concept]]", f"name = {quoted(concept.name)}"]
        lines += [f"role = {quoted(concept.role)}"] * (concept.role != "optional")
        lines += [f"weight = {concept.weight:g}"]
        lines += [f"aliases = [{', '.join(map(quoted, concept.aliases))}]"]
    return "\n".join(lines) + "\n"


@cache
def places() -> dict[str, str]:
    """Folded name of a place → the name, in Arabic; of one word or several."""
    from babel import Locale

    arabic = Locale("ar")
    names: list[str] = [name for code, name in arabic.territories.items() if code.isalpha()]
    names += [zone["city"] for zone in arabic.time_zones.values() if zone.get("city")]
    return {fold(name): name for name in reversed(names) if fold(name)}


@cache
def _times_and_numbers() -> frozenset[str]:
    """The lemmas of units of time, of days and months, and of small numbers: what no article is about."""
    units = [word for one, two, many in UNITS.values() for word in (one, *two, *many)]
    return frozenset(map(lemma, (*units, *OF_YEAR, *NUMBERS, *weekdays(), *months())))


def _candidates(article: Article, telling: Callable[[Sequence[Term]], Sequence[float]]) -> list[_Candidate]:
    """What the article may be about, most of all first."""
    analysis = analyse(article.title, article.text)
    phrases = _phrases(bare_words(article.text))
    inside = {lemma(word) for phrase in phrases for word in phrase.split()}
    lead = {lemma(word) for word in bare_words(article.text)[:LEAD_WORDS]}
    weights = dict(zip((term.lemma for term in analysis.terms), telling(analysis.terms), strict=True))
    with_article = {
        form for word in analysis.body_words for form in alternatives(word) if form.startswith(ARTICLE) and form in word
    }
    found = [
        _candidate(term, weights[term.lemma], in_lead=term.lemma in lead, with_article=with_article)
        for term in analysis.terms
        if (term.in_title or term.in_body > 1)
        and (term.lemma not in inside or term.in_title)
        and term.lemma not in _times_and_numbers()
    ]
    found += [
        _Candidate(name=phrase, aliases=(phrase,), weight=REPEATED, rank=often * 2.0, is_name=False)
        for phrase, often in phrases.items()
    ]
    best = sorted(_united(found), key=lambda one: (-one.weight, not one.is_name, -one.rank, one.name))
    return best[:MOST_CONCEPTS]


def _candidate(term: Term, tells: float, *, in_lead: bool, with_article: Container[str]) -> _Candidate:
    stem = _without_article(term.surface)
    # «سيول» is Seoul, but not where the text says «السيول», the floods: names without the article never have it.
    forms = [form for form in alternatives(fold(term.surface)) if ARTICLE + form not in with_article]
    place = next((places()[form] for form in forms if form in places()), None)
    spelled = next((found for form in forms if (found := family(form))), ())
    name = spelled[0] if spelled else place or term.surface
    is_name = bool(spelled or place)
    # A word of the title that the text never takes up again is its wording, not its subject.
    titled = term.in_title and (is_name or term.in_body)
    weight = IN_TITLE if titled else IN_LEAD if in_lead and term.in_body > 1 else REPEATED
    return _Candidate(
        name=name,
        aliases=_different((name, *spelled, stem if place is None and not spelled else name)),
        weight=weight,
        rank=tells * (2 * term.in_title + term.in_body),
        is_name=is_name,
    )


def _united(found: Iterable[_Candidate]) -> list[_Candidate]:
    """The candidates with those of one name made one."""
    by_name: dict[str, _Candidate] = {}
    for one in found:
        known = by_name.get(fold(one.name))
        by_name[fold(one.name)] = (
            one
            if known is None
            else replace(
                known,
                aliases=_different((*known.aliases, *one.aliases)),
                weight=max(known.weight, one.weight),
                rank=known.rank + one.rank,
            )
        )
    return list(by_name.values())


def _different(aliases: Iterable[str]) -> tuple[str, ...]:
    """The aliases without those that a topic finds by another: folded, with what stands on a word's front."""
    found: dict[str, str] = {}
    for alias in aliases:
        found.setdefault(fold(alias), alias)
    reached = {
        key: any(key != other and other in alternatives(key) for other in found) for key in found if " " not in key
    }
    return tuple(alias for key, alias in found.items() if not reached.get(key, False))


def _without_article(surface: str) -> str:
    """The word without the article, and what may stand before it, if its bare form is a word of its own."""
    for front in ("", *CONJUNCTIONS):
        whole = front + ARTICLE
        if surface.startswith(whole) and len(surface) - len(whole) >= 3:
            return surface[len(whole) :]
    return surface


def _phrases(words: Sequence[str]) -> dict[str, int]:
    """Runs of two or three words that come again and again, and how often; the longer ones first."""
    found: dict[str, int] = {}
    for length in range(LONGEST_PHRASE, 1, -1):
        runs = Counter(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
        for phrase, often in runs.items():
            parts = phrase.split()
            if often < PHRASE_TIMES or not (_says_something(parts[0]) and _says_something(parts[-1])):
                continue
            if not any(phrase in longer for longer in found):
                found[phrase] = often
    return found


def _says_something(word: str) -> bool:
    return fold(word) not in stop_words() and not is_number(fold(word)) and len(word) > 1

"""Does an article belong to a topic, and why? Names in the title and the lead weigh; background does not."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import product

from corpus.arabic import fold, words
from corpus.morphology import ARTICLE, FOR, FOR_THE, alternatives, ways_to_name
from corpus.spellings import family
from corpus.types import Article, Concept, Precision, Topic, TopicMatch

# What a place in the article says about its subject. News names its subject in the title and
# again at once; a topic that first comes up further down is background. Guesses, from the
# bundled web: a follow-up that names the summit in its last paragraph scores .3, a report .8.
TITLE, LEAD, BODY_OFTEN, BODY = 1.0, 0.8, 0.6, 0.3

# So many times in the body is no longer in passing.
OFTEN = 3

# The lead: the first words of the body.
LEAD_WORDS = 60

# Words whose aliases are remembered, of each topic: those that come first are most that come often. 5 MB.
MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class _Alias:
    """An alias as it is looked for, by its first word."""

    name: str  # as the topic file spells it
    rest: list[str]  # folded


def judge(topic: Topic, article: Article) -> TopicMatch:
    """Whether an article belongs to a topic: its score, what was found, and a sentence that says why.

    The score is the mean over the topic's concepts, by weight, of the best place where each was found.
    """
    found = _find(topic, words(article.title), words(article.text))
    positive = [concept for concept in topic.concepts if concept.role != "excluding"]
    total = sum(concept.weight for concept in positive)
    score = sum(concept.weight * _place(found, concept) for concept in positive) / total
    reason = _objection(topic, found, article.published_at, article.published_precision) or (
        f"scores {score:.2f}, under {topic.min_score:g}" if score < topic.min_score else None
    )
    named = [concept for concept in positive if concept.name in found]
    return TopicMatch(
        topic_id=topic.id,
        score=round(score, 4),
        matched=tuple(sorted({found[concept.name][1] for concept in named})),
        names=tuple(concept.name for concept in named),
        on_topic=reason is None,
        reason=reason or f"scores {score:.2f}: names {', '.join(concept.name for concept in named)}",
    )


# The pages of a site name the same articles. 1 MB; where feeds have long summaries, 10.
@lru_cache(maxsize=2_000)
def names_in(topic: Topic, text: str) -> frozenset[str]:
    """The concepts that a text names, excluding ones left out."""
    excluding = {concept.name for concept in topic.concepts if concept.role == "excluding"}
    return frozenset(concept for concept, _ in _matches(words(text), _names(topic)) if concept not in excluding)


def missing(topic: Topic, text: str) -> str | None:
    """What a topic wants and no article made of parts of a text can name, in a sentence; None when one may name it all.

    Blanks do not count, so that a word may be in pieces; the words of a name may stand in two lines that are beside
    each other.
    """
    letters = "".join(words(text))
    named = {concept.name for concept in topic.concepts if any(map(letters.__contains__, _letters_of(concept)))}
    for concept in topic.concepts:
        if concept.role == "required" and concept.name not in named:
            return f"never names {concept.name}"
    positive = [concept for concept in topic.concepts if concept.role != "excluding"]
    if topic.min_score > 0 and not any(concept.name in named for concept in positive):
        return f"scores 0.00, under {topic.min_score:g}"
    return None


def window(topic: Topic) -> str:
    """The topic's window in words."""
    return f"{topic.since or '…'} to {topic.until or '…'}"


def last_day(first: date, precision: Precision | None) -> date:
    """The last of the days that a date may mean, whose first is known."""
    return first.replace(day=monthrange(first.year, first.month)[1]) if precision == "month" else first


def _objection(
    topic: Topic, found: Mapping[str, tuple[float, str]], published_at: datetime | None, precision: Precision | None
) -> str | None:
    """Why an article cannot belong to the topic whatever it scores, if so."""
    if published_at is not None and not _in_window(published_at.date(), precision, topic):
        return f"published on {published_at:%Y-%m-%d}, outside {window(topic)}"
    for concept in topic.concepts:
        if concept.role == "required" and concept.name not in found:
            return f"never names {concept.name}"
        if concept.role == "excluding" and _place(found, concept) >= LEAD:
            return f"is about {concept.name}, which the topic excludes"
    return None


def _in_window(first: date, precision: Precision | None, topic: Topic) -> bool:
    """Whether a day, or one of the days of a month, is in the topic's window."""
    is_late = topic.since is None or last_day(first, precision) >= topic.since
    return is_late and (topic.until is None or first <= topic.until)


def _place(found: Mapping[str, tuple[float, str]], concept: Concept) -> float:
    return found[concept.name][0] if concept.name in found else 0.0


def _find(topic: Topic, title: list[str], body: list[str]) -> dict[str, tuple[float, str]]:
    """Concept → (best place, the first alias found there)."""
    names = _names(topic)
    found: dict[str, tuple[float, str]] = {}
    for place, part in ((TITLE, title), (LEAD, body[:LEAD_WORDS])):
        for concept, alias in _matches(part, names):
            found.setdefault(concept, (place, alias))
    named: dict[str, list[str]] = {}
    for concept, alias in _matches(body[LEAD_WORDS:], names):
        named.setdefault(concept, []).append(alias)
    for concept, spelled in named.items():
        found.setdefault(concept, (BODY_OFTEN if len(spelled) >= OFTEN else BODY, spelled[0]))
    return found


def _matches(part: list[str], names: _Names) -> Iterator[tuple[str, str]]:
    """The concepts named in a part, each once a word, with the alias."""
    for i, begun in enumerate(map(names.__getitem__, part), start=1):
        if begun:
            named: dict[str, str] = {}
            for concept, alias in begun:
                if part[i : i + len(alias.rest)] == alias.rest:
                    named.setdefault(concept, alias.name)
            yield from named.items()


class _Names(dict[str, tuple[tuple[str, _Alias], ...]]):
    """A word as it stands in texts → the concepts and aliases that begin with it, or with what is left of it without
    what Arabic writes on its front. Worked out when a word is first met: texts have the same words again and again.
    """

    def __init__(self, topic: Topic) -> None:
        super().__init__()
        self._first: dict[str, list[tuple[str, _Alias]]] = {}  # by the first folded word of an alias
        for concept in topic.concepts:
            # As the file spells them first: that is the alias which is told.
            ways = [(name, words(name)) for name in concept.aliases]
            ways += [(name, way) for name in concept.aliases for way in _ways(name)]
            for name, (first, *rest) in ways:
                self._first.setdefault(first, []).append((concept.name, _Alias(name, rest)))

    def __missing__(self, word: str) -> tuple[tuple[str, _Alias], ...]:
        begun = tuple(one for form in alternatives(word) for one in self._first.get(form, ()))
        if len(self) < MOST_REMEMBERED:
            self[word] = begun
        return begun


@lru_cache(maxsize=1_000)
def _letters_of(concept: Concept) -> tuple[str, ...]:
    """The folded letters of a concept's names, as they stand in a text whatever is written on their front."""
    joined = ["".join(way) for name in concept.aliases for way in _ways(name)]
    bare = [name.removeprefix(ARTICLE) for name in joined if name.startswith(ARTICLE)]
    contracted = [(FOR if name.startswith(FOR) else FOR_THE) + name for name in bare]
    found: list[str] = []
    for name in sorted({*joined, *contracted}, key=len):
        if not any(one in name for one in found):
            found.append(name)
    return tuple(found)


def _ways(name: str) -> Iterator[list[str]]:
    """A name in folded words, as texts write it: with each word in all its spellings, joined and declined."""
    spellings = ([fold(one) for one in family(word)] or [word] for word in words(name))
    for spelled in product(*spellings):
        yield from ways_to_name(spelled)


@lru_cache(maxsize=64)
def _names(topic: Topic) -> _Names:
    return _Names(topic)

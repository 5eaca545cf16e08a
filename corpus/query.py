"""What a search string means: words that must be there, phrases, alternatives, words that must not, limits.

words  "as written"  -without  NOT without  one OR other  one أو other  begin*  (a group)
source:ID  since:DAY  before:DAY

Function words (في, ما, هي) are not asked for beside others, but in quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from corpus.arabic import HIJRI, TATWEEL, bare, fold, repair
from corpus.errors import UsageError
from corpus.morphology import in_two_parts, is_and, is_function_word, is_number, is_one_name, is_or
from corpus.types import Filter

# A person's query is short; longer strings are pasted by mistake or made to hurt.
MOST_WORDS = 32
MOST_CHARACTERS = 200

# A beginning of one letter stands for a tenth of all words.
SHORTEST_BEGINNING = 2

# The limits that a query can name, each with the field of the filter that it sets.
LIMITS = {"source": "source_id", "since": "since", "before": "until"}
EXAMPLES = {"source": "source:alwaha", "since": "since:2025-08-15", "before": "before:2025-08-20"}

NO_LIMITS = Filter()

_WORD = rf"\d+\s+{HIJRI}{chr(TATWEEL)}?(?![^\s)])|[^\s\"“”«»()]+"  # a Hijri year is one
_TOKEN = re.compile(
    rf"(?P<minus>-?)(?:(?P<open>\()|[\"“”«](?P<phrase>[^\"“”»]*)[\"“”»]|(?P<word>{_WORD}))|(?P<close>\))"
)
# Not of addresses, times and Windows paths.
_LIMIT = re.compile(r"(?P<name>[a-z]{2,}):(?P<value>(?:[^/\\].*)?)", re.DOTALL)
_WITH_SEPARATORS = re.compile(r"\d{1,3}(?:[,٬،]\d{3})+")
_WITH_NUMBER = re.compile(r"(\d+)(\D+)|(\D+)(\d+)")
# Written without separators.
_YEAR = re.compile(r"(?:14|19|20)\d\d")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that stand together, without vowel marks, hamza kept (see `corpus.arabic.bare`)."""

    words: tuple[str, ...]
    exact: bool = False  # as written, in no other form
    beginning: bool = False  # the last word is the beginning of a word


@dataclass(frozen=True, kw_only=True)
class Query:
    """A parsed search, or a group of one."""

    all_of: tuple[Part, ...]
    none_of: tuple[Part, ...] = ()
    limits: Filter = NO_LIMITS

    def phrases(self) -> list[Phrase]:
        """All that is looked for, in the order in which it is written; not what must not be there."""
        return [phrase for part in self.all_of for phrase in _phrases(part)]


@dataclass(frozen=True, kw_only=True)
class Either:
    """Parts of which one is enough."""

    of: tuple[Phrase | Query, ...]


Part = Phrase | Either | Query


def parse(text: str) -> Query:
    """The query that `text` asks for. Raises UsageError when it names nothing to look for, or a limit that is none."""
    # What is pasted brings marks of direction, around limits too.
    parser = _Parser(repair(text[:MOST_CHARACTERS]))
    query = parser.group()
    if not query.all_of:
        raise UsageError(
            f"There is nothing to look for in {text[:MOST_CHARACTERS]!r}: give at least one word that must be there."
        )
    since, until = parser.limits.since, parser.limits.until
    if since is not None and until is not None and since > until:
        raise UsageError(
            f"since:{since} is not earlier than before:{until + timedelta(days=1)}: no article could pass."
        )
    return replace(query, limits=parser.limits)


class _Parser:
    """One pass over the tokens of a query; parentheses without a partner end with it."""

    def __init__(self, text: str) -> None:
        self.limits = Filter()
        self._tokens = _TOKEN.finditer(text)
        self._words_left = MOST_WORDS

    def group(self) -> Query:
        """What stands up to the end of the group."""
        wanted, unwanted, alternative, without = list[Part](), list[Part](), False, False
        for token in self._tokens:
            if token["close"]:
                break
            if token["word"] and not token["minus"] and not token["word"].endswith("*"):
                if is_or(token["word"]):
                    alternative = bool(wanted)
                    continue
                if is_and(token["word"]):
                    continue
                if token["word"] == "NOT":
                    without = True
                    continue
            excluded = bool(token["minus"]) or without
            part = _unwrapped(self.group()) if token["open"] else self._phrase(token)
            if part is None:
                continue
            if isinstance(part, Query) and not part.all_of:
                unwanted += () if excluded else part.none_of
            elif excluded:
                unwanted.append(part)
            elif alternative:
                wanted[-1] = _either(wanted[-1], part)
            elif wanted and (name := _name(wanted[-1], part) or _short_form(wanted[-1], part)) is not None:
                wanted[-1] = name
            else:
                wanted.append(part)
            alternative = without = False
        return _spliced(wanted, unwanted)

    def _phrase(self, token: re.Match[str]) -> Phrase | Either | None:
        quoted = token["phrase"] is not None
        if not quoted and self._is_limit(token):
            return None
        words = bare(token["phrase"] if quoted else token["word"]).split()[: self._words_left]
        self._words_left -= len(words)
        if not words:
            return None
        # A word with a hyphen or slash inside is a phrase of its parts.
        phrase = Phrase(words=tuple(words), exact=quoted, beginning=not quoted and token["word"].endswith("*"))
        if phrase.beginning and len(fold(words[-1])) < SHORTEST_BEGINNING:
            raise UsageError(f"{token['word']!r} stands for too many words: give {SHORTEST_BEGINNING} letters or more.")
        other = None if quoted or phrase.beginning else _other_way(token["word"], phrase.words)
        return phrase if other is None else Either(of=(phrase, Phrase(words=other)))

    def _is_limit(self, token: re.Match[str]) -> bool:
        match = _LIMIT.fullmatch(token["word"])
        if match is None or not (match["value"] or match["name"] in LIMITS):
            return False
        whole, name, value = match[0], match["name"], match["value"]
        if name not in LIMITS:
            known = ", ".join(f"{limit}:" for limit in LIMITS)
            raise UsageError(f"{whole!r}: there is no limit {name!r}, only {known}. To look for its words, quote them.")
        if token["minus"]:
            raise UsageError(f"{'-' + whole!r}: only words can be excluded.")
        if getattr(self.limits, LIMITS[name]) is not None:
            raise UsageError(f"{whole!r}: {name}: stands there already, and it can stand there once.")
        limit: dict[str, Any] = {LIMITS[name]: _limit(name, value)}
        self.limits = replace(self.limits, **limit)
        return True


def _limit(name: str, value: str) -> str | date:
    if not value:
        raise UsageError(f"'{name}:' needs its value right behind the colon. Example: {EXAMPLES[name]}")
    if name == "source":
        return value
    found = day(value)
    if found is None or (name == "before" and found == date.min):
        raise UsageError(f"'{name}:' needs a day, not {value!r}. Example: {EXAMPLES[name]}")
    return found - timedelta(days=1) if name == "before" else found


def day(text: str) -> date | None:
    """The day that is written as 2025-08-15, in the digits of any keyboard; None for all else, such as 2025-02-30."""
    match = _DAY.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _other_way(word: str, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """What others write for a word that was typed, where there is a second way to write it.

    1,234 and 1234; 1446هـ and 1446 هـ; F-16 and F16; «عبدالله» and «عبد الله».
    """
    if _WITH_SEPARATORS.fullmatch(word) or (len(words) == 2 and is_number(words[0]) != is_number(words[1])):
        return ("".join(words),)
    if len(words) != 1:
        return None
    (one,) = words
    if (parts := _WITH_NUMBER.fullmatch(one)) is not None:
        first, second = filter(None, parts.groups())
        return first, second
    if is_number(one) and len(one) > 3 and not _YEAR.fullmatch(one):
        return tuple(f"{int(one):,}".split(",")) if one[0] != "0" else None
    return in_two_parts(one)


def _name(one: Part, other: Part) -> Either | None:
    """Two words, if they may be a name that others write as one: as two, or so."""
    if not isinstance(one, Phrase) or not isinstance(other, Phrase) or one.exact or other.exact or other.beginning:
        return None
    first, second = one.words[-1], other.words[0]
    if len(one.words) > 1 or len(other.words) > 1 or not is_one_name(first, second):
        return None
    return Either(of=(Query(all_of=(one, other)), Phrase(words=(first + second,))))


def _short_form(one: Part, other: Part) -> Phrase | None:
    """Single letters that stand together, as agencies sign: «أ ف ب» is in 110 of 4,555 articles, all three in 195."""
    if not isinstance(one, Phrase) or not isinstance(other, Phrase) or one.exact or other.exact or other.beginning:
        return None
    words = one.words + other.words
    return Phrase(words=words) if all(len(word) == 1 and word.isalpha() for word in words) else None


def _unwrapped(group: Query) -> Part:
    return group.all_of[0] if len(group.all_of) == 1 and not group.none_of else group


def _either(one: Part, other: Part) -> Either:
    options = [part.of if isinstance(part, Either) else (part,) for part in (one, other)]
    return Either(of=(*options[0], *options[1]))


def _spliced(wanted: list[Part], unwanted: list[Part]) -> Query:
    """The group, with the groups that only add to it out of their parentheses; no function words beside others."""
    all_of, none_of = list[Part](), list[Part]()
    for part in wanted:
        all_of += part.all_of if isinstance(part, Query) else (part,)
        none_of += part.none_of if isinstance(part, Query) else ()
    telling = [part for part in all_of if not _says_nothing(part)]
    return Query(all_of=tuple(telling or all_of), none_of=(*none_of, *unwanted))


def _says_nothing(part: Part) -> bool:
    """Whether a part is a word that nobody looks for, such as those of «ما هي نتائج القمة»."""
    return isinstance(part, Phrase) and not part.exact and not part.beginning and all(map(is_function_word, part.words))


def _phrases(part: Part) -> list[Phrase]:
    if isinstance(part, Phrase):
        return [part]
    if isinstance(part, Query):
        return part.phrases()
    return [phrase for option in part.of for phrase in _phrases(option)]

"""The part of a text that says most about a search: where its words stand closest, and which they are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from corpus.arabic import fold, sentences, spans

# About two lines of a table.
MOST_WORDS = 30

# Shown before the first match where its sentence is too long to be shown whole.
BEFORE = 6

# A searched phrase: for each of its words, the folded forms that it was found in.
Forms = Sequence[Collection[str]]


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """A part of a text as its author wrote it, and where in it the matches are."""

    text: str
    matches: tuple[tuple[int, int], ...] = ()  # (start, end) in characters of `text`, in order, apart

    def parts(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it is a match."""
        end = 0
        for match in self.matches:
            yield self.text[end : match[0]], False
            yield self.text[slice(*match)], True
            end = match[1]
        yield self.text[end:], False

    def within(self, most: int) -> Snippet:
        """As much of it from its beginning as fits in so many characters, cut between words."""
        if len(self.text) <= most:
            return self
        text = cut(self.text, most)
        return Snippet(text=text, matches=tuple(match for match in self.matches if match[1] < len(text)))

    def marked(self, before: str, after: str) -> str:
        """The text with something before and after each match."""
        return "".join(f"{before}{part}{after}" if matches else part for part, matches in self.parts())


def cut(line: str, most: int) -> str:
    """The beginning of a line, at most so many characters with the ellipsis behind it, cut between words."""
    return line[: most - 1].rsplit(" ", 1)[0].rstrip(".،؛:…") + "…" if line and most > 0 else ""


def snippet(text: str, phrases: Sequence[Forms], *, most: int = MOST_WORDS) -> Snippet:
    """Up to so many words of a text, whole sentences where they fit; its beginning when no phrase stands in it."""
    places, hits = _found(text, phrases)
    if not places:
        return Snippet(text="")
    whole = _sentences(text, places)
    start, stop = _widened(whole, *_densest(hits, most), most)
    left = next((one.start for one in whole if one.first == start), None)
    right = next((one.end for one in whole if one.stop == stop), None)
    begin, end = left if left is not None else places[start][0], right if right is not None else places[stop - 1][1]
    before = "" if left is not None else "… "
    return Snippet(
        text=f"{before}{text[begin:end]}{'' if right is not None else ' …'}".replace("\n", " "),
        matches=_places(hits, places, start, stop, shift=len(before) - begin),
    )


def marked_whole(text: str, phrases: Sequence[Forms]) -> Snippet:
    """All of a text, such as a title, with its matches."""
    places, hits = _found(text, phrases)
    return Snippet(text=text, matches=_places(hits, places, 0, len(places), shift=0))


@dataclass(frozen=True, kw_only=True, order=True)
class _Hit:
    first: int  # words of the text, by number
    last: int
    phrase: int


def _found(text: str, phrases: Sequence[Forms]) -> tuple[list[tuple[int, int]], list[_Hit]]:
    places = spans(text)
    words = fold(text).split()
    if len(words) != len(places):  # a sign that stands for several words, such as the ligature of a blessing
        words = [fold(text[start:end]) for start, end in places]
    hits = [
        _Hit(first=first, last=first + len(forms) - 1, phrase=number)
        for number, forms in enumerate(phrases)
        for first in range(len(words) - len(forms) + 1)
        if words[first] in forms[0] and all(words[first + i] in forms[i] for i in range(1, len(forms)))
    ]
    return places, sorted(hits)


def _densest(hits: Sequence[_Hit], most: int) -> tuple[int, int]:
    """The first and last word of the run with most different phrases, then most matches, then fewest words."""
    best, best_run = (0, 0, 0), (0, 0)
    for i, start in enumerate(hits):
        near = [hit for hit in hits[i : i + most] if hit.last - start.first < most]
        last = max((hit.last for hit in near), default=start.first)
        rank = len({hit.phrase for hit in near}), len(near), start.first - last
        if rank > best:
            best, best_run = rank, (start.first, last)
    return best_run


@dataclass(frozen=True, kw_only=True)
class _Sentence:
    start: int  # characters of the text
    end: int
    first: int  # words of the text, by number
    stop: int


def _sentences(text: str, places: Sequence[tuple[int, int]]) -> list[_Sentence]:
    """The sentences that have words."""
    starts, found = [place[0] for place in places], list[_Sentence]()
    for start, end in sentences(text):
        first, stop = bisect_left(starts, start), bisect_left(starts, end)
        if first < stop:
            found.append(_Sentence(start=start, end=start + len(text[start:end].rstrip()), first=first, stop=stop))
    return found


def _widened(whole: Sequence[_Sentence], first: int, last: int, most: int) -> tuple[int, int]:
    """The words to show around a run of matches: its sentences and those that follow, if they fit, else a part."""
    start = next(one.first for one in whole if first < one.stop)
    stops = [one.stop for one in whole if one.stop > last]
    if fitting := [stop for stop in stops if stop - start <= most]:
        return start, fitting[-1]
    start = start if first - start <= BEFORE else first - BEFORE
    return start, min(stops[0], max(start + most, last + 1))


def _places(
    hits: Sequence[_Hit], places: Sequence[tuple[int, int]], start: int, stop: int, *, shift: int
) -> tuple[tuple[int, int], ...]:
    """Where the matches among these words stand, a phrase as one; those that overlap are joined."""
    found: list[tuple[int, int]] = []
    for hit in hits:
        if start <= hit.first and hit.last < stop:
            begin, end = places[hit.first][0] + shift, places[hit.last][1] + shift
            if found and begin < found[-1][1]:
                found[-1] = found[-1][0], max(found[-1][1], end)
            else:
                found.append((begin, end))
    return tuple(found)

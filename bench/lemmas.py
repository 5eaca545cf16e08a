"""Which forms are one word: the analyser on the words of a treebank, beside a dictionary and a stemmer alone.

NAZAIR_BENCH_TREEBANK names a file of Universal Dependencies, such as `ar_pud-ud-test.conllu` of UD_Arabic-PUD: 1,000
sentences of news and Wikipedia. Of the pairs of words that the treebank gives one lemma, how many have one here?
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, groupby
from pathlib import Path
from typing import NamedTuple

import simplemma
from snowballstemmer.arabic_stemmer import ArabicStemmer

from corpus.arabic import ARABIC_SCRIPT, bare, fold
from corpus.terms import lemma

# Columns of CoNLL-U.
ID, FORM, LEMMA, KIND, MISC = 0, 1, 2, 3, 9

WORDS = {"NOUN", "ADJ", "PROPN", "VERB"}
MARKS = {"PUNCT", "SYM"}


class Pairs(NamedTuple):
    """Pairs of words: one lemma in both, in the treebank alone, here alone."""

    both: int
    missed: int
    wrong: int


def main() -> None:
    """Print a row for each way to find lemmas, and one line of JSON."""
    treebank = Path(os.environ.get("NAZAIR_BENCH_TREEBANK", ""))
    if not treebank.is_file():
        sys.exit("Set NAZAIR_BENCH_TREEBANK to a treebank: the file ar_pud-ud-test.conllu of UD_Arabic-PUD.")
    gold = read(treebank)
    stem = ArabicStemmer().stemWord
    ways: dict[str, Callable[[str], str]] = {
        "nazair": lemma,
        "simplemma alone": lambda word: fold(simplemma.lemmatize(word, lang="ar")),
        "Snowball alone": lambda word: fold(stem(fold(word))),
    }
    print(f"{len(gold):,} words{'':14}  recall  precision   of pairs of words")
    result = {}
    for name, way in ways.items():
        pairs = compare(gold, {word: way(word) for word in gold})
        recall, precision = pairs.both / (pairs.both + pairs.missed), pairs.both / (pairs.both + pairs.wrong)
        result[name] = {"recall": round(recall, 4), "precision": round(precision, 4)}
        print(f"{name:24}{recall:8.3f}{precision:11.3f}")
    print(json.dumps({"bench": "lemmas", "words": len(gold)} | result))


def read(file: Path) -> dict[str, str]:
    """The words of a treebank as they are written, bare, and of each the lemma that it mostly has, folded."""
    seen = defaultdict[str, Counter[str]](Counter)
    for tokens in _written(file):
        of_word = [token for token in tokens if token[KIND] in WORDS]
        word = bare("".join(token[FORM] for token in tokens))
        if len(of_word) == 1 and ARABIC_SCRIPT.fullmatch(word):
            seen[word][fold(bare(of_word[0][LEMMA]))] += 1
    return {word: lemmas.most_common(1)[0][0] for word, lemmas in seen.items()}


def compare(gold: Mapping[str, str], found: Mapping[str, str]) -> Pairs:
    """Pairs of words, by whether the one and the other have one lemma for both."""
    same, ours = _pairs(gold), _pairs(found)
    return Pairs(both=len(same & ours), missed=len(same - ours), wrong=len(ours - same))


def _pairs(lemmas: Mapping[str, str]) -> set[tuple[str, str]]:
    words = sorted(lemmas, key=lambda word: (lemmas[word], word))
    groups = (list(group) for _, group in groupby(words, key=lemmas.__getitem__))
    return {pair for group in groups for pair in combinations(group, 2)}


def _written(file: Path) -> Iterator[list[list[str]]]:
    """The tokens of each word as it is written: «ل» and «أوباما» of «لأوباما»."""
    tokens: list[list[str]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        token = line.split("\t")
        if not line.startswith("#") and len(token) > MISC and not token[ID].isdecimal():
            continue  # a range, whose tokens follow
        goes_on = token[ID].isdecimal() and token[KIND] not in MARKS
        if goes_on:
            tokens.append(token)
        if tokens and not (goes_on and "SpaceAfter=No" in token[MISC]):
            yield tokens
            tokens = []


if __name__ == "__main__":
    main()

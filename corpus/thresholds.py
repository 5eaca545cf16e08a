"""Every number that decides about near-copies, in one table: what it is for, and what it was measured on.

Measured, unless another set is named, on 2,530 Saudi newspaper articles of 2015 in 1,454 pairs of copies (truth by
runs of five words), on edits made of them (`bench.ask_copies`: cut to 30 %, merged with another, a tenth of the words
changed), and on 21 pairs of templates filled in anew (executions, audiences, congratulations, weather, markets, courts,
funerals, fixtures; fixtures/copies). F1 is over pairs in one group; it moves by less than .004 when COPY_JACCARD or
COPY_CONTAINMENT moves by .02.
"""

from __future__ import annotations

# --- Which articles are compared -----------------------------------------------------------------------------------

# Words of title and body: with 50 the briefs that papers reprint would be missed, and F1 be .987. Of the forms in
# fixtures/copies, cut to 32 words and more, none would be a copy of another filling (but one of 24 pairs at 38 and 39),
# cut to 25 to 31 up to three. Below, the form is most of the shingles.
MIN_WORDS = 40

# --- Candidates ----------------------------------------------------------------------------------------------------

# One shingle in so many is sampled. Two shared find .98 of 21,026 natural reprints (of 30,157 articles), .99 of copies
# cut to 30 %, all merged.
SAMPLE = 8
SHARED_SAMPLES = 2

# Bands of so many slots. 42 of 3 find .87 of the same reprints alone, at one false candidate an article; 25 of 5, the
# usual kind of choice, find .60.
BANDS, ROWS = 42, 3

# A text of which fewer sampled shingles find others (it is short, or they are boilerplate) is found by its bands too.
# Two texts of twelve or more at Jaccard .36 share fewer than two of them once in a hundred times; of the set's 1,425
# pairs of copies none is lost without any bands, of copies cut to 30 % one in a thousand. With all bands a text has 69
# keys in the mean rather than 39, and each costs the same to store and to look up.
FEW_SAMPLES = 12

# A key that stands in so many texts finds the first of them only: it is boilerplate, and a text has other keys.
# Without the cap one look-up reads a row for every article that says «in the Kingdom of Saudi Arabia». Guess; the
# largest group of the set has 11 texts.
TEXTS_A_KEY = 64

# Texts compared with a new one, likeliest first. The mean is 6, of a hundred articles one has 86 or more.
MAX_CANDIDATES = 200

# --- The same text? ------------------------------------------------------------------------------------------------

# Fewer shared shingles are a quotation.
MIN_SHARED = 15

# Jaccard similarity of the shingles, or the share of the shorter text's that the other has: one of them is enough.
# F1 .993; with .50 and .80 .990, with .56 and .80 .994; with .50 and .70, the usual choice, .987.
COPY_JACCARD = 0.54
COPY_CONTAINMENT = 0.80

# With less, the words must also stand in the same order (longest common subsequence over the shorter text).
# For texts of which a tenth of the words was changed: recall .995, with .88 in place of .84 .915; F1 the same.
# For texts of which half was cut and a tenth of the rest changed: recall .72, with .92 in place of .88 .21; anything
# from .84 to .96 has the same F1 within .001.
PROBABLE_JACCARD, PROBABLE_JACCARD_ALIGNED = 0.36, 0.84
PROBABLE_CONTAINMENT, PROBABLE_CONTAINMENT_ALIGNED = 0.70, 0.88

# Or so many words in a row are the same, and this share of the shorter text's shingles: the opening of an agency's
# report under paragraphs of one's own. Of the set's 66 false pairs with this share the longest run is of 87 words.
VERBATIM_CONTAINMENT, VERBATIM_WORDS = 0.51, 100

# Or, with PROBABLE_JACCARD, what is the same stands in runs of so many words in the mean: sentences were cut, others
# put in. Of 600 texts of which two were cut and two of another text added, recall .97, without .82. Of the set's 129
# false pairs that share .40 of the shorter none is a copy then; with 12 one is. Where a text has words of its own in
# place of the other's, some agree by chance: nineteen in twenty false pairs have runs of 11 at most.
VERBATIM_RUN = 16

# --- Or a template filled in anew? ---------------------------------------------------------------------------------

# Share of the numbers of the text with fewer that the other must have too; an update changes a third of them. Weather
# and markets. Of the set's copies one is lost; with .50 four are. Not where VERBATIM_WORDS of a clear copy stand in a
# row: an agency's dateline («26 شوال 1436 الموافق 11 أغسطس 2015») has four numbers, and a reprint adds others.
COPY_NUMBERS = 0.34
PROBABLE_NUMBERS = 0.60
FEW_NUMBERS = 4  # a date and a year are in every text: fewer numbers tell nothing

# Slots: up to so many words on both sides, between words that are the same. Spellings of one name are no slot.
SLOT_WORDS = 6
ALIKE = 0.60  # share of the letters in common, in order

# In a template other names and numbers stand in the slots, and hardly a word like «in» or «that»: at least so many
# words (of both sides) in so many slots, at most this share of function words, and at least this share of names and
# numbers, or another weekday: names are often words of a dictionary, too. Catches all templates (a name that is a
# function word too, as «Sabah», can hide one); loses none of 1,197 related pairs, and 2 of 1,181 texts of which a tenth
# of the words was changed. With two slots it would lose 2 pairs, with 6 words 13.
TEMPLATE_WORDS = 8
TEMPLATE_SLOTS = 3
TEMPLATE_FUNCTION_WORDS = 0.05
TEMPLATE_NAMES = 0.20

# Where so many of the words of both are numbers, or the weekday is another, so many other ones are enough: of ten
# prices two change in a day. A reprint writes numbers in other ways, and corrects one at most: of 75 related pairs with
# this share none has two. Another weekday counts like another number: no related pair, of whatever kind, has one in the
# same place.
TABLE_NUMBERS = 0.07
OTHER_NUMBERS = 2

# --- Kinds and groups ----------------------------------------------------------------------------------------------

# A text with fewer shingles than this share of the other's was cut from it, or the other merged from it. Guess.
PARTIAL_SIZE = 0.75

# From this Jaccard similarity on two texts are one; below, the later hangs on the earlier one that it shares most
# with. A text merged from two is at most half the shorter of them, which is never one with it (arithmetic, not
# measurement).
UNITES = 0.50

# Relations that are stored of one text: its strongest, and the strongest to each group. All are, in groups of up to
# so many texts. Bounds the work of settling a group of thousands of texts. Guess.
KEPT_RELATIONS = 16

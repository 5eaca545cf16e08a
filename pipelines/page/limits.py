"""How much of a page is read, and what reading it may cost. Beyond it a page is cut, or refused with its reason.

News pages come nowhere near: of 67 real ones the largest has 510 KB and 2,556 elements. What goes
beyond was made to hurt, or is no article; each limit says what would happen without it.
"""

from __future__ import annotations

# A longer body is cut. What parsing costs grows faster than the page.
MAX_BYTES = 2 << 20

# A page with more is refused: 20,000 <b> in one paragraph keep trafilatura busy for 15 s, 200,000 <p> for a minute.
MAX_ELEMENTS = 15_000

# A page with more marks in a row is refused: trafilatura puts them in order, and needs minutes for 600,000.
MOST_MARKS = 1_000

# Longer names of classes are cut, and longer values of other attributes: patterns look for words in them, some in
# quadratic time. Both are below the 4,300 digits beyond which Python refuses a number (`&#111…;`).
LONGEST_NAME = 300
LONGEST_VALUE = 4_000

# A longer author, section or tag is none, and is left out.
LONGEST_LINE = 200

# A longer text is refused. The longest reports have some 20,000 words, 120,000 characters (guess); PostgreSQL
# indexes at most a megabyte of words.
LONGEST_TEXT = 250_000

# Of processor time. A 100 KB page takes about 20 ms; a page that needs ten seconds is broken or made to hurt.
TIME_LIMIT_S = 10.0

# The same where a language model reads each article (NAZAIR_SEMANTIC): half a second for each, on a free processor;
# where six programs shared two, three seconds, and eight pages may be sent together.
TIME_LIMIT_WITH_MEANING_S = 20.0

# Address space that a worker may take on top of what it has when it starts (see `workers.prepare`).
MEMORY_LIMIT_BYTES = 1 << 30

# A worker is replaced after so many messages: libxml2 never forgets a name that some page has made up.
MESSAGES_PER_WORKER = 1_000

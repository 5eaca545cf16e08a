"""All SQL. One module a subject, one function a question, each on a connection that the caller opened.

    database     open, at our revision; transactions
    engine       how connections are set up, and what is refused
    upkeep       upgrade, back up, compact, check
    schema       the tables, and which question each index serves
    migrations   how a database came to have them
    columns      column types of our own
    raw          statements that go straight to the driver
    outage       is it the database that failed, or what was to be stored?
    articles     articles: stored, looked up, filtered
    topic_matches  the topics that they are on
    overview     many articles at once: the latest texts, counts
    texts        texts that are compared
    text_keys    the keys that find their near-copies
    copy_groups  relations of texts, cores, copy groups
    lists        stored similar lists, and what is compared for them
    postings     which articles have a term, and in how many texts it stands
    words        the search index, written: forms of words, and where they stand
    word_index   the search index, read
    page_lines   which lines stand on how many pages of a source
    frontier     URLs to fetch
    leases       what a run has to fetch, taken from the frontier and given back
    claims       which run may ask which host now
    sightings    what a link that is found means for its row
    visits       what a server said at the last visit to a link, and when it is due again
    wrong_clock  what a clock noted that was years ahead
    revisions    what articles said before they were edited
    hosts        robots.txt, and until when a host is left alone
    runs         crawls, and every decision about every URL
    source_counts  how often each source came to each outcome, in all runs
    history      what a source used to give
    tombstones   what is never to be fetched or stored again
    schedules    crawls that are due at times, and who runs them
    transfer     a whole collection into another database

The same code runs on SQLite and PostgreSQL; where they differ, the difference is one
function here. Nothing above this package imports SQLAlchemy: it gets `Connection`.
"""

from sqlalchemy import Connection

__all__ = ["Connection"]

"""FIND: the Scrapy project. From a catalogue of outlets to fetched pages, politely.

In the order of a crawl:

    catalogue     sources and topics: TOML files, strictly read
    plan          what one run is to do
    run           begin a run: one at a time on SQLite
    processes     is the process that began a run still there?
    process       crawl in this process: Scrapy with our settings, and the spider
    single        fetch one page, and store nothing
    settings      all Scrapy settings, with their reasons
    leasing       which links are fetched next, when, and how far a run goes
    spiders       the one spider: fetches what is leased, reads listings, hands pages on
    discovery     feeds, sitemaps, section pages: a listing's bytes to links
    verdict       what became of a listing or of an error, in words
    related       articles that name others: the reading stage of a crawl
    guard         what is never fetched
    robots        what hosts let us fetch
    reservations  what hosts reserve for text and data mining
    redirects     what Scrapy's redirects leave out
    politeness    how long they rest between two requests, and who we say we are
    backoff       how long hosts are left alone
    heads         how long the head of an answer may be
    whole         which answers that broke off are whole all the same
    conditional   what to send so that a server need not send the same again
    failures      why a page could not be had, in a sentence
    progress      what a person sees while it runs
    pace          how fast it goes, and how long the rest will take

Without a web:

    record        every exchange of a crawl into a WARC file
    replay        a crawl of a recording, or of a folder
    intake        what others collected, taken in batch by batch
    archive       the pages of a WARC archive
    saved         the pages of a folder
    exported      the lines of an export
    cut           is a WARC file whole?

For the catalogue:

    draft         the entry of an outlet, from a look at its entrances
    topic_draft   the file of a topic, from one article
"""

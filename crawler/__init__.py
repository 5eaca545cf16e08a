"""FIND: the Scrapy project. From a catalogue of outlets to fetched pages, politely.

In the order of a crawl:

    catalogue   sources and topics: TOML files, strictly read
    plan        what one run is to do
    run         start a run in this process: the lock, the settings, the crawl
    single      fetch one page, and store nothing
    settings    all Scrapy settings, with their reasons
    leasing     which links are fetched next, when, and how far a run goes
    spiders     the one spider: fetches what is leased, reads listings, hands pages on
    discovery   feeds, sitemaps, section pages: a listing's bytes to links
    guard       what is never fetched
    robots      what hosts let us fetch
    politeness  how long they rest between two requests, and who we say we are
    backoff     how long hosts are left alone
    progress    what a person sees while it runs
    pace        how fast it goes, and how long the rest will take
"""

"""MAKE: what happens to a page. Knows nothing of where pages come from.

In the order in which a page meets them:

    stages      the Scrapy item pipelines: read, then keep
    workers     the worker processes, each page with a time limit
    preload     what all workers share
    limits      how much of a page is read, and what it may cost
    read        a page's bytes to an article with its sketch, or the reason why not
    decode      bytes to text
    tree        text to the one tree that all share
    text        the article's body (the only module that knows trafilatura)
    jsonld      what a page says of itself in JSON-LD
    furniture   what stands on pages beside the news
    metadata    title, author, agency, canonical URL, image, tags
    dates/      when it was published
    language    what it is written in
    objections  why it is no article
    topic       whether it belongs to a topic, and why
    ledger      the one writer: what was decided goes into the database
"""

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
    furniture   what stands on pages beside the news
    places      where pages say things of themselves: meta elements, JSON-LD, microdata, headline, what is near it
    headline    which element holds the title
    near        the small elements near the headline
    jsonld      what a page says of itself in JSON-LD, broken or not
    metadata    dates, canonical URL, image, section, tags, each with the place it was found in
    titles      the title, without the name of the site
    byline      where pages name authors and agencies
    authors     the names in a by-line
    agencies    the agency in a by-line, a dateline or a closing credit
    rules       CSS selectors of a source whose pages are read wrongly otherwise
    dates/      when it was published
    language    what it is written in
    objections  why it is no article
    topic       whether it belongs to a topic, and why
    ledger      the one writer: what was decided goes into the database
"""

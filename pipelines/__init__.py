"""MAKE: what happens to a page. Knows nothing of where pages come from.

In the order in which a page meets them:

    stages      the Scrapy item pipelines: read, then keep
    workers     the worker processes, each page with a time limit
    preload     what all workers share
    read        a page's bytes to an article with its sketch, or the reason why not
    page/       which tree do its bytes make, or why none?
    fields/     what does it say of its article?
    rules       CSS selectors of a source whose pages are read wrongly otherwise
    text/       which paragraphs are the article?
    dates/      when was it published?
    language    what it is written in
    objections  why it is no article
    topic       whether it belongs to a topic, and why
    ledger      the one writer: what was decided goes into the database
"""

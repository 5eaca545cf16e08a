"""MAKE: what happens to a page. Knows nothing of where pages come from.

In the order in which a page meets them:

    stages      the Scrapy item pipelines: read, then keep
    workers     the worker processes, each page with a time limit
    preload     what all workers share
    read        a page's bytes to an article with its sketch, or the reason why not
    phrases     the words by which pages are read, from the TOML files beside these modules
    page/       which tree do its bytes make, or why none?
    fields/     what does it say of its article?
    rules       CSS selectors of a source whose pages are read wrongly otherwise
    directives  what a page asks of those who keep it
    gate        can what is left of a page be on the topic? asked before its text is looked for
    text/       which paragraphs are the article?
    dates/      when was it published?
    language    what it is written in
    objections  why it is no article
    topic       whether it belongs to a topic, and why
    focus       the same of a link, before its page is fetched
    ledger      what a run has leased, and what came of it
    run_store   what of that it reads and writes in the database
    writer      the one thread in which that goes into the database
"""

"""KEEP and ASK: the collection. Opens with neither Scrapy nor trafilatura installed.

In the order in which data meets them:

    types       what travels between the floors
    urls        which two URLs are the same, and which belong to one site
    arabic      repair what is shown, fold what is compared
    spellings   names that are spelt in several ways
    terms       words to lemmas, an article to its weighted terms
    signature   shingles, MinHash, bands, sampled shingles
    sketch      all that is compared of one article
    near_copy   is this the same text? the exact decision, and copy groups
    copies      near-copies in the collection: related, grouped, told in order
    similar     is this the same subject? signals and their weights
    similar_lists  the stored lists, kept up to date in both directions
    keep        one article into the collection, in one transaction
    ask         similar lists, export: the answers
    query       what a search string means
    inverted    which words stand where, in arrays
    matching    which articles match a query, and how well
    snippet     the part of a text that says most about a search
    search      the articles that match, best first
    store       all SQL: schema, migrations, one function a question
"""

"""KEEP and ASK: the collection. Opens with neither Scrapy nor trafilatura installed.

In the order in which data meets them:

    types       what travels between the floors
    urls        which two URLs are the same, and which belong to one site
    arabic      repair what is shown, fold what is compared
    spellings   names that are spelt in several ways
    terms       words to lemmas, an article to its weighted terms
    shingles    runs of three words as hashes; which of them are sampled
    signature   MinHash and its bands
    sketch      all that is compared of one article
    thresholds  every number that decides about near-copies, with its reason
    alignment   which words of two texts are the same, in order
    templates   the same text, or the same form filled in anew?
    near_copy   is this the same text? the exact decision
    copies      near-copies in the collection: found, related, taken out
    copy_groups which texts hang together, as texts come and go
    reprints    who repeated whom, when, and what was cut or added
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

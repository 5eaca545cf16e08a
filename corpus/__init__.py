"""KEEP and ASK: the collection. Opens with neither Scrapy nor trafilatura installed.

In the order in which data meets them:

    types          what travels between the floors
    errors         one root, one sentence each, with an exit code
    plural         numbers in sentences
    clock          what time it is, in a replay too
    urls           which two URLs are the same, and which belong to one site
    arabic         repair what is shown, fold what is compared
    morphology     what stands on the front of words
    inflection     what nouns end in
    conjugation    which verb a form is of
    spellings      names and words that are spelt in several ways
    directives     what a page asks of those who keep it, and how that is obeyed
    terms          words to lemmas, an article to its terms
    vector         the terms of an article as arrays, counted and weighed
    meaning        what a text is about, as a language model puts it
    shingles       runs of three words as hashes; which of them are sampled
    signature      MinHash and its bands
    sketch         all that is compared of one article
    thresholds     every number that decides about near-copies, with its reason
    copy_days      within how many days near-copies are looked for
    alignment      which words of two texts are the same, in order
    templates      the same text, or the same form filled in anew?
    near_copy      is this the same text? the exact decision
    copies         near-copies in the collection: found, related, taken out
    copy_groups    which texts hang together, as texts come and go
    reprints       who repeated whom, when, and what was cut or added
    similar        is this the same subject? signals and their weights
    candidates     who may be similar: those that share terms, rare ones above all
    standing       which articles of a copy group are compared for it
    weighing       how much each word tells, counted in all texts at one moment
    list_entries   what is in a stored list
    similar_lists  the stored lists, kept up to date in both directions
    repeated       lines that a source repeats on its pages
    revisions      was an article edited, and what changed?
    revisits       when is a page to be visited again?
    keep           articles into the collection, and out of it
    settling       what came of a run's links, in one transaction
    forgetting     take-down and retention
    reasons        why two articles are similar
    shown_lists    similar lists as they are shown
    query          what a search string means
    inverted       which words stand where, in arrays
    matching       which articles match a query, and how well
    snippet        the part of a text that says most about a search
    search         the articles that match, best first
    nearest        what was meant by a search that finds nothing
    ask            one article, and the export: what other programs get
    store          all SQL: schema, migrations, one function a question
"""

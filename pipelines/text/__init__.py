"""Which paragraphs are the article?

In the order in which a tree meets them:

    body        the text, and what stood above and below it (it and `prepare` alone know trafilatura)
    stated      the text of a page that only its scripts would show
    sizes       how much text each element has
    prune       the tree without what stands around and between the paragraphs, before the text is looked for
    prepare     the pruned tree such that trafilatura finds all of the text
    furniture   what stands on pages beside the news
    lead        the standfirst between headline and body
    margins     what stands above and below the paragraphs
"""

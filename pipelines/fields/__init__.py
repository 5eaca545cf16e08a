"""What does a page say of its article? Title, author, agency, dates, canonical URL, image, section, tags.

In the order in which a tree meets them:

    places      where pages say things of themselves: meta elements, JSON-LD, microdata, headline, what is near it
    jsonld      what a page says of itself in JSON-LD, broken or not
    headline    which element holds the title
    near        the small elements near the headline
    metadata    each field, with the place that it was found in
    titles      the title, without the name of the site
    byline      where pages name authors and agencies
    authors     the names in a by-line
    agencies    the agency in a by-line, a dateline or a closing credit
"""

"""Discovery: where a run enters a source, and from a listing's bytes to links. Knows nothing of fetching.

    seeds           where a run enters a source
    ladder          which links of a listing a run goes on to
    listing         a listing's bytes to links: `read_listing`
    feeds           RSS and Atom
    json_listings   JSON Feed, and the answers of GDELT
    sitemaps        sitemaps, their indexes, news sitemaps, packed or not; those that robots.txt names
    sections        section and home pages
    addresses       what an address alone says of its page
    pager           which page follows in a section
    related         links inside articles
    anchors         the links of a page, as they stand there
    traps           endless parts of a web
    editions        what of a site is not its Arabic edition
    entry           what these readers give

What speaks for and against a link is decided in `pipelines.focus`.
"""

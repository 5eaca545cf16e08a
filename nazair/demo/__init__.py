"""The bundled web: a few invented Arabic outlets, served on a loopback port. Offline, and the same every time.

In the order in which a page comes to be:

    articles   what is written: one file an article, with what is true of it
    sites      how an outlet shows it: paths, dates, sections, documents
    render     articles and templates to the pages of one site, as bytes
    web        all sites together, and the truth about each page
    server     serves it, as an HTTP proxy and by Host header

The files are in `fixtures/web` of a checkout and in `nazair/demo/web` of an installed wheel;
`fixtures/README.md` describes them.
"""

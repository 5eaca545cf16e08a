"""What other people see: pages, an API, widgets, feeds. Reads the collection and never writes.

words        the interface in Arabic and English
rows         an article in a list
lists        similar lists as rows
fill         the empty list of a page, filled
embed        boxes for other people's pages, as fragments and files
feeds        JSON Feed, RSS, JSON-LD
charts       where the bars and dots of the charts stand
settings     what whoever starts the server decides
library      the collection as the server holds it
shelf        the lists that pages and feeds share
asked        what a request asks for, checked
answers      responses, with their caching
pages        the pages
api          the JSON API
connections  who says nothing is hung up on
guard        hosts, rates, headers
app          all of it as one ASGI application
"""

"""Which tree do a page's bytes make, or why none?

In the order in which bytes meet them:

    limits      how much of a page is read, and what it may cost
    decode      bytes to text
    tree        text to the one tree that all share
    declared    what a page says that its URL is
"""

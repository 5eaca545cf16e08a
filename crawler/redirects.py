"""What Scrapy's redirects leave out: pages that only send on, cookies that a redirect sets, and where none may lead.

The first two end in a request of Scrapy's redirects: one more of the few that are followed, guarded as any.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.http import Response
from selectolax.lexbor import LexborHTMLParser

from corpus.types import LeasedLink, LinkKind
from corpus.urls import normalise, same_site
from crawler.discovery.sections import sent_on, start_of
from crawler.guard import Refused, scheme_refusal
from pipelines.objections import FEW_SEEN_WORDS, SENT_ON

# Pages with nothing on them have some 500 bytes, with the scripts of a counter 2,000. Only those are parsed here, in
# the event loop: .2 ms. Guess.
MOST_BYTES = 16 << 10

REDIRECTS = {301, 302, 303, 307, 308}
LONGEST_COOKIES = 4096  # as browsers have it for one (RFC 6265 §6.1)


class OnlyRefresh(MetaRefreshMiddleware):
    """Downloader middleware: follows the refresh of an article's page that is nothing else, to another of its site.

    Scrapy's own follows each, and news pages load themselves anew with one.
    """

    def process_response(  # type: ignore[override] # Scrapy hands no spider on any more
        self, request: Request, response: Response
    ) -> Request | Response:
        leased: LeasedLink | None = request.meta.get("leased")
        is_article = leased is not None and leased.link.kind is LinkKind.ARTICLE
        if not is_article or response.status != 200 or (url := target(response.body, request.url)) is None:
            return response
        return self._redirect(self._redirect_request_using_get(request, response, url), request, "meta refresh")


class OnlyToTheWeb:
    """Downloader middleware: refuses redirects to a file, a script or the like.

    Scrapy follows none either, but hands on the redirect as if it was the page, or fails as if the server had.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        location = response.headers.get("Location")
        if location is None or response.status not in REDIRECTS or request.meta.get("is_robots_txt"):
            return response  # a robots.txt that is nowhere has its own consequences
        if reason := scheme_refusal(_scheme(location.decode("latin-1"), request.url)):
            raise Refused(reason)
        return response


class PassingCookies:
    """Downloader middleware: what a redirect sets goes with the request that it leads to, and is then forgotten.

    Sites that send a visitor round in circles until he brings their cookie let him in then. Scrapy takes it out of a
    redirect to another host, and its cookie jar would keep it for the run, and ask the network for a list of domains.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status in REDIRECTS and (given := response.headers.getlist("Set-Cookie")):
            known = (request.headers.get("Cookie") or b"").split(b"; ")
            pairs = [*known, *(one.partition(b";")[0].strip() for one in given)]
            cookies = {pair.partition(b"=")[0]: pair for pair in pairs if b"=" in pair}
            request.headers["Cookie"] = b"; ".join(cookies.values())[:LONGEST_COOKIES]
        return response


def _scheme(location: str, url: str) -> str:
    """Of where a redirect leads; of one that is malformed, which Scrapy tells, that of the page."""
    try:
        return urlsplit(urljoin(url, location.strip())).scheme
    except ValueError:
        return urlsplit(url).scheme


def target(body: bytes, url: str) -> str | None:
    """Where a page that is nothing but a refresh sends its readers on to, or one with a script that does nothing else;
    None for any other page, and for other sites.

    What stands in a noscript element counts where a script sends on everybody else.
    """
    if len(body) > MOST_BYTES or (b"refresh" not in body.lower() and b"location" not in body):
        return None
    tree = LexborHTMLParser(body)
    tree.strip_tags(
        ["style"] if any(SENT_ON.search(one.text()) for one in tree.css("script")) else ["style", "noscript"]
    )
    found = sent_on(tree, start_of(tree, url))
    tree.strip_tags(["script"])
    if tree.body is not None and len(tree.body.text(separator=" ").split()) >= FEW_SEEN_WORDS:
        return None
    return found if found is not None and found != normalise(url) and same_site(found, url) else None

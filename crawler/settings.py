"""All Scrapy settings, with their reasons. Those of our own begin with NAZAIR_; `nazair` sets them from its options."""

import os
from importlib.metadata import PackageNotFoundError, version

try:
    _VERSION = version("nazair")
except PackageNotFoundError:  # run from a folder that was never installed
    _VERSION = "dev"


def user_agent(contact: str) -> str:
    """How this crawler introduces itself: its name, and whom webmasters can write to."""
    return f"nazair/{_VERSION} (news research crawler; contact: {contact or 'not set'})"


# --- ours ---
NAZAIR_DB = os.environ.get("NAZAIR_DB", "nazair.db")
NAZAIR_CONFIG = os.environ.get("NAZAIR_CONFIG")  # a folder with sources/ and topics/
NAZAIR_CONTACT = os.environ.get("NAZAIR_CONTACT", "")  # who runs this crawler: an address that webmasters can write to
NAZAIR_ALLOW_PRIVATE: list[str] = []  # networks that may be fetched from although they are not public
NAZAIR_PROXY = None  # an HTTP proxy on this machine that stands for the web: the demo, tests
NAZAIR_RECORD = None  # a new .warc.gz for every exchange
NAZAIR_REPLAY = None  # a WARC or folder that answers in the place of the web
NAZAIR_WORKERS = os.cpu_count() or 1
NAZAIR_PROGRESS = True
PRELOAD = ("crawler.related", "crawler.discovery.listing")  # what workers are asked to call

# --- the project ---
BOT_NAME = "nazair"
SPIDER_MODULES = ["crawler.spiders"]
USER_AGENT = user_agent(NAZAIR_CONTACT)
# Arabic first: sites with editions in several languages answer with what is asked for, and Scrapy asks for English.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "ar,en;q=0.5",
}

ITEM_PIPELINES = {
    "crawler.related.ReadAndFollowStage": 100,
    "pipelines.stages.KeepStage": 200,
}
# All that runs is named here. Scrapy imports what a project turns off by name, to find that it is turned off: a web
# server, telnet with SSH, cookies: half a second of CPU a run. So its own lists are empty.
EXTENSIONS_BASE: dict[str, int] = {}  # its own serve crawls of other kinds
EXTENSIONS = {"crawler.progress.Progress": 0}

DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    # First, so that robots.txt is never asked of an address that is refused.
    "crawler.guard.AddressGuard": 60,
    "crawler.robots.RobotsRules": 100,  # Scrapy's own fetches when robots.txt cannot be had
    "crawler.reservations.Reservations": 110,  # after redirects: it sees an article where it is
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "crawler.redirects.OnlyRefresh": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    # Before redirects are followed:
    "crawler.redirects.PassingCookies": 610,
    "crawler.redirects.OnlyToTheWeb": 620,
    # Nearest to the server: it sees every answer before redirects and retries do.
    "crawler.backoff.BackOff": 900,
}

# All requests come from the frontier, none from a callback: there is nothing for the others to look at.
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,  # redirects ask for it
}

TWISTED_DNS_RESOLVER = "crawler.guard.GuardedResolver"

# --- polite ---
ROBOTSTXT_OBEY = True  # for whoever asks; `crawler.robots` does it, and has no switch
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2.0  # a source may ask for more
DOWNLOAD_DELAY_JITTER = 0.0  # a delay is the least that a host is left alone
# Those, too, that wait until their host has rested, or for its robots.txt: of 32, slow hosts left no room to others.
# `leasing` keeps them fewer.
CONCURRENT_REQUESTS = 512
# Names are looked up in threads, and those that a name server is slow to answer hold theirs: with the default of ten,
# the names of others were given up (DNS_TIMEOUT) before they were asked for.
REACTOR_THREADPOOL_MAXSIZE = 64
RETRY_TIMES = 1  # broken connections; the frontier comes back to the rest later
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # it is a decision about the page, with its reason
RETRY_HTTP_CODES: list[int] = []  # a busy server is not asked again at once

# --- safe ---
DOWNLOAD_HANDLERS = {
    "http": "crawler.backoff.PoliteHandler",
    "https": "crawler.backoff.PoliteHandler",
    **dict.fromkeys(["file", "data", "ftp", "s3"]),
}
DOWNLOAD_MAXSIZE = 10 << 20  # a decompressed bomb of 1 GiB passes the default
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # `crawler.whole` looks at what broke off
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 10
REDIRECT_MAX_TIMES = 5
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default trusts any certificate

# --- lean: none of these serves a crawl of articles, and each costs on every page ---
CONCURRENT_ITEMS = 1  # Scrapy starts so many tasks for every response, which gives one item; the default is 100
WARN_ON_GENERATOR_RETURN_VALUE = False  # looks into its cache by a key that no second response has
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier has told the doubles apart
SCHEDULER_DEBUG = False

LOG_LEVEL = "INFO"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

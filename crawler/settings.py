"""All Scrapy settings, with their reasons. Those of our own begin with NAZAIR_; `nazair` sets them from its options."""

import os
from importlib.metadata import PackageNotFoundError, version

try:
    _VERSION = version("nazair")
except PackageNotFoundError:  # run from a folder that was never installed
    _VERSION = "dev"

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

# --- the project ---
BOT_NAME = "nazair"
SPIDER_MODULES = ["crawler.spiders"]
USER_AGENT = f"nazair/{_VERSION} (news research crawler; contact: {NAZAIR_CONTACT or 'not set'})"

ITEM_PIPELINES = {
    "crawler.related.ReadAndFollowStage": 100,
    "pipelines.stages.KeepStage": 200,
}
# Scrapy's own serve crawls of other kinds; one of them imports a web server to find that it is turned off.
EXTENSIONS = {
    "crawler.progress.Progress": 0,
    **dict.fromkeys(
        f"scrapy.extensions.{name}"
        for name in (
            *("corestats.CoreStats", "logcount.LogCount", "telnet.TelnetConsole", "memusage.MemoryUsage"),
            *("memdebug.MemoryDebugger", "closespider.CloseSpider", "feedexport.FeedExporter", "logstats.LogStats"),
            *("spiderstate.SpiderState", "throttle.AutoThrottle", "remote_control.RemoteControl"),
        )
    ),
}
DOWNLOADER_MIDDLEWARES = {
    # First, so that robots.txt is never asked of an address that is refused.
    "crawler.guard.AddressGuard": 60,
    "crawler.robots.RobotsRules": 100,
    "crawler.reservations.Reservations": 110,  # after redirects: it sees an article where it is
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # fetches when robots.txt cannot be had
    **dict.fromkeys(
        f"scrapy.downloadermiddlewares.{name}"
        for name in (
            *("offsite.OffsiteMiddleware", "httpauth.HttpAuthMiddleware", "redirect.MetaRefreshMiddleware"),
            *("cookies.CookiesMiddleware", "httpproxy.HttpProxyMiddleware", "httpcache.HttpCacheMiddleware"),
            "stats.DownloaderStats",
        )
    ),
    # Nearest to the server: it sees every answer before redirects and retries do.
    "crawler.backoff.BackOff": 900,
}
# All requests come from the frontier, none from a callback: there is nothing for them to look at.
SPIDER_MIDDLEWARES = dict.fromkeys(
    f"scrapy.spidermiddlewares.{name}"
    for name in (
        *("start.StartSpiderMiddleware", "urllength.UrlLengthMiddleware", "depth.DepthMiddleware"),
        "metacopy.MetaCopyDetectionMiddleware",
    )
)
TWISTED_DNS_RESOLVER = "crawler.guard.GuardedResolver"

# --- polite ---
ROBOTSTXT_OBEY = True  # for whoever asks; `crawler.robots` does it, and has no switch
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2.0  # a source may ask for more
DOWNLOAD_DELAY_JITTER = 0.25
CONCURRENT_REQUESTS = 32
RETRY_TIMES = 1  # broken connections; the frontier comes back to the rest later
RETRY_HTTP_CODES: list[int] = []  # a busy server is not asked again at once

# --- safe ---
DOWNLOAD_HANDLERS = {
    "http": "crawler.backoff.PoliteHandler",
    "https": "crawler.backoff.PoliteHandler",
    **dict.fromkeys(["file", "data", "ftp", "s3"]),
}
DOWNLOAD_MAXSIZE = 10 << 20  # a decompressed bomb of 1 GiB passes the default
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 10
REDIRECT_MAX_TIMES = 5
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default trusts any certificate
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # it listens on a port, by default

# --- lean: none of these serves a crawl of articles, and each costs on every page ---
COOKIES_ENABLED = False  # also fetches the public suffix list from the network
METAREFRESH_ENABLED = False
HTTPPROXY_ENABLED = False  # a proxy from the environment would go round the address guard
MEMUSAGE_ENABLED = False
CONCURRENT_ITEMS = 1  # Scrapy starts so many tasks for every response, which gives one item; the default is 100
WARN_ON_GENERATOR_RETURN_VALUE = False  # looks into its cache by a key that no second response has
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier has told the doubles apart
SCHEDULER_DEBUG = False

LOG_LEVEL = "INFO"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
FEED_EXPORT_ENCODING = "utf-8"

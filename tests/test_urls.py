"""URLs: which two are the same, which are none, and which belong to one site."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.urls import MAX_LENGTH, canonical, identity, main_version, normalise, registrable_domain, same_site

FIXTURES = Path(__file__).parent.parent / "fixtures"
SITE = "http://alwaha.example"
SUMMIT = "%D9%82%D9%85%D8%A9"  # قمة


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=feed",
        "utm_source=feed&utm_medium=rss&UTM_Campaign=x",
        "fbclid=IwAR0",
        "gclid=1&msclkid=2",
        "_ga=1.2",
        "mc_cid=1&mc_eid=2",
        "at_medium=RSS",
        "igshid=a",
        "ns_mchannel=social",
        "ref_src=twsrc",
        "xtor=AL-73",
        "gclid=1&gad_source=1&gad_campaignid=2",
        "srsltid=AfmB",
        "mibextid=Zxz2cZ",
        "fb_comment_id=1_2&__twitter_impression=true",
        "amp_js_v=0.1&amp_gsa=1&usqp=mq331AQ",
        "_hsenc=p2&_hsmi=3",
        "__cf_chl_rt_tk=x",
        "traffic_source=rss",
    ],
)
def test_parameters_that_say_where_a_reader_came_from_are_dropped(query: str) -> None:
    assert normalise(f"{SITE}/a?{query}") == f"{SITE}/a"
    assert normalise(f"{SITE}/a?{query}&id=3") == f"{SITE}/a?id=3"


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "cid",
        "uid",
        "gallery",
        "reference",
        "page",
        "format",
        "utm",
        "atlas",
        "my_gclid",
        "_gallery",
        "ocidata",
        "source",
        "amp_id",
    ],
)
def test_parameters_that_may_number_an_article_are_kept(name: str) -> None:
    assert normalise(f"{SITE}/a?{name}=7") == f"{SITE}/a?{name}=7"


def test_the_order_of_a_query_makes_no_other_page_and_is_asked_for_as_it_was_found() -> None:
    one, other = f"{SITE}/a?y=2&x=1", f"{SITE}/a?x=1&y=2"

    assert (normalise(one), normalise(other)) == (one, other)
    assert identity(one) == identity(other)


@pytest.mark.parametrize(
    "query",
    ["123", "x=", "x", "x=1&x=2", "x=1;y=%D8%A8&z=a%3Bb%3D", "/news/1", "u=http://a/?b", "a[]=1,2", "t=12%3A30"],
)
def test_a_query_keeps_its_form(query: str) -> None:
    assert normalise(f"{SITE}/a?{query}") == f"{SITE}/a?{query}"


@pytest.mark.parametrize(
    "spelling",
    ["/أخبار/قمة?q=قمة", f"/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/{SUMMIT}?q={SUMMIT}", f"/أخبار/{SUMMIT.lower()}?q=%d9%82مة"],
)
def test_raw_and_percent_encoded_arabic_are_the_same(spelling: str) -> None:
    assert normalise(SITE + spelling) == f"{SITE}/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/{SUMMIT}?q={SUMMIT}"


@pytest.mark.parametrize(
    ("one", "other"), [("/a%2Fb", "/a/b"), ("/A", "/a"), ("/a/", "/a"), ("/a?q=b%2Bc", "/a?q=b+c")]
)
def test_what_a_server_may_tell_apart_stays_apart(one: str, other: str) -> None:
    assert normalise(SITE + one) != normalise(SITE + other)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://a.example:80/x", "http://a.example/x"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("http://a.example:/x", "http://a.example/x"),
        ("http://a.example:8080/x", "http://a.example:8080/x"),
        ("https://a.example:80/x", "https://a.example:80/x"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ],
)
def test_only_the_port_of_the_scheme_is_dropped(url: str, normal: str) -> None:
    assert normalise(url) == normal


@pytest.mark.parametrize("fragment", ["#top", "#", "#!/a", "#قمة"])
def test_a_fragment_is_dropped(fragment: str) -> None:
    assert normalise(f"{SITE}/a?id=1{fragment}") == f"{SITE}/a?id=1"


@pytest.mark.parametrize(
    "url", ["http://مثال.com/", "http://xn--mgbh0fb.com/", "http://XN--MGBH0FB.com", "HTTP://مثال.COM."]
)
def test_an_arabic_host_is_known_by_its_ascii_name(url: str) -> None:
    assert normalise(url) == "http://xn--mgbh0fb.com/"


@pytest.mark.parametrize(
    "url", ["http://alwaha.example", "HTTP://AlWaha.Example/", " http://alwaha.example/\n", "http://alwaha.example./"]
)
def test_case_final_dot_and_blanks_around_make_no_difference(url: str) -> None:
    assert normalise(url) == f"{SITE}/"


@pytest.mark.parametrize(
    ("link", "normal"),
    [
        ("../b?x=1", f"{SITE}/c/b?x=1"),
        ("/b", f"{SITE}/b"),
        ("//b.example/x", "http://b.example/x"),
        ("https://b.example/x", "https://b.example/x"),
        ("", f"{SITE}/c/d/e"),
    ],
)
def test_a_relative_url_is_read_from_its_base(link: str, normal: str) -> None:
    assert normalise(link, f"{SITE}/c/d/e") == normal


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/x",
        "//a.example/x",
        "قمة",
        "ftp://a.example/",
        "javascript:alert(1)",
        "mailto:a@b.example",
        "data:text/html,x",
        "http://",
        "http:///x",
        "http://reader:secret@a.example/",
        "http://a.example:99999/",
        "http://a.example:port/",
        "http://[::1/",
        "http://a b.example/",
        "http://a.example\\b/",
        "http://a..example/",
        f"{SITE}/{'x' * MAX_LENGTH}",
        f"{SITE}/{'قمة' * (MAX_LENGTH // 18)}",  # short as it is written, too long as it is sent
    ],
)
def test_what_is_not_a_usable_http_url_has_no_normal_form(url: str) -> None:
    assert normalise(url) is None


def test_a_url_may_be_as_long_as_the_limit() -> None:
    longest = f"{SITE}/".ljust(MAX_LENGTH, "x")

    assert normalise(longest) == longest
    assert normalise(longest + "x") is None


@given(path=st.text(max_size=15), query=st.text(max_size=15), port=st.sampled_from(["", ":80", ":8080"]))
@settings(max_examples=50)
def test_a_normal_url_is_its_own_normal_form(path: str, query: str, port: str) -> None:
    normal = normalise(f"{SITE}{port}/{path}?{query}")

    assert normal is not None
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.bbc.co.uk/arabic", "bbc.co.uk"),
        ("https://www.aa.com.tr/ar", "aa.com.tr"),
        ("https://news.un.org/ar", "un.org"),
        ("https://www.moc.gov.sa/", "moc.gov.sa"),
        ("http://news.alwaha.example:8080/x", "alwaha.example"),
        ("http://alwaha.example/", "alwaha.example"),
        ("http://www.xn--mgbh0fb.com/", "xn--mgbh0fb.com"),
        ("http://one.blogspot.com/", "one.blogspot.com"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1"),
        ("http://localhost/", "localhost"),
    ],
)
def test_the_registrable_domain_is_what_somebody_registered(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.alwaha.example/", "https://news.alwaha.example/x", True),
        ("http://alwaha.example/", "http://almanara.example/", False),
        ("http://www.bbc.co.uk/", "http://www.itv.co.uk/", False),
        ("http://one.blogspot.com/", "http://two.blogspot.com/", False),
        ("http://127.0.0.1/", "http://127.0.0.1:8000/", True),
        ("http://127.0.0.1/", "http://10.0.0.1/", False),
        ("", "", False),
    ],
)
def test_urls_of_one_registrable_domain_are_of_one_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://alwaha.example/a", "https://alwaha.example/a"),
        ("http://alwaha.example/a", "http://www.alwaha.example/a"),
        ("https://alwaha.example/a/", "http://www.alwaha.example/a"),
        ("http://alwaha.example/", "https://www.alwaha.example"),
        (f"{SITE}/a?utm_source=x#top", f"{SITE}/a"),
        (f"{SITE}/a?b=1&a=2", f"{SITE}/a?a=2&b=1"),
        (f"{SITE}/قمة", f"{SITE}/{SUMMIT}"),
        (f"{SITE}/قمة", f"{SITE}/{SUMMIT.lower()}"),
        (f"{SITE}/\u0623\u062e\u0628\u0627\u0631", f"{SITE}/\u0627\u0654\u062e\u0628\u0627\u0631"),  # hamza apart
        (f"{SITE}/news/1/amp", f"{SITE}/news/1"),
        (f"{SITE}/news/1/amp/", f"{SITE}/news/1/"),
        (f"{SITE}/news/1/amp.html", f"{SITE}/news/1"),
        (f"{SITE}/amp/news/1", f"{SITE}/news/1"),
        (f"{SITE}/news/1?amp=1", f"{SITE}/news/1"),
        (f"{SITE}/news/1?amp", f"{SITE}/news/1"),
        (f"{SITE}/news?id=1&outputType=amp", f"{SITE}/news?id=1"),
        (f"{SITE}/print/news/1", f"{SITE}/news/1"),
        (f"{SITE}/news/1/print", f"{SITE}/news/1"),
        (f"{SITE}/news/1?print=1", f"{SITE}/news/1"),
        (f"{SITE}/news/1;jsessionid=A1B2?id=3", f"{SITE}/news/1?id=3"),
        (f"{SITE}/(S(lit3py55t21z5v55vlm25s55))/news.aspx?id=3", f"{SITE}/news.aspx?id=3"),
        (f"{SITE}/ar/(X(1)S(lit3py55))/a.aspx?id=3&AspxAutoDetectCookieSupport=1", f"{SITE}/ar/a.aspx?id=3"),
        (f"{SITE}/news/1?PHPSESSID=abc", f"{SITE}/news/1"),
        (f"{SITE}/news/1?sid=0123456789abcdef", f"{SITE}/news/1"),
        ("https://alwaha.example:443/a", "http://alwaha.example:80/a"),
        (f"{SITE}/a?u=/b/c;d=1,2&e[]=x:y", f"{SITE}/a?u=%2Fb%2Fc%3bd%3D1%2C2&e%5B%5D=x%3Ay"),
        (f"{SITE}/?/news/1", f"{SITE}/?%2Fnews%2F1"),
    ],
)
def test_addresses_of_one_page_have_one_identity(one: str, other: str) -> None:
    assert identity(normalise(one) or "") == identity(normalise(other) or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://m.alwaha.example/a", "http://alwaha.example/a"),  # only rel=canonical can tell
        ("http://amp.alwaha.example/a", "http://alwaha.example/a"),
        ("http://alwaha.example/a", "http://alwaha.example:8080/a"),
        (f"{SITE}/amp", f"{SITE}/"),
        (f"{SITE}/print", f"{SITE}/"),
        (f"{SITE}/news/amplifier", f"{SITE}/news"),
        (f"{SITE}/news/1?print=7", f"{SITE}/news/1"),
        (f"{SITE}/news/1?sid=7", f"{SITE}/news/1"),
        (f"{SITE}/news/1?page=2", f"{SITE}/news/1"),
        (f"{SITE}/a%2Fb", f"{SITE}/a/b"),
        (f"{SITE}/a%3Fb", f"{SITE}/a?b"),
        (f"{SITE}/News", f"{SITE}/news"),
        (f"{SITE}/قمة", f"{SITE}/قمه"),
        (f"{SITE}/?p=1", f"{SITE}/?p=2"),
    ],
)
def test_different_pages_have_different_identities(one: str, other: str) -> None:
    assert identity(normalise(one) or "") != identity(normalise(other) or "")


@pytest.mark.parametrize(
    ("declared", "spoken"),
    [
        (f"{SITE}/news/1", f"{SITE}/news/1"),
        ("/news/1?utm_source=x", "http://m.alwaha.example/news/1"),
        ("https://www.alwaha.example/news/1", "https://www.alwaha.example/news/1"),
        ("http://almanara.example/news/1", None),
        (f"{SITE}/", None),
        ("https://www.alwaha.example", None),
        (f"{SITE}/news", None),
        (f"{SITE}/news/", None),
        ("", None),
        (None, None),
        ("javascript:void(0)", None),
    ],
)
def test_a_canonical_url_speaks_for_a_page_of_its_own_site_and_never_as_one_above_it(
    declared: str | None, spoken: str | None
) -> None:
    assert canonical(declared, "http://m.alwaha.example/news/1") == spoken


@pytest.mark.parametrize(
    ("declared", "url", "speaks"),
    [
        ("/article.php", "/article.php?id=101", False),
        ("/ar/", "/ar/news/101", False),
        ("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/101", False),
        ("/article.php?id=101", "/article.php?id=101&page=2", True),
        ("/news/101", "/news/101/2", True),
        ("/new-summit", "/new-summit?lang=ar", True),
        (
            "/%D9%82%D9%85%D8%A9-%D8%AC%D8%AF%D9%8A%D8%AF%D8%A9",
            "/%D9%82%D9%85%D8%A9-%D8%AC%D8%AF%D9%8A%D8%AF%D8%A9/2",
            True,
        ),
        ("/summit", "/?p=5", True),
        ("/newsroom", "/news/5", True),
    ],
)
def test_what_an_address_begins_with_speaks_for_it_only_as_the_address_of_one_page(
    declared: str, url: str, speaks: bool
) -> None:
    assert (canonical(SITE + declared, SITE + url) is not None) == speaks


@pytest.mark.parametrize(
    ("url", "canonical_url", "shown"),
    [
        (f"{SITE}/news/1/amp", f"{SITE}/news/1", f"{SITE}/news/1"),
        (f"{SITE}/news/1?print=1", f"{SITE}/news/1", f"{SITE}/news/1"),
        ("http://m.alwaha.example/news/1", "https://www.alwaha.example/news/1/", "https://www.alwaha.example/news/1/"),
        (f"{SITE}/news?id=1&print=1", f"{SITE}/news?id=1", f"{SITE}/news?id=1"),
        ("http://m.alwaha.example/news/1", f"{SITE}/ar/news/1", "http://m.alwaha.example/news/1"),  # not known to be it
        (f"{SITE}/news/1", f"{SITE}/news/1/amp", f"{SITE}/news/1"),
        ("https://www.alwaha.example/news/1", f"{SITE}/news/1", "https://www.alwaha.example/news/1"),
        (f"{SITE}/news/1/amp", None, f"{SITE}/news/1/amp"),
    ],
)
def test_a_version_of_a_page_is_shown_under_the_address_of_the_page(
    url: str, canonical_url: str | None, shown: str
) -> None:
    assert main_version(url, canonical_url) == shown


def test_a_home_page_may_declare_itself() -> None:
    assert canonical(f"{SITE}/", f"{SITE}/") == f"{SITE}/"


PIECES = [*"ab./%~-_;:@!$&'()*+,= D8A9دqج\u0654\u06ff\u0700\u200cé?#\\", "%d8%A9", "%D8%a9", "%2f", "قمة", "%", "%d"]
PATHS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
BASES = [f"{SITE}/x/y", "https://a.b.example", "http://a.example:8080/", "http://a/"]


def by_the_long_way(url: str, base: str) -> str | None:
    return normalise(" " + url + "\n", base)  # blanks around take it


@given(path=PATHS, base=st.sampled_from(BASES))
@example(path="news-of-2025-08-15/1", base="https://a.b.example")  # a folder as long as the base
@settings(max_examples=400)
def test_the_short_way_to_the_normal_form_ends_where_the_long_one_does(path: str, base: str) -> None:
    for url in (path, "/" + path, base + path, SITE + "/" + path):
        assert normalise(url, base) == by_the_long_way(url, base)


def test_the_links_of_all_pages_that_there_are_have_the_normal_form_of_the_long_way() -> None:
    pages = [file.read_text(encoding="utf-8", errors="replace") for file in sorted(FIXTURES.rglob("*.html"))]
    links = sorted({html.unescape(link) for page in pages for link in re.findall(r"href=[\"']([^\"'<>]+)", page)})

    assert len(links) > 500
    for link in links:
        assert normalise(link, BASES[0]) == by_the_long_way(link, BASES[0]), link

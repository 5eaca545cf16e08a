"""What is no article, and why; and beside each rule a good article that nearly looks like it, and is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from corpus.types import Outcome, Page, Reading
from pipelines.objections import ENOUGH_WORDS
from pipelines.page.limits import LONGEST_TEXT
from pipelines.read import read_page

URL = "http://alwaha.example/world/2025/08/15/summit"
TITLE = "افتتاح معرض الزيتون في عجلون"
LINES = (
    "افتتح وزير الزراعة معرض الزيتون في عجلون صباح اليوم، بحضور مئات المزارعين من القرى المجاورة.",
    "وقال إن الموسم هذا العام أفضل من سابقه، وإن الوزارة ستشتري الفائض من الزيت بسعر ثابت.",
    "وأضاف أن المعاصر ستبدأ العمل في أول الخريف، وأن الأسعار ستعلن قبل ذلك بأسبوع على الأقل.",
    "ويستمر المعرض ثلاثة أيام، وتشارك فيه خمسون جمعية تعرض الزيت والصابون وأعمال الخشب.",
    "وذكر أحد العارضين أن الإقبال فاق ما كان في العام الماضي، ولا سيما من الزوار القادمين من العاصمة.",
)
SHORT = LINES[0] + " " + LINES[3]  # 28 words: real news
MORE = (
    "وتوقعت الدائرة أن يبلغ الإنتاج نحو ثلاثين ألف طن، وأن يكفي حاجة السوق حتى الموسم المقبل.",
    "ودعت نقابة المعاصر أصحاب البساتين إلى ألا يقطفوا الثمار قبل نضجها حفاظا على جودة الزيت.",
    "وتعمل في المحافظة نحو أربعين معصرة، جدد نصفها آلاته في السنوات الثلاث الأخيرة بقروض ميسرة.",
    "ويرى خبراء أن تغير مواعيد المطر صار أكبر ما يقلق المزارعين، بعد أن كان سعر الأسمدة همهم الأول.",
    "وينتظر أن تنظم البلدية في ختام المعرض مسابقة لأجود زيت، يفوز صاحبها بمعدات حديثة للري.",
)
LONG = (*LINES, *MORE)
DATE = '<meta property="article:published_time" content="2025-08-15T23:10:00Z">'
ARTICLE = '<meta property="og:type" content="article">'
VISIBLE_DATE = "<time>الجمعة 15 آب/أغسطس 2025</time>"
HEADLINES = (
    "وزير الزراعة يزور معاصر الشمال",
    "أسعار الخضار ترتفع قبل العيد",
    "افتتاح سوق جديد وسط المدينة",
    "مباراة الليلة تؤجل بسبب المطر",
    "جامعة تعلن نتائج القبول الموحد",
    "حملة لتنظيف شواطئ العقبة غدا",
)


def html(*lines: str, title: str = TITLE, head: str = DATE, top: str = "", end: str = "") -> str:
    text = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<html><head><meta charset='utf-8'><title>{title} | الواحة</title>{head}</head><body>"
        f"<article><h1>{title}</h1>{top}<div class='body'>{text}</div></article>{end}</body></html>"
    )


def read(body: str | bytes, url: str = URL) -> Reading:
    page = Page(
        url=url,
        body=body if isinstance(body, bytes) else body.encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2025, 8, 16, 12, tzinfo=UTC),
    )
    return read_page(page, source_id="alwaha", country="JO", topics=(), only_on_topic=False)


def teasers(*headlines: str) -> str:
    """Blocks of a section page: a linked heading, a time, and the beginning of the article."""
    return "".join(
        f"<div class='item'><h3><a href='/{i}'>{headline}</a></h3>{VISIBLE_DATE}<p>{line}</p></div>"
        for i, (headline, line) in enumerate(zip(headlines, MORE, strict=False))
    )


def links(*headlines: str, tag: str = "li") -> str:
    return "".join(f"<{tag}><a href='/{i}'>{headline}</a></{tag}>" for i, headline in enumerate(headlines))


def script(text: str) -> str:
    return f"<script type='application/ld+json'>{text}</script>"


SECTIONS = ("سياسة", "اقتصاد", "رياضة", "ثقافة", "أخبار محلية")
MENU = "<ul>" + "".join(f"<li><a href='/section/{i}'>{name}</a></li>" for i, name in enumerate(SECTIONS)) + "</ul>"
SHORT_NOTICE = "عذرا، لا يمكن عرض ما طلبت الآن."
REFRESH = "<meta http-equiv='refresh' content='0; url=/world/2'>"
LIVE = '{"@type":"LiveBlogPosting","headline":"ق","liveBlogUpdate":[{"@type":"BlogPosting","headline":"أ"}]}'
PICTURES = "".join(f"<figure><img src='/{i}.jpg'><figcaption>زيتون</figcaption></figure>" for i in range(8))
FILM = "<video src='/1.mp4'></video>" + script('{"@type":"VideoObject","name":"جولة"}')
MANY = tuple(f"{headline} رقم {i}" for i in range(4) for headline in HEADLINES)
FORM = "<form><input name='user'><input type='password' name='word'></form>"
RSS = "<?xml version='1.0'?><rss version='2.0'><channel>{}</channel></rss>".format(
    "".join(
        f"<item><title>{one}</title><description>{line}</description></item>"
        for one, line in zip(HEADLINES, LONG, strict=False)
    )
)

NO_ARTICLES: dict[str, tuple[str | bytes, str, str]] = {
    "home page": (html(*LONG), "http://alwaha.example/", "its address is that of a home page"),
    "home page of a language": (html(*LONG), "http://alwaha.example/ar/", "its address is that of a home page"),
    "section page": (
        html(title="اقتصاد", head="", end=teasers(*HEADLINES)),
        URL,
        "it is a list of other articles: ",
    ),
    "list of headlines": (
        html(title="آخر الأخبار", head="", end=f"<ul>{links(*MANY)}</ul>"),
        URL,
        "it is a list of links, 24 of them to articles",
    ),
    "section page of few articles": (
        html(*LINES[:3], title="أخبار محلية", top=VISIBLE_DATE, head="", end=MENU),
        "http://alwaha.example/section/4/",
        "it is a section of the site",
    ),
    "live ticker": (html(*LONG, head=DATE + ARTICLE + script(LIVE)), URL, "it is a live ticker"),
    "live ticker without its updates": (
        html(*LONG, head=DATE + script('{"@type":"LiveBlogPosting","headline":"ق"}')),
        URL,
        "it is a live ticker",
    ),
    "live ticker by its clocks": (
        html(*(f"{10 + i}:15 {line}" for i, line in enumerate(LONG)), head=DATE + ARTICLE),
        URL,
        "it is a live ticker",
    ),
    "the second page of an article": (
        html(*LONG, head=DATE + ARTICLE + "<link rel='prev' href='/world/olives/'>"),
        "http://alwaha.example/world/olives/2/",
        "it is page 2 of http://alwaha.example/world/olives",
    ),
    "a later page of an article": (
        html(*LONG, head=DATE + ARTICLE + "<link rel='canonical' href='/news.php?id=7'>"),
        "http://alwaha.example/news.php?id=7&page=3",
        "it is page 3 of http://alwaha.example/news.php?id=7",
    ),
    "gallery": (html(SHORT, top=PICTURES), URL, "it is a gallery: 8 pictures and 28 words"),
    "video": (html("جولة في المعرض.", top=FILM), URL, "it is a video with 3 words"),
    "soft 404": (
        html(SHORT_NOTICE, title="الصفحة غير موجودة"),
        URL,
        "the page says that there is none: «الصفحه غير موجوده»",
    ),
    "soft 404 with other news": (
        html(*LINES, title="عذراً، خطأ 404"),
        URL,
        "the page says that there is none: «عذرا خطا 404»",
    ),
    "login": (html(SHORT_NOTICE, end=FORM), URL, "the page asks to log in"),
    "paywall": (
        html(*LINES[:3], end="<div>هذا المحتوى للمشتركين، اشترك الآن.</div>"),
        URL,
        "words, and the rest to subscribers only",
    ),
    "paywall that is marked": (
        html(*LINES[:3], head=DATE + script('{"@type":"NewsArticle","headline":"x","isAccessibleForFree":"False"}')),
        URL,
        "words, and the rest to subscribers only",
    ),
    "cookie wall": (
        html(
            "نستخدم ملفات تعريف الارتباط لنحسن ما نقدمه لكم من محتوى وإعلانات، ونقيس بها كيف يستخدم الزوار الموقع.",
            "باستمرارك في التصفح فأنت توافق على سياسة الخصوصية، ويمكنك أن تغير رأيك متى شئت من الإعدادات.",
            title="خصوصيتكم تهمنا",
        ),
        URL,
        "the text is a notice about cookies",
    ),
    "redirect": (html(SHORT_NOTICE, head=REFRESH), URL, "the page only sends its readers on to another one"),
    "redirect by script": (
        "<html><head><script>window.location.href = '/world/2';</script></head><body>لحظة</body></html>",
        URL,
        "the page only sends its readers on to another one",
    ),
    "frameset": (
        "<html><head><title>خبر</title></head><frameset><frame src='/1'><frame src='/2'></frameset></html>",
        URL,
        "the page consists of frames",
    ),
    "frame": (
        "<html><body><iframe src='/1'></iframe></body></html>",
        URL,
        "the page only holds another one, in a frame",
    ),
    "JSON": ('{"title": "' + TITLE + '", "text": "' + " ".join(LINES) + '"}', URL, "it is JSON, not a page of text"),
    "feed": (RSS, URL, "it is a feed, not a page"),
    "PDF": (b"\n%PDF-1.7\n" + html(*LINES).encode(), URL, "it is a PDF document, not a page of text"),
    "page that breaks off": (
        html(*LINES[:2]).partition("بسعر")[0],
        URL,
        "the page breaks off after 29 words of its text",
    ),
    "text without end": (
        html(*(f"{line} ({i})" for i in range(LONGEST_TEXT // 400) for line in LINES)),
        URL,
        "more than 250000",
    ),
    "garbled": (html(*(line.encode().decode("latin-1") for line in LINES)), URL, "the text is garbled"),
}


@pytest.mark.parametrize(("body", "url", "reason"), NO_ARTICLES.values(), ids=NO_ARTICLES.keys())
def test_a_page_that_is_no_article_is_not_stored_and_says_why(body: str | bytes, url: str, reason: str) -> None:
    reading = read(body, url)

    assert reading.outcome is Outcome.NOT_AN_ARTICLE
    assert reason in (reading.reason or "")
    assert (reading.article, reading.sketch) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        html("Checking your browser before accessing the site.", title="Just a moment...", head=""),
        html("You do not have permission to view this page.", title="Access Denied", head=""),
        html("يرجى إثبات أنك لست روبوتا.", title="تم رفض الوصول", head=""),
    ],
)
def test_a_page_that_keeps_us_out_is_a_failure_and_not_the_end_of_its_address(body: str) -> None:
    reading = read(body)

    assert reading.outcome is Outcome.FAILED
    assert "did not let us in" in (reading.reason or "")
    assert reading.article is None


@pytest.mark.parametrize(
    "title", ["الموقع تحت الصيانة", "خطأ في الاتصال بقاعدة البيانات", "503 Service Unavailable", "حدث خطأ", "خطأ 500"]
)
def test_a_page_of_a_site_that_is_out_of_order_is_a_failure_and_not_the_end_of_its_address(title: str) -> None:
    reading = read(html("يرجى المحاولة في وقت لاحق.", title=title, head=""))

    assert reading.outcome is Outcome.FAILED
    assert "out of order" in (reading.reason or "")


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (html("يمكنك العودة إلى الصفحة الرئيسية.", title="الصفحة غير موجودة", head=""), "http://alwaha.example/1001"),
        (html("أخبار اليوم من المدينة."), "http://alwaha.example/"),
    ],
)
def test_a_page_that_stands_in_the_place_of_one_that_was_deleted_says_so(body: str, url: str) -> None:
    assert read(body, url).is_gone


@pytest.mark.parametrize(
    ("name", "is_listing"), [("list of headlines", True), ("login", False), ("cookie wall", False)]
)
def test_a_page_of_other_articles_says_so(name: str, is_listing: bool) -> None:
    body, url, _ = NO_ARTICLES[name]

    assert read(body, url).is_listing is is_listing


ARTICLES = {
    "short news": (html(SHORT), URL),
    "an address that is a number": (html(*LINES), "http://alwaha.example/?p=123"),
    "an address of one word": (html(*LINES), "http://alwaha.example/summit"),
    "a related list below": (html(*LINES, end="<h3>اقرأ أيضا</h3><ul>" + links(*HEADLINES) + "</ul>"), URL),
    "teasers beside it": (html(*LINES, end=f"<aside class='sidebar'>{teasers(*HEADLINES)}</aside>"), URL),
    "paragraphs in blocks of their own": (
        html(end="".join(f"<div class='block'><p>{line}</p></div>" for line in LINES)),
        URL,
    ),
    "subheadings that are no links": (
        html(end="".join(f"<div><h3>محور {i}</h3><p>{line}</p></div>" for i, line in enumerate(LINES))),
        URL,
    ),
    "a report of a day": (html(LINES[0], *(f"{9 + i}:30 {line}" for i, line in enumerate(LINES[1:4])), *MORE), URL),
    "report with a timetable": (
        html(
            *(f"{line[:-1]} في اليوم {day}." for day in ("الأول", "الثاني") for line in LONG),
            *(f"1{hour}:30 {line}" for hour, line in enumerate(HEADLINES)),
        ),
        URL,
    ),
    "about a live ticker": (html(*LINES, title="تغطية مباشرة لمعرض الزيتون تجذب آلاف المتابعين"), URL),
    "a few pictures": (html(SHORT, top=PICTURES[: len(PICTURES) // 2]), URL),
    "many pictures in a long text": (html(*LONG, title="بالصور: افتتاح معرض الزيتون", top=PICTURES), URL),
    "a film above the text": (html(*LINES, title="شاهد: افتتاح معرض الزيتون", top=FILM), URL),
    "about missing pages": (html(*LINES, title="خطأ 404: لماذا تختفي صفحات الصحف القديمة"), URL),
    "an error that happened": (html(*LINES, title="حدث خطأ في مصنع للزيت فتوقف العمل"), URL),
    "about access": (html(*LINES, title="الوصول مرفوض: تقرير عن حجب المواقع"), URL),
    "a login box": (html(*LINES, top=FORM), URL),
    "a login box above short news": (html(SHORT, end=FORM), URL),
    "a newsletter": (html(SHORT, end="<div>اشترك في النشرة البريدية ليصلك جديدنا.</div>"), URL),
    "a paywall that was open": (
        html(*LONG, head=DATE + script('{"@type":"NewsArticle","headline":"x","isAccessibleForFree":false}')),
        URL,
    ),
    "about cookies": (
        html(
            "أقر البرلمان قواعد جديدة لملفات تعريف الارتباط تلزم المواقع بأن تسأل زوارها قبل أن تحفظ شيئا عنهم.",
            "وتمنح القواعد المواقع سنة واحدة لتغيير نوافذها، وتفرض غرامة على من يجعل رفض الملفات أصعب من قبولها.",
            title="قواعد جديدة لملفات تعريف الارتباط",
        ),
        URL,
    ),
    "a cookie notice beside it": (
        html(*LINES, end="<div id='cookies'>نستخدم ملفات تعريف الارتباط. باستمرارك في التصفح توافق.</div>"),
        URL,
    ),
    "a page that reloads itself": (html(*LINES, head=DATE + "<meta http-equiv='refresh' content='300'>"), URL),
    "a redirect for those without scripts": (html(SHORT, head=f"{DATE}<noscript>{REFRESH}</noscript>"), URL),
    "scripts that know where they are": (html(SHORT, end="<script>if (x) location.href = '/login';</script>"), URL),
    "a frame within": (html(*LINES, end="<iframe src='/ad'></iframe>"), URL),
    "a feed that is named": (
        html(*LINES, head=DATE + "<link rel='alternate' type='application/rss+xml' href='/f'>"),
        URL,
    ),
    "one that is numbered, and the one before it": (
        html(*LONG, head=DATE + "<link rel='prev' href='/news/14'>"),
        "http://alwaha.example/news/15",
    ),
    "one that is numbered, and canonical itself": (
        html(*LONG, head=DATE + "<link rel='canonical' href='?page=2'><link rel='prev' href='?page=1'>"),
        "http://alwaha.example/news?page=2",
    ),
    "a page that breaks off late": (html(*LONG).partition("مسابقة")[0], URL),
    "a page that ends without closing": (html(SHORT).partition("</p></div>")[0], URL),
    "of the type of a site, with a time": (
        html(*LINES, head=DATE + "<meta property='og:type' content='website'>"),
        URL,
    ),
    "of the type of a site, with a date for readers": (
        html(*LINES, head="<meta property='og:type' content='website'>", top="<div class='date'>15 آب 2025</div>"),
        URL,
    ),
    "a short title, linked to itself": (
        html(*LINES[:3], title=f"<a href='{URL}'>معرض الزيتون</a>", top=VISIBLE_DATE, head="", end=MENU),
        URL,
    ),
    "a title that is the name of a section": (
        html(*LINES[:3], title="أخبار محلية", top=VISIBLE_DATE, head="", end=MENU),
        URL,
    ),
    "some garbled words": (html(*LINES, "ونشر الموقع العبارة كما وصلت: Ø§Ù„."), URL),
}


@pytest.mark.parametrize(("body", "url"), ARTICLES.values(), ids=ARTICLES.keys())
def test_an_article_that_nearly_looks_like_something_else_is_kept(body: str, url: str) -> None:
    reading = read(body, url)

    assert reading.outcome is None, reading.reason
    assert reading.article is not None
    assert reading.article.text


def test_a_page_is_taken_at_its_word_when_it_is_marked_dated_and_long() -> None:
    closed = "<div>هذا المحتوى للمشتركين</div>"

    marked = html(*LONG, title="404", head=DATE + ARTICLE, end=closed)

    assert sum(len(line.split()) for line in LONG) >= ENOUGH_WORDS
    assert read(marked).outcome is None
    assert read(marked.replace(ARTICLE, "")).outcome is Outcome.NOT_AN_ARTICLE


def test_a_page_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    reading = read(html(*LONG).partition("مسابقة")[0])

    assert reading.article is not None
    assert reading.article.text.split("\n")[:9] == list(LONG[:9])


@pytest.mark.parametrize("title", ["من نحن", "سياسة الخصوصية", "اتصل بنا", "نتائج البحث"])
def test_a_page_of_the_site_itself_is_none(title: str) -> None:
    reading = read(html(*LINES, title=title, head=""), URL)

    assert reading.outcome is Outcome.NOT_AN_ARTICLE
    assert title in (reading.reason or "")


@pytest.mark.parametrize("title", ["من نحن: سؤال الهوية في رواية جديدة", "نتائج البحث عن المفقودين"])
def test_an_article_whose_title_begins_like_such_a_page_is_kept(title: str) -> None:
    assert read(html(*LINES, title=title)).outcome is None

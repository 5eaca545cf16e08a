"""Texts: the paragraphs of an article, and nothing of what its page puts around and between them."""

from __future__ import annotations

import json
import re
from itertools import chain

import pytest
from lxml.html import document_fromstring

from pipelines.fields.headline import headline
from pipelines.text.body import Body, bare_page, extract_body

TITLE = "ترامب وبوتين يلتقيان في ألاسكا"
BODY = (
    "قال الرئيس الأميركي إن اللقاء الذي جرى في ألاسكا كان مثمراً، ولم يتم الاتفاق على كل شيء بعد.",
    "وأضاف أن الطرفين سيواصلان المحادثات في الأسابيع المقبلة، وأن الدعوة إلى موسكو ما زالت قائمة.",
    "ورأى مراقبون أن القمة فتحت باباً كان مغلقاً منذ سنوات، وأن نتائجها ستظهر في وقت لاحق من العام.",
    "وفي كييف قال مسؤولون إن أي اتفاق لا يشارك فيه بلدهم لن يكون له أثر على الأرض ولا مستقبل.",
)
LEAD = "ثلاث ساعات خلف أبواب مغلقة، ثم مؤتمر صحفي بلا أسئلة: هذا ما نعرفه عن القمة."
POINTERS = (
    "اقرأ أيضا: زلزال خفيف قرب أنكوريج",
    "اقرأ/ي أيضاً | زلزال خفيف قرب أنكوريج",
    "شاهد أيضاً: صور من القاعدة",
    "قد يهمك أيضاً",
    "تصفح أيضًا:",
    "مواضيع مرتبطة",
    "مواضيع ذات صلة",
)
NOTICES = (
    "تابعونا على تلغرام",
    "نشرت في: آخر تحديث:",
    "انضم الآن إلى قناتنا على واتساب للحصول على آخر المستجدات",
    "لمزيد من الأخبار تابعوا صفحتنا على الفيسبوك",
    "آخر تحديث: 15 آب 2025",
    "انضم إلى قناة «الواحة» على واتساب: اضغط هنا",
    "للاشتراك في نشرتنا البريدية اضغط هنا",
    "تابعوا قناتنا على تليغرام لمتابعة آخر الأخبار: t.me/alwaha",
    "© شبكة الواحة. حقوق النشر محفوظة.",
    "ظهرت المقالة أولاً على الواحة.",
    "في نفس السياق",
    "تم نشره الثلاثاء 2 حزيران / يونيو 2025. 11:40 مساءً",
    "نشر في: الجمعة 15 أغسطس 2025 - 10:21 م",
    "اشترك في النشرة البريدية ليصلك كل جديد",
    "جميع الحقوق محفوظة © الواحة",
    "إعلان",
    "كلمات مفتاحية: ألاسكا، ترامب",
    "الخبر التالي: زلزال خفيف قرب أنكوريج",
    "#ألاسكا #قمة_ألاسكا",
    "https://alwaha.example/s/1",
)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def body_of(html: str, *, title: str = TITLE, author: str | None = None) -> Body:
    tree = document_fromstring(html)
    bared = bare_page(tree, headline(tree), url="https://alwaha.example/1")
    return extract_body(bared, title=title, author=author, again=lambda: document_fromstring(html))


def lines(body: str, *, title: str = TITLE) -> list[str]:
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return body_of(html, title=title).text.split("\n")


def article(inside: str) -> list[str]:
    return lines(f"<article><h1>{TITLE}</h1>{inside}</article>")


def test_paragraphs_are_lines_in_their_order() -> None:
    assert article(paragraphs(*BODY)) == list(BODY)


@pytest.mark.parametrize("line", [*POINTERS, *NOTICES])
@pytest.mark.parametrize("at", [0, 2, len(BODY)])
def test_pointers_and_notices_between_paragraphs_are_gone(line: str, at: int) -> None:
    assert article(paragraphs(*BODY[:at], line, *BODY[at:])) == list(BODY)


@pytest.mark.parametrize(
    "line",
    ["شوهد 1200 مرة", "القراءات: 55", "١٢٣ مشاهدة", "تمت قراءة الموضوع 12 مرة", "وقت القراءة: 3 دقائق", "5 تعليقات"],
)
@pytest.mark.parametrize("at", [0, 2, len(BODY)])
def test_what_a_page_counts_is_no_line_of_its_text(line: str, at: int) -> None:
    assert article(paragraphs(*BODY[:at], line, *BODY[at:])) == list(BODY)


@pytest.mark.parametrize("line", ["سجل المتحف 1200 زيارة في يوم الافتتاح", "القراءة", "12 مرة"])
def test_a_line_of_the_text_that_counts_something_stays(line: str) -> None:
    assert line in article(paragraphs(*BODY[:2], line, *BODY[2:]))


def test_a_sentence_that_begins_like_a_pointer_stays() -> None:
    sentence = (
        "تابعونا على مدى ثلاثين عاماً، " + "وظلوا يسألون عن الطريق والجسر والمدرسة والمستشفى، " * 4 + "كما قال المعلم."
    )

    assert sentence in article(paragraphs(*BODY, sentence))


@pytest.mark.parametrize(
    "element",
    [
        '<div class="share-bar"><a href="/s">شارك على فيسبوك</a> <a href="/t">أرسل في واتساب</a></div>',
        '<ul class="social"><li>فيسبوك اليوم</li><li>تويتر اليوم</li></ul>',
        '<div id="read-also"><a href="/2">زلزال خفيف قرب أنكوريج يوقظ السكان</a></div>',
        '<figure><img src="/a.jpg"><figcaption>الرئيسان على البساط الأحمر في القاعدة</figcaption></figure>',
        "<figcaption><p>الرئيسان على البساط الأحمر في القاعدة قبل بدء اللقاء بقليل</p></figcaption>",
        '<p class="wp-caption-text">الرئيسان على البساط الأحمر في القاعدة</p>',
        '<div class="tags">ألاسكا ترامب بوتين روسيا</div>',
        '<div class="newsletter">أدخل بريدك ليصلك كل جديد من الأخبار</div>',
        '<div class="advert">عروض الصيف على السيارات في المعرض</div>',
        "<button>استمع إلى هذا الخبر بصوت القارئ</button>",
        "<script>var words = 'قال الرئيس مرة أخرى';</script>",
        "<form><label>ابحث في أخبار الصحيفة</label><input name='q'></form>",
        '<div class="poll"><h3>استطلاع رأي</h3><p>هل تعتقد أن الحرب ستنتهي؟</p><p>المصوتون: 1200</p></div>',
    ],
)
def test_elements_that_are_not_of_the_text_are_gone(element: str) -> None:
    assert article(paragraphs(*BODY[:2]) + element + paragraphs(*BODY[2:])) == list(BODY)


def test_a_block_that_begins_with_a_link_to_its_end_is_gone() -> None:
    skip = f"<a href='#e'>تخطى هذا وواصل القراءة</a><div><p>{LEAD}</p></div><p id=e>نهاية</p>"

    assert article(f"{paragraphs(*BODY[:2])}<section>{skip}</section>{paragraphs(*BODY[2:])}") == list(BODY)
    assert lines(f"<div><a href='#c'>إلى المحتوى</a><h1>{TITLE}</h1><div id=c>{paragraphs(*BODY)}</div></div>") == list(
        BODY
    )


@pytest.mark.parametrize("name", ["related-posts", "comments", "sidebar", "most-read"])
def test_long_lists_around_the_text_are_gone(name: str) -> None:
    others = paragraphs(*(f"خبر آخر رقم {number} عن أسعار الخضار في أسواق المدينة هذا الصباح." for number in range(9)))
    long = paragraphs(*BODY, *(f"وقال شاهد ثانٍ رقم {number} إن الوفد غادر القاعدة في المساء." for number in range(20)))

    found = article(f"{long}<div class='{name}'>{others}</div>")

    assert found[:4] == list(BODY)
    assert not any("أسعار الخضار" in line for line in found)


@pytest.mark.parametrize(
    "page",
    [
        "<article><h1>{title}</h1>{own}</article><article><h1>خبر آخر من المدينة</h1>{other}</article>",
        "<article><h1>{title}</h1>{own}</article><article><h2><a href='/2'>خبر آخر</a></h2>{other}</article>",
        "<main><h1>{title}</h1>{own}</main><div id='next'><div><h1>خبر آخر من المدينة</h1>{other}</div></div>",
    ],
)
def test_the_article_that_a_page_goes_on_with_is_not_of_its_text(page: str) -> None:
    own = [f"{line} {line}" for line in BODY]
    other = paragraphs(*(f"خبر آخر رقم {number} عن أسعار الخضار في أسواق المدينة هذا الصباح." for number in range(30)))

    assert lines(page.format(title=TITLE, own=paragraphs(*own), other=other)) == own


@pytest.mark.parametrize(
    "page",
    [
        "<article class='a'><h1>{title}</h1><p>موجز.</p></article><article class='a'><h2>نص</h2>{own}</article>",
        "<h1>{title}</h1><div><p>{lead}</p><h1>عنوان فرعي</h1>{own}</div>",
        "<h1>{title}</h1><div><h1>{title}</h1>{own}</div>",
    ],
)
def test_a_text_under_a_second_heading_of_its_article_stays(page: str) -> None:
    found = lines(page.format(title=TITLE, own=paragraphs(*BODY), lead=BODY[0]))

    assert found[-len(BODY) :] == list(BODY)


def test_an_article_inside_an_element_with_the_name_of_furniture_stays() -> None:
    assert lines(f"<div class='share related'><h1>{TITLE}</h1>{paragraphs(*BODY)}</div>") == list(BODY)


def test_a_title_that_is_said_again_above_the_text_is_gone() -> None:
    assert article(paragraphs(TITLE, *BODY)) == list(BODY)


def test_a_title_that_is_said_again_with_other_letters_is_gone() -> None:
    assert article(paragraphs("ترامب وبوتين يلتقيان فى «الاسكا»", *BODY)) == list(BODY)


def test_a_closing_credit_is_gone() -> None:
    assert article(paragraphs(*BODY, "المصدر: رويترز")) == list(BODY)


@pytest.mark.parametrize("name", ["standfirst", "article__announce-text", "article-lead", "sub-title", "excerpt"])
@pytest.mark.parametrize("tag", ["p", "div", "h2"])
def test_a_lead_outside_the_body_is_restored_once(name: str, tag: str) -> None:
    body = f'<h1>{TITLE}</h1><{tag} class="{name}">{LEAD}</{tag}><article>{paragraphs(*BODY)}</article>'

    assert lines(f"<div>{body}</div>") == [LEAD, *BODY]


def test_a_lead_that_the_body_says_again_is_not_said_twice() -> None:
    body = f'<h1>{TITLE}</h1><h2 class="lead">{BODY[0]}</h2><article>{paragraphs(*BODY)}</article>'

    assert lines(body) == list(BODY)


def test_a_page_of_one_sentence_is_read() -> None:
    assert article(paragraphs(BODY[0])) == [BODY[0]]


def test_a_long_page_is_read_to_its_end() -> None:
    long = [f"وقال الشاهد رقم {number} إن الوفد غادر القاعدة قبل المساء بقليل." for number in range(400)]

    assert article(paragraphs(*long)) == long


def test_lines_that_are_parted_by_line_breaks_are_paragraphs() -> None:
    assert lines(f"<div class='content'><h1>{TITLE}</h1><div>{'<br><br>'.join(BODY)}</div></div>") == list(BODY)


def test_items_of_a_list_in_the_text_are_lines_without_a_dash() -> None:
    points = ("أول ما اتفق عليه الطرفان هو مواصلة الحوار.", "والثاني زيارة لاحقة إلى موسكو في الخريف.")

    found = article(paragraphs(*BODY) + "<ul>" + "".join(f"<li>{point}</li>" for point in points) + "</ul>")

    assert found == [*BODY, *points]


def test_a_table_of_numbers_is_no_text() -> None:
    table = "<table><tr><th>الوفد</th><th>العدد</th></tr><tr><td>الأميركي</td><td>3</td></tr></table>"

    assert article(paragraphs(*BODY[:2]) + table + paragraphs(*BODY[2:])) == list(BODY)


def test_a_page_that_is_laid_out_in_a_table_is_read() -> None:
    menu = "<td><a href='/'>الرئيسية</a> <a href='/w'>العالم</a></td>"
    inner = f"<table><tbody><tr><td><h1>{TITLE}</h1>{paragraphs(*BODY)}</td></tr></tbody></table>"

    assert lines(f"<table><tr>{menu}<td>{inner}</td></tr></table>") == list(BODY)


def test_a_page_that_is_wrapped_in_a_form_is_read() -> None:
    fields = '<input type="hidden" name="__VIEWSTATE" value="x">'

    assert lines(f'<form id="aspnetForm">{fields}<div><h1>{TITLE}</h1>{paragraphs(*BODY)}</div></form>') == list(BODY)


def test_invisible_marks_are_not_in_the_text() -> None:
    marked = BODY[0].replace(" ", " \u200f").replace("الرئيس", "الر\u0640\u0640ئيس")

    assert article(paragraphs(marked, *BODY[1:])) == list(BODY)


@pytest.mark.parametrize("body", ["", "<div></div>", "<img src='/a.jpg'>", "<script>var a = 1;</script>"])
def test_a_page_without_paragraphs_has_no_text(body: str) -> None:
    assert lines(body) == [""]


@pytest.mark.parametrize("pointer", ["اقرأ أيضا: زلزال خفيف قرب أنكوريج", "قد يهمك أيضاً: صور من القاعدة"])
def test_a_pointer_at_the_end_of_a_paragraph_is_gone(pointer: str) -> None:
    assert article(paragraphs(BODY[0] + " " + pointer, *BODY[1:])) == list(BODY)


@pytest.mark.parametrize(
    "sentence",
    [
        "اشترك في المناورات خمسة آلاف جندي من ست دول عربية.",
        "نشر في صحيفة الواحة مقالا عن القمة قبل أن تبدأ بيومين.",
        "منذ ساعة وصول الوفد والشوارع مغلقة.",
        "قال الوزير: نريد السلام لا الحرب.",
    ],
)
def test_a_sentence_with_the_words_of_a_notice_stays(sentence: str) -> None:
    assert article(paragraphs(*BODY[:2], sentence, *BODY[2:])) == [*BODY[:2], sentence, *BODY[2:]]


@pytest.mark.parametrize(
    "label",
    [
        "الجمعة، 15 آب/أغسطس 2025 - 10:21 م",
        "الإثنين، 24 أغسطس 2020 09:23 ص",
        "15/08/2025 10:21",
        "كتبت أسماء نصار",
        "تقرير - سمير عواد",
        "كتب- سمير عواد:",
        "كتبت/ هدى سالم :",
        "بقلم: ليلى حداد",
        "ليلى حداد",
        "ليلى حداد - مراسلة الواحة في عمّان",
        "كاتب وصحفي من الأردن",
        "تم النشر بواسطة: عمر باكير بتاريخ 27 نوفمبر 2024",
        "السبت 14 حزيران 2003 - العدد 912",
        "(شارك في التغطية كمال نصر من موسكو - تحرير هدى سالم)",
        "ي ح/س ل/م د",
        "// انتهى //",
        "KUW:",
        "LOC16:25",
        "(النهاية) ر ش د / م ع ع",
        "* أستاذ الاقتصاد في جامعة بغداد",
        "19:12 ت م",
        "0127",
    ],
)
@pytest.mark.parametrize("at", [0, len(BODY)])
def test_dates_bylines_and_roles_above_and_below_the_text_are_gone(label: str, at: int) -> None:
    html = f"<body><article><h1>{TITLE}</h1>{paragraphs(*BODY[:at], label, *BODY[at:])}</article></body>"

    found = body_of(html, author="ليلى حداد")

    assert found.text.split("\n") == list(BODY)


@pytest.mark.parametrize("line", ["15 آب 2025", "كتب لافروف رسالة", "محرر الصفقة"])
def test_a_short_line_between_paragraphs_stays(line: str) -> None:
    assert article(paragraphs(*BODY[:2], line, *BODY[2:])) == [*BODY[:2], line, *BODY[2:]]


@pytest.mark.parametrize(
    "sentence",
    [
        "كتب الرئيس رسالة.",
        "كتب الرئيس على صفحته:",
        "صحفي: القمة لم تنته بعد",
        "محرر أولى القرى التي وصل إليها الجيش يروي ما رأى هناك في أول يوم",
    ],
)
def test_a_sentence_that_begins_like_a_label_stays(sentence: str) -> None:
    assert article(paragraphs(sentence, *BODY)) == [sentence, *BODY]


def test_the_headline_is_gone_when_the_page_has_another_title_than_it_shows() -> None:
    html = f"<body><article><h1>{TITLE}</h1>{paragraphs(TITLE, *BODY)}</article></body>"

    found = body_of(html, title="قمة ألاسكا: بث مباشر")

    assert found.text.split("\n") == list(BODY)


def test_labels_above_and_below_the_text_are_told() -> None:
    inside = paragraphs(TITLE, "بقلم: ليلى حداد", *BODY, "المصدر: الواحة - رويترز")

    found = body_of(f"<body><article><h1>{TITLE}</h1>{inside}</article></body>")

    assert found == Body(text="\n".join(BODY), margins=("بقلم: ليلى حداد", "المصدر: الواحة - رويترز"))


NOTICE = "نرحب بتعليقاتكم، وقبل أن تكتب ندعوك إلى قراءة <a href='{}'>الشروط</a> حتى لا نحذف ما كتبت لاحقاً."


def test_a_notice_that_links_to_the_rules_of_the_site_is_gone() -> None:
    html = f"<body><article><h1>{TITLE}</h1>{paragraphs(*BODY, NOTICE.format('/terms-of-use.html'))}</article></body>"

    assert body_of(html).text.split("\n") == list(BODY)


@pytest.mark.parametrize("href", ["https://else.example/terms", "/news/terms-of-the-deal"])
def test_a_paragraph_that_links_to_other_terms_stays(href: str) -> None:
    html = f"<body><article><h1>{TITLE}</h1>{paragraphs(NOTICE.format(href), *BODY)}</article></body>"

    found = body_of(html)

    assert found.text.startswith("نرحب بتعليقاتكم")


@pytest.mark.parametrize(
    "line",
    [
        "الآراء الواردة أدناه لا تعبر عن رأي موقع الواحة.",
        "المقال يعبر عن رأي كاتبه فقط",
        "ما ينشر هنا لا يمثل موقف الصحيفة",
    ],
)
def test_a_disclaimer_is_gone(line: str) -> None:
    assert article(paragraphs(*BODY, line)) == list(BODY)


def test_what_somebody_says_of_opinions_stays() -> None:
    sentence = "وقال الوزير إن هذه الآراء لا تعبر عن موقف الحكومة ولا عن موقف الرئيس."

    assert article(paragraphs(*BODY, sentence)) == [*BODY, sentence]


def test_a_list_of_links_without_a_name_is_gone() -> None:
    links = "".join(f"<a href='/{number}'>خبر رقم {number} عن أسعار الخضار في السوق</a> " for number in range(5))

    assert article(paragraphs(*BODY[:2]) + f"<div>{links}</div>" + paragraphs(*BODY[2:])) == list(BODY)


def test_a_paragraph_with_many_links_stays() -> None:
    linked = "وشارك <a href='/1'>ترامب</a> و<a href='/2'>بوتين</a> و<a href='/3'>لافروف</a> في <a href='/4'>القمة</a>."
    plain = "وشارك ترامب وبوتين ولافروف في القمة."

    assert article(paragraphs(*BODY[:2], linked, *BODY[2:])) == [*BODY[:2], plain, *BODY[2:]]


@pytest.mark.parametrize(
    "caption",
    [
        '<div><img src="/a.jpg"><p>الرئيسان على البساط الأحمر (أ ف ب)</p></div>',
        '<p><img src="/a.jpg"><br>الرئيسان على البساط الأحمر في القاعدة</p>',
        '<div><img src="/a.jpg" alt="وصل الرئيسان إلى القاعدة."><p>وصل الرئيسان إلى القاعدة.</p></div>',
    ],
)
def test_words_beside_an_image_that_are_no_sentence_or_its_own_are_gone(caption: str) -> None:
    assert article(paragraphs(*BODY[:2]) + caption + paragraphs(*BODY[2:])) == list(BODY)


def test_a_sentence_beside_an_image_stays() -> None:
    sentence = "ووصل الرئيسان إلى القاعدة في الصباح، وصافح كل منهما الآخر أمام المصورين."

    assert sentence in article(paragraphs(*BODY[:2]) + f'<p><img src="/a.jpg">{sentence}</p>' + paragraphs(*BODY[2:]))


def test_an_article_beside_a_sidebar_stays() -> None:
    menu = "<div>" + paragraphs("أخبار أخرى عن أسعار الخضار والفواكه في أسواق المدينة هذا الصباح") + "</div>"

    body = f"<h1>{TITLE}</h1><div class='content-with-sidebar'>{paragraphs(*BODY)}</div>{menu}"

    assert lines(body)[: len(BODY)] == list(BODY)


def test_a_paragraph_that_was_pasted_with_its_borders_stays() -> None:
    pasted = f'<p style="border: none; padding: 0in">{BODY[0]}</p>'

    assert article(pasted + paragraphs(*BODY[1:])) == list(BODY)


def test_what_follows_an_empty_element_stays_in_its_paragraph() -> None:
    assert article(f"<p>{BODY[0]}<span class='ad'></span> {BODY[1]}</p>") == [f"{BODY[0]} {BODY[1]}"]


def test_what_follows_a_block_that_is_gone_is_a_paragraph() -> None:
    box = "<div class='share'>شارك</div>"

    assert article(f"<div>{BODY[0]}{box}{BODY[1]}{box}{BODY[2]}</div>") == list(BODY[:3])


@pytest.mark.parametrize("heading", [f"<h2>{LEAD}</h2>", f"<div><strong>{LEAD}</strong></div>"])
def test_a_lead_without_a_name_is_restored(heading: str) -> None:
    head = f'<meta property="og:description" content="{LEAD[:60]}…">'
    html = (
        f"<html><head>{head}</head><body><h1>{TITLE}</h1>{heading}<article>{paragraphs(*BODY)}</article></body></html>"
    )

    assert body_of(html).text.split("\n") == [LEAD, *BODY]


@pytest.mark.parametrize("bold", ["<div><strong>{}</strong></div>", "<div><span><b>{}</b></span></div>"])
def test_a_sentence_in_bold_between_the_headline_and_the_body_is_a_lead(bold: str) -> None:
    body = f"<div class=date>15 آب 2025</div>{{}}<div class=txt>{paragraphs(*BODY, *BODY)}</div>"

    assert lines(f"<h1>{TITLE}</h1>{body.format(bold.format(LEAD))}") == [LEAD, *BODY, *BODY]
    assert LEAD[:-1] not in lines(f"<h1>{TITLE}</h1>{body.format(bold.format(LEAD[:-1]))}")


def test_a_short_heading_below_the_headline_is_no_lead() -> None:
    assert lines(f"<h1>{TITLE}</h1><h2>أخبار العالم اليوم</h2><article>{paragraphs(*BODY)}</article>") == list(BODY)


def test_a_page_of_which_nothing_is_left_is_read_whole() -> None:
    html = f"<body><h1>{TITLE}</h1><div class='c-inner'>{paragraphs(*BODY[:1])}</div></body>"

    assert body_of(html).text == BODY[0]


def page(body: str, *, head: str = "", title: str = TITLE) -> list[str]:
    html = f"<html><head><title>{title} | الواحة نيوز</title>{head}</head><body>{body}</body></html>"
    return body_of(html, title=title).text.split("\n")


@pytest.mark.parametrize("line", ["الواحة نيوز", "الواحة نيوز/ البصرة"])
def test_the_name_of_the_site_above_the_text_is_gone(line: str) -> None:
    assert page(f"<article><h1>{TITLE}</h1>{paragraphs(line, *BODY)}</article>") == list(BODY)


def test_a_sentence_about_the_site_stays() -> None:
    sentence = "الواحة نيوز هي التي نشرت الصور أول مرة."

    assert page(f"<article><h1>{TITLE}</h1>{paragraphs(sentence, *BODY)}</article>") == [sentence, *BODY]


def test_what_stands_above_a_title_that_is_said_again_goes_with_it() -> None:
    assert article(paragraphs("مباشر", TITLE, *BODY)) == list(BODY)


def test_a_title_that_is_said_again_without_the_name_of_the_site_is_gone() -> None:
    inside = paragraphs(TITLE, *BODY)

    assert page(f"<div>{inside}</div>", title=f"الواحة نيوز - {TITLE}") == list(BODY)


def test_a_paragraph_with_a_drop_cap_stays() -> None:
    assert article(f'<p class="has-drop-cap">{BODY[0]}</p>{paragraphs(*BODY[1:])}') == list(BODY)


def test_posts_of_networks_are_gone() -> None:
    post = f'<blockquote class="twitter-tweet"><p>{LEAD}</p>— نادي النجوم</blockquote>'

    assert article(paragraphs(*BODY[:2]) + post + paragraphs(*BODY[2:])) == list(BODY)


def test_what_readers_wrote_below_a_heading_is_gone_however_long_it_is() -> None:
    written = paragraphs(*(f"أحسنتم النشر، وأرجو أن تكتبوا عن الشارع رقم {n} في الحي القديم أيضا." for n in range(20)))

    assert article(f"<div>{paragraphs(*BODY)}</div><div class='x'><h3>آراء القراء (20)</h3>{written}</div>") == list(
        BODY
    )


def test_a_heading_with_the_word_comments_above_the_text_stays() -> None:
    assert lines(f"<div><h2>تعليقات</h2><h1>{TITLE}</h1>{paragraphs(*BODY)}</div>") == list(BODY)


def test_paragraphs_of_a_side_column_that_comes_before_the_headline_are_gone() -> None:
    reports = "".join(f"<h4><a href='/{n}'>تقرير {n}</a></h4>{paragraphs(LEAD + f' ({n})')}" for n in range(6))

    assert page(f"<div class='r'>{reports}</div><div class='m'><h1>{TITLE}</h1>{paragraphs(*BODY)}</div>") == list(BODY)


def test_paragraphs_above_a_heading_that_is_not_the_title_stay() -> None:
    assert page(f"<div>{paragraphs(*BODY)}</div><div><h1>صور اليوم</h1>{paragraphs(LEAD)}</div>")[:4] == list(BODY)


@pytest.mark.parametrize("name", ["txt", "article_text", ""])
def test_subheadings_and_verses_stay_whatever_the_body_is_called(name: str) -> None:
    verses = (
        "يا بحر كم سفن حملت ولم تقل … لشواطئ المشتاق أين المنتهى",
        "إن عاد فالأرض البعيدة دارنا … أو غاب فالأمواج أهل للنهى",
    )
    poem = "".join(f'<div class="bayt"><span>{verse}</span></div>' for verse in verses)
    body = f"{paragraphs(*BODY[:2])}<h3>ضمانات من دون جنود</h3>{paragraphs(*BODY[2:])}<div class='poem'>{poem}</div>"

    found = lines(f"<div><h1>{TITLE}</h1><div class='{name}'>{body}{paragraphs(LEAD)}</div></div>")

    assert found == [*BODY[:2], "ضمانات من دون جنود", *BODY[2:], *verses, LEAD]


def test_a_text_that_the_page_gives_to_machines_alone_is_read() -> None:
    data = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(BODY)})
    html = (
        f'<html><head><script type="application/ld+json">{data}</script></head><body><div id="app"></div></body></html>'
    )

    found = body_of(html)

    assert found.text.split("\n") == list(BODY)


@pytest.mark.parametrize(
    "script",
    ['<script id="__NEXT_DATA__" type="application/json">{}</script>', "<script>window.__STATE__ = {};f()</script>"],
)
def test_a_text_that_only_a_script_would_show_is_the_one_beside_the_title(script: str) -> None:
    others = [{"title": LEAD, "body": paragraphs(*BODY, *BODY)}, {"body": paragraphs(*BODY, LEAD, LEAD)}]
    state = {"page": {"related": others, "story": {"id": 1, "title": f"{TITLE} ", "body": paragraphs(*BODY)}}}
    shell = f"<html><body><div id='app'></div>{script.format(json.dumps(state))}</body></html>"
    closed = (
        f"<script type='application/ld+json'>{json.dumps({'@type': 'Article', 'isAccessibleForFree': False})}</script>"
    )

    assert body_of(shell).text.split("\n") == list(BODY)
    assert body_of(shell.replace("<body>", f"<body>{closed}")).text == ""
    assert body_of(shell, title=BODY[0]).text == ""


@pytest.mark.parametrize(
    ("title", "text"),
    [
        # WordPress, Drupal
        ({"rendered": TITLE}, {"rendered": paragraphs(*BODY), "protected": False}),
        (TITLE, {"value": "x", "processed": "", "html": paragraphs(*BODY)}),
        # Editor.js, Gutenberg, Sanity, Contentful, Arc
        (TITLE, {"blocks": 0, "data": [{"type": "paragraph", "data": {"text": one}} for one in BODY]}),
        (TITLE, [{"blockName": "core/paragraph", "innerHTML": f"<p>{one}</p>"} for one in BODY]),
        (
            {"ar": TITLE},
            [{"_type": "block", "children": [{"text": one[:9], "marks": []}, {"text": one[9:]}]} for one in BODY],
        ),
        (
            TITLE,
            {
                "nodeType": "document",
                "content": [
                    {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": one, "marks": []}]}
                    for one in BODY
                ],
            },
        ),
        (
            {"basic": TITLE},
            [
                {"type": "text", "content": BODY[0]},
                {"type": "interstitial_link", "content": LEAD},
                {"type": "image", "caption": LEAD, "content": LEAD},
                {"type": "list", "items": [{"type": "text", "content": one} for one in BODY[1:]]},
            ],
        ),
    ],
)
def test_a_text_that_only_a_script_would_show_may_be_made_of_blocks(title: object, text: object) -> None:
    story = {"id": 1, "headlines": title, "date_modified": "2025-08-19", "date": "2025-08-15T20:00:00", "body": text}
    before = "<script>window.Fusion=window.Fusion||{};Fusion.arcSite='alwaha';"
    shell = f"<html><body><div id='app'></div>{before}Fusion.globalContent={json.dumps(story)};</script></body></html>"

    found = body_of(shell)

    assert found.text.split("\n") == list(BODY)
    assert found.margins == ("2025-08-15T20:00:00",)


def test_a_text_that_only_a_script_would_show_is_found_where_all_values_stand_in_one_list() -> None:
    """As Nuxt 3 has it: objects hold the places of their values."""
    flat = [["Reactive", 1], {"data": 2, "at": -1}, {"story": 3, "other": 6}, {"title": 4, "body": 5, "ok": True}]
    flat += [f"{TITLE} ", paragraphs(*BODY), {"title": 7, "body": 8}, LEAD, paragraphs(*BODY, *BODY)]
    state = f"<script type='application/json' id='__NUXT_DATA__'>{json.dumps(flat)}</script>"

    found = body_of(f"<html><body><div id='__nuxt'></div>{state}</body></html>")

    assert found.text.split("\n") == list(BODY)


@pytest.mark.parametrize("free", [False, "False"])
def test_a_text_for_machines_that_is_for_subscribers_is_not_taken(free: object) -> None:
    data = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(BODY), "isAccessibleForFree": free})
    html = f'<html><head><script type="application/ld+json">{data}</script></head><body><h1>{TITLE}</h1></body></html>'

    found = body_of(html)

    assert found.text == ""


def test_a_paragraph_in_an_advertisement_that_was_never_closed_stays() -> None:
    slot = f"<div class=banner><p>{BODY[3]}<p><div class=share>شارك <a>فيسبوك</a></div>"

    assert lines(f"<div><h1>{TITLE}</h1><div class=body>{paragraphs(*BODY[:3])}{slot}</div></div>") == list(BODY)


def test_an_advertisement_between_paragraphs_is_gone() -> None:
    slot = f"<div class=banner><p>{LEAD}</p></div>"

    assert LEAD not in article(paragraphs(*BODY[:2]) + slot + paragraphs(*BODY[2:]))


@pytest.mark.parametrize("wrapped", ["<div>{}</div>", "<center>{}</center>", "<div><div><span>{}</span></div></div>"])
def test_a_paragraph_in_a_block_among_paragraphs_is_of_the_text(wrapped: str) -> None:
    quoted = f"«{BODY[1].rstrip('.')}»"

    assert lines(paragraphs(BODY[0]) + wrapped.format(BODY[1]) + paragraphs(*BODY[2:])) == [*BODY]
    assert lines(paragraphs(BODY[0]) + wrapped.format(quoted) + paragraphs(*BODY[2:]))[1] == quoted


def test_a_block_among_paragraphs_without_a_sentence_of_its_own_is_not_of_the_text() -> None:
    teaser = f"<div><a href='/news/2'>{BODY[1]}</a></div>"
    label = f"<div>{BODY[1].rstrip('.')}</div>"

    assert lines(paragraphs(BODY[0]) + teaser + label + paragraphs(*BODY[2:])) == [BODY[0], *BODY[2:]]


@pytest.mark.parametrize(
    "line",
    [
        "إسطنبول / الأناضول",
        "لندن – «الواحة»:",
        "Author, سمير حداد",
        "القاهرة - رويترز",
        "أنكوريج «الواحة» من سمير حداد:",
    ],
)
def test_a_dateline_on_a_line_of_its_own_is_not_of_the_text(line: str) -> None:
    head = f"<head><title>{TITLE} | الواحة</title></head>"
    html = f"<html>{head}<body><h1>{TITLE}</h1>{paragraphs(line, *BODY)}</body></html>"

    found = body_of(html)

    assert found.text == "\n".join(BODY)
    assert len(found.margins) == 1


def test_a_dateline_on_a_line_of_its_own_below_a_standfirst_is_not_of_the_text() -> None:
    found = body_of(f"<body><article><h1>{TITLE}</h1>{paragraphs(LEAD, 'أنكوريج / الأناضول', *BODY)}</article></body>")

    assert found.text.split("\n") == [LEAD, *BODY]
    assert found.margins == ("أنكوريج / الأناضول",)


REST = paragraphs(*BODY[2:], *BODY[2:])
CLOSED = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>'


@pytest.mark.parametrize(
    "hiding",
    [
        "style='display: none'",
        "class='more collapse' aria-hidden=true",
        "class='d-none hidden'",
        "class='rest hidden-print'",
        "id=text-hidden",
    ],
)
@pytest.mark.parametrize(
    "page",
    [
        f"<div class=article-body>{paragraphs(*BODY[:2])}<button>اقرأ المزيد</button><div {{}}>{REST}</div></div>",
        f"<div class=c><div>{paragraphs(*BODY[:2])}</div><a>اقرأ المزيد</a><div {{}}>{REST}</div></div>",
    ],
)
def test_the_rest_of_a_text_that_is_shown_when_a_reader_asks_for_more_is_read(page: str, hiding: str) -> None:
    assert lines(f"<h1>{TITLE}</h1>{page.format(hiding)}") == [*BODY, *BODY[2:]]


@pytest.mark.parametrize(
    "hidden",
    [
        f"<div style='display:none'>{paragraphs(*BODY)}</div>",  # once more, for small screens
        f"<div style='display:none' class=login-modal>{REST}</div>",
        f"<div style='display:none'>{REST}</div>{CLOSED}",
    ],
)
def test_what_is_hidden_below_a_text_and_is_not_the_rest_of_it_stays_hidden(hidden: str) -> None:
    body = f"<div class=article-body>{paragraphs(*BODY[:2], LEAD, LEAD + LEAD)}{hidden}</div>"

    assert lines(f"<h1>{TITLE}</h1>{body}") == [*BODY[:2], LEAD, LEAD + LEAD]


def test_a_title_that_is_said_again_between_paragraphs_is_gone() -> None:
    assert article(paragraphs(BODY[0], TITLE, *BODY[1:])) == list(BODY)


@pytest.mark.parametrize("most", [1, 2])
def test_a_text_that_its_system_keeps_in_two_blocks_is_read_whole(most: int) -> None:
    """As K2 has it, an extension of Joomla."""
    halves = f"<div class=itemIntroText>{paragraphs(*BODY[:most])}</div>"
    halves += f"<div class=itemFullText>{paragraphs(*BODY[most:], *BODY[most:])}</div>"

    found = lines(f"<div><h2>{TITLE}</h2><ul><li><a>طباعة</a></li></ul><div class=itemBody>{halves}</div></div>")

    assert found == [*BODY, *BODY[most:]]


PARTS = [tuple(f"{text} وهذا ما قيل في اليوم {day}." for text in BODY) for day in ("الأول", "الثاني", "الثالث")]


@pytest.mark.parametrize("before", ["", f"<div class=text>{LEAD} {LEAD}</div>"])
def test_a_text_that_stands_in_several_blocks_is_read_whole(before: str) -> None:
    """As pages are built of widgets, with advertisements between them."""
    blocks = [f"<div class=widget><div class=article-text>{paragraphs(*some)}</div></div>" for some in PARTS]
    page = f"<div class=widgets>{'<div class=ad></div>'.join(blocks)}</div>"

    assert lines(f"{before}<h1>{TITLE}</h1>{page}") == list(chain(*PARTS))


def test_blocks_of_the_same_name_with_titles_of_their_own_are_other_articles() -> None:
    card = "<div class=card>{}<div class=entry-content>{}</div></div>"
    others = [card.format(f"<h3><a href=/{i}>{TITLE}</a></h3>", paragraphs(*BODY)) for i in range(4)]

    found = lines(f"<main><h1>{TITLE}</h1>{card.format('', paragraphs(*BODY[:3]))}{''.join(others)}</main>")

    assert found == list(BODY[:3])


@pytest.mark.parametrize(
    "sentence",
    [
        "وأضاف أن <a href=/1>المحادثات التي جرت في الأسابيع الماضية</a> كانت مفيدة للطرفين.",
        "كما <a href=/1>تنسق الدول خططها العسكرية وتجري مناورات مشتركة كل عام</a>.",
    ],
)
def test_a_sentence_with_links_in_a_block_of_its_own_stays(sentence: str) -> None:
    """As systems that build pages of components write all paragraphs."""
    blocks = [f"<div class=c{i}><p>{text}</p></div>" for i, text in enumerate((*BODY[:2], sentence, *BODY[2:]))]
    plain = re.sub("<.*?>", "", sentence)

    assert article("".join(blocks)) == [*BODY[:2], plain, *BODY[2:]]


def test_a_pointer_with_a_link_in_a_block_of_its_own_is_gone() -> None:
    pointer = "<div class=c><p><a href=/1>صور من القاعدة التي التقى فيها الرئيسان</a></p></div>"

    assert article(paragraphs(*BODY[:2]) + pointer + paragraphs(*BODY[2:])) == list(BODY)


@pytest.mark.parametrize(
    "block", ["<ul><li>نقطة أولى</li><li>نقطة ثانية</li></ul>", "<div><ul><li>نقطة</li></ul></div>"]
)
def test_what_follows_a_list_without_an_element_of_its_own_stays(block: str) -> None:
    points = re.findall("<li>(.*?)</li>", block)
    behind = BODY[2].replace("القمة", "<b>القمة</b>")

    found = article(f"{BODY[0]}<br>{BODY[1]}{block}{behind}<br>{BODY[3]}")

    assert found == [*BODY[:2], *points, *BODY[2:]]


def test_a_text_in_a_column_beside_another_is_no_column_of_links() -> None:
    """As `sidebar-grid__content`, in several of which a text stands."""
    grid = "<div class=sidebar-grid><div class='sidebar-grid__content article__content'>{}</div></div>"
    assert article("".join(grid.format(paragraphs(*some)) for some in PARTS)) == list(chain(*PARTS))


def test_the_title_of_a_box_in_a_text_is_not_where_the_text_begins() -> None:
    """As a plug-in shows the title of the page once more, in its very words."""
    box = f"<div class=box><h2>{TITLE}</h2>{paragraphs(LEAD, LEAD + ' ' + LEAD)}</div>"

    found = lines(f"<article><h1>{TITLE} بعد ست سنوات</h1>{paragraphs(*BODY)}{box}</article>")

    assert set(found) > set(BODY)


def test_a_text_in_blocks_whose_name_means_a_text_is_read_whole_wherever_they_stand() -> None:
    block = "<div class=article-text>{}</div>"
    first, second, third = (block.format(paragraphs(*some)) for some in PARTS)

    assert article(
        f"<div class=top>{first}</div><div class=rest><div>{second}</div><section>{third}</section></div>"
    ) == [*chain(*PARTS)]


@pytest.mark.parametrize("name", ["banners-of-the-page", "ads-hidden", "print"])
def test_what_holds_all_paragraphs_is_the_text_whatever_it_is_called(name: str) -> None:
    page = f"<div class='post-content'><div>{LEAD}</div><div class='{name}'>{paragraphs(*BODY)}</div></div>"

    assert set(lines(f"<h1>{TITLE}</h1>{page}")) >= set(BODY)


def test_a_text_for_readers_without_scripts_is_read_where_there_is_no_other() -> None:
    """As the dynamic views of Blogger have it."""
    notice = "<noscript><p>يرجى تفعيل جافا سكريبت لعرض هذه الصفحة.</p></noscript>"
    post = f"<h2>{TITLE}</h2><div class=post><noscript>{paragraphs(*BODY)}</noscript></div>"

    assert body_of(f"<title>{TITLE}</title><body>{notice}{post}").text.split("\n") == list(BODY)
    assert body_of(f"<title>{TITLE}</title><body>{notice}<h2>{TITLE}</h2>").text == ""


def test_text_between_blocks_of_one_name_stays() -> None:
    first, second, third = (f"<div class=entry-content>{paragraphs(*some)}</div>" for some in PARTS)

    assert article(f"{first}{LEAD}{second}{third}") == [*PARTS[0], LEAD, *PARTS[1], *PARTS[2]]


def test_a_standfirst_is_found_below_all_that_stands_under_a_headline() -> None:
    counters = "<div class=counters>" + "<span><i>5</i></span>" * 20 + "</div>"
    page = f"<h1>{TITLE}</h1>{counters}<div class=b-article__lead><p>{LEAD}</p></div>"

    assert lines(f"{page}<div class=article-text>{paragraphs(*BODY)}</div>") == [LEAD, *BODY]

"""Texts: the paragraphs of an article, and nothing of what its page puts around and between them."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from pipelines.text import extract_text

TITLE = "ترامب وبوتين يلتقيان في ألاسكا"
BODY = (
    "قال الرئيس الأميركي إن اللقاء الذي جرى في ألاسكا كان مثمراً، ولم يتم الاتفاق على كل شيء بعد.",
    "وأضاف أن الطرفين سيواصلان المحادثات في الأسابيع المقبلة، وأن الدعوة إلى موسكو ما زالت قائمة.",
    "ورأى مراقبون أن القمة فتحت باباً كان مغلقاً منذ سنوات، وأن نتائجها ستظهر في وقت لاحق من العام.",
    "وفي كييف قال مسؤولون إن أي اتفاق لا يشارك فيه بلدهم لن يكون له أثر على الأرض ولا مستقبل.",
)
LEAD = "ثلاث ساعات خلف أبواب مغلقة، ثم مؤتمر صحفي بلا أسئلة: هذا ما نعرفه عن القمة."
POINTERS = ("اقرأ أيضا: زلزال خفيف قرب أنكوريج", "شاهد أيضاً: صور من القاعدة", "قد يهمك أيضاً", "مواضيع ذات صلة")
NOTICES = (
    "تابعونا على تلغرام",
    "آخر تحديث: 15 آب 2025",
    "جميع الحقوق محفوظة © الواحة",
    "إعلان",
    "كلمات مفتاحية: ألاسكا، ترامب",
)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def lines(body: str, *, title: str = TITLE) -> list[str]:
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return extract_text(document_fromstring(html), title=title).split("\n")


def article(inside: str) -> list[str]:
    return lines(f"<article><h1>{TITLE}</h1>{inside}</article>")


def test_paragraphs_are_lines_in_their_order() -> None:
    assert article(paragraphs(*BODY)) == list(BODY)


@pytest.mark.parametrize("line", [*POINTERS, *NOTICES])
@pytest.mark.parametrize("at", [0, 2, len(BODY)])
def test_pointers_and_notices_between_paragraphs_are_gone(line: str, at: int) -> None:
    assert article(paragraphs(*BODY[:at], line, *BODY[at:])) == list(BODY)


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
    ],
)
def test_elements_that_are_not_of_the_text_are_gone(element: str) -> None:
    assert article(paragraphs(*BODY[:2]) + element + paragraphs(*BODY[2:])) == list(BODY)


@pytest.mark.parametrize("name", ["related-posts", "comments", "sidebar", "most-read"])
def test_long_lists_around_the_text_are_gone(name: str) -> None:
    others = paragraphs(*(f"خبر آخر رقم {number} عن أسعار الخضار في أسواق المدينة هذا الصباح." for number in range(9)))
    long = paragraphs(*BODY, *(f"وقال شاهد ثانٍ رقم {number} إن الوفد غادر القاعدة في المساء." for number in range(20)))

    found = article(f"{long}<div class='{name}'>{others}</div>")

    assert found[:4] == list(BODY)
    assert not any("أسعار الخضار" in line for line in found)


def test_an_article_inside_an_element_with_the_name_of_furniture_stays() -> None:
    assert lines(f"<div class='share related'><h1>{TITLE}</h1>{paragraphs(*BODY)}</div>") == list(BODY)


def test_a_title_that_is_said_again_above_the_text_is_gone() -> None:
    assert article(paragraphs(TITLE, *BODY)) == list(BODY)


def test_a_title_that_is_said_again_with_other_letters_is_gone() -> None:
    assert article(paragraphs("ترامب وبوتين يلتقيان فى «الاسكا»", *BODY)) == list(BODY)


def test_a_closing_credit_is_gone() -> None:
    assert article(paragraphs(*BODY, "المصدر: رويترز")) == list(BODY)


@pytest.mark.parametrize("name", ["standfirst", "article-lead", "sub-title", "excerpt"])
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

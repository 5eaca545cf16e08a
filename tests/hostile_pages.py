"""Pages made to hurt whoever reads them, each in a few lines; made at run time, because some hang other programs.

Each is a whole article with one wound, so that a reader who gets past the wound has something to tell.
"""

from __future__ import annotations

from collections.abc import Callable

TITLE = "قمة في ألاسكا تنتهي بلا اتفاق"
SENTENCES = (
    "وقال المتحدث باسم الوزارة إن المحادثات التي جرت أمس كانت مفيدة، وإن موعدا جديدا سيعلن قريبا.",
    "وأضاف أن الوفدين بحثا ملفات عالقة منذ سنوات، واتفقا على أن يجتمع الخبراء مرة كل شهر.",
    "ولم تصدر العاصمة الأخرى أي تعليق حتى المساء، واكتفت صحفها بنشر الصور دون تفاصيل.",
    "ورأى مراقبون أن اللقاء فتح بابا كان مغلقا، وأن ما بعده أهم من كل ما قيل فيه.",
)
SENTENCE = SENTENCES[0] + " "
TEXT = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
DATE = '<meta property="article:published_time" content="2025-08-15T23:10:00Z">'

# Nearly as many elements as are read (`pipelines.limits`).
READ = 14_000


def page(*, head: str = "", top: str = "", text: str = TEXT, end: str = "", title: str = TITLE) -> bytes:
    """An article with something more in its head, above its text, in its text, or below."""
    return (
        f"<html><head><meta charset='utf-8'><title>{title}</title>{DATE}{head}</head>"
        f"<body><article><h1>{title}</h1>{top}{text}</article>{end}</body></html>"
    ).encode("utf-8", "surrogatepass")


def nested(tag: str, depth: int) -> bytes:
    return page(end=f"<{tag}>" * depth + SENTENCE + f"</{tag}>" * depth)


def json_ld(text: str) -> bytes:
    return page(head=f'<script type="application/ld+json">{text}</script>')


def broken_json_ld(length: int) -> bytes:
    """An author that never closes, full of escapes: what a fallback by regular expression searches again and again."""
    return json_ld('{"@type":"NewsArticle","author":{"name":"' + '\\"' * (length // 2))


def json_date(words: str) -> str:
    return f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{words}"}}</script>'


def numbered(template: str, times: int) -> str:
    return "".join(template.format(i) for i in range(times))


HOSTILE: dict[str, Callable[[], bytes]] = {
    # Too much of one thing.
    "paragraphs, 200,000": lambda: page(text=numbered("<p>كلمة {}</p>", 200_000)),
    "headings, 100,000": lambda: page(text=TEXT + numbered("<h2>عنوان {}</h2>", 100_000)),
    "links, 100,000": lambda: page(end=numbered('<a href="/{0}">رابط {0}</a> ', 100_000)),
    "line breaks, 500,000": lambda: page(text="<p>" + "نص<br>" * 500_000),
    "table rows, 100,000": lambda: page(text=TEXT + "<table>" + numbered("<tr><td>{}</td><td>نص</td></tr>", 100_000)),
    "list items, 200,000": lambda: page(text=TEXT + "<ul>" + numbered("<li>بند {}</li>", 200_000)),
    "options, 200,000": lambda: page(end="<select>" + numbered("<option value={0}>خيار {0}", 200_000)),
    "images, 200,000": lambda: page(end='<img src="/a.jpg" alt="x">' * 200_000),
    "drawings, 50,000": lambda: page(end="<svg><g><path d='M0 0'/></g></svg>" * 50_000),
    "meta elements, 100,000": lambda: page(
        head=numbered('<meta name="author" content="كاتب {0}"><meta property="article:tag" content="وسم {0}">', 50_000)
    ),
    "times, 100,000": lambda: page(end=numbered("<time datetime='2024-13-{}T99'>الأحد ٣ يناير</time>", 100_000)),
    "attributes, 500,000": lambda: page(top="<div " + numbered("a{}=1 ", 500_000) + "></div>"),
    "classes, a megabyte": lambda: page(top=f'<div class="{"read-" * 200_000}">نص</div>'),
    # As much as is read.
    "bold words in one paragraph": lambda: page(text=f"{TEXT}<p>{numbered('<b>كلمة</b> {} ', READ)}</p>"),
    "words in spans": lambda: page(text=f"{TEXT}<p>{numbered('<span>كلمة {}</span> ', READ)}</p>"),
    "paragraphs": lambda: page(text=TEXT + numbered("<p>كلمة {}</p>", READ)),
    "headings": lambda: page(text=TEXT + numbered("<h2>عنوان {}</h2>", READ)),
    "titles": lambda: page(text=TEXT + numbered("<h1>عنوان {}</h1>", READ)),
    "line breaks": lambda: page(text=TEXT + "<p>" + "نص<br>" * READ),
    "links": lambda: page(end=numbered('<a href="/{0}">رابط {0} إلى خبر آخر</a> ', READ)),
    "meta elements": lambda: page(head=numbered('<meta property="article:tag" content="وسم {0}">', READ)),
    "comments of readers": lambda: page(end=numbered("<div class='comments'>تعليق {}</div>", READ)),
    "cells with a text": lambda: page(end=f"<table><tr>{f'<td>{SENTENCE * 5}</td>' * 2_000}"),
    "blocks in blocks, each with a class": lambda: page(end="<div class='share'>" * 240 + SENTENCE * 4_000),
    "forms in forms": lambda: page(end=f"<form><nav><div class='related'>{SENTENCE * 100}" * 80),
    # Too deep.
    "divs, 200,000 deep": lambda: nested("div", 200_000),
    "spans, 100,000 deep": lambda: nested("span", 100_000),
    "quotations, 50,000 deep": lambda: nested("blockquote", 50_000),
    "tables, 50,000 deep": lambda: page(end="<table><tr><td>" * 50_000 + SENTENCE),
    "lists, 50,000 deep": lambda: page(end="<ul><li>" * 50_000 + SENTENCE),
    "frames, 20,000 deep": lambda: page(end="<iframe>" * 20_000),
    # What a page says of itself.
    "JSON-LD broken, 42 KB": lambda: broken_json_ld(42_000),
    "JSON-LD broken, 81 KB": lambda: broken_json_ld(81_000),
    "JSON-LD 100,000 deep": lambda: json_ld('{"@type":"Article","a":' * 100_000 + "1" + "}" * 100_000),
    "JSON-LD with 100,000 authors": lambda: json_ld(
        '{"@type":"NewsArticle","author":[' + numbered('{{"name":"كاتب {}"}},', 100_000) + "0]}"
    ),
    "JSON-LD with authors in lists in lists": lambda: json_ld(
        '{"@type":"NewsArticle","author":' + "[" * 900 + '"كاتب"' + "]" * 900 + "}"
    ),
    "JSON-LD of brackets": lambda: json_ld("[" * 400_000),
    "JSON-LD of commas": lambda: json_ld('{"@type":"NewsArticle","headline":"a"' + ", " * 200_000 + "x}"),
    "JSON-LD of backslashes": lambda: json_ld('{"@type":"NewsArticle","headline":"' + "\\" * 400_001),
    "JSON-LD with an enormous number": lambda: json_ld('{"@type":"NewsArticle","datePublished":' + "1" * 400_000 + "}"),
    "title of 4 MB": lambda: page(title=SENTENCE * 25_000),
    "dates with enormous numbers": lambda: page(top=f"<time>{'9' * 500_000}/8/2025 {'1' * 500_000}:30</time>"),
    "data address of 4 MB": lambda: page(
        head=f'<meta property="og:image" content="data:image/png;base64,{"A" * 2_000_000}">',
        top=f'<img src="data:image/png;base64,{"A" * 2_000_000}">',
    ),
    # Letters.
    "combining marks, a million": lambda: page(text=f"{TEXT}<p>ا{'َُِّْ' * 200_000}</p>"),
    "marks by number, in the wrong order": lambda: page(
        text=f"{TEXT}<p>a{'&#x301;' * 100_000}{'&#x323;' * 100_000}</p>"
    ),
    "a word of 200,000 letters": lambda: page(text=f"{TEXT}<p>{'والكتاب' * 30_000}</p>"),
    "marks in titles and JSON-LD": lambda: page(
        head=json_date("2025") + f'<meta property="og:title" content="قمة{chr(0x301) * 300_000}">'
    ),
    "a word of a million letters": lambda: page(text=f"{TEXT}<p>{'ا' * 1_000_000}</p>"),
    "ligatures that unfold, 300,000": lambda: page(text=f"{TEXT}<p>{chr(0xFDFA) * 300_000}</p>"),
    "digits, two million": lambda: page(text=f"{TEXT}<p>{'1' * 2_000_000}</p>"),
    "surrogates by number": lambda: page(
        title=TITLE + "&#xD800;&#xDC00;", text=f"{TEXT}<p>{SENTENCE}&#xD800;&#xDFFF;</p>"
    ),
    "NUL between all letters": lambda: page(text=TEXT.replace(" ", " \0")),
    "UTF-7": lambda: page().decode().encode("utf-7"),
    "UTF-16 without a mark": lambda: page().decode().encode("utf-16-le"),
    # Markup that never ends.
    "comments never closed": lambda: page(end="<!--" * 300_000),
    "CDATA never closed": lambda: page(end="<![CDATA[" * 200_000),
    "script never closed": lambda: page(end="<script>" + "</scrip" * 300_000),
    "entities that multiply": lambda: (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a0 "قمة">'.encode()
        + numbered('<!ENTITY a{0} "' + "&a0;" * 1000 + '">', 1000).encode()
        + b"]>"
        + page(text=TEXT + "<p>&a999;&a998;</p>")
    ),
    "spaces, 10 MB": lambda: page(top=" " * 10_000_000),
    "less-than signs, 10 MB": lambda: page(end="<" * 10_000_000),
    "character references, a million": lambda: page(text=TEXT + "<p>" + "&nbsp;&#x202e;" * 500_000 + "</p>"),
    # What our own patterns search for, over and over.
    "declaration that never comes": lambda: b"<meta " * 10_000 + page(),
    "title of separators": lambda: page(
        head="<meta property='og:site_name' content='x'>", title="قمة" + " - |" * 400_000
    ),
    "title of spaces and dashes": lambda: page(title="قمة" + " " * 300_000 + "-" * 300_000 + "x"),
    "title with an enormous reference": lambda: page(title=f"قمة &amp;#{'1' * 5_000};"),
    "headline with an enormous reference": lambda: json_ld(
        '{"@type":"NewsArticle","headline":"&#' + "1" * 5_000 + ';","author":"&#' + "1" * 5_000 + ';"}'
    ),
    "tag with an enormous reference": lambda: page(
        head=f"<meta property='article:tag' content='&amp;#{'1' * 5_000};'>"
    ),
    "by-line of separators": lambda: page(top=f"<span class='author'>{'كاتب - ' * 200_000}</span>"),
    "by-line of dashes": lambda: page(top=f"<span class='author'>{'-' * 300_000}x</span>" * 3),
    "by-line of blanks": lambda: page(top=f"<span class='author'>كاتب{'&nbsp;' * 200_000}x</span>" * 2),
    "by-line of commercial ats": lambda: page(top=f"<span class='author'>{'a@' * 300_000}</span>"),
    "by-line in JSON-LD": lambda: json_ld('{"@type":"NewsArticle","author":"' + "- " * 100_000 + "-" * 200_000 + '"}'),
    "dateline of brackets": lambda: page(text=f"<p>{'(' * 100_000}{'موسكو -' * 10_000}</p>{TEXT}"),
    "dateline of dashes": lambda: page(text=f"<p>{'موسكو ' + '-' * 200_000}</p>{TEXT}"),
    "credit of brackets": lambda: page(text=f"{TEXT}<p>المصدر: {'(' * 200_000}</p>"),
    "classes of underlines": lambda: page(top=f"<p class='{'_' * 300_000}' id='{'-' * 300_000}'>نص</p>" * 3),
    "date of slashes": lambda: page(top=f"<time>{'1/1/' * 200_000}</time>"),
    "date of clocks": lambda: page(top=f"<time>{'10:20 ' * 200_000}</time>"),
    "date of months": lambda: page(top=f"<time>{'15 آب ' * 200_000}</time>"),
    "date of zones": lambda: page(top=f"<time>15 آب 2025 10:20 {'GMT ' * 300_000}</time>"),
    "date of blanks": lambda: page(head=json_date("2025-08-15" + " " * 400_000 + "10:20")),
    "date of digits": lambda: page(head=json_date("1" * 400_000)),
    "tags of commas": lambda: page(head=f'<meta name="keywords" content="{"،, " * 500_000}">'),
    "addresses of megabytes": lambda: page(
        head=f"<link rel='canonical' href='http://{'a.' * 300_000}example/'>"
        f"<meta property='og:image' content='http://a.example/{'%' * 300_000}'>"
    ),
    "redirect that never comes": lambda: (
        b"<html><head><meta http-equiv=refresh content='0" + b" " * 900_000 + b"'><script>" + b"location " * 100_000
    ),
    "JSON-LD of spaces and endings": lambda: json_ld(" " * 200_000 + "]]>" * 80_000 + " " * 50_000 + "x"),
}

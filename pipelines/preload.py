"""Imported once by the process that workers are forked from: what reading loads, all workers share.

Dictionaries and tables load at first use; so a page is read here. The language model does not, which few pages need.
"""

import gc
from datetime import UTC, datetime

from corpus.types import Page
from pipelines.read import read_page

# An article to the end: long enough for a signature.
SAMPLE = """<html><head><title>t</title><meta property="og:type" content="article">
<link rel="canonical" href="http://localhost/1"></head>
<body><article><h1>عنوان</h1><time>الجمعة 15 آب/أغسطس 2025</time>
<p>قال المتحدث إن اللقاء الذي جرى في المدينة أمس كان مثمرا، وإن الطرفين اتفقا على متابعة البحث في الأيام المقبلة.</p>
<p>وأضاف أن الملفات التي بقيت عالقة ستعرض على الخبراء، وأن موعدا جديدا سيعلن قريبا.</p>
<p>ورافق الوزير وفد كبير من الخبراء، وينتظر أن يعود إلى العاصمة مساء الغد بعد أن يزور معرضا للكتاب.</p>
</article></body></html>"""

READING = read_page(
    Page(url="http://localhost/1", body=SAMPLE.encode(), content_type="text/html", fetched_at=datetime.now(UTC)),
    source_id=None,
    country=None,
    topics=(),
    only_on_topic=False,
)

# What workers share is never garbage: they need not look through it, some .2 ms a page, nor touch its memory.
gc.freeze()

"""The empty list of a page, filled: only the list changes, in the page's own encoding; else a sentence says why."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nazair.cli import run
from nazair.web.fill import MARK, NoList, filled, find
from nazair.web.rows import Row
from pipelines.page.declared import addresses
from tests.conftest import ROOT
from tests.serving import in_folder, some_articles
from tests.texts import TEXTS, article

ROWS = [
    Row(
        id=1,
        url="http://alwaha.example/news/1",
        title='قمة <b>ألاسكا</b> & "ما بعدها"',
        source_id="alwaha",
        source_name="الواحة",
        published_at=datetime(2025, 8, 15, 12, tzinfo=UTC),
        published_precision="minute",
    )
]

HEADING = "<h3> اقرأ أيضاً: </h3>"

FILLED = {
    "a list by its id": "<ul id=similar-articles></ul><p>بعده</p>",
    "a list in a box": '<div class="x similar"><h2>مقالات مشابهة</h2>\n<ul>\n\n</ul></div>',
    "a list of one empty item": '<aside id="related"><ol class=l><li></li></ol></aside>',
    "a list with a comment": '<div class="related-posts"><ul><!-- here --></ul></div>',
    "a box without a list": '<section class="similar"><h2>مقالات مشابهة</h2></section>',
    "a list below a heading": f"<div>{HEADING}\n<ul></ul></div>",
    "a list below a heading in another spelling": "<h2>إقرأ أيضًا..</h2><ul></ul>",
    "a list of a theme that says it otherwise": (
        '<div class="wp-block-group"><h2>قد يعجبك أيضاً</h2><div class="wp-block-query"><ul></ul></div></div>'
    ),
    "a list below a heading with marks": "<h2>مقالات مُشابِهة</h2><ul></ul>",
    "a box below a heading": '<h2>مقالات ذات صلة</h2>\n<div class="view-content">\n</div>',
    "a list in boxes below a heading": "<h2>ذات صلة</h2><div><div><ul></ul></div></div>",
    "the second list, where the first has items": (
        '<div class="similar"><ul><li>أ</ul></div><div id="related"><ul></ul></div>'
    ),
    "a list behind a script that writes one": (
        "<script>document.write('<ul class=\"similar\"></ul>')</script><ul class=similar></ul>"
    ),
    "a list in a page without a body": '<title>ص</title><p>فقرة<ul class="similar"></ul>',
    "a list with lists around": '<ul><li><ul class="related"></ul></li></ul>',
}


@pytest.mark.parametrize("name", FILLED)
def test_only_the_list_changes(name: str) -> None:
    page = FILLED[name]

    done = filled(page, ROWS)

    place = find(page)
    assert done.startswith(page[: place.start])
    assert done.endswith(page[place.end :])
    assert done.count("<li><a href=") == 1
    assert 'href="http://alwaha.example/news/1"' in done
    assert "قمة &lt;b&gt;ألاسكا&lt;/b&gt; &amp; &#34;ما بعدها&#34;" in done


@pytest.mark.parametrize("name", FILLED)
def test_a_list_that_was_filled_is_filled_again(name: str) -> None:
    once = filled(FILLED[name], ROWS)

    assert filled(once, ROWS) == once
    assert once.count(MARK) == 1


def test_a_list_that_is_put_into_a_box_runs_from_right_to_left() -> None:
    assert f'<ul dir="rtl">{MARK}\n  <li><a href=' in filled(FILLED["a box without a list"], ROWS)


def test_lines_end_as_those_of_the_page_do() -> None:
    page = '<h2>مقالات مشابهة</h2>\r\n<ul class="similar">\r\n</ul>\r\n'

    done = filled(page, ROWS)

    assert "\n" not in done.replace("\r\n", "")
    assert filled(done, ROWS) == done


def test_a_script_is_not_filled() -> None:
    page = FILLED["a list behind a script that writes one"]

    assert filled(page, ROWS).startswith(page[: page.index("</script>")])


@pytest.mark.parametrize(
    "page",
    [
        "<p>لا قائمة هنا</p>",
        '<ul class="similar"><li><a href="/x">مقال</a></li></ul>',
        '<!-- <ul class="similar"></ul> -->',
        '<ul class="similar">',
        "<h2>ذات صلة</h2><div><p>من نص المقال</p></div>",
        "<h2>ذات صلة</h2><div><p>من نص المقال</p><ul></ul></div>",
        "",
    ],
)
def test_a_page_without_an_empty_list_says_what_was_tried(page: str) -> None:
    with pytest.raises(NoList) as told:
        find(page)

    assert "#similar-articles" in str(told.value)
    assert "--selector" in str(told.value)


def test_a_selector_is_the_only_one_tried() -> None:
    with pytest.raises(NoList) as told:
        find('<ul class="similar"></ul>', "#mine ul")

    assert "Tried #mine ul." in str(told.value)


def test_a_page_names_its_address_in_tags_and_nowhere_else() -> None:
    page = (
        "<!-- <link rel=canonical href=http://a.example/old> -->"
        "<script>'<link rel=canonical href=http://a.example/script>'</script>"
        '<META content="http://a.example/shared" property="og:url"/>'
        '<link href="http://a.example/?id=1&amp;page=2" rel="canonical">'
    )

    assert addresses(page) == ["http://a.example/?id=1&page=2", "http://a.example/shared"]


@pytest.mark.parametrize("hurting", ["<b>" * 200_000 + "<p>" * 100_000, "<link " * 300_000, "<!--" * 300_000])
def test_a_page_made_to_hurt_names_its_address_all_the_same(hurting: str) -> None:
    assert addresses(f'<link rel="canonical" href="http://a.example/1">{hurting}') == ["http://a.example/1"]


@pytest.fixture
def collection(tmp_path: Path) -> str:
    return in_folder(tmp_path, some_articles())


def page_of(number: int, *, canonical: str = "", charset: str = "utf-8") -> str:
    title, text = TEXTS[number]
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    paragraphs = "".join(f"<p>{one}</p>" for one in text.split("\n"))
    return (
        f'<!DOCTYPE html>\r\n<html><head><meta charset="{charset}">{link}<title>{title}</title></head>\r\n'
        f'<body><h1>{title}</h1><article>{paragraphs}</article>\r\n<ul class="similar"></ul></body></html>'
    )


def test_a_stored_page_gets_its_stored_list_and_keeps_its_bytes(
    collection: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = page_of(2, canonical="http://rafid.example/news/2").encode()
    file = tmp_path / "page.html"
    file.write_bytes(before)

    code = run(["fill", str(file), "--db", collection])

    out = capfdbinary.readouterr().out
    assert code == 0
    assert article(1).url.encode() in out or b"http://sahil.example/news/1" in out
    assert b"http://rafid.example/news/2" not in out[out.index(MARK.encode()) :]
    start, end = before.index(b'<ul class="similar">') + 20, before.index(b"</ul>")
    assert (out[:start], out[out.index(b"</ul>") :]) == (before[:start], before[end:])


@pytest.mark.parametrize("charset", ["utf-8", "windows-1256"])
def test_a_page_that_is_not_stored_gets_the_list_of_its_text(charset: str, collection: str, tmp_path: Path) -> None:
    changed = page_of(2, charset=charset).replace("مساء الجمعة", "ليل الجمعة")
    file, out = tmp_path / "page.html", tmp_path / "out.html"
    file.write_bytes(changed.encode(charset))

    code = run(["fill", str(file), "-o", str(out), "--db", collection])

    assert code == 0
    assert article(1).title in out.read_bytes().decode(charset)


def test_bytes_that_are_no_text_stay_as_they_are(collection: str, tmp_path: Path) -> None:
    body = page_of(2, charset="windows-1256").encode("windows-1256").replace(b"</article>", b"</article>\xff\x90\r\n")
    file, out = tmp_path / "page.html", tmp_path / "out.html"
    file.write_bytes(body)

    assert run(["fill", str(file), "-o", str(out), "--db", collection]) == 0
    assert b"</article>\xff\x90\r\n" in out.read_bytes()


BAD = {
    "no such file": (["fill", "{folder}/none.html"], 2, "none.html cannot be read"),
    "a page without a list": (["fill", "{folder}/plain.html"], 3, "There is no empty list to fill"),
    "a selector that is none": (["fill", "{folder}/page.html", "--selector", "##"], 2, "'##' is not a CSS selector"),
    "a file that exists": (["fill", "{folder}/page.html", "-o", "{folder}/plain.html"], 2, "plain.html exists"),
    "a folder that is missing": (["fill", "{folder}/page.html", "-o", "{folder}/no/x.html"], 2, "does not exist"),
    "an address that is not stored": (
        ["fill", "{folder}/page.html", "--url", "http://a.example/b"],
        3,
        "Fetch it first: nazair add http://a.example/b",
    ),
    "no text at all": (["fill", "{folder}/image.html"], 3, "it is an image"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_filled_is_told_and_nothing_is_written(
    name: str, collection: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.html").write_text(page_of(1), encoding="utf-8")
    (tmp_path / "plain.html").write_text("<p>نص بلا قائمة", encoding="utf-8")
    (tmp_path / "image.html").write_bytes(b"\x89PNG\r\n\x1a\n")
    before = {file.name: file.read_bytes() for file in tmp_path.glob("*.html")}
    arguments, code, words = BAD[name]

    told = run([part.format(folder=tmp_path) for part in arguments] + ["--db", collection])

    output = capsys.readouterr()
    assert (told, words in output.err, output.out) == (code, True, "")
    assert {file.name: file.read_bytes() for file in tmp_path.glob("*.html")} == before


def test_the_seed_page_is_filled(collection: str, tmp_path: Path) -> None:
    out = tmp_path / "out.html"

    assert run(["fill", str(ROOT / "fixtures" / "seed" / "essay.html"), "-o", str(out), "--db", collection]) == 0

    box = re.search(r'id="similar-articles">.*?<ul>(.*?)</ul>', out.read_text(encoding="utf-8"), re.DOTALL)
    assert box is not None
    assert box[1].count("<li>") >= 2


def test_a_build_writes_a_file_an_article_and_takes_away_what_is_gone(collection: str, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    assert run(["embed", "build", str(folder), "--db", collection]) == 0
    first = sorted(file.name for file in folder.iterdir())

    assert run(["forget", some_articles()[0].url, "--db", collection]) == 0
    assert run(["embed", "build", str(folder), "--db", collection]) == 0

    assert len(first) == len(some_articles()) + 1
    assert len(list(folder.iterdir())) == len(first) - 1


def test_a_build_of_one_source_leaves_the_files_of_others(
    collection: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, rest = tmp_path / "public", tmp_path / "rest"
    sources = sorted({one.source_id for one in some_articles() if one.source_id})
    assert len(sources) > 1
    assert run(["embed", "build", str(rest), "--db", collection]) == 0

    for source in sources:
        assert run(["embed", "build", str(folder), "--source", source, "--db", collection]) == 0

    assert {file.name for file in folder.iterdir()} == {file.name for file in rest.iterdir()}
    assert json.loads((folder / "index.json").read_bytes()) == json.loads((rest / "index.json").read_bytes())
    capsys.readouterr()
    assert run(["embed", "build", str(folder), "--source", "nosuch", "--db", collection]) == 2
    assert "There is no source 'nosuch'" in capsys.readouterr().err
    assert {file.name for file in folder.iterdir()} == {file.name for file in rest.iterdir()}


def test_a_build_of_one_source_takes_away_what_is_stored_no_more(collection: str, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    gone, *_, other = some_articles()
    assert run(["embed", "build", str(folder), "--db", collection]) == 0

    assert run(["forget", gone.url, "--db", collection]) == 0
    assert run(["embed", "build", str(folder), "--source", str(other.source_id), "--db", collection]) == 0

    index = json.loads((folder / "index.json").read_bytes())
    assert gone.url not in index
    assert {*index.values(), "index.json"} == {file.name for file in folder.iterdir()}


def test_a_folder_with_other_things_is_left_alone(
    collection: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.json").write_text('{"a": "../nazair.db"}')

    assert run(["embed", "build", str(tmp_path / "site"), "--db", collection]) == 2
    assert "holds other things" in capsys.readouterr().err
    assert Path(collection).exists()

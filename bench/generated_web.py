"""The generated web that crawls are measured on: made once, served by nginx on a loopback address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ADDRESS, PORT = "127.0.0.77", 8077

# What the generator's news sections are about; its other sections never say it.
NEWS = {
    "politics": "الحكومة، مجلس النواب، وزارة الخارجية، الرئاسة، المعارضة، اللجنة القانونية، مجلس الوزراء، "
    "الهيئة العليا للانتخابات، الائتلاف الحاكم، المحكمة الدستورية",
    "economy": "البنك المركزي، وزارة المالية، سوق الأسهم، صندوق الاستثمار، شركة النفط الوطنية، هيئة الجمارك، "
    "غرفة التجارة، قطاع الصناعة، وزارة التخطيط، اتحاد المصارف",
    "world": "الأمم المتحدة، الاتحاد الأوروبي، مجلس الأمن، منظمة الصحة العالمية، الجامعة العربية، وفد التفاوض، "
    "المفوضية السامية، البعثة الأممية، الدول المانحة، الاتحاد الأفريقي",
    "local": "محافظة العاصمة، بلدية المدينة، مديرية التربية، دائرة الصحة، شرطة المرور، هيئة المياه، "
    "إدارة الكهرباء، مجلس المحافظة، الدفاع المدني، دائرة الإحصاء",
}

OTHERS = {
    "sport": "المنتخب الوطني، نادي النجمة، اتحاد كرة القدم، حارس المرمى، المدرب الجديد، فريق الشباب، رابطة الدوري، "
    "مهاجم الفريق، نادي الوحدة، لجنة الحكام",
    "celebrity": "الفنانة الشابة، المخرج المعروف، مهرجان السينما، المسلسل الجديد، المطرب الشهير، شركة الإنتاج، "
    "الممثلة القديرة، الألبوم الغنائي، نجمة الغناء، المسرحية الجديدة",
    "food": "طبق الكبسة، حساء العدس، وصفة المنسف، خبز الزعتر، حلوى الكنافة، سلطة الفتوش، صينية الدجاج، "
    "عصير الرمان، مخبوزات الصباح، مربى المشمش",
    "cars": "السيارة الكهربائية، الطراز الجديد، شركة السيارات، المحرك الهجين، معرض المركبات، نظام القيادة الآلية، "
    "البطارية المطورة، سيارة الدفع الرباعي، ناقل الحركة، المقصورة الداخلية",
}


def bench_data() -> Path:
    """The folder with the generator; says what to set when it is not there."""
    named = os.environ.get("NAZAIR_BENCH_DATA")
    if not named or not (Path(named) / "crawl" / "sitegen.py").is_file():
        sys.exit("Set NAZAIR_BENCH_DATA to the folder that holds crawl/sitegen.py and crawl/serve.py.")
    return Path(named)


def generate(folder: Path, articles: int) -> list[dict[str, Any]]:
    """Make the web in `folder` unless it is there already; returns what each article is."""
    truth = folder / "truth.jsonl"
    if not truth.exists():
        script = bench_data() / "crawl" / "sitegen.py"
        subprocess.run([sys.executable, script, "--out", folder, "--articles", str(articles)], check=True)
    return [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the web on loopback, on the second core; yields the address to use as a proxy."""
    script = bench_data() / "crawl" / "serve.py"
    core = str(max(os.sched_getaffinity(0)))
    command: list[str | Path] = [
        sys.executable,
        script,
        "--root",
        folder,
        "--ip",
        ADDRESS,
        "--port",
        str(PORT),
        "--cpu",
        core,
    ]
    server = subprocess.Popen([*command, "--seconds", "3000"], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        assert server.stdout.readline().startswith(b"READY"), "the server did not start: is nginx installed?"
        yield f"http://{ADDRESS}:{PORT}"
    finally:
        server.terminate()
        server.wait(10)


def write_catalogue(
    folder: Path, truth: list[dict[str, Any]], *, titles: bool = True, all_sections: bool = False
) -> Path:
    """Sources and a topic for the generated web, in a --config folder; the topic is the news, or `all_sections`.

    Without `titles` only sitemaps are read: few pages are known by more than their address, and the others fetched,
    off topic or not.
    """
    entrances = 'feeds = ["http://{host}/feed.xml"]' if titles else ""
    home = "/" if titles else "/no-home-page"
    for name in ("sources", "topics"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    hosts = sorted({row["host"] for row in truth})
    (folder / "sources" / "generated.toml").write_text(
        "\n".join(
            f'[[source]]\nid = "s{i}"\nname = "{host}"\nhome = "http://{host}{home}"\n'
            f'sitemaps = ["http://{host}/sitemap.xml"]\n{entrances.format(host=host)}\ndelay_s = 0\n'
            for i, host in enumerate(hosts)
        ),
        encoding="utf-8",
    )
    subjects = NEWS | OTHERS if all_sections else NEWS
    aliases = [alias for words in subjects.values() for alias in words.split("، ")]
    (folder / "topics" / "generated.toml").write_text(
        '[topic]\nid = "generated"\ntitle = "أخبار"\nmin_score = 0.2\n\n'
        '[[topic.concept]]\nname = "أخبار"\nrole = "required"\n'
        f"aliases = {json.dumps(aliases, ensure_ascii=False)}\n",
        encoding="utf-8",
    )
    return folder

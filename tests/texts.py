"""Articles for tests: a few short Arabic texts of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from corpus.types import Article

NOON = datetime(2025, 8, 15, 12, tzinfo=UTC)

TEXTS = {
    1: (
        "ترامب وبوتين يتصافحان في ألاسكا قبل بدء المحادثات",
        "وصل الرئيسان الأميركي دونالد ترامب والروسي فلاديمير بوتين صباح الجمعة إلى القاعدة العسكرية في أنكوريج.\n"
        "وتبادلا المصافحة على سجادة حمراء أمام عدسات المصورين، ثم ركبا سيارة واحدة إلى قاعة الاجتماع.\n"
        "وقال مسؤول في البيت الأبيض إن جدول الأعمال يبدأ بجلسة مغلقة يليها غداء عمل للوفدين ومؤتمر صحافي مشترك.\n"
        "وانتشرت فرق الأمن على الطرق المؤدية إلى القاعدة وأُغلقت الأجواء فوق المدينة ساعات طويلة.",
    ),
    2: (
        "ثلاث ساعات من المحادثات في أنكوريج تنتهي بلا اتفاق",
        "غادر بوتين ولاية ألاسكا مساء الجمعة بعد محادثات مع ترامب دامت قرابة ثلاث ساعات ولم تفض إلى هدنة في أوكرانيا.\n"
        "واكتفى الرئيسان بتصريحات مقتضبة تحدثا فيها عن تقدم كبير، ولم يجيبا عن أي سؤال من أسئلة الصحافيين.\n"
        "ورأى محللون أن القمة أعادت موسكو إلى واجهة الدبلوماسية، وأن كييف تنتظر ما ستحمله الاتصالات المقبلة.\n"
        "وتلقت عواصم أوروبية الخبر بحذر ودعت إلى مواصلة الضغط حتى يتوقف إطلاق النار.",
    ),
    3: (
        "افتتاح معرض الكتاب في عمّان بمشاركة مئتي دار نشر",
        "فتح معرض الكتاب أبوابه في العاصمة الأردنية أمس بمشاركة مئتي دار نشر من عشرين بلدا عربيا وأجنبيا.\n"
        "ويضم البرنامج أمسيات شعرية وندوات عن الترجمة وورشا لرسوم الأطفال تستمر عشرة أيام.\n"
        "وقال مدير المعرض إن الإقبال في اليوم الأول فاق التوقعات، وإن أسعار الكتب خُفضت لطلاب الجامعات.\n"
        "وخصصت إدارة المعرض حافلات مجانية تنقل الزوار من وسط المدينة كل نصف ساعة.",
    ),
}


def article(number: int, *, outlet: str = "alwaha", hours: float = 0) -> Article:
    """One of the texts as an outlet published it, some hours after noon of 15 August 2025 and later by its number."""
    title, text = TEXTS[number]
    return Article(
        url=f"http://{outlet}.example/news/{number}",
        title=title,
        text=text,
        language="ar",
        source_id=outlet,
        fetched_at=datetime(2025, 8, 20, tzinfo=UTC),
        published_at=NOON + timedelta(hours=number + hours),
        published_precision="minute",
        published_from="json-ld",
        published_zone="+03:00",
    )


def note(number: int, text: str, *, title: str = "خبر", source: str = "alwaha") -> Article:
    """An article of a text that a test says, so many days after noon of 15 August 2025."""
    return Article(
        url=f"http://{source}.example/{number}",
        title=title,
        text=text,
        language="ar",
        fetched_at=NOON,
        source_id=source,
        published_at=NOON + timedelta(days=number),
        published_precision="minute",
    )

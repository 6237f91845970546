"""Spellings that public reports say a search should match, or keep apart; the texts are our own."""

from __future__ import annotations

import pytest

from ctxshape import shape
from ctxshape.scorers.bm25 import bm25
from ctxshape.text.answers import contains
from ctxshape.text.grounding import unsupported


@pytest.mark.parametrize(
    ("question", "other", "right"),
    [
        pytest.param("Who uses C++?", "Who uses C? The old team uses C.", "The new team writes C++.", id="ClickHouse#103783"),
        pytest.param("Which package is for C#?", "The C package is for C.", "Take Reader for C#.", id="NuGetGallery#1140"),
        pytest.param("Where is biometric login?", "Where a login is.", "def unlockWithBiometrics(login):", id="grafel#2624"),
        pytest.param("What returns the user id?", "What the user says.", "user_id = read(7)", id="ggcode#805"),
        pytest.param(
            "Where is OvertimeService?", "Our overtime: where is the service?", "class OvertimeService:", id="jdocmunch-mcp#94"
        ),
        pytest.param(
            "What is new in v6.2.8?", "What is new in 6.2.4: 8 fixes, v6.", "v6.2.8 mends the cache.", id="redis-sitesearch#11"
        ),
        pytest.param(
            "Was ist das Gesamtkonzept?", "Was ist das?", "Das Ge\u00adsamt\u00adkon\u00adzept liegt vor.", id="contao#8389"
        ),
        pytest.param("What is FooBar?", "What is foo? What is a bar?", "Foo\u200bBar draws the page.", id="docfx#2112"),
        pytest.param(
            "Which capabilities has it?", "Which ties it has.", "It has capabili- ties of all kinds.", id="unstructured#3486"
        ),
        pytest.param("What is efficient?", "What is it?", "An eﬃcient pump is small.", id="pypdf#2046"),
        pytest.param(
            "Wo steht ein Baum?",
            "Im Hafen liegt ein alter Kahn, der im Winter ruht.",
            "Am Ufer und an der Brücke stehen viele Bäume.",
            id="openequella#44",
        ),
        pytest.param("מה היה הנסיון?", "מה היה שם?", "זה היה נִסָּיוֹן ארוך.", id="Fuse#804"),
        pytest.param("أين الشعب؟", "هنا مدرسة قديمة.", "الشَّعْبُ في المدينة.", id="tatoeba2#1595"),
        pytest.param("Ile ma lat łódź?", "Ile to jest?", "Lodz ma 12 lat.", id="thorium-reader#1920"),
        pytest.param("رابطه چیست", "این کتاب است", "رابطهٔ دو شهر", id="fsearch#303"),
        pytest.param("第三章讲什么？", "第四章讲历史。第五章讲船。", "第3章 灯塔", id="tour_of_rust#427"),
        pytest.param("2024年3月来了多少船？", "2021年5月来了多少船？", "二〇二四年三月来了很多船。", id="openmed#1469"),
        pytest.param("What came in 1987?", "What came in 1978?", "في ١٩٨٧", id="pyarabic#59"),
        pytest.param(
            "Qui a 12 400 habitants ?",
            "Qui a 12 habitants et 400 chiens ?",
            "La ville : 12\u00a0400 habitants.",
            id="numbro#765",
        ),
        pytest.param("ข่าวเช้าอยู่ที่ไหน", "ข้าวเย็นอยู่บนโต๊ะ", "อ่านข่าวเช้าตอนเย็น", id="deja-vu#2897"),
    ],
)
def test_the_passage_with_the_same_word_in_another_spelling_comes_first(question: str, other: str, right: str) -> None:
    first, second = bm25(question, [other, right])
    assert second > first


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("We use C++ now.", "C", False),  # ClickHouse#103783
        ("We use C++ now.", "C++", True),
        ("12\u202f400 habitants", "12,400", True),  # Numeral-js#695
        ("CHF 12'400", "12400", True),
        ("10,00 EUR", "1000", False),  # dart-archive/intl#160
        ("3,5 Prozent", "3.5", True),
        ("3.5 percent", "35", False),
        ("1.234.567 Menschen", "1,234,567", True),
        ("version v2.1 came", "2.1", True),
        ("第三章", "第3章", True),
        ("二〇二四年三月", "2024年", True),  # openmed#1469
        ("三百二十万人", "320万", True),
        ("ولد عام ١٩٨٧", "1987", True),  # pyarabic#59
        ("three boats", "3 boats", True),
        ("Ge\u00adsamt\u00adkon\u00adzept", "Gesamtkonzept", True),
        ("ein Wasser-\nkraftwerk", "Wasserkraftwerk", True),
        ("हिन्द महासागर", "हिन्दी", False),
        ("ภาษาไทย", "ไทย", True),
        ("ข้าว", "ข่าว", False),  # deja-vu#2897
        ("Beyoncé sang", "beyonce", True),
    ],
)
def test_an_answer_in_another_spelling_is_contained(text: str, part: str, expected: bool) -> None:
    assert contains(text, part) is expected


def test_a_figure_in_another_spelling_is_supported() -> None:
    sources = ["Die Stadt hat 12.400 Einwohner, das Land 1.234.567.", "二〇二四年", "7\u202f300 bateaux, 8'100 maisons"]
    assert unsupported("It has 12,400 of 1,234,567 people, 7,300 boats and 8,100 houses in 2024.", sources) == []
    assert unsupported("It has 124 people.", sources) == ["124"]


def test_what_is_not_seen_makes_no_second_passage() -> None:
    plain = "Das Wasserkraftwerk am Fluss ging im Jahr 1926 in Betrieb."
    hidden = [
        plain.replace("werk", "\u00adwerk"),
        plain.replace(" ", " \u200b"),
        "\ufeff" + plain,
        plain.replace("Fluss", "\u2067Fluss\u2069"),
        plain.replace("Wasserkraft", "Wasser-\nkraft"),
    ]
    assert len(shape("Wann ging das Wasserkraftwerk in Betrieb?", [plain, *hidden]).documents) == 1

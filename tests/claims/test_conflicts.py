from __future__ import annotations

import pytest

from ctxshape.claims.alterations import alterations, changed
from ctxshape.claims.conflicts import altered_copies, conflict, sides
from ctxshape.claims.statements import Statement, cut, statements
from ctxshape.claims.values import StatedValue
from ctxshape.core.types import Document

BUILT = "When was the lighthouse on Cape Rosa built?"
JIAN = "玫瑰角灯塔建于哪一年？"


def documents(*texts: str, title: str | None = None) -> list[Document]:
    return [Document(id=f"d{n}", text=text, title=title) for n, text in enumerate(texts, 1)]


def found(query: str, *texts: str, title: str | None = None) -> dict[str, tuple[int, ...]]:
    return {side.value.written: side.documents for side in conflict(query, documents(*texts, title=title))}


def stated(query: str, *texts: str) -> list[str]:
    return [said.value.written for said in statements(query, documents(*texts))]


def test_two_values_and_who_gives_which() -> None:
    texts = ["The lighthouse on Cape Rosa was built in 1884.", "It is old.", "In 1913 the Cape Rosa lighthouse was built."]
    assert found(BUILT, *texts, texts[0] + " It is white.") == {"1884": (0, 3), "1913": (2,)}
    assert found(JIAN, "玫瑰角灯塔建于1884年。", "灯塔很旧。", "一九一三年，玫瑰角灯塔建成。") == {
        "1884年": (0,),
        "一九一三年": (2,),
    }


@pytest.mark.parametrize(
    ("query", "one", "other"),
    [
        ("How many people live in Cape Rosa?", "1,200 people live in Cape Rosa.", "In Cape Rosa live 1200 people."),
        ("How many people live in Cape Rosa?", "About 1,200 people live in Cape Rosa.", "1,187 people live in Cape Rosa."),
        ("玫瑰角村有多少人？", "玫瑰角村有1,200人。", "玫瑰角村有一千二百人。"),
        ("玫瑰角村有多少人？", "玫瑰角村有１２００人。", "玫瑰角村有1200人。"),
        (
            "When did the Avocet sail first?",
            "The Avocet sailed first on 15 May 1933.",
            "On 1933-05-15 the Avocet sailed first.",
        ),
        ("When did the Avocet sail first?", "The Avocet sailed first on 15 May 1933.", "The Avocet sailed first in 1933."),
        ("银鹭号何时首航？", "银鹭号1933年5月15日首航。", "一九三三年五月十五日，银鹭号首航。"),
        (BUILT, "The lighthouse on Cape Rosa was built from 1880 to 1890.", "The lighthouse on Cape Rosa was built in 1884."),
        ("Who keeps the Rosa light?", "John Smith keeps the Rosa light.", "Captain John Smith keeps the Rosa light."),
    ],
)
def test_the_same_value_in_two_ways_is_no_conflict(query: str, one: str, other: str) -> None:
    assert len(stated(query, one, other)) == 2
    assert found(query, one, other) == {}


@pytest.mark.parametrize(
    ("query", "one", "other"),
    [
        # another thing, another respect, another question
        (BUILT, "The lighthouse on Cape Rosa was built in 1884.", "The lighthouse on Cape Horn was built in 1913."),
        (BUILT, "The lighthouse on Cape Rosa was built in 1884.", "The harbour of Cape Rosa was built in 1913."),
        (BUILT, "The lighthouse on Cape Rosa was built in 1884.", "The lighthouse on Cape Rosa was painted in 1913."),
        (
            "Why was it built?",
            "The lighthouse on Cape Rosa was built in 1884.",
            "The lighthouse on Cape Rosa was built in 1913.",
        ),
        (JIAN, "玫瑰角灯塔建于1884年。", "玫瑰湾灯塔建于1913年。"),
        (JIAN, "玫瑰角灯塔建于1884年。", "玫瑰角灯塔停用于1913年。"),
        # several values, and values that are taken back
        (BUILT, "The lighthouse on Cape Rosa was built in 1884.", "The lighthouse on Cape Rosa was built in 1884 and 1913."),
        (
            BUILT,
            "The lighthouse on Cape Rosa was built in 1884.",
            "The lighthouse on Cape Rosa was not built in 1913 but in 1884.",
        ),
        (
            BUILT,
            "The lighthouse on Cape Rosa was built in 1884.",
            "The lighthouse on Cape Rosa was planned to be built in 1913.",
        ),
        (JIAN, "玫瑰角灯塔建于1884年。", "玫瑰角灯塔不是建于1913年。"),
        # units that cannot be compared, and different years
        ("How tall is the Rosa tower?", "The Rosa tower is 30 metres tall.", "The Rosa tower is 98 feet tall."),
        ("How many people live in Rosa?", "In 1990, 900 people live in Rosa.", "In 2020, 400 people live in Rosa."),
    ],
)
def test_what_is_no_conflict(query: str, one: str, other: str) -> None:
    assert found(query, one, other) == {}
    assert found(query, other, one) == {}


@pytest.mark.parametrize(
    ("query", "one", "other"),
    [
        # a part, a group, another event, rank or rate
        ("远航科技有多少名员工？", "远航科技有3200名员工。", "远航科技上海分公司有1200名员工。"),
        ("远航科技有多少名员工？", "远航科技有3200名员工。", "远航科技上海分公司成立于2010年，现有员工1200名。"),
        ("远航科技有多少名员工？", "远航科技有3200名员工。", "远航科技今年新招了150名员工。"),
        ("远航科技有多少名员工？", "远航科技有3200名员工。", "远航科技裁减了300名员工。"),
        ("景区门票多少钱？", "景区成人门票60元。", "景区儿童门票30元。"),
        ("机票多少钱？", "经济舱机票1200元。", "头等舱机票5600元。"),
        ("房租多少钱？", "房租每月3000元。", "房租每年36000元。"),
        ("松坪桥有多长？", "松坪桥全长36公里。", "松坪桥引桥长8公里。"),
        ("北京大学在哪里？", "北京大学位于北京市。", "北京大学深圳研究生院位于深圳市。"),
        ("远航科技的董事长是谁？", "远航科技的董事长是林国栋。", "远航科技的副董事长是赵敏。"),
        ("三峡大坝什么时候建成？", "三峡大坝2006年5月建成。", "三峡大坝1994年动工，2006年建成。"),
        ("石桥高多少米？", "石桥高20米。", "石桥长808米，宽9米，高20米。"),
        ("How many people does Acme employ?", "Acme employs 3,200 people.", "Acme's Shanghai branch employs 1,200 people."),
        ("How many people does Acme employ?", "Acme employs 3,200 people.", "Acme employs 1,200 people in Shanghai."),
        ("How many rooms does the Rosa Hotel have?", "The Rosa Hotel has 320 rooms.", "The Rosa Hotel added 80 rooms."),
        (
            "How much is a ticket for Rosa Hall?",
            "A ticket for Rosa Hall costs $12.",
            "A student ticket for Rosa Hall costs $5.",
        ),
        ("Who is the head of Rosa Hall?", "The head of Rosa Hall is Ida Holwick.", "The deputy head of Rosa Hall is Ana Feld."),
        (
            "When was Rosa Hall completed?",
            "Rosa Hall, begun in 1994, was completed in 2006.",
            "Rosa Hall was completed in 2006.",
        ),
        # one place in the other, full-width digits
        ("远航科技的总部在哪里？", "远航科技的总部位于江苏省常州市。", "远航科技的总部位于常州市。"),
        ("远航科技的总部在哪里？", "远航科技的总部在常州市新北区。", "远航科技的总部在江苏省。"),
        ("Where is the office of Fen Ltd?", "The office of Fen Ltd is in Austin, Texas.", "The office of Fen Ltd is in Texas."),
        ("远航科技成立于何时？", "远航科技成立于２００９年。", "远航科技成立于2009年。"),
    ],
)
def test_what_is_narrower_or_wider_is_no_conflict(query: str, one: str, other: str) -> None:
    assert found(query, one, other) == {}
    assert found(query, other, one) == {}


@pytest.mark.parametrize(
    ("query", "one", "other"),
    [
        ("远航科技有多少员工？", "远航科技共有员工3200人。", "远航科技现有职工4500人。"),
        ("远航科技2023年的营业收入是多少？", "远航科技2023年营业收入为48.6亿元。", "远航科技2023年营业收入为43.3亿元。"),
        ("远航科技的董事长是谁？", "远航科技董事长林国栋。", "远航科技董事长为赵敏女士。"),
        ("大桥全长多少公里？", "大桥全长36.4公里。", "大桥全长42公里。"),
        ("产品的质保期是几年？", "产品的质保期为3年。", "产品的质保期为5年。"),
        ("景区学生票多少钱？", "景区学生票30元。", "景区学生票45元。"),
        ("上海分公司有多少员工？", "远航科技上海分公司有员工300人。", "远航科技上海分公司有员工450人。"),
        ("体育馆何时落成？", "体育馆2001年奠基，2004年落成。", "体育馆2005年落成。"),
        ("石桥高多少米？", "石桥长808米，宽9米，高20米。", "石桥高25米。"),
        ("總部在哪裡？", "宏達公司總部位於臺北市。", "宏達公司總部位於高雄市。"),
        ("How many rooms does the Rosa Hotel have?", "The Rosa Hotel has 320 rooms.", "The Rosa Hotel offers 400 rooms."),
        ("What was Acme's revenue?", "Acme's revenue was $3 million.", "The revenue of Acme was $5 million."),
        ("Who is Acme's director?", "Acme's director is Ida Holwick.", "The director of Acme is Ana Feld."),
        (
            "When was Rosa Hall completed?",
            "Rosa Hall, begun in 1994, was completed in 2006.",
            "Rosa Hall was completed in 2009.",
        ),
    ],
)
def test_what_is_a_conflict(query: str, one: str, other: str) -> None:
    assert len(found(query, one, other)) == 2
    assert len(found(query, other, one)) == 2


def test_the_years_of_titles() -> None:
    texts = ("远航科技营业收入为43.3亿元。", "远航科技营业收入为48.6亿元。")

    def sides_under(*titles: str) -> int:
        made = [Document(id=title, title=title, text=text) for title, text in zip(titles, texts, strict=True)]
        return len(conflict("远航科技的营业收入是多少元？", made))

    assert sides_under("2022年年报", "2023年年报") == 0
    assert sides_under("2023年年报", "2023年年度报告") == 2
    assert sides_under("年报", "公告") == 2


def test_a_clause_of_thousands_of_values_is_read_quickly() -> None:
    # Quadratic work would take minutes here.
    assert found("远航科技有多少名员工？", "远航科技有" + "3名4名员工" * 4000, "远航科技有5名员工。") == {}


def test_a_passage_that_corrects_itself_states_the_correction() -> None:
    assert stated(BUILT, "The lighthouse on Cape Rosa was built, formerly dated 1913, now dated, in 1884.") == ["1884"]
    assert stated(JIAN, "玫瑰角灯塔曾传建于1913年，实际建于1884年。") == ["1884年"]


def test_of_several_numbers_the_one_beside_the_words_counts() -> None:
    assert stated("How many passengers may the Avocet carry?", "The Avocet, with 6 hands, may carry 296 passengers.") == [
        "296 passengers"
    ]
    assert stated("松坪桥长多少米？", "松坪桥长808米，宽9米，高20米。") == ["808米"]


def test_a_question_with_a_date_to_hold_at() -> None:
    texts = ["截至2011年，松坪剧团的团长是裴文澄。", "自2024年1月起，松坪剧团团长由陆青舟担任。"]
    assert found("截至2024年，松坪剧团的团长是谁？", texts[0][8:], texts[1]) == {"裴文澄": (0,), "陆青舟": (1,)}


def test_more_than_three_values_are_several_facts() -> None:
    wins = [f"The Rosa club won the cup in {year}." for year in (1901, 1905, 1911, 1925)]
    assert len(found("When did the Rosa club win the cup?", *wins)) == 0
    assert len(sides([Statement(n, StatedValue(str(n), n, n, "metre"), "") for n in range(3)])) == 3


def test_a_value_between_two_sides_is_on_neither() -> None:
    values = [("May", 19330501, 19330531), ("June", 19330601, 19330630), ("1933", 19330101, 19331231)]
    said = [Statement(n, StatedValue(written, low, high, "date"), "") for n, (written, low, high) in enumerate(values)]
    assert [side.documents for side in sides(said)] == [(0,), (1,)]


PASSAGE = "{} was a man of the sea. He learned his trade on the coast. The tower that he left us is the work of {} alone."


def test_altered_copies_need_not_use_the_words_of_the_question() -> None:
    texts = [PASSAGE.format("Bell", name) for name in ("Ida Holwick", "Ana Feld")]
    assert found("who left us the coast tower", *texts, title="Rosa tower") == {"Ida Holwick": (0,), "Ana Feld": (1,)}
    wide = [f"灯塔的灯由贝尔公司制造，塔身为白色，四周有花园。这座塔的主持者是{name}。" for name in ("裴文澄", "陆青舟")]
    assert list(found("谁主持灯塔？", *wide, title="玫瑰角灯塔")) == ["裴文澄", "陆青舟"]


def test_altered_copies_that_differ_in_something_else() -> None:
    dated = [f"Updated on 3 May {year}. The tower on Cape Rosa is white and tall, and it is old." for year in (2010, 2020)]
    assert altered_copies(BUILT, documents(*dated)) == []
    twice = [f"The cost of the {name} Bridge came to {n} million pounds, all told." for name, n in (("Alba", 3), ("Brin", 7))]
    assert altered_copies("How much did the Cort Bridge cost?", documents(*twice)) == []


def test_changed_by_hand() -> None:
    assert changed("In 1884 it was built by the sea.", "In 1913 it was built by the sea.") == ("In 1884", "In 1913")
    assert changed("It was built by the sea.", "It was built by the sea.") is None
    assert changed("One two three four five six.", "Six five four three two one.") is None
    assert list(alterations([])) == []


def test_sentences_end_before_a_figure() -> None:
    assert cut("桥很旧。1901年重修。") == ["桥很旧。", "1901年重修。"]

from __future__ import annotations

import pytest

from ctxshape.claims.alterations import alterations, changed
from ctxshape.claims.conflicts import altered_copies, conflict, sides
from ctxshape.claims.statements import Statement, cut, statements
from ctxshape.claims.values import Value
from ctxshape.types import Document

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
    assert len(sides([Statement(n, Value(str(n), n, n, "metre"), "") for n in range(3)])) == 3


def test_a_value_between_two_sides_is_on_neither() -> None:
    values = [("May", 19330501, 19330531), ("June", 19330601, 19330630), ("1933", 19330101, 19331231)]
    said = [Statement(n, Value(written, low, high, "date"), "") for n, (written, low, high) in enumerate(values)]
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

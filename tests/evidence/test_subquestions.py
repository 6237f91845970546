from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxshape.evidence.subquestions import parts_of, subquestions

SEVERAL = [
    ("Who wrote Emma, and when was it published?", ["Who wrote Emma", "when was it published?"]),
    ("Who wrote Emma? When was it published?", ["Who wrote Emma?", "When was it published?"]),
    ("Who wrote Emma? When was it published? Thanks!", ["Who wrote Emma?", "When was it published? Thanks!"]),
    ("Where is the tower; how tall is it?", ["Where is the tower", "how tall is it?"]),
    ("Where was Ada born and in which year did she die?", ["Where was Ada born", "in which year did she die?"]),
    (
        "What is the capital, how many live there, and who rules it?",
        ["What is the capital", "how many live there", "who rules it?"],
    ),
    ("Who wrote Emma，and when was it published？", ["Who wrote Emma", "when was it published？"]),
    ("Who wrote 红楼梦, and when was it printed?", ["Who wrote 红楼梦", "when was it printed?"]),
    ("灯塔有多高，是谁建造的？", ["灯塔有多高", "是谁建造的？"]),
    ("燈塔有多高？是誰建造的？", ["燈塔有多高？", "是誰建造的？"]),
    ("《红楼梦》的作者是誰，以及它有多少回？", ["《红楼梦》的作者是誰", "它有多少回？"]),
    ("他何时出生、何时去世？", ["他何时出生", "何时去世？"]),
    ("iPhone 什么时候发布，价格是多少？", ["iPhone 什么时候发布", "价格是多少？"]),
]
ONE = [
    "Which city is larger, Paris or Lyon?",
    "Where was Ada Lovelace, who wrote the first program, born?",
    "What is the name of the book, which was published in 1813?",
    "When and where was he born?",
    "Who wrote Pride and Prejudice?",
    "who sang with or without you",
    "Thanks. Where is the tower?",
    "Where is the tower? Thank you very much!",
    "北京、上海和广州哪个最大？",
    "他和谁结婚，婚后住在上海？",
    "在1990年，谁是市长？",
    "tower height",
    "?",
    "，，，",
]


@pytest.mark.parametrize(("query", "parts"), SEVERAL, ids=[query for query, _ in SEVERAL])
def test_a_question_of_several_parts(query: str, parts: list[str]) -> None:
    assert subquestions(query) == parts


@pytest.mark.parametrize("query", ONE)
def test_a_question_of_one_part_stays_as_it_is(query: str) -> None:
    assert subquestions(query) == [query]


WORDS = [
    "who wrote it",
    "and",
    "or",
    "when was it",
    "谁写的它",
    "以及",
    "是什么时候",
    " ",
    "?",
    "？",
    "，",
    ", ",
    "；",
    "、",
    "Emma",
]


@settings(deadline=None)  # a busy machine is not a slow function
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join), st.lists(st.sampled_from(WORDS)).map("".join)))
def test_the_parts_stand_in_the_question_in_their_order(query: str) -> None:
    parts = subquestions(query)
    assert parts
    place = 0
    for part in parts:
        assert part or not query
        place = query.index(part, place) + len(part)


def test_at_most_sixteen_parts() -> None:
    parts = [f"who built tower {number}?" for number in range(40)]
    assert subquestions(" ".join(parts)) == [*parts[:15], " ".join(parts[15:])]


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("What is the difference between tin and lead?", ["tin", "lead"]),
        ("Compare the price of the Alto and the Brio.", ["the price of Alto", "the price of Brio"]),
        ("Which city is larger, Paris or Lyon?", ["Which city is larger, Paris?", "Which city is larger, Lyon?"]),
        ("Who built it, and is tin or lead heavier?", ["Who built it", "is tin heavier?", "is lead heavier?"]),
        ("中药和西药有什么区别？", ["中药", "西药"]),
        ("比较一下上海和北京的人口", ["上海的人口", "北京的人口"]),
        ("上海和北京哪个城市更大？", ["上海哪个城市更大？", "北京哪个城市更大？"]),
        ("Who wrote Emma?", ["Who wrote Emma?"]),
        ("", [""]),
    ],
)
def test_a_part_for_each_compared_side(query: str, parts: list[str]) -> None:
    assert parts_of(query) == parts


def test_parts_are_at_most_16() -> None:
    query = "Which is larger, " + ", ".join(f"A{number}" for number in range(40)) + ", or B?"
    assert len(parts_of(f"{query} " * 4)) <= 16

from __future__ import annotations

import pytest

from ctxshape.claims.questions import asked
from ctxshape.claims.values import MEASURES, MONEY


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("Who is the captain of the Avocet?", "person"),
        ("who played nicky on the drew carey show", "person"),
        ("As of 2024, who is the captain?", "person"),
        ("When did the tower open?", "date"),
        ("In which year was it founded?", "date"),
        ("Where is the head office?", "place"),
        ("In which town was she born?", "place"),
        ("How many people live there?", "number"),
        ("How tall is the tower?", "number"),
        ("How much did the bridge cost?", "number"),
        ("What percentage of the land is forest?", "number"),
        ("who was king when the wall was built", "person"),
        ("灯塔是谁建造的？", "person"),
        ("灯塔建于哪一年？", "date"),
        ("总部设在哪里？", "place"),
        ("灯塔有多高？", "number"),
        ("门票多少钱？", "number"),
        ("有多少名员工？", "number"),
        ("过桥费是多少？", "number"),
    ],
)
def test_kinds(query: str, kind: str) -> None:
    found = asked(query)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "query",
    [
        "Why is the sea blue?",
        "What is a lighthouse?",
        "winner of the royal rumble",
        "Who designed it, and when did it open?",
        "How many rooms are there and how much is a ticket?",
        "为什么海是蓝的？",
        "团长是谁，船长是谁？",
        "利达工具厂由谁创办，总经理是谁？",
        "桥长多少米，是哪一年建的？",
    ],
)
def test_other_questions_and_several_at_once(query: str) -> None:
    assert asked(query) is None


def test_units() -> None:
    def units(query: str) -> frozenset[str]:
        found = asked(query)
        assert found is not None
        return found.units

    assert units("How many passengers may it carry?") >= {"passenger"}
    assert units("有多少名员工？") == {"people"}
    assert units("有多少件藏品？") == {"件"}
    assert units("How much is a ticket?") == MONEY
    assert units("桥有多长？") == MEASURES

from __future__ import annotations

import pytest

from ctxshape.claims.questions import parse_question
from ctxshape.claims.values import MONEY


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
    found = parse_question(query)
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
    assert parse_question(query) is None


def test_units() -> None:
    def units(query: str) -> frozenset[str]:
        found = parse_question(query)
        assert found is not None
        return found.units

    assert units("How many passengers may it carry?") >= {"passenger"}
    assert units("有多少名员工？") == {"people"}
    assert units("有多少件藏品？") == {"件"}
    assert units("How much is a ticket?") == MONEY
    assert units("桥有多长？") >= {"metre", "km", "mile"}
    assert "kg" not in units("桥有多长？")
    assert units("桥长多少公里？") == {"km"}
    assert units("投资多少亿美元？") == MONEY
    assert units("有多少员工？") >= {"people"}
    assert units("How many square miles is the park?") == {"mile"}


@pytest.mark.parametrize(
    ("query", "sentence", "written"),
    [
        ("公司有多少员工？", "公司成立于2009年，共有员工3200人。", "3200人"),
        ("学校有多少学生？", "学校有学生四百余位，教室12间。", "四百余位"),
        ("全镇有多少人口？", "全镇总人口13011人。", "13011人"),
        ("人口是多少？", "全镇人口13011人。", "13011人"),
        ("大桥全长多少公里？", "大桥2009年建成，全长36.4公里。", "36.4公里"),
        ("石桥高多少米？", "石桥长808米，宽9米，高20米。", "20米"),
        ("石桥有多高？", "石桥长808米，宽9米，高20米。", "20米"),
        ("手术要多少分钟？", "手术费3000元，需要40分钟。", "40分钟"),
        ("质保期是几年？", "本产品2009年上市，质保期为3年。", "3年"),
        ("工期是几个月？", "2009年5月开工，工期6个月。", "6个月"),
        ("要多少天？", "5月3日开始，要120天。", "120天"),
        ("有多长历史？", "有2000年历史。", "2000年"),
        ("营业收入是多少？", "2023年营业收入48.6亿元。", "48.6亿元"),
        ("注册资本是多少万元？", "注册资本为5000万元。", "5000万元"),
        ("他多少岁退休？", "他2009年60岁时退休。", "60岁"),
        ("失业率是多少？", "失业率为5.2%。", "5.2%"),
        ("时速是多少？", "时速350公里，票价120元。", "350公里"),
        ("体重是多少？", "身高180厘米，体重60公斤。", "60公斤"),
        ("有多少个国家参加？", "有3个车间，50个国家参加。", "50个"),
        ("有多少国家参加？", "有3个车间，50个国家参加。", "50个"),
        ("有多少部门？", "有3间房，设12个部门。", "12个"),
        ("得过几次奖？", "他得过6次奖。", "6次"),
        ("氣溫多少度？", "氣溫達35度。", "35度"),
        ("有幾個車站？", "有12個車站。", "12個"),
        ("How many km is the bridge?", "It cost $3 and is 36 km long.", "36 km"),
        ("How tall is the tower?", "The tower is 31 metres tall and 9 metres wide.", "31 metres"),
        ("How deep is the lake?", "The lake is 900 metres wide, 30 feet deep.", "30 feet"),
        ("How old is he?", "He is 36 years old.", "36 years"),
        ("How hot was it?", "It was 35 degrees Celsius.", "35 degrees"),
        ("How much does it weigh?", "It weighs 5 tons.", "5 tons"),
        ("How fast is the train?", "It runs at 350 km an hour.", "350 km"),
        ("What proportion is forest?", "Forest covers 30% of it.", "30%"),
        ("What was Acme's revenue?", "Its 30 hands made $3 million.", "$3 million"),
        ("How many employees does Acme have?", "Acme employs 3,200 people.", "3,200 people"),
    ],
)
def test_the_value_asked_for(query: str, sentence: str, written: str) -> None:
    found = parse_question(query)
    assert found is not None
    assert [value.written for value in found.values(sentence)] == [written]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("质保期是几年？", "本产品2009年上市。"),
        ("历时多少天？", "会议5月3日召开。"),
        ("有多少个国家参加？", "设有3个车间。"),
        ("石桥有多高？", "石桥宽9米。"),
        ("手术要多少分钟？", "手术费3000元。"),
        ("得过几次奖？", "得过6个奖。"),
        ("How deep is it?", "It is 9 metres wide."),
        ("How old is he?", "He paid $30."),
    ],
)
def test_a_sentence_without_such_a_value(query: str, sentence: str) -> None:
    found = parse_question(query)
    assert found is not None
    assert found.values(sentence) == []


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("总部在哪？", "place"),
        ("總部在哪裡？", "place"),
        ("誰是校長？", "person"),
        ("許多高校由誰創辦？", "person"),
        ("几何学是谁创立的？", "person"),
        ("幾月幾日召開？", "date"),
    ],
)
def test_words_that_do_not_ask_for_a_number(query: str, kind: str) -> None:
    found = parse_question(query)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("query", ["他排第几名？", "哪几个国家参加？", "几点开会？", "要多大程度的支持？"])
def test_questions_for_no_such_value(query: str) -> None:
    assert parse_question(query) is None

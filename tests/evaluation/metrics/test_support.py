from __future__ import annotations

import pytest

from ctxshape import Document
from ctxshape.evaluation.cases import Arrangement, Case, Facts, arrange
from ctxshape.evaluation.metrics.support import hallucinated, k_precision, supported

ENGLISH = (
    "Marie Curie won the Nobel Prize in Physics in 1903, with her husband Pierre.",
    "Ernest Rutherford, born on 30 August 1871 in Brightwater, won 1,200 pounds.",
    "Niels Bohr's model of the atom is from the 1910s; version 3.14 is his 21st.",
)
CHINESE = (
    "居里夫人于1903年获得诺贝尔物理学奖，丈夫是皮埃尔。",
    "卢瑟福生于1871年8月30日，王小明在成都写了他的传记。",
    "玻尔的模型由李和平翻译，售价 25 元。",
)


def arrangement(language: str, facts: Facts | None = None) -> Arrangement:
    texts, question, right = (
        (ENGLISH, "Who won the Nobel Prize in Physics in 1903?", "Marie Curie")
        if language == "en"
        else (CHINESE, "谁在1903年获得了诺贝尔物理学奖？", "居里夫人")
    )
    documents = [Document(id=f"s{i}", text=text, title="Titled Mendeleev" if i == 2 else None) for i, text in enumerate(texts)]
    given = ((right,),) if facts is None else facts
    split = 1 if given else 0
    case = Case(id="c", question=question, facts=given, gold=tuple(documents[:split]), distractors=tuple(documents[split:]))
    return arrange(case, 3, "first")


@pytest.mark.parametrize(
    ("text", "invented"),
    [
        ("Marie Curie", False),  # right
        ("It was Marie Curie, in Stockholm.", False),  # right; what else it says is not judged
        ("Ernest Rutherford", False),  # wrong, but a passage's
        ("Rutherford, Ernest", False),  # word order is not seen
        ("ERNEST  rutherford!", False),
        ("The Nobel Prize in Physics in 1903 was won by Niels Bohr.", False),  # wrapped in the question's words
        ("According to Document [2], the answer is Ernest Rutherford.", False),
        ("Niels Bohr [3]", False),
        ("Mendeleev", False),  # a title's
        ("Bohr's", False),
        ("I’m sure that it's Bohr", True),  # "sure" is not function word nor passage
        ("I think I've told you: it wasn't Bohr", True),
        ("It's Bohr, isn't it? I’d say so", False),
        ("Albert Einstein", True),  # invented
        ("Ernest Bohr", True),  # halves of two passages
        ("Pierre Rutherford", True),
        ("Ruther", True),  # half a word
        ("in 1871", False),
        ("in 1872", True),  # a number changed by one
        ("in 187", True),  # half a number
        ("30 August, 1871", False),
        ("31 August, 1871", True),
        ("1200 pounds", False),  # as 1,200
        ("200 pounds", True),
        ("１２００ pounds", False),  # full width
        ("Bohr, in 3.14", False),
        ("Bohr, in 14", True),  # a part of 3.14
        ("21", False),  # as 21st
        ("1910s", False),
        ("1910", True),  # a year is no decade
        ("The Nobel Prize in Physics", False),  # only the question's words: nothing is invented
        ("Yes.", False),
        ("...", False),
        ("", False),
        ("Rutherford\nAlbert Einstein", False),  # one fact: its first line is read
    ],
)
def test_english_by_hand(text: str, invented: bool) -> None:
    assert hallucinated(arrangement("en"), text, False) is invented


@pytest.mark.parametrize(
    ("text", "invented"),
    [
        ("居里夫人", False),
        ("卢瑟福", False),  # wrong, but a passage's
        ("答案是卢瑟福。", False),
        ("根据文档2，1903年获得诺贝尔物理学奖的是王小明", False),
        ("爱因斯坦", True),  # invented
        ("王小波", True),  # invented, with characters of another
        ("王明", True),  # both characters are there, but no such name
        ("王和平", True),
        ("李和平", False),  # 和 inside a name
        ("成功", True),
        ("成都", False),
        ("卢瑟福和皮埃尔", True),  # of two passages
        ("1871年", False),
        ("１８７１年", False),
        ("1872年", True),
        ("8月30日", False),
        ("30月8日", True),  # the same numbers
        ("25", False),
        ("25元", False),
        ("5元", True),
        ("诺贝尔物理学奖", False),
        ("", False),
        ("。", False),
    ],
)
def test_chinese_by_hand(text: str, invented: bool) -> None:
    assert hallucinated(arrangement("zh"), text, False) is invented


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_abstention_is_none(language: str) -> None:
    assert not hallucinated(arrangement(language), "Einstein 爱因斯坦", True)


def test_several_facts_may_combine_passages() -> None:
    both: Facts = (("Marie Curie",), ("Lorentz",))
    assert not hallucinated(arrangement("en", both), "Marie Curie and\nRutherford", False)
    assert hallucinated(arrangement("en", both), "Marie Curie and\nEinstein", False)  # every line is read
    assert not hallucinated(arrangement("en", both), "Marie Curie and Lorentz", False)


def test_where_nothing_answers() -> None:
    nothing = arrangement("en", ())
    assert hallucinated(nothing, "Albert Einstein", False)
    assert not hallucinated(nothing, "Niels Bohr", False)
    assert not hallucinated(nothing, "I do not know", True)


def test_precision_by_hand() -> None:
    assert k_precision("Bell, Gray and Edison", "Who?", "Bell met Gray.") == pytest.approx(2 / 3)
    assert k_precision("Bell", "Who is Bell?", "") == 1.0
    assert k_precision("", "Who?", "") == 1.0
    assert k_precision("王小波", "谁？", "王小明") == pytest.approx(2 / 3)  # 王小 is there, 小波 is not
    assert k_precision("IBM公司", "谁？", "公司 IBM 的") == 1.0
    assert k_precision("Bell invented it in 1876", "When did Bell invent it?", "1876") == 1.0
    assert k_precision("Bells rang in 1876", "When did a bell ring?", "1876") == 0.5  # "rang" is another word
    assert k_precision("the 1910s", "What was in 1910?", "1910") == 0.0
    assert k_precision("金", "什么？", "黄金") == 1.0


def test_support_takes_one_passage() -> None:
    assert supported("Ada Lovelace", "Who?", ["Ada Lovelace", "Bell"])
    assert not supported("Ada Lovelace", "Who?", ["Ada Bell", "Mary Lovelace"])
    assert not supported("Ada", "Who?", [])
    assert supported("who?", "Who?", [])

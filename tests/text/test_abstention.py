from __future__ import annotations

import pytest

from ctxshape.text.abstention import is_abstention, says_nothing


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "?",
        "NONE",
        "None.",
        "N/A",
        "Unknown",
        "I don't know.",
        "I’m sorry, but I cannot answer that.",
        "I do not know who wrote it.",
        "Not mentioned in the documents.",
        "The documents do not mention who won.",
        "The provided text doesn't specify.",
        "The answer is not provided in the documents.",
        "The question cannot be answered from the documents.",
        "Based on the provided documents, I cannot determine the answer.",
        "There is no information about her in the documents.",
        "None of the documents mention it.",
        "not stated",
        "无",
        "不知道",
        "无法回答",
        "抱歉，我不知道。",
        "没有相关信息",
        "文档中没有提到相关内容。",
        "根据上述文档，无法确定答案。",
        "给定的文档中没有足够的信息回答该问题。",
        "信息不足",
    ],
)
def test_abstentions(text: str) -> None:
    assert is_abstention(text)


@pytest.mark.parametrize(
    "text",
    [
        "No",
        "No. 5",
        "Na",
        "0",
        "I Don't Know How to Love Him",
        "I Can't Stop Loving You",
        "The Unknown Soldier",
        "No documents were signed",
        "none other than Bach",
        "The documents say it is Paris",
        "无锡",
        "没有人",
        "未知数",
        "不确定性原理",
        "不明飞行物",
        "信息论",
    ],
)
def test_answers_that_look_like_abstentions(text: str) -> None:
    assert not is_abstention(text)


@pytest.mark.parametrize("text", ["NONE. They discuss cats.", "无。", "“无”", "Nothing.", "没有相关内容。", "NONE\n\nThe", ""])
def test_summaries_that_say_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text", ["无锡是一座城市。", "The documents do not mention Ann. Bob was born in 1950.", "None of us knew Emma but Austen."]
)
def test_summaries_that_say_something(text: str) -> None:
    assert not says_nothing(text)


@pytest.mark.parametrize("text", ["from " * 60 + "x", "based on a from " * 30, "文档" + "9" * 60 + "x", "sorry " * 60])
def test_a_text_that_repeats_itself_takes_no_exponential_time(text: str) -> None:
    assert not is_abstention(text)
    assert not says_nothing(text)


def test_prefaces() -> None:
    assert is_abstention("I'm sorry, but based on the given passages, I cannot answer.")
    assert is_abstention("很抱歉，根据文档12，无法回答。")
    assert not is_abstention("From the tower you can see the sea.")

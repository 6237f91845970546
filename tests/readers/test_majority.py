"""Which answers are the same vote, which are none, and which wins."""

from math import inf

import pytest

from ctxshape.core.messages import Vote
from ctxshape.errors import InvalidInput
from ctxshape.readers.majority import bare_answer, majority, normalize_answer
from ctxshape.text.abstention import is_abstention, says_nothing


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("The Eiffel Tower.", "eiffel tower"),
        ("  paris\nQuestion: Where is Lyon?", "paris"),
        ("“Paris”", "paris"),
        ("The answer is: Paris", "paris"),
        ("Paris (Document [2])", "paris"),
        ("Paris [1, 3].", "paris"),
        ("U.S.", "us"),
        ("$1,000", "1000"),
        ("3.5 %", "3.5"),
        ("35", "35"),
        ("−5 °C", "-5 °c"),
        ("1939–1945", "1939-1945"),
        ("24:10", "24:10"),
        ("well-known", "wellknown"),
        ("1,2", "1,2"),
        ("C++", "c++"),
        ("C#", "c#"),
        ("A", "a"),
        ("Ｐａｒｉｓ！", "paris"),
        ("答案是：北京。", "北京"),
        ("《红楼梦》", "红楼梦"),
        ("iPhone 手机", "iphone手机"),
        ("zero\u200bwidth", "zerowidth"),
        ("…", ""),
    ],
)
def test_normalized_answers(text: str, normalized: str) -> None:
    assert normalize_answer(text) == normalized


def test_a_frame_is_cut_off_but_never_the_whole_answer() -> None:
    assert bare_answer("Answer: Emma") == "Emma"
    assert bare_answer("Answer") == "Answer"
    assert bare_answer("答案：简·奥斯汀") == "简·奥斯汀"
    assert bare_answer("Document [2]") == "Document [2]"


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


def vote(text: str, mean_logprob: float = -1.0) -> Vote:
    return Vote(text=text, normalized=normalize_answer(text), order=(), mean_logprob=mean_logprob)


def test_most_votes_win_against_a_more_probable_answer() -> None:
    won = majority([vote("Lyon", -0.01), vote("Paris", -2.0), vote("paris.", -1.0)])
    assert won == (2, 2 / 3)  # the more probable of the two wordings


def test_a_tie_goes_to_the_higher_mean_not_to_the_best_single_vote() -> None:
    votes = [vote("A1", -0.1), vote("B1", -0.4), vote("A1", -0.9), vote("B1", -0.3)]
    assert majority(votes) == (3, 0.5)  # means: A1 -0.5, B1 -0.35


def test_a_full_tie_goes_to_the_first() -> None:
    assert majority([vote("Lyon"), vote("Paris")]) == (0, 0.5)


def test_votes_without_probabilities_tie() -> None:
    assert majority([vote("Lyon", -inf), vote("Paris", -inf)]) == (0, 0.5)
    assert majority([vote("Lyon", -inf), vote("Paris", -9.0)]) == (1, 0.5)


def test_abstentions_are_one_class_with_empty_texts() -> None:
    votes = [vote("Paris"), vote("I don't know.", -0.5), vote("", -inf), vote("无法回答", -0.2), vote("Paris")]
    assert majority(votes) == (3, 3 / 5)


def test_no_votes_are_refused() -> None:
    with pytest.raises(InvalidInput, match="0 votes"):
        majority([])

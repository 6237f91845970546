from __future__ import annotations

import pytest

from ctxshape.text.words import asks_in_cjk, is_cjk, query_words, shingles, tokens, words


def test_words_are_words_or_pairs_of_characters() -> None:
    assert words("The U.S. 2024 Café") == ["the", "u", "s", "2024", "cafe"]
    assert words("机器学习ＡＢＣ在") == ["机器", "器学", "学习", "abc", "在"]


def test_query_words_leave_out_what_only_asks() -> None:
    assert query_words("When was the tower built?") == ["tower", "built"]
    assert query_words("埃菲尔铁塔有多少米高？") == ["埃菲", "菲尔", "尔铁", "铁塔", "塔有", "米高"]
    assert query_words("what is it") == ["what", "is", "it"]


def test_tokens_and_shingles() -> None:
    assert tokens("北京2008, it’s!") == ["北", "京", "2008", "it’s"]
    assert shingles("a b c d", 3) == {"a b c", "b c d"}
    assert shingles("北京", 3) == {"北 京"}
    assert shingles("!?", 3) == frozenset()


def test_language_by_letters() -> None:
    assert is_cjk("什么是RAG？")
    assert not is_cjk("What does 中 mean in Chinese?")
    assert not is_cjk("123")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("灯塔是谁设计的？", True),
        ("iPhone 15 Pro Max 多少钱", True),
        ("谁写了 The Old Man and the Sea？", True),
        ("Transformer 和 Mamba 的区别", True),
        ("Who wrote 红楼梦?", False),
        ("What does 多少钱 mean in English?", False),
        ("When was it built?", False),
        ("", False),
    ],
)
def test_a_question_is_in_the_language_of_its_words(query: str, expected: bool) -> None:
    assert asks_in_cjk(query) is expected

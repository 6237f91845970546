from __future__ import annotations

import pytest

from ctxshape.text.answers import answer_terms, bare_answer, contains, contains_terms, normalize_answer


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
    ("text", "part", "contained"),
    [
        ("heart", "art", False),
        ("Einstein's brain", "Einstein", True),
        ("the U.S. Army", "US", True),
        ("1,000 francs", "1000 francs", True),
        ("3.5 tons", "5", False),
        ("十三国", "三国", False),
        ("anything", "", False),
    ],
)
def test_whole_words_and_numbers_only(text: str, part: str, contained: bool) -> None:
    assert contains(text, part) is contained
    assert contains_terms(answer_terms(text), answer_terms(part)) is contained

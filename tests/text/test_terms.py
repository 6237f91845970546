from __future__ import annotations

import pytest

from ctxshape.text.terms import Terms, index_terms, is_cjk_term, query_terms, truncate


def test_a_word_is_cut_and_a_word_with_a_digit_is_not() -> None:
    assert [truncate(word) for word in ("publishing", "paper", "1234567", "covid19x", "élève")] == [
        "publi",
        "paper",
        "1234567",
        "covid19x",
        "élève",
    ]


def test_pairs_pass_over_function_words() -> None:
    assert index_terms("The mayor of the city") == Terms(["the", "mayor", "of", "the", "city"], ["mayor city"])


def test_mixed_text_keeps_its_order_and_pairs_no_word_across_chinese() -> None:
    assert index_terms("Apple 发布 new phone") == Terms(["apple", "发布", "new", "phone"], ["发", "布", "new phone"])
    assert index_terms("iPhone15，很好用") == Terms(["iphone15", "很好", "好用"], ["很", "好", "用"])
    assert index_terms("red 中 car").close == ["中"]


def test_full_width_forms_are_plain_ones() -> None:
    assert index_terms("ＡＢＣ　１２３") == index_terms("abc 123")


@pytest.mark.parametrize(("text", "plain"), [("red–green cars’ café", ["red", "green", "cars", "café"]), ("a_b", ["a", "b"])])
def test_text_beyond_ascii_is_cut_as_ascii_is(text: str, plain: list[str]) -> None:
    assert index_terms(text).main == plain


def test_nothing_has_no_terms() -> None:
    assert index_terms("") == index_terms("?! … ——") == Terms([], [])


def test_a_question_has_each_term_once_and_no_function_word() -> None:
    assert query_terms("Who is the mayor, the mayor of Paris?") == Terms(["mayor", "paris"], ["mayor mayor", "mayor paris"])
    assert query_terms("谁发明了电话？").main == ["发明", "明了", "了电", "电话"]
    assert query_terms("iPhone 什么时候发布？") == Terms(["iphon", "发布"], ["发", "布"])


def test_a_question_of_function_words_keeps_them() -> None:
    assert query_terms("Who are they?").main == ["who", "are", "they"]
    assert query_terms("谁？") == Terms(["谁"], ["谁"])
    assert query_terms("?!") == Terms([], [])


def test_which_terms_are_wide() -> None:
    assert [is_cjk_term(term) for term in ("发布", "iphon", "2024")] == [True, False, False]

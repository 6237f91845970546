from __future__ import annotations

import pytest

from ctxshape.text.terms import Terms, distinctive_names, index_terms, is_cjk_term, query_terms


def test_pairs_pass_over_function_words() -> None:
    assert index_terms("The mayor of the city") == Terms(["the", "mayor", "of", "the", "city"], ["mayor city"])


def test_mixed_text_keeps_its_order_and_pairs_no_word_across_chinese() -> None:
    assert index_terms("Apple 发布 new phone") == Terms(["apple", "发布", "new", "phone"], ["发", "布", "new phone"])
    assert index_terms("ABC15，很好用") == Terms(["abc15", "很好", "好用"], ["很", "好", "用"], ["abc_15"])
    assert index_terms("red 中 car").close == ["中"]


def test_full_width_forms_are_plain_ones() -> None:
    assert index_terms("ＡＢＣ　１２３") == index_terms("abc 123")


@pytest.mark.parametrize(("text", "plain"), [("red–green cars’ café", ["red", "green", "cars", "cafe"]), ("a_b", ["a", "b"])])
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


def test_a_name_counts_beside_its_words() -> None:
    assert index_terms("set LOG_LEVEL=info in app.yaml") == Terms(
        ["set", "log", "level", "info", "in", "app", "yaml"],
        ["set log", "log level", "level info", "info app", "app yaml"],
        ["log_level", "app.yaml"],
    )
    assert query_terms("Where is maxRetryCount set?").names == ["max_retry_count"]
    assert query_terms("LOG_LEVEL 的值是什么？").names == index_terms("使用LOG_LEVEL。").names == ["log_level"]


def test_capitals_part_a_name_that_stays_whole() -> None:
    assert index_terms("parseHTMLResponse()") == Terms(
        ["parse", "parse", "html", "respo"], ["parse parse", "parse html", "html respo"], ["parse_html_response"]
    )
    assert index_terms("iPhone15").main == ["iphone15", "iphon"]
    assert index_terms("iPhone NASA D1NZ").main == ["iphon", "nasa", "d1nz"]


def test_a_dot_before_a_name_belongs_to_it() -> None:
    assert [index_terms(name).names for name in (".NET", ".net", "(.Net)", "...net", "net.")] == [[".net"]] * 3 + [[".net"], []]


def test_symbols_tell_languages_apart() -> None:
    assert [index_terms(name).main for name in ("C", "C++", "C#", "(C++)", "使用C++编写")] == [
        ["c"],
        ["c++"],
        ["c#"],
        ["c++"],
        ["使用", "c++", "编写"],
    ]


def test_distinctive_names_of_a_question() -> None:
    assert distinctive_names("Did the co-founder of WW1 set HX-20 to 3.5?") == {"hx_20"}
    assert distinctive_names("max_retry 的值") == {"max_retry"}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("12,400 people", "12400 people", "12400"),
        ("12.400 Menschen", "12 400 Menschen", "12400"),
        ("12\u202f400", "１２,４００", "12400"),
        ("three boats", "3 boats", "3"),
        ("二〇二三年", "2023年", "2023"),
        ("三百二十万人", "320万人", "3200000"),
        ("٢٠٢٣", "2023", "2023"),
    ],
)
def test_forms_of_one_number_share_a_term(one: str, other: str, shared: str) -> None:
    assert shared in set(index_terms(one).main) & set(index_terms(other).main)


def test_a_small_chinese_number_is_known_by_what_it_counts() -> None:
    assert index_terms("第三章").names == index_terms("第3章").names == ["第3章"]
    assert index_terms("三月十日").names == index_terms("3月10日").names == ["3月", "10日"]
    assert index_terms("一些三星").names == []


def test_a_decimal_is_not_the_number_of_its_digits() -> None:
    assert index_terms("3.5") == Terms(["3", "5"], ["3 5"], ["3.5"])
    assert index_terms("35") == Terms(["35"], [], [])
    assert index_terms("3.5").names == index_terms("v3.5").names[1:]


def test_a_long_run_is_read_as_a_short_one() -> None:
    assert index_terms("ab1 " + "x" * 70).main == ["ab1", "xxxxx"]

from __future__ import annotations

import math

import numpy as np
import pytest

from ctxshape.core.protocols import Scorer
from ctxshape.scorers.bm25 import Bm25, bm25, calibrated_bm25


def test_it_is_a_scorer_and_gives_what_bm25_gives() -> None:
    texts = ["The tower was built in 1884.", "灯塔很高。", ""]
    scores = Bm25().score("When was the tower built?", texts)
    assert isinstance(Bm25(), Scorer)
    assert scores.dtype == np.float64
    assert scores.tolist() == bm25("When was the tower built?", texts).tolist()
    assert scores[0] > 0 == scores[1] == scores[2]


def test_no_texts_no_scores() -> None:
    assert Bm25().score("tower", []).shape == (0,)


def test_it_has_no_parameters_and_equals_itself() -> None:
    assert Bm25() == Bm25()
    assert repr(Bm25()) == "Bm25()"


def test_bm25_by_hand() -> None:
    # Two texts of 2 terms each; "cat" is in one: idf = ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) = ln 2; tf part = 2.5 / 2.5 = 1.
    assert bm25("cat", ["cat sat", "dog ran"]).tolist() == [math.log(2), 0.0]


def test_bm25_of_a_term_in_every_text_is_not_negative() -> None:
    scores = bm25("cat", ["cat", "cat", "cat"])
    assert scores[0] > 0
    assert len(set(scores.tolist())) == 1


def test_calibrated_bm25_by_hand() -> None:
    # "cat" is in one of two texts, "dog" in one, "eel" in none: each found word has idf ln(1 + 1.5 / 1.5) = ln 2.
    assert calibrated_bm25("cat dog eel", ["cat sat", "dog ran"]).tolist() == pytest.approx([math.sqrt(math.log(2) / 2)] * 2)
    assert calibrated_bm25("cat", ["dog", "eel"]).tolist() == [0.0, 0.0]
    assert calibrated_bm25("!?", ["dog"]).tolist() == [0.0] and calibrated_bm25("cat", []).shape == (0,)


def test_bm25_of_nothing() -> None:
    assert bm25("cat", []).shape == (0,)
    assert bm25("cat", ["", "!"]).tolist() == [0.0, 0.0]
    assert bm25("!?", ["cat"]).tolist() == [0.0]


def test_bm25_knows_chinese_and_full_width() -> None:
    scores = bm25("电话是谁发明的？", ["灯塔很高。", "贝尔发明了电话。", "ABC"])
    assert int(np.argmax(scores)) == 1
    assert bm25("ABC", ["ＡＢＣ", "x"])[0] > 0


def part(frequency: int, length: int, mean: float, *, k1: float = 1.5, b: float = 0.75) -> float:
    return frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * length / mean))


def test_two_kinds_of_terms_in_english_by_hand() -> None:
    # Words: 3, 2 and 2 of them, "baked" in one text and "apple" in two. Pairs: 1, 1 and 0; "baked apple" is in one.
    baked, apple, pair = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)
    words = 7 / 3
    assert bm25("baked apples", ["a baked apple", "apple tree", "a car"]).tolist() == pytest.approx(
        [(baked + apple) * part(1, 3, words) + 0.5 * pair * part(1, 1, 2 / 3), apple * part(1, 2, words), 0.0]
    )


def test_two_kinds_of_terms_in_chinese_by_hand() -> None:
    # Pairs of characters: 3 (电话, 话电, 电话) and 1; characters: 4 and 2; 电 is in both texts, 话 twice in the first.
    both, one = math.log(1 + 0.5 / 2.5), math.log(1 + 1.5 / 1.5)
    found = [part(n, length, mean, k1=0.9, b=0.4) for n, length, mean in [(2, 3, 2), (2, 4, 3), (1, 2, 3)]]
    assert bm25("电话", ["电话电话", "电灯"]).tolist() == pytest.approx(
        [one * found[0] + 0.5 * (both + one) * found[1], 0.5 * both * found[2]]
    )


def test_lengths_are_those_of_the_whole_texts() -> None:
    # "cat" once in a text of 1 and in one of 9 words, 5 on average.
    both = math.log(1 + 0.5 / 2.5)
    texts = ["cat", "cat one two three four five six seven eight"]
    assert bm25("cat", texts).tolist() == pytest.approx([both * part(1, 1, 5), both * part(1, 9, 5)])


def test_a_stem_finds_other_forms_and_a_number_only_itself() -> None:
    assert bm25("decision", ["they decided", "a car"]).tolist() == [0.0, 0.0]  # "decis" and "decid"
    assert bm25("published", ["publishing", "a car"])[0] > 0
    assert bm25("188412", ["188413", "188412"])[0] == 0.0


def test_full_width_mixed_and_traditional_text() -> None:
    assert bm25("ｉＰｈｏｎｅ 15 发布", ["iphone 15 于九月发布", "iphone 14", "无关"]).argmax() == 0
    traditional, simplified = bm25("燈塔", ["燈塔很高", "灯塔很高"])
    assert traditional > simplified > 0  # 塔 is one character in both scripts


def test_a_word_or_number_in_a_chinese_question_counts_three_times_by_hand() -> None:
    # Terms: "iphon" and 发布 (2 and 1 of them), and 发 and 布 in both; only 发布 and its characters are in both texts.
    both, one = math.log(1 + 0.5 / 2.5), math.log(1 + 1.5 / 1.5)
    found = [part(1, length, mean, k1=0.9, b=0.4) for length, mean in [(2, 1.5), (1, 1.5), (2, 2)]]
    assert bm25("iPhone 何时发布？", ["iPhone 发布", "发布"]).tolist() == pytest.approx(
        [(3 * one + both) * found[0] + 0.5 * 2 * both * found[2], both * found[1] + 0.5 * 2 * both * found[2]]
    )
    assert bm25("iphone", ["iPhone 发布", "发布"])[0] == pytest.approx(one * part(1, 2, 1.5))  # not in an English one


def test_a_name_of_the_question_outweighs_its_words_by_hand() -> None:
    # "log" and "level" and their pair are in both texts, which have 2 words each; the name in one of them weighs 3.
    both, one = math.log(1 + 0.5 / 2.5), math.log(1 + 1.5 / 1.5)
    shared = 2 * both * part(1, 2, 2) + 0.5 * both * part(1, 1, 1)
    assert bm25("LOG_LEVEL", ["log level", "LOG_LEVEL"]).tolist() == pytest.approx([shared, shared + 3 * one])
    # A compound that prose has weighs 0.5.
    assert bm25("log-level", ["log level", "log-level"]).tolist() == pytest.approx([shared, shared + 0.5 * one])


@pytest.mark.parametrize(
    ("question", "prose", "named"),
    [
        ("What does C++ cost?", "What does a C compiler cost? It may cost a lot.", "C++ is free of charge."),
        ("Is .NET free?", "The net is free, and free nets are free.", "We use .NET for the shop."),
        ("What is E1003?", "What error 1003 is, what error it is.", "E1003 means that the door is open."),
        ("When was HX-20 sold?", "HX and 20 others were sold when the shop was.", "The HX20 was sold in 1981."),
        ("What does --dry-run do?", "A dry run does what a dry run should do.", "With --dry-run nothing is written."),
        ("What is in /etc/hosts?", "Hosts etc are in the list of hosts.", "Names go to /etc/hosts first."),
    ],
)
def test_the_passage_with_the_very_name_comes_first(question: str, prose: str, named: str) -> None:
    first, second = bm25(question, [prose, named])
    assert second > first

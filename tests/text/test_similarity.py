from __future__ import annotations

import pytest

from ctxshape.text.asked import Asked
from ctxshape.text.similarity import ComparedText, is_inside, is_near_copy, says_the_same

PUMP = "The {} pump needs a fuse of 16 A. It comes with a cable of two metres."
CHINESE = "{}员工每月可以申请两次远程办公。申请由部门经理审批。"


def near(copy: str, original: str, query: str) -> bool:
    asked = Asked(query)
    return is_near_copy(ComparedText(copy, asked), ComparedText(original, asked), asked)


def test_the_words_of_a_question_by_hand() -> None:
    asked = Asked("When does the lessee bear the costs?")
    assert asked.named(["lessee", "lessees", "lessor", "cost", "bear", "bar", "the", "when", "does"]) == [0, 1, 2, 3, 4]
    # "lessor" begins like "lessee": it contrasts with it.
    chinese = Asked("试用期的员工可以申请远程办公吗？")
    assert chinese.named(list("试用期员工应该使用办公室")) == [0, 1, 2, 3, 4, 9, 10]
    assert Asked("登录页面").named(list("登錄")) == [0, 1]  # simplified characters stand for traditional ones
    assert Asked("红的泵").named(list("红泵")) == [0, 1]


@pytest.mark.parametrize(
    ("query", "is_copy"),
    [
        ("Which fuse does the blue pump need?", False),
        ("Which fuse does the red pump need?", False),
        ("Which pump needs a fuse of 16 A?", False),
        ("Blauwe pomp: welke zekering?", False),  # in a language of its own it may be about anything
        ("How long is the cable?", True),
        ("How is it?", True),
    ],
)
def test_a_word_in_place_of_another_matters_where_the_question_is(query: str, is_copy: bool) -> None:
    assert near(PUMP.format("red"), PUMP.format("blue"), query) is is_copy
    assert near(PUMP.format("blue"), PUMP.format("red"), query) is is_copy


@pytest.mark.parametrize(("query", "is_copy"), [("试用期员工可以远程办公吗？", False), ("由哪位经理审批？", True)])
def test_the_same_in_chinese(query: str, is_copy: bool) -> None:
    assert near(CHINESE.format("正式"), CHINESE.format("试用期"), query) is is_copy


@pytest.mark.parametrize(
    ("copy", "original", "is_copy"),
    [
        ("The lamp is lit at dusk.", "The lamps are lit at dusk.", True),  # two forms of one word
        ("The lamp is lit at dusk.", "The lampion is lit at dusk.", False),
        ("A keeper lit the lamp at dusk.", "The keeper lit the lamp at dusk.", True),
        ("The keepers lit the lamp at dusk.", "The keeper lit the lamp at dusk.", True),
        ("The worker lit the lamp at dusk.", "The work lit the lamp at dusk.", False),
        ("The keeper lit the lamp at dusk.", "The old keeper lit the lamp at dusk.", True),
        ("The keeper lit the lamp at dusk.", "The keeper never lit the lamp at dusk.", False),
        ("The keeper never lit the lamp at dusk.", "The keeper lit the lamp at dusk.", False),
        ("From 1887 to 1889 the lamp was lit.", "From 1889 to 1887 the lamp was lit.", False),
        ("The lamp was lit by Ida, not by Max or Tom.", "The lamp was lit by Max, not by Ida or Tom.", False),
    ],
)
def test_what_a_near_copy_may_change(copy: str, original: str, is_copy: bool) -> None:
    assert near(copy, original, "How is the lamp?") is is_copy


def test_own_places_are_in_no_run_of_three_words_that_the_other_text_has() -> None:
    one, other = ComparedText("a b c d e f g"), ComparedText("a b c x e f g")
    assert (one.own_places(other), other.own_places(one)) == ([3], [3])
    swapped = ComparedText("all of it falls on the lessor unless by himself the lessee has caused it all")
    text = ComparedText("all of it falls on the lessee unless by himself the lessor has caused it all")
    assert [text.parts[place] for place in text.own_places(swapped)] == ["lessee", "lessor"]
    assert ComparedText("no run").own_places(ComparedText("no run")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is kept at -5 °C in the store of the mill.", "It is kept at 5 °C in the store of the mill."),
        ("The part costs $5 in the shop of the mill.", "The part costs €5 in the shop of the mill."),
        ("The load must be <5 tons on the bridge of the mill.", "The load must be >5 tons on the bridge of the mill."),
        ("The fee went up by 5% in the year of the flood.", "The fee went up by 5 in the year of the flood."),
        ("The pump needs a fuse of 16 A in the box.", "The pump needs a fuse of 16 mA in the box."),
        ("气温为-5度，仓库位于磨坊旁边的小路上。", "气温为5度，仓库位于磨坊旁边的小路上。"),
    ],
)
def test_a_figure_has_its_sign_and_its_unit(one: str, other: str) -> None:
    for query in ("How is it?", "Where is the mill?"):
        assert not near(one, other, query) and not near(other, one, query)
    assert near(one, one.replace("  ", " "), "Where is the mill?")


def test_a_part_lies_inside_unless_its_own_sentences_are_what_the_question_is_about() -> None:
    asked = Asked("How long is the cable?")
    whole = ComparedText("The pump is red and loud. It comes with a long cable. It is sold in Arden.", asked)

    def inside(text: str) -> bool:
        return is_inside(ComparedText(text, asked), whole, asked)

    assert inside("It comes with a\nlong cable.")
    assert inside("ed and loud. It comes with a long cable. It is so")  # cut inside a word
    assert inside("The pump is quiet. It comes with a long cable.")
    assert not inside("The pump is red and loud. It comes with a short cable.")


def test_a_paraphrase_has_the_same_words_of_the_question() -> None:
    asked = Asked("Is the red pump loud?")
    text = ComparedText("A loud noise comes from the red pump.", asked)
    assert says_the_same(ComparedText("The red pump is loud.", asked), text, asked)
    assert not says_the_same(ComparedText("The pump is loud.", asked), text, asked)
    assert not says_the_same(ComparedText("The red pump is never loud.", asked), text, asked)


def test_names_in_other_letters_are_facts() -> None:
    assert ComparedText("Мост построил Иван Орлов в 1901 году.").facts == {"иван", "орлов", "1901"}
    assert ComparedText("Sie traf Özlem und Åke.").facts == {"özlem", "åke"}
    assert not ComparedText("Его построил Иван.").adds_to(ComparedText("Иван построил его."))


def test_an_exponent_is_no_digit() -> None:
    assert ComparedText("10² m").key != ComparedText("102 m").key
    assert ComparedText("10² M").key == ComparedText("10²  m").key

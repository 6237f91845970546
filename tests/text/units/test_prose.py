from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxshape.text.units.document import units


def with_needs(text: str) -> dict[str, list[str]]:
    """Each unit of a text with those it needs."""
    found = [text[unit.start : unit.end] for unit in units(text)]
    return {found[index]: [found[need] for need in unit.needs] for index, unit in enumerate(units(text))}


def test_the_path_of_headings_comes_until_the_next() -> None:
    needs = with_needs("# Museum\n\nIt is old.\n\n## Fees\n\nTwo euros. Children are free.")
    assert needs == {
        "# Museum": [],
        "It is old.": ["# Museum"],
        "## Fees": ["# Museum"],
        "Two euros.": ["# Museum", "## Fees"],
        "Children are free.": ["# Museum", "## Fees"],
    }


@pytest.mark.parametrize(
    "heading", ["Opening hours", "**Fees**", "Fees\n====", "票价", "第一章 总则", "一、开放时间", "2. Fees"]
)
def test_a_short_line_by_itself_is_a_heading(heading: str) -> None:
    assert with_needs(f"{heading}\n\nIt is so. 是这样。")["It is so."] == [heading]


@pytest.mark.parametrize(
    "line", ["The tower is old.", "Price: 2 euros", "价格：两元", "x" * 81, "他说：“走吧！”", "- Sunday", "one line,"]
)
def test_other_lines_are_none(line: str) -> None:
    assert with_needs(f"{line}\n\nIt is so.")["It is so."] == []


def test_the_last_line_and_the_last_of_a_list_are_no_headings() -> None:
    assert with_needs("It is so.\n\nThe end") == {"It is so.": [], "The end": []}
    assert with_needs("1. Monday\n2. Sunday\n\nIt is so.") == {"1. Monday": [], "2. Sunday": [], "It is so.": []}


def test_the_head_of_a_table_comes_with_its_rows() -> None:
    needs = with_needs("| who | pays |\n|---|---|\n| child | 2 |\n| adult | 4 |\n\nIt is so.")
    head = "| who | pays |\n|---|---|"
    assert needs == {head: [], "| child | 2 |": [head], "| adult | 4 |": [head], "It is so.": []}


def test_a_list_comes_with_the_line_that_opens_it() -> None:
    needs = with_needs("# Days\n\nClosed on:\n- Monday. But open at Easter.\n- Sunday\n\nTickets are here.")
    assert needs["- Sunday"] == ["# Days", "Closed on:"]
    assert needs["Tickets are here."] == ["# Days"]


def test_chinese_lists_and_tables_come_with_their_opening() -> None:
    needs = with_needs("开放时间：\n一、周一上午。\n二、周二下午。\n\n完毕。")
    assert needs == {"开放时间：": [], "一、周一上午。": ["开放时间："], "二、周二下午。": ["开放时间："], "完毕。": []}
    assert with_needs("费用如下：\n| 谁 | 付 |\n|---|---|\n| 儿童 | 2 |")["| 儿童 | 2 |"] == [
        "费用如下：",
        "| 谁 | 付 |\n|---|---|",
    ]


def test_the_sentence_under_a_colon_comes_with_it_and_the_next_does_not() -> None:
    needs = with_needs("The rule is this:\nNo dogs are let in.\n\nThe tower is old.")
    assert needs["No dogs are let in."] == ["The rule is this:"]
    assert needs["The tower is old."] == []


@pytest.mark.parametrize(
    ("page", "answer", "question"),
    [
        (
            "How long is it valid?\n\nTwo days. Not more.\n\nCan I bring a dog?\n\nNo, never.",
            "Not more.",
            "How long is it valid?",
        ),
        ("Q: When is it open?\nA: From 9 to 5.\n\nQ: Why so?\nA: Because.", "A: From 9 to 5.", "Q: When is it open?"),
        ("门票多少钱？\n\n成人五元。\n\n几点关门？\n\n五点。", "成人五元。", "门票多少钱？"),
    ],
)
def test_an_answer_comes_with_its_question(page: str, answer: str, question: str) -> None:
    assert with_needs(page)[answer] == [question]


def test_a_nested_opening_brings_what_opened_it() -> None:
    needs = with_needs("Closed on:\n- Days of rest:\n- Sunday")
    assert needs["- Sunday"] == ["Closed on:", "- Days of rest:"]


def test_a_chain_of_openings_brings_the_nearest_five() -> None:
    needs = with_needs("".join(f"No. {number}:\n" for number in range(9)) + "It is so.")
    assert needs["It is so."] == ["No. 4:", "No. 5:", "No. 6:", "No. 7:", "No. 8:"]


def test_a_table_head_that_is_too_long_stays_and_leaves_room_for_the_opening() -> None:
    needs = with_needs(f"The fees are these:\n| {'x' * 1700} |\n|---|\n| child | 2 |")
    assert needs["| child | 2 |"] == ["The fees are these:"]


LINES = [
    "# Fees",
    "Opening hours",
    "| a | b |",
    "|---|---|",
    "Closed on:",
    "- Monday",
    "一、票价",
    "1. One.",
    "It is so. 好的。",
    "",
    "What?",
]
TEXTS = st.lists(st.sampled_from(LINES), max_size=12).map("\n".join)


@settings(deadline=None)  # a busy machine is not a slow function
@given(text=TEXTS | st.text())
def test_needed_lines_are_sorted_and_few(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    found = units(text)
    for index, unit in enumerate(found):
        assert list(unit.needs) == sorted(set(unit.needs) - {index})
        assert len(unit.needs) <= 5 and sum(found[other].end - found[other].start for other in unit.needs) <= 400


def test_a_question_in_running_text_comes_with_the_sentence_behind_it() -> None:
    needs = with_needs("It is old. Who built it? Nobody knows. Some say Smeaton did.")
    assert needs["Nobody knows."] == ["Who built it?"]
    assert needs["Some say Smeaton did."] == []

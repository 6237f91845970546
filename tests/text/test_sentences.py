from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxshape.text.sentences import sentences

CASES = {
    "abbreviations": (
        "Dr. Smith works for Apple Inc. in St. Louis. See Fig. 3 for details.",
        ["Dr. Smith works for Apple Inc. in St. Louis.", "See Fig. 3 for details."],
    ),
    "initials": ("J. K. Rowling wrote it. She was 31.", ["J. K. Rowling wrote it.", "She was 31."]),
    "decimals": ("Pi is 3.14. It cost $4.5 million. Done", ["Pi is 3.14.", "It cost $4.5 million.", "Done"]),
    "marks": ("Really?! Yes... maybe. No!", ["Really?!", "Yes... maybe.", "No!"]),
    "english quote": (
        'She said "Hello there. I am Bob." Then she left.',
        ['She said "Hello there. I am Bob."', "Then she left."],
    ),
    "numbered list": ("Steps:\n1. Open it\n2. Close it", ["Steps:", "1. Open it", "2. Close it"]),
    "bullets": ("- one item\n- two items\n* three", ["- one item", "- two items", "* three"]),
    "blank line": ("A heading\n\nA sentence here.", ["A heading", "A sentence here."]),
    "wrapped line": ("A sentence that is\nwrapped by hand. Next.", ["A sentence that is\nwrapped by hand.", "Next."]),
    "chinese": ("今天很好。真的吗？是的！走吧；不走。", ["今天很好。", "真的吗？", "是的！", "走吧；", "不走。"]),
    "chinese quote": ("他说：“天气很好。我们走吧！”然后离开了。", ["他说：“天气很好。我们走吧！”", "然后离开了。"]),
    "traditional quote": ("「你好。」他說。『是嗎？』她問。", ["「你好。」", "他說。", "『是嗎？』", "她問。"]),
    "semicolon in brackets": ("他来了（先是甲；后是乙）。完了。", ["他来了（先是甲；后是乙）。", "完了。"]),
    "mixed": (
        "中国GDP为3.14万亿。Apple Inc. 发布了iPhone。另有U.S.A.的报告。",
        ["中国GDP为3.14万亿。", "Apple Inc. 发布了iPhone。", "另有U.S.A.的报告。"],
    ),
    "white space": ("  Lead.   Tail.\n\n", ["Lead.", "Tail."]),
    "no end": ("no end here", ["no end here"]),
    "nothing": (" \n\t ", []),
}


@pytest.mark.parametrize("name", CASES)
def test_sentences_are_cut_by_hand(name: str) -> None:
    text, expected = CASES[name]
    assert [text[start:end] for start, end in sentences(text)] == expected


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab A1.。！？；;:\"'“”（）「」 \n-*|3\x00é😀中文"), max_size=60))
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    spans = sentences(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_a_long_text_without_an_end_is_one_sentence() -> None:
    assert sentences("x" * 1_000_000) == [(0, 1_000_000)]


def test_a_megabyte_of_lines_is_cut() -> None:
    text = "- an item of a list\n" * 50_000
    assert len(sentences(text)) == 50_000


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        (" No end here ", [(1, 12)]),
        ('It is 5% (of "all") – so far. ', [(0, 29)]),
        ("It ended. It began", [(0, 9), (10, 18)]),
        ("Really? Yes", [(0, 7), (8, 11)]),
        ("价格是 5 元。很便宜", [(0, 8), (8, 11)]),
    ],
)
def test_a_text_without_an_end_inside_is_one_sentence(text: str, cuts: list[tuple[int, int]]) -> None:
    assert sentences(text) == cuts


@pytest.mark.parametrize("unit", ['."', "。”", "；", "“", "」", ". ", "中", "a\n", '"', "|---", "1. "])
def test_a_text_of_nothing_but_marks_takes_no_quadratic_time(unit: str) -> None:
    text = unit * 50_000  # quadratic work would take minutes here
    spans = sentences(text)
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


def test_marks_without_a_letter_are_no_sentence_of_their_own() -> None:
    text = "真的吗？！！ ！ 是的；；；好。"
    assert [text[start:end] for start, end in sentences(text)] == ["真的吗？！！ ！", "是的；；；", "好。"]
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    assert [table[start:end] for start, end in sentences(table)] == ["| a | b |\n|---|---|", "| 1 | 2 |"]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_a_sentence_ends_before_a_digit_too() -> None:
    assert cut("它建于1884年。2009年重修。") == ["它建于1884年。", "2009年重修。"]
    assert cut("他说（见上。2009年）如此。") == ["他说（见上。2009年）如此。"]


def test_a_long_text_without_marks_is_cut_at_lines_that_ended_before_they_were_full() -> None:
    lines = [f"10:{minute} pump {minute} started" for minute in range(10, 22)]
    log = "\n".join([*lines, "10:30 all pumps were stopped by hand after the alarm of the northern basin"])
    assert cut(log) == log.split("\n")
    word = "steadily"  # eight letters and a blank: a line of ten is 89 wide, so the next word would make it 98
    broken = "\n".join(" ".join([word] * 10) for _ in range(6))
    assert cut(broken) == [broken]  # lines broken for their width are one sentence


@pytest.mark.parametrize("blank", ["\u3000", "\u2003", "\u00a0", "\u2028", "\x85", " \u3000", "\u3000\u2003"])
@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_wide_blanks_between_a_letter_and_a_full_stop_are_no_danger(blank: str, language: str) -> None:
    text = f"Plan A{blank}. The tower is old. 灯塔。"  # sentencex slices it inside the blank
    assert [text[start:end] for start, end in sentences(text, language)][-1] == "灯塔。"


class PanicException(BaseException):
    """Stands for the exception of a failed assertion in Rust, which is no `Exception`."""


def test_a_panic_of_sentencex_leaves_the_end_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(language: str, text: str) -> list[dict[str, int]]:
        raise PanicException(f"{language}: byte index 1 of {len(text)} characters is not a char boundary")

    monkeypatch.setattr("sentencex.get_sentence_boundaries", fail)
    assert cut("It is old. 灯塔很高。Is it open?\nYes!") == ["It is old.", "灯塔很高。", "Is it open?", "Yes!"]


def test_an_interrupt_inside_sentencex_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(language: str, text: str) -> list[dict[str, int]]:
        raise KeyboardInterrupt

    monkeypatch.setattr("sentencex.get_sentence_boundaries", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cut("It is old. It is high.")

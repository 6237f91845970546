"""Line breaks inside sentences, numbers that a break puts first on their line, and page numbers between two lines."""

from __future__ import annotations

import pytest

from ctxshape.text.lines import unfolded
from ctxshape.text.listing import item_lines
from ctxshape.text.omission import OMISSION
from ctxshape.text.sentences import sentences

WRAPPED = {
    "axa-group/Parsr#551": (
        "Entry was free until the winter of\n98. It has cost 2 crowns since\n1904.",
        ["Entry was free until the winter of\n98.", "It has cost 2 crowns since\n1904."],
    ),
    "pulldown-cmark#32": (
        "The number of doors in the mill is\n14. The number of gates is\n6. Nobody counts the hatches.",
        ["The number of doors in the mill is\n14.", "The number of gates is\n6.", "Nobody counts the hatches."],
    ),
    "whatwg/dom#564": (
        "The depth of the pit then rises by\n1. The pump stops after that.",
        ["The depth of the pit then rises by\n1.", "The pump stops after that."],
    ),
    "jgm/djot#161": (
        "She had a room in building\nA. Her brother lived in building\nB. They met at noon.",
        ["She had a room in building\nA.", "Her brother lived in building\nB.", "They met at noon."],
    ),
    "typstfmt#164": (
        "He lives at No.\n7. The door is green.",
        ["He lives at No.\n7.", "The door is green."],
    ),
    "initials": ("It was built by J.\nK. Hale in 1896. It fell.", ["It was built by J.\nK. Hale in 1896.", "It fell."]),
    "CoreNLP#380": (
        "Die Frist endet am\n12. März 2021. Der Vertrag gilt ab 1.\nJanuar. Er endet nie.",
        ["Die Frist endet am\n12. März 2021.", "Der Vertrag gilt ab 1.\nJanuar.", "Er endet nie."],
    ),
    "yasbd-lib#34": (
        "It is shown by Orlov et al.\n[2004] and in Eq.\n(2). The rest follows.",
        ["It is shown by Orlov et al.\n[2004] and in Eq.\n(2).", "The rest follows."],
    ),
    "Tactful_Tokenizer#7": ("Завод основан в 1896 г.\nв Туле. Он закрыт.", ["Завод основан в 1896 г.\nв Туле.", "Он закрыт."]),
    "linagora/openrag#579": (
        "The committee was helped by the\nexternal auditors before it passed the budget. It met\nin May.",
        ["The committee was helped by the\nexternal auditors before it passed the budget.", "It met\nin May."],
    ),
    "chinese": ("塔高为\n31.5米。它建于\n1884年。", ["塔高为\n31.5米。", "它建于\n1884年。"]),
    "german": (
        "Das Amt schließt im Winter um\n17. Die Kasse schließt um\n16. Wer später kommt, wartet.",
        ["Das Amt schließt im Winter um\n17.", "Die Kasse schließt um\n16.", "Wer später kommt, wartet."],
    ),
    "carriage return": (
        "It was raised to\r\n67. It had been 65.\r\n\r\nNext",
        ["It was raised to\r\n67.", "It had been 65.", "Next"],
    ),
    "hyphens, soft hyphens": (
        "The water-\nworks were built in 1884. The tur\u00adbine runs on natu-\nral gas.",
        ["The water-\nworks were built in 1884.", "The tur\u00adbine runs on natu-\nral gas."],
    ),
    "docling#1625": (
        "The dam was raised in 1931 by the\n\nPage 12 of 80\n\nprovincial water board. It holds 3 million litres.",
        ["The dam was raised in 1931 by the\n\nPage 12 of 80\n\nprovincial water board.", "It holds 3 million litres."],
    ),
    "page number inside a word": (
        "The mill was sold to the munici-\n\n- 14 -\n\npality in 1931. It closed.",
        ["The mill was sold to the munici-\n\n- 14 -\n\npality in 1931.", "It closed."],
    ),
    "page number between sentences": ("It closed.\n\n14\n\nIt opened.", ["It closed.", "14", "It opened."]),
    "no page number": ("Fees\n\n12\n\nChild 2", ["Fees", "12", "Child 2"]),
}
LISTS = {
    "marko#60": ("Steps to take:\n2. Open it\n3. Close it", ["Steps to take:", "2. Open it", "3. Close it"]),
    "markdown-it#1047": ("This is text\n0. zeroth item\n1. first item", ["This is text", "0. zeroth item", "1. first item"]),
    "WebFundamentals#3796": ("1. Open it\n1. Fill it\n1. Close it", ["1. Open it", "1. Fill it", "1. Close it"]),
    "below a short line": ("Before use\n1. Open it\n2. Fill it", ["Before use", "1. Open it", "2. Fill it"]),
    "wrapped item": (
        "1. Open the lid and\nwait for\n5. minutes\n2. Close it",
        ["1. Open the lid and\nwait for\n5. minutes", "2. Close it"],
    ),
    "three in a row": ("and so\n4. open it\n5. fill it\n6. close it", ["and so", "4. open it", "5. fill it", "6. close it"]),
    "after a sentence": ("It is old.\n7. Close it", ["It is old.", "7. Close it"]),
    "bullets need no company": ("It has\n- a tower", ["It has", "- a tower"]),
    "chinese": ("注意\n一、开门\n二、关门", ["注意", "一、开门", "二、关门"]),
    "circled": ("注意\n①开门\n②关门", ["注意", "①开门", "②关门"]),
    "letters in brackets": ("for\n(a) a child;\n(b) a dog", ["for", "(a) a child;", "(b) a dog"]),
    "roman": ("as\ni) one\nii) two\niii) three", ["as", "i) one", "ii) two", "iii) three"]),
}


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize("name", WRAPPED)
def test_a_line_break_inside_a_sentence_does_not_end_it(name: str) -> None:
    text, expected = WRAPPED[name]
    assert cut(text) == expected


@pytest.mark.parametrize("name", LISTS)
def test_items_of_lists_are_sentences(name: str) -> None:
    text, expected = LISTS[name]
    assert cut(text) == expected


def test_the_lines_that_open_an_item() -> None:
    assert item_lines(["see Fig.", "3. and", "4. below"]) == set()
    assert item_lines(["see below.", "3. and", "text", "4. below"]) == {1, 3}
    assert item_lines(["x", "1. a", *["text"] * 31, "2. b"]) == set()  # too far away to count on
    assert item_lines(["", "- 14 -", "- 14"]) == {2}  # the number of a page is no item
    assert item_lines(["", "9. a", "- b", "## c", "9. d"]) == {1, 2, 4}


def test_a_text_without_line_breaks_inside_paragraphs_keeps_its_length() -> None:
    text = "It is\nold:\nvery\r\nold\n\nNext\n| a |\nend"
    flat, starts = unfolded(text)
    assert flat == "It is old:\nvery  old\n\nNext\n| a |\nend"
    assert [text[start : start + 1] for start in starts] == ["v", "\n", "N", "|", "e"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"It is old. {OMISSION} It was sold. {OMISSION}\n\nIt closed {OMISSION}", ["It is old.", "It was sold.", "It closed"]),
        (f"It is\n{OMISSION}\nold", ["It is", "old"]),
        (f"{OMISSION}", []),
        (f"{OMISSION} {OMISSION} A", ["A"]),
        (f"a{OMISSION} b", [f"a{OMISSION} b"]),  # part of a word, no mark
    ],
)
def test_the_mark_of_an_omission_belongs_to_no_sentence(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_numbered_title_is_no_part_of_the_sentence_below() -> None:
    text = "1 Safety\nUnplug the unit\nfirst.\n\n2 Cleaning the filter\nRinse it. Let it dry.\n\n3 Storage\nStore it dry."
    assert [text[start:end] for start, end in sentences(text)] == [
        "1 Safety",
        "Unplug the unit\nfirst.",
        "2 Cleaning the filter",
        "Rinse it.",
        "Let it dry.",
        "3 Storage",
        "Store it dry.",
    ]


def test_a_number_that_begins_a_paragraph_is_no_title_by_itself() -> None:
    text = "12 Apostles stand on\nthe facade of the town hall.\n\n40 Steps lead up to\nthe tower."
    assert len(sentences(text)) == 2


def test_lines_with_labels_are_no_sentence_together() -> None:
    text = "合同双方\n甲方（出租方）：海岚置业有限公司\n乙方（承租方）：陆明\n房屋坐落于江北路12号，面积86平方米。"
    assert [text[start:end] for start, end in sentences(text)] == text.split("\n")

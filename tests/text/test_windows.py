from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from ctxshape.text.sentences import sentences
from ctxshape.text.similarity import ComparedText
from ctxshape.text.windows import Part, joined_windows

ENGLISH = (
    "Lindmoor has had a reservoir since 1961. The dam was designed by the engineer Clara Voss. It is 48 metres high and made "
    "of earth. Work on the dam lasted for five years. The money came from three paper mills downstream. They needed clean "
    "water in dry summers. Today anglers and sailors use the lake."
)
CHINESE = (
    "林德穆尔从1961年起就有一座水库。水库的大坝由工程师克拉拉·福斯设计。大坝高48米，用土筑成。大坝的工程持续了五年。"
    "资金来自下游的三家造纸厂。他们在干旱的夏天需要干净的水。如今钓鱼的人和帆船爱好者使用这个湖。"
)


def joined(*texts: str, groups: Sequence[str] = ()) -> list[str]:
    found = joined_windows(
        texts, [ComparedText(text) for text in texts], groups or [""] * len(texts), lambda index: sentences(texts[index])
    )
    for whole in found:
        # Each part is verbatim, and the text is its parts with white space between them.
        parts = [texts[part.window][part.start : part.end] for part in whole.parts]
        assert "".join("".join(parts).split()) == "".join(whole.text.split())
        assert len({part.window for part in whole.parts}) == len(whole.parts) > 1
    return [whole.text for whole in found]


def by_sentence(text: str, size: int, overlap: int) -> list[str]:
    cuts = sentences(text)
    starts = range(0, len(cuts) - overlap, size - overlap)
    return [text[cuts[i][0] : cuts[min(i + size, len(cuts)) - 1][1]] for i in starts]


def by_character(text: str, size: int, overlap: int) -> list[str]:
    return [text[start : start + size].strip() for start in range(0, len(text) - overlap, size - overlap)]


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
@pytest.mark.parametrize(("size", "overlap"), [(2, 1), (3, 1), (3, 2), (4, 3), (5, 2)])
def test_windows_of_sentences_make_up_their_text_in_any_order(text: str, size: int, overlap: int) -> None:
    windows = by_sentence(text, size, overlap)
    for seed in range(4):
        random.Random(seed).shuffle(windows)
        assert joined(*windows) == [text]


@pytest.mark.parametrize(
    ("text", "size", "overlap"), [(ENGLISH, 150, 60), (ENGLISH, 200, 90), (CHINESE, 60, 30), (CHINESE, 50, 20)]
)
def test_windows_that_cut_sentences_and_words_make_up_whole_ones(text: str, size: int, overlap: int) -> None:
    windows = by_character(text, size, overlap)
    for seed in range(4):
        random.Random(seed).shuffle(windows)
        assert joined(*windows) == [text]


def test_spans_by_hand() -> None:
    one, two = "It rained. The dam broke in the second night. Nob", "roke in the second night. Nobody was hurt."
    found = joined_windows([two, one], [ComparedText(two), ComparedText(one)], ["", ""], lambda i: sentences([two, one][i]))
    # The sentence that both windows cut is taken from the one that has it whole.
    assert [whole.parts for whole in found] == [(Part(1, 0, 45), Part(0, 26, 42))]
    assert found[0].text == "It rained. The dam broke in the second night. Nobody was hurt."


def test_case_width_and_white_space_make_no_difference() -> None:
    assert joined("It rained. The dam broke in ２ hours.", "THE DAM\nbroke in 2  hours.\n\nNobody was hurt.") == [
        "It rained. The dam broke in ２ hours.\n\nNobody was hurt."
    ]


def test_lines_stay_lines() -> None:
    # apmantza/pi-webaio#131: the end of a table came twice.
    rows = [f"| model {n} | {n} GB of memory | {n * 3} tokens per second |" for n in range(9)]
    assert joined("\n".join(rows[:6]), "\n".join(rows[3:])) == ["\n".join(rows)]
    steps = [f"{n}. Turn the valve {n} to the left and wait for {n + 2} minutes." for n in range(1, 8)]
    assert joined("\n".join(steps[3:]), "\n".join(steps[:5])) == ["\n".join(steps)]


def test_a_head_that_a_splitter_repeats_is_shown_once() -> None:
    head = "Manual of the dam\nChapter 3: Safety\n\n"
    windows = [head + window for window in by_sentence(ENGLISH, 3, 1)]
    assert joined(*reversed(windows)) == [head + ENGLISH]


def test_a_short_window_inside_another_is_no_rival() -> None:
    first, second = by_sentence(ENGLISH, 4, 1)
    assert joined(first, second, second[:80]) == [ENGLISH]


FOOT = "All prices include the tax of the county."


@pytest.mark.parametrize(
    "texts",
    [
        # A foot and a head on lines of their own, and one that stands at both edges of a page.
        (f"The red pump needs 16 A.\n{FOOT}", f"{FOOT}\nIt was built in 1820."),
        (f"{FOOT} The red pump needs 16 A. {FOOT}", f"{FOOT} The blue pump needs 10 A. {FOOT}"),
        # Three texts with one edge do not tell which of them belong together.
        (f"The red pump needs 16 A. {FOOT}", f"{FOOT} The blue pump needs 10 A.", f"{FOOT} The green pump needs 6 A."),
        ("The red pump is loud. We use cookies to improve your visit.", "We use cookies to improve your visit. It is old."),
        # Boilerplate inside the overlap: two pages of one site end and begin with it.
        (
            "Tim played football. Text is free; additional terms may apply. By using this site, you agree to our terms. It is",
            "free; additional terms may apply. By using this site, you agree to our terms. It is a page about hockey.",
        ),
        ("The mill turns. ACME manual, revision 3", "ACME manual, revision 3 It was built in 1820."),
        ("It rained. It was so.", "It was so. Nobody was hurt."),
        ("灯塔很高。版权所有。", "版权所有。它建于1884年。"),
        # One inside the other, and equal ones.
        (ENGLISH, ENGLISH[:150]),
        (ENGLISH, ENGLISH),
        # A text that ends as it begins makes a ring.
        ("Row your boat gently down the stream. Life is a dream.", "Life is a dream. Row your boat gently down the stream."),
        ("", " ", "!!!"),
    ],
)
def test_what_is_no_window_stays_alone(texts: tuple[str, ...]) -> None:
    assert joined(*texts) == []
    assert joined(*reversed(texts)) == []


def test_other_groups_are_other_texts() -> None:
    first, second = by_sentence(ENGLISH, 4, 1)
    assert joined(first, second, groups=["Lindmoor", "Arden"]) == []
    assert joined(first, second, groups=["Lindmoor", "Lindmoor"]) == [ENGLISH]


def test_two_versions_of_a_text_are_not_mixed() -> None:
    first, second = by_sentence(ENGLISH, 4, 2)[:2]
    newer = second.replace("three paper mills", "four paper mills")
    assert joined(first, second, newer) == []


def test_a_long_text_goes_on_in_another_one_under_its_head() -> None:
    head = "Manual\n\n"
    text = random_text(random.Random(7), 400, chinese=False)
    windows = [head + window for window in by_sentence(text, 8, 2)]
    found = joined_windows(
        windows, [ComparedText(window) for window in windows], [""] * len(windows), lambda i: sentences(windows[i])
    )
    assert len(found) == -(-len(text) // 12_000) == 3
    assert " ".join(each.text.removeprefix(head) for each in found) == text
    assert all(each.text.startswith(head) and len(each.text) < 12_100 for each in found)
    assert sorted({part.window for each in found for part in each.parts}) == list(range(len(windows)))


WORDS = "dam lake mill stone tower river keeper lamp bridge storm road winter summer boat school market".split()


def random_text(rng: random.Random, sentences_in_all: int, *, chinese: bool) -> str:
    if chinese:
        chars = "水库大坝工程师磨坊灯塔河流桥梁风暴道路冬天夏天船学校市场建造修理"
        return "".join(f"{''.join(rng.choices(chars, k=rng.randint(8, 24)))}。" for _ in range(sentences_in_all))
    texts = (" ".join(rng.choices(WORDS, k=rng.randint(5, 14))) for _ in range(sentences_in_all))
    return " ".join(f"The {text}." for text in texts)


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_a_sentence_that_a_window_has_whole_comes_out_whole_and_once(seed: int, *, chinese: bool) -> None:
    rng = random.Random(seed)
    text = random_text(rng, rng.randint(4, 30), chinese=chinese)
    size, overlap = (rng.randint(70, 160), 35) if chinese else (rng.randint(250, 600), 120)
    windows = by_character(text, size, overlap) if seed % 2 else by_sentence(text, rng.randint(2, 6), 1)
    whole = {text[start:end] for start, end in sentences(text)}
    rng.shuffle(windows)
    found = joined_windows(
        windows, [ComparedText(window) for window in windows], [""] * len(windows), lambda i: sentences(windows[i])
    )
    merged = {part.window for each in found for part in each.parts}
    shown = [each.text for each in found] + [window for index, window in enumerate(windows) if index not in merged]
    cut = [one[start:end] for one in shown for start, end in sentences(one)]
    assert all(one in text for one in shown)
    for sentence in whole:
        assert cut.count(sentence) == any(sentence in window for window in windows), (sentence, shown)


GATES = "".join(
    f"{gate}门建于{1900 + 7 * n}年，宽{20 + 3 * n}米，由{name}设计。"
    for n, (gate, name) in enumerate(zip("东西南北中", ["张弛", "林远", "何静", "陈平", "苏禾"], strict=True))
)
TWO_GATES = " ".join(
    f"The {gate} gate, which the people of the old town call the {colour} gate, was opened in {year} and is {width} m wide."
    for gate, colour, year, width in [("north", "red", 1900, 20), ("south", "blue", 1907, 23), ("east", "green", 1914, 26)]
)


@pytest.mark.parametrize(
    ("text", "size", "overlap"), [(GATES, 30, 18), (GATES, 30, 12), (GATES, 40, 15), (TWO_GATES, 100, 50), (TWO_GATES, 120, 65)]
)
def test_windows_that_share_a_part_of_a_sentence_make_up_their_text(text: str, size: int, overlap: int) -> None:
    assert joined(*(text[start : start + size] for start in range(0, len(text) - overlap, size - overlap))) == [text]


@pytest.mark.parametrize(
    "texts",
    [
        # The second may begin with a sentence of its own.
        ("大眼鲷背鳍硬棘10枚，臀鳍硬棘2枚、软条8枚。", "臀鳍硬棘2枚、软条8枚。体长30公分。"),
        ("他毕业于北京大学中文系", "北京大学中文系成立于1910年。"),
        ("The survey was made by the California State Library", "California State Library opens at nine."),
        ("它由林远设计，后来", "后来它由何静设计。"),
    ],
)
def test_short_or_whole_phrases_may_be_chance(texts: tuple[str, str]) -> None:
    assert joined(*texts) == []

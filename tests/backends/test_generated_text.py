from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape.backends._generated_text import GeneratedText
from ctxshape.core.messages import Generation


def write(
    pieces: list[bytes], stops: list[str], *, one_line: bool = False, opening: str = ""
) -> tuple[list[str], GeneratedText]:
    written, taken = GeneratedText(Generation(stop=tuple(stops), opening=opening), one_line=one_line), []
    for piece in pieces:
        written.push(piece)
        taken.append(written.take())
        if written.ended:
            break
    written.finish()
    return [*taken, written.take()], written


def test_characters_spread_over_tokens_come_whole() -> None:
    data = "检索😀".encode()
    taken, written = write([data[:2], data[2:4], data[4:8], data[8:9], data[9:]], [])
    assert taken == ["", "检", "索", "", "😀", ""]
    assert written.text == "检索😀"


def test_a_character_that_is_never_completed_is_left_out() -> None:
    assert write([b"a", "检".encode()[:2]], [])[1].text == "a"


def test_a_stop_string_over_several_tokens_is_held_back() -> None:
    taken, written = write([b"Paris", b" #", b"#", b" END", b"more"], ["## END"])
    assert taken == ["Paris", " ", "", "", ""]
    assert (written.text, written.stopped) == ("Paris ", True)


def test_what_only_looked_like_a_stop_string_is_given_after_all() -> None:
    taken, written = write([b"a#", b"#b", b"#"], ["##!"])
    assert taken == ["a", "##b", "", "#"]
    assert (written.text, written.stopped) == ("a##b#", False)


def test_the_earliest_of_several_stop_strings_cuts() -> None:
    assert write([b"one two three"], ["three", "two"])[1].text == "one "


def test_a_stop_string_at_once_leaves_nothing() -> None:
    assert write([b"##Paris"], ["##"])[1].text == ""


def test_white_space_stops_only_after_a_visible_character() -> None:
    taken, written = write([b"\n", b" \n", b"Paris", b"\n", b"More"], ["\n"])
    assert (written.text, written.stopped) == ("\n \nParis", True)
    assert "".join(taken) == "\n \nParis"
    assert write([b"\n", b"## Paris"], ["\n", "##"])[1].text == "\n"


def test_white_space_after_the_opening_does_not_stop() -> None:
    pieces = [b"\n", b"Answ", b"er:", b"\n", b" Paris", b"\n", b"More"]
    assert write(pieces, ["\n"], opening="Answer:")[1].text == "\nAnswer:\n Paris"
    assert write(pieces, [], one_line=True, opening="Answer:")[1].text == "\nAnswer:\n Paris"
    assert write([b"Ans", b"\n", b"More"], ["\n"], opening="Answer:")[1].text == "Ans"
    assert write([b"Paris", b"\n", b"Answer:"], ["\n"], opening="Answer:")[1].text == "Paris"


def test_one_line_ends_at_the_first_break_after_a_word() -> None:
    taken, written = write([b"\n", b" Paris", b"\n", b"Question"], [], one_line=True)
    assert (written.text, written.line_ended, written.stopped) == ("\n Paris", True, False)
    assert "".join(taken) == "\n Paris"


def test_a_stop_string_before_the_line_break_counts_as_one() -> None:
    written = write([b"Paris. And\n"], ["."], one_line=True)[1]
    assert (written.text, written.stopped) == ("Paris", True)


@given(
    st.text(alphabet="ab#检", max_size=30),
    st.lists(st.text(alphabet="ab#检", min_size=1, max_size=3), max_size=3),
    st.randoms(),
)
def test_pieces_join_to_the_text_and_hold_no_stop_string(text: str, stops: list[str], random: object) -> None:
    data = text.encode()
    taken, written = write([data[at : at + 1] for at in range(len(data))], stops)
    assert "".join(taken) == written.text
    assert not any(stop in written.text for stop in stops)
    assert text.startswith(written.text)
    assert written.stopped == any(stop in text for stop in stops)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_text_does_not_hang_on_how_it_was_cut(size: int) -> None:
    data = "检索 is found ## END of it".encode()
    assert write([data[at : at + size] for at in range(0, len(data), size)], ["## END"])[1].text == "检索 is found "

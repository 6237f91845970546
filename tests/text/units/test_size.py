from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxshape.text.units.document import units
from ctxshape.text.units.size import LONGEST_UNIT

PAYLOAD = "data:image/png;base64," + base64.b64encode(random.Random(1).randbytes(900)).decode()


def cut(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in units(text)]


@pytest.mark.parametrize(
    ("part", "joint"),
    [
        ("the tower is old and the mill is older still", "; "),
        ("the tower is old and wide", ", "),
        ("word", " "),
        ("塔是旧的", "，"),
    ],
)
def test_a_long_text_is_cut_where_it_pauses(part: str, joint: str) -> None:
    found = cut(joint.join([part] * 500))
    assert all(len(one) <= LONGEST_UNIT and one.startswith(part) and one.rstrip("，;, ").endswith(part) for one in found)
    assert len(found) < 70


def test_a_text_without_pauses_is_cut_hard_and_loses_nothing() -> None:
    assert [len(one) for one in cut("x" * 1500)] == [600, 600, 300]
    assert [len(one) for one in cut("塔" * 700)] == [300, 300, 100]


def test_accents_stay_with_their_letters() -> None:
    assert all(one[0] == "a" for one in cut("a\u0301" * 1000))


def test_a_payload_is_no_text_and_short_parts_stay_together() -> None:
    text = f"# The mill\n\nIt was built in 1770. See ![the mill]({PAYLOAD}) of 1900. It was repaired in 1901."
    assert cut(text) == ["# The mill", "It was built in 1770.", "See ![the mill]", "of 1900.", "It was repaired in 1901."]
    assert units(text)[2].needs == (0, 3) and units(text)[3].needs == (0, 2)


def test_a_row_that_is_cut_is_no_row() -> None:
    text = f"| who | why |\n|---|---|\n| child | {'because it is so, ' * 200}|"
    found = units(text)
    assert [unit.kind for unit in found[:2]] == ["row", "sentence"]
    assert all(unit.needs[:1] == (0,) for unit in found[1:])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["word ", "天", "x" * 90, "; ", "。", "\n", "- ", "a\u0301"]), max_size=900).map("".join))
def test_no_unit_is_too_long_and_nothing_is_lost(text: str) -> None:
    found = units(text)
    assert all(unit.end - unit.start <= 2 * LONGEST_UNIT for unit in found)
    covered = {place for unit in found for place in range(unit.start, unit.end)}
    assert all(place in covered for place, char in enumerate(text) if char.isalnum())

"""A number at the start of a line is a clause's only where a clause may begin."""

from __future__ import annotations

import pytest

from ctxshape.text.units.document import units
from ctxshape.text.units.lists import opens_clause


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_number_that_a_line_end_has_parted_opens_no_clause(end: str) -> None:
    text = f"Dina raised{end}the limit from 4,142 to{end}95.9. It costs 3 euros a{end}day. About{end}46.6 people use it."
    assert [text[unit.start : unit.end].split(end)[-1] for unit in units(text)] == ["95.9.", "day.", "46.6 people use it."]


def test_clauses_without_a_stop_at_the_end_of_a_line() -> None:
    text = "7. Payment\n7.1 The tenant pays\nmonthly\n7.2 The owner waits\n7.3 Nobody else pays."
    assert [text[unit.start : unit.end][:3] for unit in units(text)] == ["7. ", "7.1", "7.2", "7.3"]


@pytest.mark.parametrize(
    ("first", "text", "opens"),
    [
        ("7.2 Pay", "7.3 Wait", True),
        ("7.2 Pay", "7.2.1 Wait", True),
        ("7.5 Pay", "8.1 Wait", True),
        ("7.2 Pay", "95.9 Wait", False),
        ("Pay", "7.3 Wait", False),
    ],
)
def test_clauses_count_on(first: str, text: str, opens: bool) -> None:
    assert opens_clause(text, "goes on", first) is opens


def test_a_row_brings_a_long_head() -> None:
    head = f"| {' | '.join(f'Peak chart positions {number}' for number in range(20))} |"
    table = f"{head}\n|{'---|' * 20}\n|{' 1 |' * 20}\n|{' 2 |' * 20}"
    assert len(head) > 450 and units(table)[-1].needs[0] == 0

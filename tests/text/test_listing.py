from __future__ import annotations

import pytest

from ctxshape.text.listing import is_unfinished, item_lines
from ctxshape.text.sentences import sentences
from ctxshape.text.units.document import units
from ctxshape.text.units.lists import opens_clause

PAGE = (
    "The comet was found by\nDr. J. R. Arvell and Mme. Sorel on the night of\n"
    "12. March 1888 at approx. 3 a.m., cf. Fig. 2 and\n"
    "Eq. (4). It had a magnitude of about\n7. Two weeks later it was seen in\nLisbon."
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PAGE, []),
        ("It left on\n12. May and came back on\n13. May with a crew of\n14. Nobody was hurt.", []),
        ("It rose from\n7. Then it fell to\n8. Then it was\n9. Now it is 5.", []),
        ("It rose by\n1. It had been" + "\nlow for years" * 6 + " and\n2. Then it fell", []),
        ("You need to\n1. open it\n2. close it", [1, 2]),
        ("What we know\n4. it is old\n5. it is big\n6. it is red", [1, 2, 3]),
        ("He said to\nstop.\n7. Go on\n8. Look", [2, 3]),
    ],
)
def test_a_number_behind_an_unfinished_phrase_begins_no_list(text: str, expected: list[int]) -> None:
    assert sorted(item_lines(text.split("\n"))) == expected


@pytest.mark.parametrize(
    ("line", "unfinished"),
    [
        ("on the night of", True),
        ("a magnitude of about", True),
        ("Vol.", False),
        ("Before use", False),
        ("auf etwa", True),
        ("", False),
    ],
)
def test_unfinished_lines(line: str, *, unfinished: bool) -> None:
    assert is_unfinished(line) is unfinished


def test_a_day_of_a_month_ends_no_sentence() -> None:
    expected = [
        "The comet was found by\nDr. J. R. Arvell and Mme. Sorel on the night of\n12. March 1888 at approx. 3 a.m., "
        "cf. Fig. 2 and\nEq. (4).",
        "It had a magnitude of about\n7.",
        "Two weeks later it was seen in\nLisbon.",
    ]
    assert [PAGE[start:end] for start, end in sentences(PAGE)] == expected
    assert [PAGE[unit.start : unit.end] for unit in units(PAGE)] == expected


def test_a_clause_that_a_sentence_names_at_the_start_of_a_line_is_none() -> None:
    assert not opens_clause("Article 7 of the treaty applies.", "The fee is due as set out in")
    assert not opens_clause("95.9. It had been 80.", "The limit was raised to")
    assert opens_clause("7.3 The tenant pays for", "the repair of", "7.2 The tenant pays for")
    assert opens_clause("Article 7 The treaty ends.", "Article 6 It is renewed")

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape.core.analysis import analysis_of
from ctxshape.core.types import Context
from ctxshape.text.units.document import units

REPLY = """Hi Sam,

It suits us. Papers follow.

On Mon, 8 Jun 2026, Sam Ruiz wrote:
> We cannot do 30 June. Could you accept 14 July?
> The pumps are still in test.
>
> On Mon, 8 Jun 2026 at 09:03, Karin Holt wrote:
>> Our date was 30 June, as
>> in the contract. Please confirm.
"""


def cut(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in units(text)]


def shown(text: str, wanted: str) -> str:
    """Returns the text shown if the unit that holds a text is kept, with all that it needs."""
    context = Context.of("?", [text])
    analysis, document = analysis_of(context), context.documents[0]
    pieces = analysis.pieces(document)
    number = next(n for n, piece in enumerate(pieces) if wanted in piece.text)
    return analysis.with_only(document, sorted({number, *pieces[number].needs})).text


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("Papers follow", "Papers follow."),
        ("We cannot", "On Mon, 8 Jun 2026, Sam Ruiz wrote:\n> We cannot do 30 June."),
        ("Could you", "On Mon, 8 Jun 2026, Sam Ruiz wrote:\n> […] Could you accept 14 July?"),
        ("pumps", "On Mon, 8 Jun 2026, Sam Ruiz wrote: […]\n> The pumps are still in test."),
        ("Our date", "> On Mon, 8 Jun 2026 at 09:03, Karin Holt wrote:\n>> Our date was 30 June, as\n>> in the contract."),
        ("Please", "> On Mon, 8 Jun 2026 at 09:03, Karin Holt wrote:\n>> […] Please confirm."),
    ],
)
def test_a_quoted_sentence_keeps_its_mark_and_brings_who_wrote_it(wanted: str, expected: str) -> None:
    assert shown(REPLY, wanted) == expected


def test_a_reply_between_quoted_lines() -> None:
    text = "Am 8. Juni 2026 schrieb Ida:\n> Geht der 14. Juli?\n\nJa. Das passt.\n\n> Wer zahlt? Die Firma?\n\nWir.\n"
    assert shown(text, "Das passt") == "Das passt."
    assert shown(text, "Die Firma") == "Am 8. Juni 2026 schrieb Ida: […]\n> […] Die Firma?"
    assert shown(text, "Wir") == "Wir."


def test_another_line_above_a_quotation_introduces_only_that_one() -> None:
    text = "The rule says:\n> Dogs are free. Cats pay.\n\nIt is old.\n\n> Birds fly. Fish swim.\n"
    assert shown(text, "Cats pay") == "The rule says:\n> […] Cats pay."
    assert shown(text, "Fish") == "> […] Fish swim."


def test_forms_of_marks() -> None:
    assert cut(">It is old. It is red.\n> > Yes. No.\n") == [">", "It is old.", "It is red.", "> >", "Yes.", "No."]
    assert cut("> - one\n> - two\n> # Fees\n> They rise\n> in May.") == [
        "> - one",
        "> - two",
        "> # Fees\n> They rise\n> in May.",
    ]
    assert cut("> On Mon Ida wrote:\n>\n>> Yes.\r\n>> No.\n\nIt is.") == ["> On Mon Ida wrote:", ">> Yes.", ">> No.", "It is."]


def test_a_session_is_no_quotation() -> None:
    text = "Try it. It is short.\n\n>>> 1 + 1\n2\n>>> print(3)\n3\n"
    assert not any(piece == ">>>" for piece in cut(text))


PARTS = [">", "> ", ">> ", "Yes. ", "Is it? ", "Ida wrote:", "\n", "\r\n", "- a", "x" * 90, "```"]


@given(st.lists(st.sampled_from(PARTS), max_size=30))
def test_units_of_any_quotation_cover_it(parts: list[str]) -> None:
    text = "".join(parts)
    place = 0
    found = units(text)
    for number, unit in enumerate(found):
        assert place <= unit.start < unit.end
        assert not any(map(str.isalnum, text[place : unit.start]))
        assert all(need != number and 0 <= need < len(found) for need in unit.needs)
        place = unit.end
    assert not any(map(str.isalnum, text[place:]))


def test_a_quotation_in_html_comes_with_its_tag_and_first_sentence() -> None:
    text = (
        "<div><p>It moves to room 310.</p><p>Regards<br>Tove</p><blockquote>On Monday you wrote:<br>It is in room 204.<br>"
        "Bring a book. It helps.</blockquote><p>The end is near.</p></div>"
    )
    assert shown(text, "204").endswith("<blockquote>On Monday you wrote:<br>It is in room 204.<br>")
    assert shown(text, "It helps").endswith("<blockquote>On Monday you wrote:<br> […] It helps.</blockquote>")
    assert "blockquote" not in shown(text, "The end")

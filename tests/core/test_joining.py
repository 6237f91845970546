"""The joints of kept pieces: an omission is visible, and nothing is pulled into another line or quotation."""

from __future__ import annotations

import pytest

from ctxshape.core.spans import assemble, pieces
from ctxshape.core.types import Context


def kept(text: str, *wanted: str) -> str:
    """Returns the text of the units that begin with one of the wanted strings."""
    context = Context.of("q", [text])
    document = context.documents[0]
    cut = pieces(context, document)
    chosen = [number for number, piece in enumerate(cut) if piece.text.startswith(wanted)]
    return assemble(document, cut, chosen, verbatim=True).text


APART = "Agent: Good morning.\n\nCustomer: It starts with KX.\n\nAgent: Was it broken?\n\nCustomer: Yes.\n\nAgent: Fine.\n"


def test_a_turn_left_out_is_marked_if_blank_lines_part_the_turns() -> None:
    assert kept(APART, "Customer:") == "Customer: It starts with KX.\n\n[…]\n\nCustomer: Yes."


def test_a_turn_left_out_of_neighbouring_lines_leaves_a_blank_line() -> None:
    near = APART.replace("\n\n", "\n")
    assert kept(near, "Customer:") == "Customer: It starts with KX.\n\nCustomer: Yes."


def test_functions_stay_code() -> None:
    code = "def one():\n    return 1\n\n\ndef two():\n    return 2\n\n\ndef three():\n    return 3\n"
    assert kept(code, "def one", "def three") == "def one():\n    return 1\n\ndef three():\n    return 3"


@pytest.mark.parametrize("text", ["host = a\nport = 1\n\nuser = b\nname = c\n\nmode = d\nsize = 2\n"])
def test_settings_get_no_mark(text: str) -> None:
    assert kept(text, "host", "mode") == "host = a\n\nmode = d"


QUOTE = (
    "We think naps are fine.\n\n"
    "> Short sleep doubles\n> the errors. Naps did not help.\n>\n> Ada, 2024\n\n"
    "We doubt it. The sample was small.\n"
)


def test_the_mark_below_a_quotation_is_not_quoted() -> None:
    assert (
        kept(QUOTE, ">", "Short", "The sample")
        == "> Short sleep doubles\n> the errors. […]\n> Ada, 2024\n\n[…]\nThe sample was small."
    )


def test_a_quoted_line_stays_a_line() -> None:
    assert "[…] >" not in kept(QUOTE, ">", "Short", "> Ada")

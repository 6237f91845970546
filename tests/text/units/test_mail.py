from __future__ import annotations

import pytest

from ctxshape.core.spans import assemble, pieces
from ctxshape.core.types import Context
from ctxshape.text.units.document import units

MAIL = """From: Ada Lorenz <ada@example.org>
To: Ben Okoro
Subject: Boiler in room 4
Date: Tue, 12 May 2024 09:13:22 +0200

Hi Ben,

the boiler leaks. It was repaired in March.

On Mon, 11 May 2024 at 10:02, Ben Okoro wrote:
> Is the boiler fine?
> I am in Gera until Wednesday.
"""


def shown(text: str, *wanted: str) -> str:
    """Returns what is shown if the units that hold the wanted texts are kept, with those that they need."""
    context = Context.of("q", [text])
    made = pieces(context, context.documents[0])
    kept = {n for n, piece in enumerate(made) if any(want in piece.text for want in wanted)}
    kept |= {need for n in kept for need in made[n].needs}
    return assemble(context.documents[0], made, sorted(kept), verbatim=True).text


def test_a_sentence_comes_with_its_sender_subject_and_date() -> None:
    assert shown(MAIL, "repaired in March") == (
        "From: Ada Lorenz <ada@example.org>\n\nSubject: Boiler in room 4\nDate: Tue, 12 May 2024 09:13:22 +0200\n"
        "[…] It was repaired in March."
    )


def test_a_quoted_line_comes_with_the_line_that_names_its_author() -> None:
    assert shown(MAIL, "until Wednesday").endswith("Ben Okoro wrote: […]\n> I am in Gera until Wednesday.")


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("Von: Ada\nGesendet: 12. Mai 2024 09:13\nAn: Ben\nBetreff: Heizung\n", 3),
        ("发件人：李明\n收件人：王芳\n主题：锅炉\n日期：2024年5月12日\n", 3),
        ("**From:** Ada\n**Sent:** 12 May 2024\n**Subject:** Boiler\n", 1),
        ("From: Ada\nTo: Ben\nCc: Cleo\n", 1),
    ],
)
def test_heads_of_many_programs(head: str, fields: int) -> None:
    found = units(f"{head}\nIt leaks, says the report. 漏水了。")
    assert found[-1].start > len(head)
    assert len(found[-1].needs) == fields


def test_each_mail_of_a_thread_has_its_own_head() -> None:
    text = "From: Ada\nSubject: Boiler\n\nIt leaks.\n\n-----Original Message-----\nFrom: Ben\nSubject: Keys\n\nThey are lost."
    assert shown(text, "They are lost") == "-----Original Message-----\nFrom: Ben\nSubject: Keys\n\nThey are lost."
    assert shown(text, "It leaks") == "From: Ada\nSubject: Boiler\n\nIt leaks."


@pytest.mark.parametrize(
    "text", ["From: Jena\n\nIt is far.", "To: do\nDate: open\n\nIt is far.", "Data: 4\nA: 5\n\nIt is far."]
)
def test_other_fields_are_no_head(text: str) -> None:
    assert units(text)[-1].needs in ((), (0,))
    assert text[units(text)[-1].start :] == "It is far."

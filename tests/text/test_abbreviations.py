"""Abbreviations and initials in languages without capital letters, and further ones of the others."""

from __future__ import annotations

import pytest

from ctxshape.text.sentences import sentences
from ctxshape.text.units.cuts import best_cut


@pytest.mark.parametrize(
    "cut",
    [
        ["הגשר נבנה בשנת 1931 בידי המהנדס י. לוי.", "אורכו 210 מטר."],
        ["הספר נכתב בידי ח. נ. ביאליק.", "הם חיו בתל אביב."],
        ["הוא גר ברח. הרצל 5.", "הם שילמו."],
        ["הילד לומד בכיתה א.", "הוא שמח."],
        ["كتبها ج. ك. رولينغ عام 1997.", "ترجمت إلى العربية."],
        ["प्रवेश शुल्क 40 रु. है।", "किला सोमवार को बंद रहता है।"],
        ["कं. लि. की स्थापना हुई।", "डॉ. ए. पी. जे. कलाम राष्ट्रपति थे।"],
        ["Живёт в пос. Лесной с зам. Петровым.", "Там тихо."],
        ["Ο αρχ. Παύλου το έχτισε.", "Είναι παλιό."],
        ["Davaya İstanbul’dan gelen Av. Kaya bakıyor.", "Duruşma yarın değil."],
    ],
)
def test_a_dot_of_an_abbreviation_ends_nothing(cut: list[str]) -> None:
    text = " ".join(cut)
    assert [text[start:end] for start, end in sentences(text)] == cut


def test_thai_keeps_the_era_with_its_year() -> None:
    text = "วัดสร้างเมื่อ พ.ศ. 2395 โดยพระครูสมบูรณ์"
    assert sentences(text) == [(0, len(text))]


def test_no_cut_parts_an_era_from_its_year_or_a_mark_from_its_item() -> None:
    thai = "วัดสร้างเมื่อ พ.ศ. 2395 โดยพระครู"
    assert best_cut(thai, 0, thai.index("2395")) == thai.index("พ.ศ.")
    listed = "例外：1. 有欠租；2. 有损坏；3. 未交还"
    assert best_cut(listed, 0, listed.index("未")) == listed.index("3.")

"""Long items and clauses: what is left of one keeps its number and its first words."""

from __future__ import annotations

from ctxshape.core.spans import pieces
from ctxshape.core.types import Context
from ctxshape.evidence.division import divided
from ctxshape.text.units.document import units
from ctxshape.text.units.lists import opening_end
from ctxshape.text.units.size import windows

LOSSES = "delay of the works, failure of the plant, loss of goods, breach of duty, "
LONG = f"5.1 The Supplier is liable for damage caused by {LOSSES * 9}up to a cap of 40 euros."
CLAUSE = f"5. Liability\n\n{LONG}\n\n5.2 Nothing else.\n"


def test_parts_of_a_long_clause_need_its_first_words() -> None:
    found = units(CLAUSE)
    shown = [CLAUSE[unit.start : unit.end] for unit in found]
    assert (shown[1], found[1].kind) == ("5.1 The Supplier is liable for damage caused by delay of", "label")
    assert shown[3] == "failure of the plant, loss of goods, breach of duty, up to a cap of 40 euros."
    assert (found[3].needs, found[3].goes_on) == ((0, 1), True)


def test_a_clause_that_a_budget_cannot_hold_keeps_its_first_words() -> None:
    text = f"5.1 The Supplier is liable for damage caused by {LOSSES}up to a cap of 40 euros.\n\n5.2 Nothing else.\n"
    context = Context.of("q", [text])
    cut = divided(pieces(context, context.documents[0]), 20, lambda shown: len(shown) // 4)
    assert (cut[0].text, cut[0].kind) == ("5.1 The Supplier is liable for damage caused by delay of", "label")
    later = [part for part in cut if "cap of 40" in part.text]
    assert [(part.needs, part.goes_on) for part in later] == [((0,), True)]


def test_the_first_words_end_at_a_colon_or_comma() -> None:
    assert opening_end("(a) " + "word " * 20) == 58  # at a blank before column 60
    assert opening_end("第五条 供应商对下列损失承担责任：" + "延误、" * 20) == 17
    assert opening_end("(a) short") == 0


def test_an_end_mark_is_no_window() -> None:
    text = "一" * 40 + "，" + "二" * 39 + "。"
    assert [text[a:b] for a, b in windows(text, 0, len(text), 82)] == ["一" * 40 + "，", "二" * 39 + "。"]
    text = "甲" * 20 + "。”"
    assert list(windows(text, 0, 22, 40)) == [(0, 22)]


LEASE = (
    "It is returned, provided that\n(a) all keys are back;\n(b) no rent is open; and\n(c) it is clean.\nPets need consent.\n"
)


def test_text_below_the_last_item_is_no_part_of_it() -> None:
    found = units(LEASE)
    assert [LEASE[unit.start : unit.end] for unit in found][-2:] == ["(c) it is clean.", "Pets need consent."]
    assert found[3].needs == (0, 1, 2)


def test_an_item_goes_on_below_if_others_follow() -> None:
    text = "1. Open it.\nWait a minute.\n2. Close it.\n"
    assert [text[unit.start : unit.end] for unit in units(text)] == ["1. Open it.\nWait a minute.", "2. Close it."]


def test_conditions_that_do_not_fit_need_only_what_opens_them() -> None:
    context = Context.of("q", [LEASE])
    cut = divided(pieces(context, context.documents[0]), 20, lambda shown: len(shown) // 4)
    assert [piece.needs for piece in cut[:4]] == [(), (0,), (0,), (0,)]
    whole = divided(pieces(context, context.documents[0]), 100, lambda shown: len(shown) // 4)
    assert [piece.needs for piece in whole[1:4]] == [(0, 2, 3), (0, 1, 3), (0, 1, 2)]

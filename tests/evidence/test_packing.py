from __future__ import annotations

import json

import pytest

from ctxshape import BudgetTooSmall, Context
from ctxshape.core.spans import pieces
from ctxshape.core.tokens import EstimateCounter
from ctxshape.evidence.packing import Packing

COUNTER = EstimateCounter()
# "Document [1] " is 5 estimated tokens and the line end 1; each sentence is 4: "Aa is big." and the like.
CONTEXT = Context.of("Aa", ["Aa is big. Bb is old. Cc is hot.", "Dd is wet."])


def test_without_a_limit_everything_fits() -> None:
    packing = Packing(CONTEXT, None, COUNTER)
    assert packing.fits_whole()
    assert packing.add_sentence(0, 2) and packing.add_sentence(0, 0)
    shaped = packing.finish([0, 1], reasons={1: "not asked for"})
    assert [document.text for document in shaped.documents] == ["Aa is big. […] Cc is hot."]
    assert (shaped.notes, shaped.dropped) == ({"d1": "kept 2 of 3 sentences"}, {"d2": "not asked for"})


def test_documents_and_sentences_are_taken_while_they_fit() -> None:
    packing = Packing(CONTEXT, 20, COUNTER)
    assert not packing.fits_whole()  # 18 + 10
    assert packing.take_document(1)  # 10 of 20
    assert packing.add_sentence(0, 1)  # 20 of 20
    assert not packing.add_sentence(0, 0)
    shaped = packing.finish([1, 0], scores=[0.25, 0.75])
    assert [(document.text, document.score) for document in shaped.documents] == [("Dd is wet.", 0.75), ("Bb is old.", 0.25)]


def test_a_sentence_brings_what_it_depends_on_or_comes_alone() -> None:
    context = Context.of("Aa", ["# Fees\n\nAa is big.", "Bb is old."])
    packing = Packing(context, 11, COUNTER)
    assert packing.add_sentence(0, 1)  # with its heading it takes 14, alone 10
    assert not packing.add_sentence(1, 0)
    assert [document.text for document in packing.finish([0]).documents] == ["Aa is big."]
    wide = Packing(context, 14, COUNTER)
    assert wide.add_sentence(0, 1)
    assert [document.text for document in wide.finish([0]).documents] == ["# Fees\n\nAa is big."]
    small = Packing(context, 9, COUNTER)
    assert not small.add_sentence(0, 1)


def test_widening_raises_the_budget_to_the_sentence() -> None:
    packing = Packing(CONTEXT, 3, COUNTER)
    assert packing.is_empty
    assert packing.add_sentence(0, 0, widen=True)
    assert not packing.add_sentence(0, 1)
    assert [document.text for document in packing.finish([0, 1]).documents] == ["Aa is big."]


def test_a_budget_for_no_sentence_names_the_smallest() -> None:
    packing = Packing(CONTEXT, 9, COUNTER)
    assert not packing.take_document(1)
    with pytest.raises(BudgetTooSmall, match=" 9 .* 10 "):
        packing.finish([0, 1])


def test_a_document_that_did_not_fit_says_so_whatever_other_reason_there_is() -> None:
    packing = Packing(CONTEXT, 10, COUNTER)
    assert packing.take_document(1) and not packing.take_document(0)
    dropped = packing.finish([0, 1], reasons={0: "not asked for"}).dropped
    assert dropped == {"d1": "did not fit: it takes 18 tokens, 0 of 10 are left"}


def test_a_record_of_json_comes_with_its_brackets_or_alone() -> None:
    records = [{"id": n, "customer": f"Ada {n}", "city": "Jena", "status": "open"} for n in range(9)]
    context = Context.of("q", [json.dumps({"shop": {"name": "Kiosk by the old harbour", "orders": records}})])
    number = next(n for n, piece in enumerate(pieces(context, context.documents[0])) if '"id": 3' in piece.text)
    wide, narrow = Packing(context, 70, EstimateCounter()), Packing(context, 45, EstimateCounter())
    assert wide.add_sentence(0, number) and narrow.add_sentence(0, number)
    found = json.loads(wide.finish([0]).documents[0].text)
    assert found == {"shop": {"name": "Kiosk by the old harbour", "orders": [records[3]]}}
    assert not narrow.add_sentence(0, number + 1)
    assert json.loads(narrow.finish([0]).documents[0].text) == records[3]

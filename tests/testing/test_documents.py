"""Synthetic documents: their outlines are true, and what the library selects from them says nothing new."""

from __future__ import annotations

import ast
import json
import random

import pytest

from ctxshape import Context
from ctxshape.testing.documents import KINDS, structured_contexts, synthetic_document, synthetic_documents
from ctxshape.testing.faithful import faults
from ctxshape.testing.faithful.selection import random_selection


@pytest.mark.parametrize("kind", KINDS)
def test_the_outline_is_true(kind: str) -> None:
    for seed in range(20):
        made = synthetic_document(kind, random.Random(seed))
        place = 0
        for part in made.outline.parts:
            assert place <= part.start < part.end <= len(made.text)
            text, place = made.text[part.start : part.end], part.end
            assert text == text.strip() and 0 <= part.label < len(text)
            assert all(made.outline.parts[owner].role for owner in part.owners)
        if made.outline.language == "json":
            json.loads(made.text)
        elif made.outline.language == "python":
            ast.parse(made.text)
        else:
            assert made.outline.parts


def test_a_seed_decides() -> None:
    made = synthetic_documents(2 * len(KINDS))
    assert [one.kind for one in made] == [*KINDS, *KINDS] and len(KINDS) > 25
    assert [one.text for one in made] == [one.text for one in synthetic_documents(2 * len(KINDS))]
    assert made[0].text != synthetic_documents(1, seed=1)[0].text
    contexts, outlines = structured_contexts(5)
    assert min(len(context.documents) for context in contexts) >= 3
    assert {document.text for context in contexts for document in context.documents} == set(outlines)


@pytest.mark.parametrize("kind", KINDS)
def test_a_selection_says_nothing_new(kind: str) -> None:
    for seed in range(5):
        made = synthetic_document(kind, random.Random(f"selection {seed}"))
        context = Context.of("?", [made.text])
        for number in range(5):
            chosen = random_selection(context, context.documents[0], random.Random(number))
            again = random_selection(context.keep([chosen]), chosen, random.Random(number))
            for one in (chosen, again):
                assert faults(context, context.keep([one]), {one.id: made.outline}) == [], one.text

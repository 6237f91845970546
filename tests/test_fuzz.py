"""Hostile questions and passages: no error but a documented one, no false span, no broken budget, no changed input.

`python -m ctxshape.testing.fuzz --inputs 1000000` tries many more.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

from hypothesis import given, settings

from ctxshape import BudgetTooSmall, Context, InvalidInput, shape
from ctxshape.core.tokens import EstimateCounter
from ctxshape.readers.citations import cite
from ctxshape.testing import fuzzing
from ctxshape.testing.fuzz import try_inputs
from ctxshape.testing.strategies import contexts, passage_lists, questions, texts

quick = settings(max_examples=60, derandomize=True, deadline=None, database=None)


@quick
@given(questions(), passage_lists())
def test_shaping(question: str, passages: list[Any]) -> None:
    fuzzing.check_shaped(partial(shape, counter=EstimateCounter()), question, passages)


@quick
@given(questions(), passage_lists(most=4))
def test_shaping_within_a_budget(question: str, passages: list[Any]) -> None:
    counter = EstimateCounter()
    with suppress(BudgetTooSmall):
        fuzzing.check_shaped(partial(shape, budget=50, counter=counter), question, passages, budget=50, counter=counter)


@quick
@given(texts(120), contexts(most=3))
def test_citing(answer: str, context: Context) -> None:
    for span in cite(answer, context):
        assert 0 <= span.start < span.end <= len(context.sources[span.document].text)


@quick
@given(texts(), texts())
def test_a_text_is_a_question_or_refused(question: str, passage: str) -> None:
    with suppress(InvalidInput):
        shape(question, [passage])


def test_inputs_by_number() -> None:
    found = try_inputs(seed=1, first=0, count=400)
    wrong = {name: count for name, count in found.items() if name.startswith(("BROKEN", "RAISED"))}
    assert not wrong and found.total() == 400
    assert found["answered"] == 100 and found == try_inputs(seed=1, first=0, count=400)

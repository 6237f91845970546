from __future__ import annotations

import random

import pytest

from ctxshape import BudgetTooSmall, ConfigError, Context, FitBudget
from ctxshape.prompts import document_texts
from ctxshape.testing import ScriptedBackend
from ctxshape.tokens import EstimateCounter, TiktokenCounter

COUNTER = EstimateCounter()


def cost(context: Context) -> int:
    return sum(COUNTER.count_tokens(text) for text in document_texts(context.query, context.documents))


def fit(tokens: int, context: Context) -> Context:
    return FitBudget(tokens=tokens, counter=COUNTER)(context)


# "Document [1] " is 5 estimated tokens and the line end 1; "Paris is big." is 4, "Lyon is old." 4, "Nice is hot." 4.
CONTEXT = Context.of("Paris", [{"text": "Nice is hot. Lyon is old.", "score": 0.2}, {"text": "Paris is big.", "score": 0.9}])


def test_all_stays_when_it_fits() -> None:
    assert cost(CONTEXT) == 24
    assert fit(24, CONTEXT).documents == CONTEXT.documents


def test_whole_documents_first_then_sentences() -> None:
    shaped = fit(20, CONTEXT)
    assert [d.text for d in shaped.documents] == ["Nice is hot.", "Paris is big."]
    assert cost(shaped) == 20
    assert shaped.notes == {"d1": "1 of 2 sentences fit"}


def test_what_does_not_fit_is_named() -> None:
    shaped = fit(19, CONTEXT)
    assert [d.id for d in shaped.documents] == ["d2"]
    assert shaped.dropped == {"d1": "did not fit: it takes 14 tokens, 9 of 19 are left"}


def test_less_than_a_sentence_is_an_error_with_the_numbers() -> None:
    with pytest.raises(BudgetTooSmall, match="a budget of 9 tokens holds no sentence; the smallest takes 10"):
        fit(9, CONTEXT)
    assert [d.text for d in fit(10, CONTEXT).documents] == ["Paris is big."]


def test_no_documents_fit_any_budget() -> None:
    assert fit(1, CONTEXT.keep([])).documents == ()


@pytest.mark.parametrize("tokens", [0, -5])
def test_a_budget_is_positive(tokens: int) -> None:
    with pytest.raises(ConfigError, match="field 'tokens'"):
        FitBudget(tokens=tokens)


@pytest.mark.parametrize("counter", [TiktokenCounter(), EstimateCounter(), ScriptedBackend()], ids=repr)
def test_the_budget_holds_exactly_and_no_sentence_is_cut(counter: TiktokenCounter | EstimateCounter | ScriptedBackend) -> None:
    rng = random.Random(5)
    for _ in range(30):
        sentences = [f"Sentence {rng.randrange(10**6)} of {rng.choice(['tea', '茶叶', 'Straße'])} is here." for _ in range(40)]
        texts = [" ".join(sentences[i : i + 4]) for i in range(0, 40, 4)]
        context = Context.of("Which tea is here?", texts)
        tokens = rng.randrange(40, 400)
        shaped = FitBudget(tokens=tokens, counter=counter)(context)
        assert sum(counter.count_tokens(text) for text in document_texts(context.query, shaped.documents)) <= tokens
        assert all(quote in sentences for d in shaped.documents if d.spans for quote in shaped.quotes(d))
        assert set(shaped.dropped) == {d.id for d in context.documents} - {d.id for d in shaped.documents}

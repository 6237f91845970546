from __future__ import annotations

import random
import re
from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape import BudgetTooSmall, ConfigError, Context, FitBudget
from ctxshape.core.component import Component
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Scores
from ctxshape.core.tokens import EstimateCounter, TiktokenCounter
from ctxshape.scorers.bm25 import Bm25
from ctxshape.testing import ScriptedBackend, check_transform

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
    assert [d.text for d in shaped.documents] in (["Nice is hot.", "Paris is big."], ["Lyon is old.", "Paris is big."])
    assert cost(shaped) == 20
    assert shaped.notes == {"d1": "kept 1 of 2 sentences"}


def test_what_does_not_fit_is_named() -> None:
    shaped = fit(19, CONTEXT)
    assert [d.id for d in shaped.documents] == ["d2"]
    assert shaped.dropped == {"d1": "did not fit: it takes 14 tokens, 9 of 19 are left"}


def test_less_than_a_sentence_is_an_error_with_the_numbers() -> None:
    with pytest.raises(BudgetTooSmall, match=" 9 .* 10 "):
        fit(9, CONTEXT)
    assert [d.text for d in fit(10, CONTEXT).documents] == ["Paris is big."]


def test_no_documents_fit_any_budget() -> None:
    assert fit(1, CONTEXT.keep([])).documents == ()


@pytest.mark.parametrize("tokens", [0, -5])
def test_a_budget_is_positive(tokens: int) -> None:
    with pytest.raises(ConfigError, match="'tokens'"):
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


class Lengths(Component):
    """Scores a text by its length."""

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.array([len(text) for text in texts], dtype=np.float64)


def test_the_room_left_goes_to_the_sentences_the_scorers_prefer() -> None:
    texts = ["Paris is big.", "Nice is hot. Lyon is as old as the hills.", "Rome."]
    context = Context.of("Paris", [{"text": text, "score": 1 - n / 10} for n, text in enumerate(texts)])
    # 10 for the first; 13 of 23 are left for the longest sentence: "Document [3] " 5, its 9 tokens do not fit with it.
    assert [d.text for d in FitBudget(tokens=23, counter=COUNTER, scorers=(Lengths(),))(context).documents] == [
        "Paris is big.",
        "Nice is hot.",
    ]
    assert [d.text for d in FitBudget(tokens=25, counter=COUNTER, scorers=(Lengths(),))(context).documents] == [
        "Paris is big.",
        "Lyon is as old as the hills.",
    ]


def test_headings_come_along_within_the_budget() -> None:
    page = "# Fees\n\nThe museum is big and old and far from here. Children pay two euros."
    context = Context.of("What do children pay?", [{"text": page, "score": 0.9}, {"text": "It rains.", "score": 0.1}])
    shaped = fit(18, context)
    assert [d.text.split() for d in shaped.documents] == ["# Fees […] Children pay two euros.".split()]
    assert cost(shaped) <= 18


@pytest.mark.parametrize("counter", [TiktokenCounter(), EstimateCounter()], ids=repr)
def test_the_budget_holds_for_every_size_from_the_smallest(counter: TiktokenCounter | EstimateCounter) -> None:
    texts = [
        "A heading that is longer than its text\n\nHi.",
        "",
        "灯塔建于1884年。塔高31.5米。",
        "- Opened in 1885.\n- Painted in 1901.",
    ]
    context = Context.of("When was it opened?", texts)
    with pytest.raises(BudgetTooSmall) as caught:
        # The empty document is taken first, by itself, in a budget that holds its frame; a smaller one holds nothing.
        FitBudget(tokens=1, counter=counter)(context)
    smallest = int(re.findall(r"smallest takes (\d+)", str(caught.value))[0])
    for tokens in range(smallest, smallest + 70):
        shaped = FitBudget(tokens=tokens, counter=counter)(context)
        assert 0 < sum(counter.count_tokens(text) for text in document_texts(context.query, shaped.documents)) <= tokens


def test_documents_without_a_sentence_that_do_not_fit_are_named() -> None:
    shaped = fit(3, Context.of("q", ["", " "]))
    assert shaped.documents == ()
    assert shaped.dropped == dict.fromkeys(["d1", "d2"], "did not fit: it takes 6 tokens, 3 of 3 are left")


@pytest.mark.parametrize("scorers", [(Bm25(),), (Lengths(),), (Bm25(), Lengths())], ids=repr)
def test_the_contract(scorers: tuple[Bm25 | Lengths, ...]) -> None:
    check_transform(FitBudget(tokens=60, counter=COUNTER, scorers=scorers))

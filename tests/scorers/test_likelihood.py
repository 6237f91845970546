from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer
from ctxshape.errors import ConfigError, ContextTooLong, ModelError
from ctxshape.scorers.likelihood import (
    JUDGEMENT_CHINESE,
    JUDGEMENT_ENGLISH,
    QUESTION_CHINESE,
    QUESTION_ENGLISH,
    QueryLikelihood,
    YesNoRelevance,
    judgement_prompt,
    log_odds,
    question_prompt,
)
from ctxshape.testing import ScriptedBackend

TEXTS = ["Paris is in France.", "Rome is in Italy."]


class Silent(Component):
    """A backend without log-probabilities."""

    reply: str = "no"


def seen(prompt: str, text: str) -> list[float]:
    return [-1.0, -2.0, -3.0] if "Paris is" in prompt else [-4.0]


def judged(prompt: str, text: str) -> list[float]:
    """Returns yes 0.5 + 0.1 and no 0.2 for the passage about Paris, 0.15 + 0.05 and 0.4 for the other."""
    with_paris = {"Yes": 0.5, " Yes": 0.1, "No": 0.1, " No": 0.1}
    another = {"Yes": 0.15, " Yes": 0.05, "No": 0.3, " No": 0.1}
    chosen = with_paris if "Paris is" in prompt else another
    return [math.log(chosen[text]) / 2] * 2  # two tokens, whose log-probabilities add up


def test_the_mean_over_the_questions_tokens() -> None:
    scorer = QueryLikelihood(backend=ScriptedBackend(likelihood=seen))
    assert isinstance(scorer, Scorer)
    scores = scorer.score("Where is Paris?", TEXTS)
    assert scores.tolist() == [-2.0, -4.0] and scores.dtype == np.float64


def test_the_question_is_what_is_expected() -> None:
    asked: list[tuple[str, str]] = []

    def likelihood(prompt: str, text: str) -> list[float]:
        asked.append((prompt, text))
        return [-1.0]

    scorer = QueryLikelihood(backend=ScriptedBackend(likelihood=likelihood))
    scorer.score(" Where is it?\n", ["{query}"])
    scorer.score("它在哪里？", ["巴黎"])
    assert asked == [
        (f"{QUESTION_ENGLISH.before}{{query}}{QUESTION_ENGLISH.after}", "Where is it?"),
        (f"{QUESTION_CHINESE.before}巴黎{QUESTION_CHINESE.after}", "它在哪里？"),
    ]


def test_log_odds_of_yes_over_all_spellings() -> None:
    scores = YesNoRelevance(backend=ScriptedBackend(likelihood=judged)).score("Where is it?", TEXTS)
    assert scores == pytest.approx([math.log(0.6 / 0.2), math.log(0.2 / 0.4)])


def test_log_odds_by_hand() -> None:
    assert log_odds([math.log(0.3)], [math.log(0.2), math.log(0.1)]) == pytest.approx(0)
    assert log_odds([-2000.0], [-1000.0]) == -1000.0  # far below what e to its power can hold


def test_only_our_own_words_are_trusted_and_a_question_is_filled_in_once() -> None:
    one, two = (
        question_prompt("<|im_end|>", QUESTION_ENGLISH),
        judgement_prompt("{text} <|im_end|>", "{query}", JUDGEMENT_ENGLISH),
    )
    for prompt in (one, two):
        assert all(not segment.trusted for segment in prompt.segments if "<|im_end|>" in segment.text)
        assert all(not segment.trusted for segment in prompt.documents)
    assert two.text.startswith("Question: {text} <|im_end|>\n\nPassage:\n{query}\n")
    assert judgement_prompt("谁？", "他。", JUDGEMENT_CHINESE).text.startswith("问题：谁？\n\n文章：\n他。\n")


@pytest.mark.parametrize("kind", [QueryLikelihood, YesNoRelevance])
def test_a_backend_without_log_probabilities_is_named(kind: type[QueryLikelihood] | type[YesNoRelevance]) -> None:
    with pytest.raises(ConfigError, match=rf"{kind.__name__}, field 'backend'.*LlamaCpp.*Silent"):
        kind(backend=Silent())  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [QueryLikelihood, YesNoRelevance])
def test_edges(kind: type[QueryLikelihood] | type[YesNoRelevance]) -> None:
    scorer = kind(backend=ScriptedBackend())
    assert scorer.score("Where is it?", []).tolist() == []
    assert scorer.score("", TEXTS).tolist() == [0, 0]
    assert np.isfinite(scorer.score("q", ["", " "])).all()
    assert pickle.loads(pickle.dumps(scorer)) == scorer
    with pytest.raises(ContextTooLong, match=rf"{kind.__name__} .* prompt .* has \d+ .*4096"):
        scorer.score("Where is it?", ["short", "word " * 5000])
    for wrong in ([-math.inf], [math.nan], []):

        def likelihood(prompt: str, text: str, wrong: list[float] = wrong) -> list[float]:
            return wrong

        with pytest.raises(ModelError, match=rf"{kind.__name__}: .* \d texts"):
            kind(backend=ScriptedBackend(likelihood=likelihood)).score("q", TEXTS)


@pytest.mark.model
@pytest.mark.parametrize("query", ["What is the capital of France?", "法国的首都是哪里？"])
def test_a_real_model_ranks(smollm2: LlamaCpp, query: str) -> None:
    texts = ["The Rhine flows through Cologne. 莱茵河流经科隆。", "Paris is the capital of France. 巴黎是法国的首都。"]
    by_question = QueryLikelihood(backend=smollm2).score(query, texts)
    assert by_question[1] > by_question[0]
    assert np.isfinite(YesNoRelevance(backend=smollm2).score(query, texts)).all()

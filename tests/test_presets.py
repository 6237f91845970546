from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ctxshape import Context, KeepEvidence, Pipeline, PipelineSpec, RankByRelevance, shape
from ctxshape.core.component import Component
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Matrix, Scores
from ctxshape.core.tokens import EstimateCounter
from ctxshape.presets import PRESETS, RERANK_DEPTH, USE_EMBEDDER, USE_RERANKER
from ctxshape.scorers.likelihood import QueryLikelihood
from ctxshape.scorers.similarity import Similarity
from ctxshape.testing import ScriptedBackend, check_transform

QUERY = "When was the lighthouse on Cape Rosa built?"
PASSAGES = [
    "The harbour of Cape Rosa was rebuilt in 1923 after a storm.",
    "Cape Rosa is a fishing village. About 1,200 people live there.",
    "The tower for ships at the cape dates from 1884. It is 31.5 m tall.",
    "Rain is common.",
    "Gulls nest below.",
    "The lighthouse museum is closed.",
]


class Towers(Component):
    """An embedder that knows one thing: what speaks of a tower or a lighthouse is alike.

    >>> Towers().embed(["a tower", "rain"]).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def embed(self, texts: Sequence[str], /) -> Matrix:
        is_tower = [any(word in text for word in ("tower", "lighthouse on")) for text in texts]
        return np.array([[1.0, 0.0] if tower else [0.0, 1.0] for tower in is_tower], dtype=np.float32).reshape(len(texts), 2)


class First(Component):
    """A reranker for which the shortest text is the best; it remembers how many it read."""

    seen: list[int]

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        self.seen.append(len(texts))
        return -np.array([float(len(text)) for text in texts])


def models_of(name: str) -> dict[str, Any]:
    """The models that a preset uses, doubles of them."""
    embedder = {"embedder": Towers()} if name in USE_EMBEDDER else {}
    return embedder | ({"reranker": First(seen=[])} if name in USE_RERANKER else {})


def test_light_goes_by_words_and_balanced_by_what_is_meant() -> None:
    assert shape(QUERY, PASSAGES, preset="light").documents[0].id != "d3"
    assert shape(QUERY, PASSAGES, preset="balanced", embedder=Towers()).documents[0].id == "d3"


def test_thorough_lets_a_reranker_read_the_best_few() -> None:
    reranker = First(seen=[])
    shaped = shape(QUERY, PASSAGES, preset="thorough", embedder=Towers(), reranker=reranker)
    assert reranker.seen == [RERANK_DEPTH]
    assert [step.name for step in shaped.trace.steps].count("RankByRelevance") == 2


def test_a_larger_embedder_as_the_reranker_reads_the_sentences_of_the_best_few() -> None:
    larger = Similarity(embedder=Towers())
    made = PipelineSpec(preset="thorough", embedder=Towers(), reranker=larger).resolve()
    last = made.steps[-1]
    assert isinstance(last, KeepEvidence) and last.scorers[-1] is larger and last.rerank_depth == (20, RERANK_DEPTH)
    assert not any(isinstance(step, RankByRelevance) for step in made.steps)
    assert shape(QUERY, PASSAGES, pipeline=made).documents[0].id == "d3"


def test_the_model_that_answers_is_the_reranker_if_there_is_no_other() -> None:
    backend = ScriptedBackend(likelihood=lambda prompt, text: [-1.0] if "1884" in prompt else [-9.0])
    made = PipelineSpec(preset="thorough", embedder=Towers(), backend=backend).resolve()
    ranking = [step for step in made.steps if isinstance(step, RankByRelevance)]
    assert ranking[1].scorers == (QueryLikelihood(backend=backend),)
    assert made(Context.of(QUERY, PASSAGES)).documents[0].id == "d3"


def test_an_embedder_as_the_reranker_reads_sentences() -> None:
    last = PipelineSpec(preset="thorough", embedder="universal", reranker="universal").resolve().steps[-1]
    assert isinstance(last, KeepEvidence) and last.rerank_depth == (20, RERANK_DEPTH)


@pytest.mark.parametrize("name", list(PRESETS))
@pytest.mark.parametrize("budget", [40, 60, 200])
def test_a_budget_is_exact_and_used(name: str, budget: int) -> None:
    counter = EstimateCounter()
    context = shape(QUERY, PASSAGES, preset=name, budget=budget, counter=counter, **models_of(name))
    assert 0 < sum(map(counter.count_tokens, document_texts(QUERY, context.documents))) <= budget


def test_a_budget_is_meant_to_be_used() -> None:
    whole, given = (
        next(step for step in PipelineSpec(budget=tokens).resolve().steps if isinstance(step, KeepEvidence))
        for tokens in (None, 512)
    )
    assert (whole.tokens, whole.mass, given.tokens, given.mass) == (2048, 0.95, 512, 0.995)
    assert (whole.least, given.least) == (0.02, 0.0)


@pytest.mark.parametrize("name", ["raw", "light", "balanced"])
def test_presets_keep_the_contract_and_are_written_to_a_file(name: str) -> None:
    made = PipelineSpec(preset=name, **models_of(name)).resolve()
    for step in made.steps:  # a pipeline itself has its times in the trace
        check_transform(step)
    if name != "balanced":  # the test's embedder has no name
        assert Pipeline.from_config(made.to_config()) == made


@pytest.mark.model
def test_balanced_with_a_real_embedder(minilm_path: str) -> None:
    passages = [*PASSAGES, "The beacon on the headland has warned ships since 1884."]
    shaped = shape("When was the light tower erected?", passages, preset="balanced", embedder=minilm_path)
    assert {"d3", "d7"} & {document.id for document in shaped.documents[:2]}

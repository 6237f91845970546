"""The contracts, over every installed component: a new one is tested by being registered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from ctxshape import Generation, RankByRelevance, render
from ctxshape.core.component import Component
from ctxshape.core.protocols import Matrix, Scores
from ctxshape.core.registry import component_names, load_component
from ctxshape.core.types import Context, Document
from ctxshape.testing import (
    ContractError,
    ScriptedBackend,
    ScriptedProbe,
    ScriptedSegments,
    check_backend,
    check_embedder,
    check_reader,
    check_scorer,
    check_transform,
)


class Lengths(Component):
    """An embedder that needs no model: texts of the same length are the same.

    >>> Lengths().embed(["ab"]).shape
    (1, 2)
    """

    def embed(self, texts: Sequence[str], /) -> Matrix:
        angles = np.array([len(text) for text in texts], dtype=np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).reshape(len(texts), 2)


# What a component needs that has no default. A plugin that needs more is tested in its own package.
NEEDS: dict[str, dict[str, Any]] = {
    "fit_budget": {"tokens": 60},
    "query_likelihood": {"backend": ScriptedBackend()},
    "yes_no_relevance": {"backend": ScriptedBackend()},
    "rank_by_attention": {"backend": ScriptedProbe()},
    "similarity": {"embedder": Lengths()},
    "when": {"min_documents": 2, "then": RankByRelevance(top=1)},
    "summarize_blocks": {"backend": ScriptedBackend(reply="The lighthouse is 31.5 m tall."), "documents_per_block": 2},
    "read_once": {"backend": ScriptedBackend(reply="1884")},
    "parallel_windows": {"backend": ScriptedSegments(reply="1884")},
    "permutation_vote": {"backend": ScriptedBackend(reply="1884"), "votes": 3},
}


def make(group: str, name: str) -> Any:  # noqa: ANN401
    component = load_component(group, name)
    return component(**NEEDS.get(name, {})) if isinstance(component, type) else component


@pytest.mark.parametrize("name", component_names("transforms"))
def test_transforms(name: str) -> None:
    check_transform(make("transforms", name))


@pytest.mark.parametrize("name", component_names("readers"))
def test_readers(name: str) -> None:
    check_reader(make("readers", name))


@pytest.mark.parametrize("name", [name for name in component_names("scorers") if name != "cross_encoder"])
def test_scorers(name: str) -> None:
    check_scorer(make("scorers", name))


@pytest.mark.parametrize("name", [name for name in component_names("backends") if name not in ("llama_cpp", "openai")])
def test_backends(name: str) -> None:
    check_backend(make("backends", name))


@pytest.mark.model
def test_llama_cpp(smollm2_path: str) -> None:
    short = [Context.of("Where is Paris?", ["Paris is in France."]), Context.of("巴黎在哪里？", ["巴黎在法国。"])]
    with load_component("backends", "llama_cpp")(smollm2_path, n_ctx=512) as backend:
        check_backend(backend, [render(context) for context in short], Generation(max_tokens=5))


@pytest.mark.model
def test_sentence_transformer(minilm_path: str) -> None:
    check_embedder(load_component("embedders", "sentence_transformer")(model=minilm_path))


def loses_reason(context: Context) -> Context:
    """Drops without a word.

    >>> loses_reason(Context.of("q", [])).documents
    ()
    """
    return context.keep(context.documents[1:])


def lies(context: Context) -> Context:
    """Changes the text and says it is a quote.

    >>> lies(Context.of("q", [])).documents
    ()
    """
    return context.keep([d.model_copy(update={"text": d.text + "!"}) for d in context.documents])


def renames(context: Context) -> Context:
    """Gives every document the same id.

    >>> renames(Context.of("q", [])).documents
    ()
    """
    return context.keep([Document(id="x", text="t", kind="rewrite") for _ in context.documents])


def mutates(context: Context) -> Context:
    """Writes into its input.

    >>> mutates(Context.of("q", [])).documents
    ()
    """
    for document in context.documents:
        document.meta["seen"] = True  # type: ignore[index]
    return context.keep(context.documents)


class Counting:
    """Gives another order at every call.

    >>> Counting()
    Counting()
    """

    calls = 0

    def __repr__(self) -> str:
        return "Counting()"

    def __call__(self, context: Context, /) -> Context:
        type(self).calls += 1
        turn = self.calls % max(len(context.documents), 1)
        return context.keep(context.documents[turn:] + context.documents[:turn])


def no_doctest(context: Context) -> Context:
    """Has none."""
    return context.keep(context.documents)


RULES: list[tuple[Callable[[Context], Context], str]] = [
    (loses_reason, "reasons"),
    (lies, "spans"),
    (renames, "ids"),
    (mutates, "input"),
    (Counting(), "deterministic"),
    (no_doctest, "docstring"),
]


@pytest.mark.parametrize(("transform", "rule"), RULES, ids=[rule for _, rule in RULES])
def test_a_broken_transform_is_caught(transform: Callable[[Context], Context], rule: str) -> None:
    with pytest.raises(ContractError, match=rf"\[{rule}\]"):
        check_transform(transform)


class Vague(Component):
    """Scores by length, and says in other units nothing that is a number.

    >>> Vague().score("", ["a"]).tolist()
    [1.0]
    """

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        return np.array([float(len(text)) for text in texts])

    def calibrated(self, query: str, texts: Sequence[str], /) -> Scores:
        return self.score(query, texts) * np.nan


def test_calibrated_scores_are_checked_like_scores() -> None:
    with pytest.raises(ContractError, match=r"\[finite\]"):
        check_scorer(Vague())


class Locked:
    """Holds a lock.

    >>> Locked()
    Locked()
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __repr__(self) -> str:
        return "Locked()"

    def __call__(self, context: Context, /) -> Context:
        return context.keep(context.documents)


def test_what_does_not_pickle_is_caught() -> None:
    with pytest.raises(ContractError, match=r"\[picklable\]"):
        check_transform(Locked())

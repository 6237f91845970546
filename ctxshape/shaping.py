"""The two calls most programs need: shape a retrieved list, and ask a model over it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from ctxshape.core.cancellation import in_thread
from ctxshape.core.messages import Answer
from ctxshape.core.passages import Passage
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Backend, Embedder, Reader, Scorer, TokenCounter, Transform
from ctxshape.core.types import Context
from ctxshape.presets import preset as preset_of
from ctxshape.readers.once import ReadOnce
from ctxshape.transforms.budget import limit


def shape(
    query: str,
    documents: Iterable[Passage],
    *,
    preset: str = "light",
    budget: int | None = None,
    pipeline: Transform | None = None,
    counter: TokenCounter | None = None,
    embedder: Embedder | str | None = None,
    reranker: Scorer | str | None = None,
    backend: Backend | None = None,
) -> Context:
    """Restructure retrieved passages for a query; `documents` are best first and stay as they are.

    `pipeline` takes the place of `preset`. `budget` is the most tokens the documents may take as the prompt shows
    them, and `counter` whose tokens are counted: any backend, else tiktoken. `embedder` and `reranker`
    (or their names, see `ctxshape.inputs.models`) and `backend`, the model that will answer, are
    for presets that use them. Raises InvalidInput for an empty query or a document without text, ConfigError for an unknown
    preset, BudgetTooSmall when not one sentence fits.

    >>> context = shape("Who wrote Emma?", ["Emma is by Jane Austen.", "Rain fell in Bath.", "Emma is by Jane Austen."])
    >>> [document.text for document in context.documents]
    ['Emma is by Jane Austen.']
    """
    if pipeline is None:
        made = preset_of(preset, embedder=embedder, reranker=reranker, tokens=budget, counter=counter, backend=backend)
        chosen = Pipeline(made, counter=counter)
    else:
        chosen = Pipeline(pipeline, *limit(budget, counter), counter=counter)
    return chosen(Context.of(query, documents))


def ask(
    query: str,
    documents: Iterable[Passage],
    *,
    backend: Backend,
    preset: str = "light",
    budget: int | None = None,
    pipeline: Transform | None = None,
    reader: Reader | None = None,
    embedder: Embedder | str | None = None,
    reranker: Scorer | str | None = None,
) -> Answer:
    """Shape the passages and let a model answer from them; tokens are counted by `backend`.

    `reader` is ReadOnce(backend=backend) if not given. Raises what `shape` does, and ContextTooLong when the prompt
    leaves no room for the answer.

    >>> from ctxshape.testing import ScriptedBackend
    >>> ask("Who wrote Emma?", ["Emma is by Jane Austen."], backend=ScriptedBackend(reply="Jane Austen")).text
    'Jane Austen'
    """
    reads = ReadOnce(backend=backend) if reader is None else reader
    context = shape(
        query,
        documents,
        preset=preset,
        budget=budget,
        pipeline=pipeline,
        counter=backend,
        backend=backend,
        embedder=embedder,
        reranker=reranker,
    )
    return reads(context)


async def ashape(query: str, documents: Iterable[Passage], **options: Any) -> Context:  # noqa: ANN401
    """`shape` in a thread, for an event loop that must go on meanwhile; same parameters."""
    return await in_thread(partial(shape, query, documents, **options))


async def aask(query: str, documents: Iterable[Passage], **options: Any) -> Answer:  # noqa: ANN401
    """`ask` in a thread, for an event loop that must go on meanwhile; same parameters. A cancellation ends the model's work."""
    return await in_thread(partial(ask, query, documents, **options))

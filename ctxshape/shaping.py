"""The two calls most programs need: shape a retrieved list, and ask a model over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ctxshape.core import registry
from ctxshape.core.cancellation import in_thread
from ctxshape.core.messages import Answer
from ctxshape.core.passages import Passage
from ctxshape.core.protocols import Backend, Reader
from ctxshape.core.reach import Allow
from ctxshape.core.telemetry import operation
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError
from ctxshape.inputs.models import backend_from
from ctxshape.readers.once import ReadOnce
from ctxshape.spec import BackendLike, CounterLike, EmbedderLike, PipelineLike, PipelineSpec, RerankerLike


def shape(
    query: str,
    documents: Iterable[Passage],
    *,
    preset: str | None = None,
    pipeline: PipelineLike | None = None,
    budget: int | None = None,
    embedder: EmbedderLike | None = None,
    reranker: RerankerLike | None = None,
    counter: CounterLike | None = None,
    backend: BackendLike | None = None,
    allow: Allow = (),
) -> Context:
    """Restructures retrieved passages for a query. `documents` are best first and stay as they are.

    The options are those of `PipelineSpec`: a `preset` (`light` if none is given) or a `pipeline` of your own, and a
    `budget` in tokens. `embedder`, `reranker` and `backend`, the model that will answer, are for presets that use them.
    A model given by name is loaded once; one that a pipeline file names is loaded by every call, so for many questions
    make the pipeline once: `PipelineSpec(pipeline="my.toml").resolve()`. `allow` is what a pipeline file or a table may
    reach: some of "network", "reads", "writes"; by default none of it.

    Raises InvalidInput for an empty query or a document without text, ConfigError for an unknown preset or a model that
    the preset does not use, and BudgetTooSmall if not even one sentence fits.

    >>> context = shape("Who wrote Emma?", ["Emma is by Jane Austen.", "Rain fell in Bath.", "Emma is by Jane Austen."])
    >>> [document.text for document in context.documents]
    ['Emma is by Jane Austen.']
    """
    spec = PipelineSpec(
        preset=preset,
        pipeline=pipeline,
        budget=budget,
        embedder=embedder,
        reranker=reranker,
        counter=counter,
        backend=backend,
        allow=allow,
    )
    return spec.resolve()(Context.of(query, documents))


def ask(
    query: str,
    documents: Iterable[Passage],
    *,
    backend: BackendLike,
    preset: str | None = None,
    pipeline: PipelineLike | None = None,
    budget: int | None = None,
    embedder: EmbedderLike | None = None,
    reranker: RerankerLike | None = None,
    reader: Reader | str | None = None,
    allow: Allow = (),
) -> Answer:
    """Shapes the passages and lets a model answer from them. The backend counts the tokens.

    `backend` is a backend, the path of a GGUF file, or the address of a server. A path is loaded by every call, so make a
    `LlamaCpp` once for many questions. `reader` is a reader or the name of an installed one, "read_once" if not
    given. Raises what `shape` does, and ContextTooLong if the prompt leaves no room for the answer.

    >>> from ctxshape.testing import ScriptedBackend
    >>> ask("Who wrote Emma?", ["Emma is by Jane Austen."], backend=ScriptedBackend(reply="Jane Austen")).text
    'Jane Austen'
    """
    _check_reader(reader)
    model = backend_from(backend, allow=allow)
    reads = _opened_reader(reader, model)
    with operation("ask") as asking:
        context = shape(
            query,
            documents,
            preset=preset,
            pipeline=pipeline,
            budget=budget,
            embedder=embedder,
            reranker=reranker,
            backend=model,
            allow=allow,
        )
        answer = reads(context)
        asking.record(context.trace.steps, documents=len(context.documents))
        asking.record_usage(answer.usage)
    return answer


def _check_reader(given: object) -> None:
    """Raises ConfigError for what is no reader, before a model is opened."""
    names = registry.component_names("readers")
    wanted = f"a reader, such as ReadOnce(backend=…), or the name of one: {', '.join(names)}"
    if isinstance(given, str):
        registry.load_component("readers", given)
    elif isinstance(given, type):
        raise ConfigError(f"reader is the class {given.__name__}; give an instance of it, {given.__name__}(backend=…)")
    elif isinstance(given, Mapping):
        raise ConfigError(f"reader is a mapping with the keys {sorted(map(str, given))!r:.200}; give {wanted}")
    elif given is not None and not callable(given):
        raise ConfigError(f"reader is {given!r:.100}; give {wanted}")


def _opened_reader(given: Reader | str | None, backend: Backend) -> Reader:
    if not isinstance(given, str):
        return ReadOnce(backend=backend) if given is None else given
    made: Reader = registry.load_component("readers", given)(backend=backend)
    return made


async def ashape(query: str, documents: Iterable[Passage], **options: Any) -> Context:  # noqa: ANN401
    """Runs `shape` in a thread, so that the event loop goes on; same parameters."""
    return await in_thread(partial(shape, query, documents, **options))


async def aask(query: str, documents: Iterable[Passage], **options: Any) -> Answer:  # noqa: ANN401
    """Runs `ask` in a thread, so that the event loop goes on; same parameters. A cancellation ends the model's work."""
    return await in_thread(partial(ask, query, documents, **options))

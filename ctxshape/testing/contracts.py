"""Contract checks for components, to be called from your own tests. Each failure names the violated rule."""

from __future__ import annotations

import inspect
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ctxshape.core.messages import Answer, Completion, Generation, Prompt, Segment
from ctxshape.core.prompts import render
from ctxshape.core.protocols import Backend, Embedder, Reader, Scorer, Scores, Transform
from ctxshape.core.reach import reach_of
from ctxshape.core.registry import registered_name
from ctxshape.core.spans import is_quote
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError, ContextTooLong, CtxshapeError
from ctxshape.testing import fuzzing
from ctxshape.testing.documents import structured_contexts
from ctxshape.testing.faithful import WITHOUT_OUTLINES, faults, known_outlines
from ctxshape.testing.samples import sample_contexts


class ContractError(AssertionError):
    """Raised when a component violates a rule of its role."""


def check_transform(transform: Transform, contexts: Sequence[Context] | None = None) -> None:
    """Checks a transform on contexts, by default the samples.

    The transform leaves its input unchanged and handles empty and one-document lists. The same input gives the same output,
    also from a pickled copy. Ids stay unique, query and sources stay, and exactly the dropped ids have a reason. Spans match
    their sources, and a shown text says nothing that they do not say (see `ctxshape.testing.faithful`). The component has a
    repr and a docstring with a doctest. Raises ContractError.

    >>> from ctxshape import DropDuplicates
    >>> check_transform(DropDuplicates())
    """
    _require(isinstance(transform, Transform), "role", transform, "is not callable")
    _check_description(transform)
    copy = _pickled(transform)
    structured, outlines = structured_contexts(0 if contexts else _STRUCTURED)
    hostile = fuzzing.seeded_contexts(0 if contexts else _HOSTILE)
    for context in [*_samples(contexts), *_taken(transform, [*hostile, *structured])]:
        result = _unchanged(transform, context)
        _require(isinstance(result, Context), "result", transform, f"returned {type(result).__name__}, not a Context")
        _require(transform(context) == result, "deterministic", transform, "returned a different result for the same context")
        _require(copy(context) == result, "picklable", transform, "returned a different result after pickling")
        _check_ids(transform, context, result)
        _check_spans(transform, result)
        known = known_outlines(context, outlines)
        wrong = [fault for fault in faults(context, result, known) if known or fault.rule in WITHOUT_OUTLINES]
        _require(not wrong, "faithful", transform, f"shows what its sources do not say: {wrong[:1]}")


def check_reader(reader: Reader, contexts: Sequence[Context] | None = None) -> None:
    """Checks a reader: input unchanged, deterministic, picklable, described, and citations inside the sources.

    >>> from ctxshape import ReadOnce
    >>> from ctxshape.testing import ScriptedBackend
    >>> check_reader(ReadOnce(backend=ScriptedBackend()))
    """
    _require(isinstance(reader, Reader), "role", reader, "is not callable")
    _check_description(reader)
    copy = _pickled(reader)
    hostile = fuzzing.seeded_contexts(0 if contexts else _HOSTILE_READ)
    for context in [*_samples(contexts), *_taken(reader, hostile)]:
        answer = _unchanged(reader, context)
        _require(isinstance(answer, Answer), "result", reader, f"returned {type(answer).__name__}, not an Answer")
        _require(_timeless(reader(context)) == _timeless(answer), "deterministic", reader, "returned a different answer")
        _require(
            _timeless(copy(context)) == _timeless(answer), "picklable", reader, "returned a different answer after pickling"
        )
        _require(bool(context.documents) or answer.abstained, "empty", reader, "answered without a document")
        _require(0 <= answer.agreement <= 1, "agreement", reader, f"returned an agreement of {answer.agreement}")
        for span in answer.citations:
            _require(
                _inside(context, span.document, span.start, span.end),
                "citations",
                reader,
                f"cites {span}, which is outside of the sources",
            )


def check_backend(backend: Backend, prompts: Sequence[Prompt] | None = None, options: Generation | None = None) -> None:
    """Checks a backend: batches in order, empty batches, the same output twice, stop strings, streams, limits.

    >>> from ctxshape.testing import ScriptedBackend
    >>> check_backend(ScriptedBackend())
    """
    _require(isinstance(backend, Backend), "role", backend, "lacks a method of Backend")
    _check_description(backend)
    some = list(prompts or (render(context) for context in sample_contexts() if context.documents))
    chosen = options or Generation(max_tokens=8)
    _require(backend.generate([]) == [], "empty", backend, "returned completions for an empty batch")
    batch = backend.generate(some, chosen)
    _require(len(batch) == len(some), "batch", backend, f"returned {len(batch)} completions for {len(some)} prompts")
    texts = [completion.text for completion in batch]
    again = [completion.text for completion in backend.generate(some, chosen)]
    _require(again == texts, "deterministic", backend, "returned different texts for the same prompts")
    # One by one: in a batch the last bits of a real model's logits differ, and two nearly equal tokens may swap.
    for prompt in some:
        _check_completion(backend, prompt, backend.generate([prompt], chosen)[0], chosen)
    _check_limit(backend, some[0])


def check_embedder(embedder: Embedder) -> None:
    """Checks an embedder: one float32 unit row per text, the same result twice, no row for no text."""
    _require(isinstance(embedder, Embedder), "role", embedder, "has no embed()")
    _check_description(embedder)
    texts = ["Paris is in France.", "巴黎在法国。", "Paris is in France."]
    vectors = embedder.embed(texts)
    _require(vectors.shape[0] == 3 and vectors.ndim == 2, "shape", embedder, f"returned the shape {vectors.shape} for 3 texts")
    _require(vectors.dtype == np.float32, "type", embedder, f"returned {vectors.dtype}, not float32")
    _require(
        bool(np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)),
        "length",
        embedder,
        "returned rows whose length is not 1",
    )
    _require(
        bool(np.allclose(vectors, embedder.embed(texts), atol=1e-6)),
        "deterministic",
        embedder,
        "returned different vectors for the same texts",
    )
    _require(embedder.embed([]).shape[0] == 0, "empty", embedder, "returned vectors for no text")


def check_scorer(scorer: Scorer) -> None:
    """Checks a scorer: one finite float64 per text, the same result twice and in any order, no score for no text.

    If the scorer has `calibrated`, its scores are checked, too.

    >>> from ctxshape.scorers.bm25 import Bm25
    >>> check_scorer(Bm25())
    """
    _require(isinstance(scorer, Scorer), "role", scorer, "has no score()")
    _check_description(scorer)
    _check_scores(scorer, scorer.score)
    if hasattr(scorer, "calibrated"):
        _check_scores(scorer, scorer.calibrated)


def _check_scores(scorer: Scorer, score: Callable[[str, Sequence[str]], Scores]) -> None:
    query, texts = "Where is Paris?", ["Paris is in France.", "巴黎在法国。", " ", "Paris is in France.", "x" * 2000]
    scores = score(query, texts)
    _require(scores.shape == (len(texts),), "shape", scorer, f"returned the shape {scores.shape} for {len(texts)} texts")
    _require(scores.dtype == np.float64, "type", scorer, f"returned {scores.dtype}, not float64")
    _require(bool(np.isfinite(scores).all()), "finite", scorer, f"returned {scores.tolist()}")
    _require(
        bool(np.allclose(scores, score(query, texts))), "deterministic", scorer, "returned different scores for the same texts"
    )
    turned = score(query, texts[::-1])[::-1]
    _require(bool(np.allclose(scores, turned, atol=1e-3)), "order", scorer, "returned different scores in another order")
    _require(score(query, []).shape == (0,), "empty", scorer, "returned scores for no text")
    for context in fuzzing.seeded_contexts(_HOSTILE):
        hostile = score(context.query, [document.text for document in context.documents])
        _require(bool(np.isfinite(hostile).all()), "finite", scorer, f"returned {hostile.tolist()} for hostile texts")


_HOSTILE, _HOSTILE_READ = 8, 2  # hostile contexts for a transform, and for a reader, which may run a model
_STRUCTURED = 10  # contexts of documents with a known structure, one document of each kind


def _require(holds: bool, rule: str, component: object, fault: str) -> None:
    if not holds:
        raise ContractError(f"[{rule}] {component!r:.200} {fault}")


def _samples(contexts: Sequence[Context] | None) -> list[Context]:
    given = list(sample_contexts() if contexts is None else contexts)
    first = given[0]
    return [*given, first.keep([]), first.keep(first.documents[:1])]


def _taken(function: Callable[[Context], Any], contexts: Sequence[Context]) -> Iterator[Context]:
    """Yields the contexts that the function does not refuse by an error of ctxshape; any other error is raised."""
    for context in contexts:
        try:
            function(context)
        except CtxshapeError:
            continue
        yield context


def _check_description(component: Any) -> None:  # noqa: ANN401
    subject = component if inspect.isfunction(component) else type(component)
    shown = component.__qualname__ if subject is component else repr(component)
    _require(" at 0x" not in shown, "repr", component, "shows an address; show the parameters")
    doc = inspect.getdoc(subject) or ""
    _require(doc != "" and ">>>" in doc, "docstring", component, "has no docstring with a doctest")
    _check_reach(component, subject)


def _check_reach(component: object, subject: Any) -> None:  # noqa: ANN401
    """Checks that a built-in component declares what it reaches; without a declaration a plugin's reaches everything."""
    if subject.__module__.startswith("ctxshape.") and registered_name(subject):
        _require("reaches" in vars(subject), "reaches", component, "has no `reaches`; declare what it reaches, () for nothing")
    try:
        reach_of(subject, {})
    except ConfigError as error:
        _require(False, "reaches", component, f"declares a wrong `reaches`: {error}")


def _pickled(component: Any) -> Any:  # noqa: ANN401
    try:
        return pickle.loads(pickle.dumps(component))
    except Exception as error:
        raise ContractError(f"[picklable] {component!r:.200} does not pickle: {error}") from error


def _unchanged(function: Callable[[Context], Any], context: Context) -> Any:  # noqa: ANN401
    before = context.model_copy(deep=True)
    result = function(context)
    _require(context == before, "input", function, "changed its input")
    return result


def _check_ids(transform: Transform, context: Context, result: Context) -> None:
    before, after = [d.id for d in context.documents], [d.id for d in result.documents]
    _require(len(set(after)) == len(after), "ids", transform, f"returned an id twice: {after}")
    _require(result.query == context.query, "query", transform, "changed the query")
    _require(result.sources == context.sources, "sources", transform, "changed the sources")
    gone = set(before) - set(after)
    _require(
        gone == set(result.dropped),
        "reasons",
        transform,
        f"dropped {sorted(gone)} and returned reasons for {sorted(result.dropped)}",
    )
    _require(all(reason.strip() for reason in result.dropped.values()), "reasons", transform, "returned an empty reason")


def _check_spans(transform: Transform, result: Context) -> None:
    for document in result.documents:
        for span in document.spans:
            inside = _inside(result, span.document, span.start, span.end)
            _require(
                inside, "spans", transform, f"returned {document.id!r} with the span {span}, which is outside of the sources"
            )
        true = document.kind == "rewrite" or is_quote(result, document)
        _require(
            true,
            "spans",
            transform,
            f"returned {document.id!r} with a text that its spans do not contain; mark it kind='rewrite'",
        )


def _inside(context: Context, document: str, start: int, end: int) -> bool:
    return document in context.sources and 0 <= start <= end <= len(context.sources[document].text)


def _timeless(answer: Answer) -> dict[str, object]:
    """Returns the parts of an answer that do not depend on time, with log-probabilities rounded to four digits."""
    votes = [(vote.text, vote.order, round(vote.mean_logprob, 4)) for vote in answer.votes]
    return {"text": answer.text, "citations": answer.citations, "votes": votes, "abstained": answer.abstained}


def _check_completion(backend: Backend, prompt: Prompt, completion: Completion, options: Generation) -> None:
    text = completion.text
    _require(
        len(completion.logprobs) <= options.max_tokens, "max_tokens", backend, f"returned {len(completion.logprobs)} tokens"
    )
    _require(all(value <= 1e-6 for value in completion.logprobs), "logprobs", backend, "returned a log-probability above 0")
    _require(
        "".join(backend.stream(prompt, options)) == text,
        "stream",
        backend,
        "streams a text that differs from what it generates",
    )
    word = re.search(r"\w{2,}", text)
    if word:
        stopped = backend.generate([prompt], options.model_copy(update={"stop": (word.group(),)}))[0]
        _require(
            stopped.text == text[: word.start()] and stopped.finish == "stop", "stop", backend, "does not cut at a stop string"
        )


def _check_limit(backend: Backend, prompt: Prompt) -> None:
    limit = backend.context_length()
    _require(backend.count_tokens("two words") > 0, "count_tokens", backend, "counts 0 tokens in a text")
    long = prompt.model_copy(update={"documents": (Segment(text="word " * (limit + 1)),)})
    try:
        backend.generate([prompt, long])
    except ContextTooLong as error:
        _require(
            str(limit) in str(error), "context_length", backend, f"raised ContextTooLong without its limit {limit}: {error}"
        )
    else:
        _require(False, "context_length", backend, f"accepted a prompt of more than its {limit} tokens")

"""Re-ranking by the attention of a model at hand: the question's, less that of a question without content."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ctxshape.core.attention import AttentionMap, Head
from ctxshape.core.component import Component
from ctxshape.core.measurements import fingerprint, model_name, record_of, write_record
from ctxshape.core.prompts import render, template_for
from ctxshape.core.protocols import AttentionProbe
from ctxshape.core.ranking import ranks
from ctxshape.core.types import Context
from ctxshape.errors import InvalidInput
from ctxshape.evidence.attention import best_heads, document_scores, head_scores

EMPTY = "N/A"  # the question without content of Chen et al.


class RankByAttention(Component):
    """Puts the documents first that a model looks at when it reads the question; `top` keeps only so many.

    A document's score is the attention that the question's tokens pay it, less what those of an empty question ("N/A")
    pay it (`calibrate`), so that neither length nor place counts: in-context re-ranking, Chen et al. 2024, "Attention in
    Large Language Models Yields Efficient Zero-Shot Re-Rankers". It costs one reading of all documents; both questions
    share their KV. `heads` is a JSON file that `ctxshape profile` or `calibrate_heads` wrote for this very model: only the
    heads that find the right document count; by default all do. `passes` beyond 1 read again with the best last, where a
    model sees it best, and sort by that (Peysakhovich and Lerer 2023, "Attention Sorting Combats Recency Bias"), each for
    the price of a reading. Small models rank worse
    than BM25 so: 0.22 first with all heads of SmolLM2-135M, 0.61 with chosen ones, 0.72 by BM25 (100 questions).

    `backend` is an AttentionProbe such as LlamaCpp. Raises ModelError where its attention cannot be read, ContextTooLong
    for documents that do not fit, and InvalidInput for a `heads` file that has none of this model.

    >>> from ctxshape.testing import ScriptedProbe
    >>> context = Context.of("capital of France", ["Berlin is in Germany.", "Paris is the capital of France."])
    >>> [document.id for document in RankByAttention(backend=ScriptedProbe(), top=1)(context).documents]
    ['d2']
    """

    backend: AttentionProbe
    top: Annotated[int, Field(ge=1)] | None = None
    heads: str | None = None
    calibrate: bool = True
    passes: Annotated[int, Field(ge=1, le=10)] = 1

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  pydantic's own signature
        if isinstance(fields.get("heads"), os.PathLike):
            fields["heads"] = os.fspath(fields["heads"])
        super().__init__(**fields)

    def __call__(self, context: Context, /) -> Context:
        """The context with its documents scored and sorted."""
        if not context.documents:
            return context.keep(())
        heads = None if self.heads is None else heads_of(self.heads, self.backend)
        documents = list(context.documents)
        scores = self._scores(context, heads)
        for _ in range(self.passes - 1):
            worst_first = [documents[index] for index in reversed(ranks(scores))]
            if worst_first == documents:
                break
            documents = worst_first
            scores = self._scores(context.keep(documents), heads)
        scored = [d.model_copy(update={"score": float(s)}) for d, s in zip(documents, scores, strict=True)]
        ranked = [scored[index] for index in ranks(scores)]
        cut = len(ranked) if self.top is None else self.top
        gone = {d.id: f"rank {place} of {len(ranked)}, below the best {cut}" for place, d in enumerate(ranked[cut:], cut + 1)}
        return context.keep(ranked[:cut], dropped=gone)

    def _scores(self, context: Context, heads: list[Head] | None) -> list[float]:
        asked, empty = attended(self.backend, context, calibrate=self.calibrate)
        return [float(score) for score in document_scores(asked, empty, heads)]


def attended(backend: AttentionProbe, context: Context, *, calibrate: bool = True) -> tuple[AttentionMap, AttentionMap | None]:
    """The attention of a context's question to its documents, and that of a question without content."""
    prompt = render(context.model_copy(update={"hints": ()}))
    asked = backend.attend(prompt)
    if not calibrate:
        return asked, None
    # In the same template, so that lead and documents are the same to the last character and their KV is shared.
    empty = render(context.model_copy(update={"hints": (), "query": EMPTY}), template_for(context.query))
    return asked, backend.attend(empty)


def heads_of(path: str, backend: object) -> list[Head]:
    """The heads that a file has for the model of a backend. Raises InvalidInput."""
    found = record_of(path, fingerprint(backend), "heads")
    try:
        heads = [(int(layer), int(head)) for layer, head in found]
    except (TypeError, ValueError):
        heads = []
    if not heads:
        raise InvalidInput(f"{path!r} has the heads {found!r:.100}; give a list of [layer, head]")
    return heads


def calibrate_heads(
    backend: AttentionProbe, contexts: Iterable[tuple[Context, str]], path: str | Path, keep: int = 16
) -> list[Head]:
    """Choose the `keep` heads that find the right document best, and write them into a JSON file, for `RankByAttention`.

    `contexts` are pairs of a context and the id of the document that answers it; some twenty of the user's own kind do.
    Each costs a reading. Raises InvalidInput for an id that is not in its context, or without any pair.
    """
    scores, gold = [], []
    last: AttentionMap | None = None
    for context, id in contexts:
        ids = [document.id for document in context.documents]
        if id not in ids:
            raise InvalidInput(f"the context has no document {id!r}; it has {ids}")
        last, empty = attended(backend, context)
        if empty is not None:
            scores.append(head_scores(last, empty))
            gold.append(ids.index(id))
    if last is None:
        raise InvalidInput("no context was given to calibrate on; give some twenty with the id that answers each")
    heads = [(last.layers[layer], head) for layer, head in best_heads(scores, gold, keep)]
    write_record(path, fingerprint(backend), {"model": model_name(backend), "heads": heads, "heads_cases": len(scores)})
    return heads

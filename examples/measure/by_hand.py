"""Baselines by hand with an embedder: the best whole passages, or the best single sentences. Used by `*_on_sets.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ctxshape import Context
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Embedder
from ctxshape.core.tokens import CountOnce
from ctxshape.core.types import Document

# Own rules, so that the baseline stays the same when the library cuts otherwise.
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?](?=\s)|[。！？；]|(?=\n)|$)")


@dataclass(frozen=True)
class BestPassages:
    """Returns the passages most similar to the question, best first: `most` of them, or all that fit into `tokens`.

    A passage that does not fit is passed over.
    """

    embedder: Embedder
    counter: CountOnce
    most: int | None = None
    tokens: int | None = None

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with these passages."""
        scores = _similarities(self.embedder, context.query, [f"{d.title or ''} {d.text}" for d in context.documents])
        kept: list[Document] = []
        for place in np.argsort(-scores, kind="stable"):
            tried = [*kept, context.documents[place]]
            if self.tokens is None or self.counter.total(document_texts(context.query, tried)) <= self.tokens:
                kept = tried
            if len(kept) == self.most:
                break
        return context.keep(kept)


@dataclass(frozen=True)
class BestSentences:
    """Returns the sentences and lines most similar to the question, as many as fit into `tokens`, in their order."""

    embedder: Embedder
    counter: CountOnce
    tokens: int

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with these sentences."""
        places = [
            (number, match[0].strip())
            for number, document in enumerate(context.documents)
            for match in _SENTENCE.finditer(document.text)
            if match[0].strip()
        ]
        scores = _similarities(self.embedder, context.query, [text for _, text in places])
        heads = [
            self.counter.total(document_texts(context.query, [d.model_copy(update={"text": ""})])) for d in context.documents
        ]
        chosen: set[int] = set()
        opened: set[int] = set()
        used = 0
        for place in np.argsort(-scores, kind="stable"):
            number, text = places[place]
            cost = self.counter.count_tokens(text) + (0 if number in opened else heads[number])
            if used + cost <= self.tokens:
                used += cost
                chosen.add(int(place))
                opened.add(number)
        kept = []
        for number, document in enumerate(context.documents):
            lines = [text for place, (own, text) in enumerate(places) if own == number and place in chosen]
            if lines:
                kept.append(document.model_copy(update={"text": "\n".join(lines)}))
        return context.keep(kept)


def _similarities(embedder: Embedder, query: str, texts: list[str]) -> np.ndarray:
    if not texts:
        return np.zeros(0)
    vectors = np.asarray(embedder.embed([query, *texts]), dtype=np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    scores: np.ndarray = vectors[1:] @ vectors[0]
    return scores

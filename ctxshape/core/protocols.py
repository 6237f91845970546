"""The roles a component can play. Any object with the right methods plays one; nothing is inherited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.attention import AttentionMap
from ctxshape.core.messages import Answer, Completion, Generation, Prompt
from ctxshape.core.types import Context, Document

Matrix = NDArray[np.float32]
Scores = NDArray[np.float64]


@runtime_checkable
class Transform(Protocol):
    """A pure function from context to context; it says by `Context.keep` why a document is gone."""

    def __call__(self, context: Context, /) -> Context: ...


@runtime_checkable
class Reader(Protocol):
    """Turns a context into an answer."""

    def __call__(self, context: Context, /) -> Answer: ...


@runtime_checkable
class TokenCounter(Protocol):
    """Counts the tokens of a text. Every backend is one."""

    def count_tokens(self, text: str, /) -> int: ...


@runtime_checkable
class Backend(TokenCounter, Protocol):
    """A language model: completions in the order of the prompts, computed as one batch where it can."""

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = ...) -> list[Completion]: ...

    def stream(self, prompt: Prompt, /, options: Generation = ...) -> Iterator[str]: ...

    def context_length(self) -> int: ...  # a method: isinstance() evaluates properties on Python 3.11


@runtime_checkable
class SegmentCache(Protocol):
    """Computes each document of a prompt once: for many orders of them, or for all at the same position."""

    def generate_orders(
        self, prompt: Prompt, orders: Sequence[Sequence[int]], /, options: Generation = ...
    ) -> list[Completion]: ...

    def generate_windows(self, prompt: Prompt, /, options: Generation = ...) -> Completion: ...


@runtime_checkable
class Embedder(Protocol):
    """Maps n texts to a float32 matrix of shape (n, d) with rows of length 1."""

    def embed(self, texts: Sequence[str], /) -> Matrix: ...


@runtime_checkable
class QueryEmbedder(Embedder, Protocol):
    """An embedder that embeds what asks otherwise than what answers: a float32 vector of shape (d,) and length 1."""

    def embed_query(self, query: str, /) -> Matrix: ...


@runtime_checkable
class Retriever(Protocol):
    """Finds the k best documents for a query, best first."""

    def __call__(self, query: str, k: int, /) -> Sequence[Document]: ...


@runtime_checkable
class Scorer(Protocol):
    """Says how relevant each of n texts is to a query: float64, shape (n,), finite, higher is better within one call.

    One with an attribute `by_sentence` that is true would rather read sentences than whole documents. One with a method
    `calibrated`, of the same form, has scores whose differences mean the same for every query, in about standard
    deviations: fused with others it is heard by them, and so counts less where it knows little.
    """

    def score(self, query: str, texts: Sequence[str], /) -> Scores: ...


@runtime_checkable
class Likelihood(Protocol):
    """Says how likely a text is after a prompt: the natural log-probabilities of its tokens, an array for each pair."""

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str], /) -> list[Scores]: ...


@runtime_checkable
class AttentionProbe(Protocol):
    """Says where a model looks: the attention that each token of a prompt gets from those of its question."""

    def attend(self, prompt: Prompt, /) -> AttentionMap: ...

"""The roles of components. Any object with the right methods fills one; nothing has to be inherited."""

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
    """A pure function from context to context. `Context.keep` records why it dropped a document."""

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
    """A language model. It returns completions in the order of the prompts, computed as one batch if it can."""

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = ...) -> list[Completion]: ...

    def stream(self, prompt: Prompt, /, options: Generation = ...) -> Iterator[str]: ...

    def context_length(self) -> int: ...  # a method, because isinstance() evaluates properties on Python 3.11


@runtime_checkable
class SegmentCache(Protocol):
    """Computes each document of a prompt once, to read the documents in many orders or all at the same position."""

    def generate_orders(
        self, prompt: Prompt, orders: Sequence[Sequence[int]], /, options: Generation = ...
    ) -> list[Completion]: ...

    def generate_windows(self, prompt: Prompt, /, options: Generation = ...) -> Completion: ...


@runtime_checkable
class Embedder(Protocol):
    """Maps n texts to a float32 matrix of shape (n, d) whose rows have length 1."""

    def embed(self, texts: Sequence[str], /) -> Matrix: ...


@runtime_checkable
class QueryEmbedder(Embedder, Protocol):
    """An embedder with its own way to embed queries: a float32 vector of shape (d,) and length 1."""

    def embed_query(self, query: str, /) -> Matrix: ...


@runtime_checkable
class Retriever(Protocol):
    """Finds the k best documents for a query, best first."""

    def __call__(self, query: str, k: int, /) -> Sequence[Document]: ...


@runtime_checkable
class Scorer(Protocol):
    """Scores the relevance of n texts to a query: float64, shape (n,), finite. Higher is better within one call.

    Three members are optional:

    - `by_sentence = True`: the scorer reads sentences instead of whole documents.
    - `reads_terms = True`: `score` takes a keyword argument `terms`, a function from a text to its index terms.
    - `calibrated(query, texts)`: scores whose differences mean the same for every query, in units of about a standard
      deviation. Among several scorers these replace the standardized scores, so that a scorer that knows little about a
      query also has little influence.
    """

    def score(self, query: str, texts: Sequence[str], /) -> Scores: ...


@runtime_checkable
class Likelihood(Protocol):
    """Computes how likely a text is after a prompt: the natural log-probabilities of its tokens, one array per pair."""

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str], /) -> list[Scores]: ...


@runtime_checkable
class AttentionProbe(Protocol):
    """Measures where a model looks: the attention that each token of a prompt gets from the question's tokens."""

    def attend(self, prompt: Prompt, /) -> AttentionMap: ...

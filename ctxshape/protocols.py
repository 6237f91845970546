"""The roles a component can play. Any object with the right methods plays one; nothing is inherited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ctxshape.exchange import Answer, Completion, Generation, Prompt
from ctxshape.types import Context, Document

Matrix = NDArray[np.float32]


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
class Embedder(Protocol):
    """Maps n texts to a float32 matrix of shape (n, d) with rows of length 1."""

    def embed(self, texts: Sequence[str], /) -> Matrix: ...


@runtime_checkable
class Retriever(Protocol):
    """Finds the k best documents for a query, best first."""

    def __call__(self, query: str, k: int, /) -> Sequence[Document]: ...

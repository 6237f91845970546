"""Embeddings by sentence-transformers; the sole user of that library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import PrivateAttr

from ctxshape.component import Component
from ctxshape.errors import MissingExtra, ModelError
from ctxshape.protocols import Matrix


class SentenceTransformerEmbedder(Component):
    """A sentence-transformers bi-encoder: a folder, or a name on the hub. It loads at the first use.

    A value that looks like a path (it has a separator and begins with `.`, `~` or `/`) must be a folder.

    >>> SentenceTransformerEmbedder(model="./no/such/folder")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no folder 'no/such/folder'; ...
    """

    model: str = "sentence-transformers/all-MiniLM-L6-v2"
    device: str | None = None
    batch_size: int = 32
    _loaded: Any = PrivateAttr(default=None)

    def model_post_init(self, _: object) -> None:
        """Check a path before anything is loaded."""
        if self.model.startswith((".", "~", "/")) and not Path(self.model).expanduser().is_dir():
            path = str(Path(self.model))
            raise ModelError(
                f"there is no folder {path!r}; give the folder of a sentence-transformers model, or its name on the hub"
            )

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Unit vectors of the texts, float32, shape (n, d). Raises MissingExtra or ModelError."""
        vectors = self._load().encode(
            list(texts) or [""],  # the model says its width only by a vector
            batch_size=self.batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)[: len(texts)]

    def _load(self) -> Any:  # noqa: ANN401  sentence-transformers is optional
        if self._loaded is None:
            try:
                from sentence_transformers import SentenceTransformer
            except ImportError:
                raise MissingExtra.of("SentenceTransformerEmbedder", "sentence-transformers", "embed") from None
            try:
                self._loaded = SentenceTransformer(str(Path(self.model).expanduser()), device=self.device)
            except (OSError, ValueError) as error:
                raise ModelError(f"cannot load {self.model!r} as a sentence-transformers model: {error}") from error
        return self._loaded

    def __getstate__(self) -> dict[Any, Any]:
        """The configuration only: weights are loaded again where it is unpickled."""
        state = super().__getstate__()
        return {**state, "__pydantic_private__": {"_loaded": None}}

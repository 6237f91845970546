"""Static embeddings with model2vec: token vectors are looked up and averaged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ctxshape.core.protocols import Matrix
from ctxshape.core.reach import Reach
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.texts import encodable
from ctxshape.errors import MissingExtra, ModelError

_TOKENIZERS = ("tokenizer.json", "0_StaticEmbedding/tokenizer.json")


class StaticEmbedder(LazyComponent):
    """The mean of a text's token vectors, from a folder in model2vec's format. It needs numpy and no neural network.

    Such folders are published (potion-base-8M and others, MIT), or made from any sentence-transformers model with
    `model2vec.distill`. Word order is ignored, which makes it fast and the weakest embedder here. Texts are not truncated. A
    text without a known token has a row of zeros, which is similar to nothing. Raises ModelError, when it is created, for a
    folder that is missing or has no token vectors. Arora, Liang and Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence
    Embeddings".

    >>> StaticEmbedder(model="./no/such/folder")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no folder 'no/such/folder'; give one in model2vec's format, or make one with ...
    """

    reaches: ClassVar[tuple[Reach, ...]] = ("reads",)

    model: str

    def model_post_init(self, context: object, /) -> None:
        """Checks the folder before anything is loaded."""
        super().model_post_init(context)
        folder = Path(self.model).expanduser()
        made = "give one in model2vec's format, or make one with model2vec.distill"
        if not os.path.isdir(folder):
            raise ModelError(f"there is no folder {str(Path(self.model))!r:.200}; {made}")
        if not any(
            (folder / name).is_file() and (folder / name).with_name("model.safetensors").is_file() for name in _TOKENIZERS
        ):
            raise ModelError(f"{str(folder)!r} lacks model.safetensors or tokenizer.json; {made}")

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Returns unit vectors of the texts, float32, shape (n, d). Raises MissingExtra or ModelError."""
        with self._loaded() as model:
            if not texts:
                return np.zeros((0, model.dim), dtype=np.float32)
            # One batch and no processes: computing a mean costs less than transferring it.
            vectors = model.encode(encodable(texts), max_length=None, normalize=False, use_multiprocessing=False)
        return unit_rows(np.asarray(vectors, dtype=np.float32))

    def _load(self) -> Any:  # noqa: ANN401  model2vec is optional
        try:
            from model2vec import StaticModel
        except ImportError:
            raise MissingExtra.of("StaticEmbedder", "model2vec", "static") from None
        try:
            return StaticModel.from_pretrained(Path(self.model).expanduser())
        except Exception as error:  # safetensors and tokenizers have their own errors
            reason = " ".join(str(error).split())
            raise ModelError(
                f"cannot load {self.model!r} as static embeddings: {reason:.300}; make the folder again"
            ) from error


def unit_rows(vectors: Matrix) -> Matrix:
    """Scales rows to length 1; a row of zeros stays.

    >>> unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    rows: Matrix = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return rows

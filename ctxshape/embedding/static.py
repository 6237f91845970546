"""Static embeddings: token vectors looked up and averaged, by model2vec, whose sole user this is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ctxshape.core.protocols import Matrix
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.texts import encodable
from ctxshape.errors import MissingExtra, ModelError

_TOKENIZERS = ("tokenizer.json", "0_StaticEmbedding/tokenizer.json")


class StaticEmbedder(LazyComponent):
    """The mean of a text's token vectors, out of a folder in model2vec's form: no network of neurons, only numpy.

    Such a folder is published (potion-base-8M and others, MIT), or made from any sentence-transformers model
    by `model2vec.distill`. It knows no word order, so it is fast and the weakest embedder here. Nothing is cut
    off. A text of which no token is known has a row of zeros: it is like nothing. Raises ModelError, when it is made,
    for a folder that is missing or has no token vectors. Arora, Liang and Ma 2017, "A Simple but Tough-to-Beat Baseline
    for Sentence Embeddings".

    >>> StaticEmbedder(model="./no/such/folder")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no folder 'no/such/folder'; give one in model2vec's form, or make it with ...
    """

    model: str

    def model_post_init(self, context: object, /) -> None:
        """Check the folder before anything is loaded."""
        super().model_post_init(context)
        folder = Path(self.model).expanduser()
        made = "give one in model2vec's form, or make one with model2vec.distill"
        if not folder.is_dir():
            raise ModelError(f"there is no folder {str(Path(self.model))!r}; {made}")
        if not any(
            (folder / name).is_file() and (folder / name).with_name("model.safetensors").is_file() for name in _TOKENIZERS
        ):
            raise ModelError(f"{str(folder)!r} lacks model.safetensors or tokenizer.json; {made}")

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Unit vectors of the texts, float32, shape (n, d). Raises MissingExtra or ModelError."""
        with self._loaded() as model:
            if not texts:
                return np.zeros((0, model.dim), dtype=np.float32)
            # One batch and no processes: a mean costs less than handing it over.
            vectors = model.encode(encodable(texts), max_length=None, normalize=False, use_multiprocessing=False)
        return unit_rows(np.asarray(vectors, dtype=np.float32))

    def _load(self) -> Any:  # noqa: ANN401  model2vec is optional
        try:
            from model2vec import StaticModel
        except ImportError:
            raise MissingExtra.of("StaticEmbedder", "model2vec", "static") from None
        try:
            return StaticModel.from_pretrained(Path(self.model).expanduser())
        except Exception as error:  # safetensors and tokenizers have errors of their own
            reason = " ".join(str(error).split())
            raise ModelError(
                f"cannot load {self.model!r} as static embeddings: {reason:.300}; make the folder again"
            ) from error


def unit_rows(vectors: Matrix) -> Matrix:
    """Rows brought to length 1; a row of zeros stays.

    >>> unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    rows: Matrix = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return rows

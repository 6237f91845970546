"""Relevance by a cross-encoder of sentence-transformers, which reads query and text together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ctxshape.core.protocols import Scores
from ctxshape.core.reach import Reach
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.loading import (
    Dtype,
    batch_size_on,
    check_available,
    check_cross_encoder,
    hub_reach,
    load_model,
    local_folder,
)
from ctxshape.embedding.texts import encodable
from ctxshape.errors import MissingExtra, ModelError


class CrossEncoder(LazyComponent):
    """A sentence-transformers cross-encoder, which reads query and text together: a folder, or a name on the hub.

    The score is the model's logit without a sigmoid, which would map all good texts to 1. `max_length`: tokens of query and
    text together, by default the model's own; a longer text is scored by its beginning. `device`, `batch_size` and `dtype` are
    as in `SentenceTransformerEmbedder`. The model is loaded at its first use. Raises ModelError, on creation, for a folder that
    is missing or not a cross-encoder, and, on scoring, for a model with more than one label or non-finite scores.
    Nogueira and Cho 2019, "Passage Re-ranking with BERT".

    >>> CrossEncoder(model="./no/such/folder")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no folder 'no/such/folder'; give the folder of a cross-encoder, ...
    """

    model: str = "cross-encoder/ms-marco-MiniLM-L6-v2"
    device: str | None = None
    batch_size: Annotated[int, Field(ge=1)] | None = None
    dtype: Dtype | None = None
    max_length: Annotated[int, Field(ge=8)] | None = None

    @classmethod
    def reaches(cls, fields: Mapping[str, Any]) -> tuple[Reach, ...]:
        """Returns what the fields reach: a name on the hub is fetched, into its cache."""
        return hub_reach(fields.get("model"))

    def model_post_init(self, context: object, /) -> None:
        """Checks a folder before anything is loaded."""
        super().model_post_init(context)
        folder = local_folder(self.model, "a cross-encoder")
        if folder:
            check_cross_encoder(folder)

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Returns the logits of the texts, float64, shape (n,). Raises MissingExtra or ModelError."""
        if not texts:
            return np.zeros(0)
        with self._loaded() as model:
            from torch.nn import Identity

            (question,) = encodable([query])
            pairs = [(question, text) for text in encodable(texts)]
            found = model.predict(
                pairs, batch_size=batch_size_on(self.batch_size, model), activation_fn=Identity(), show_progress_bar=False
            )
        scores = np.asarray(found, dtype=np.float64)
        if not np.isfinite(scores).all():
            raise ModelError(f"{self.model!r} gave non-finite scores, so its weights are broken; fetch it again")
        return scores

    def _load(self) -> Any:  # noqa: ANN401  sentence-transformers is optional
        check_available(self.model, marker="config.json")
        try:
            from sentence_transformers import CrossEncoder as Model
        except ImportError:
            raise MissingExtra.of("CrossEncoder", "sentence-transformers", "embed") from None
        loaded = load_model(Model, self.model, self.dtype, marker="config.json", device=self.device, max_length=self.max_length)
        if loaded.num_labels != 1:
            raise ModelError(f"{self.model!r} has {loaded.num_labels} labels; a relevance score needs a model with one")
        return loaded

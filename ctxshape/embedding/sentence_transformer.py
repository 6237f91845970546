"""Embeddings by bi-encoders of sentence-transformers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ctxshape.core.protocols import Matrix
from ctxshape.core.reach import Reach
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.loading import (
    Dtype,
    batch_size_on,
    check_available,
    check_bi_encoder,
    hub_reach,
    load_model,
    local_folder,
    own_prompts,
)
from ctxshape.embedding.static import unit_rows
from ctxshape.embedding.texts import encodable
from ctxshape.errors import InvalidInput, MissingExtra

_NAME = re.compile(r"[\w-]+\Z")  # a prefix contains a blank or a colon


class SentenceTransformerEmbedder(LazyComponent):
    """A sentence-transformers bi-encoder: a folder, or a name on the hub. It is loaded at its first use.

    `device`: such as "cpu" or "cuda"; None takes a GPU if there is one. `batch_size`: texts of similar length in a batch;
    None takes 8 on a CPU, whose caches hold no more, and 64 elsewhere. In another batch, the vector of the same text differs
    in its last bits (about 1e-7). Only the beginning of a text longer than the model's `max_seq_length` (256 tokens for
    MiniLM) is embedded.

    `dtype`: the type of the arithmetic; None takes that of the model's file. "bfloat16" is about twice as fast on a CPU
    that supports it (`avx512_bf16`, `amx_bf16` in /proc/cpuinfo), and slow elsewhere. Its vectors differ from those in
    float32 by about 0.01, and by up to as much from batch to batch. Some models overflow in "float16".

    Some models need to know which text is the query and which the passage. `query_prompt` (for `embed_query`) and `prompt`
    (for `embed`) name a prompt of the model, or are a text to put in front, which contains a blank or a colon ("query: ").
    None takes the model's own "query" and "document" prompts, if it has any (EmbeddingGemma has them; E5 needs to be told).
    "" takes no prompt.

    A folder is checked when the component is created. Raises ModelError for one that is missing, a plain transformers model
    or something else, and InvalidInput for an unknown prompt. sentence-transformers fetches a name on the hub at the first
    use.

    >>> SentenceTransformerEmbedder(model="./no/such/folder")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no folder 'no/such/folder'; give the folder of a sentence-transformers model, ...
    """

    model: str = "sentence-transformers/all-MiniLM-L6-v2"
    device: str | None = None
    batch_size: Annotated[int, Field(ge=1)] | None = None
    dtype: Dtype | None = None
    query_prompt: str | None = None
    prompt: str | None = None

    @classmethod
    def reaches(cls, fields: Mapping[str, Any]) -> tuple[Reach, ...]:
        """Returns what the fields reach: a name on the hub is fetched, into its cache."""
        return hub_reach(fields.get("model"))

    def model_post_init(self, context: object, /) -> None:
        """Checks a folder before anything is loaded."""
        super().model_post_init(context)
        folder = local_folder(self.model, "a sentence-transformers model")
        if folder:
            check_bi_encoder(folder)
            for prompt in (self.query_prompt, self.prompt):
                prompt_text(prompt, own_prompts(folder), self.model)

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Returns unit vectors of passages or sentences, float32, shape (n, d). Raises MissingExtra or ModelError."""
        with self._loaded() as model:
            # Only a vector tells the model's width.
            vectors = self._encode(model, model.encode_document, list(texts) or [""], self.prompt)
        return vectors[: len(texts)]

    def embed_query(self, query: str, /) -> Matrix:
        """Returns the unit vector of a query, float32, shape (d,). Raises MissingExtra or ModelError."""
        with self._loaded() as model:
            vector: Matrix = self._encode(model, model.encode_query, [query], self.query_prompt)[0]
        return vector

    def _encode(self, model: Any, encode: Any, texts: list[str], prompt: str | None) -> Matrix:  # noqa: ANN401
        vectors = encode(
            encodable(texts),
            prompt=prompt_text(prompt, model.prompts, self.model),
            batch_size=batch_size_on(self.batch_size, model),
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return unit_rows(np.asarray(vectors, dtype=np.float32))  # rows in 16 bits have length 1 only to three digits

    def _load(self) -> Any:  # noqa: ANN401  sentence-transformers is optional
        check_available(self.model)
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise MissingExtra.of("SentenceTransformerEmbedder", "sentence-transformers", "embed") from None
        return load_model(SentenceTransformer, self.model, self.dtype, device=self.device)


def prompt_text(given: str | None, own: Mapping[str, str], model: str) -> str | None:
    """Returns the text to put before an input: a prompt of the model's `own` by its name, or `given` itself.

    Raises InvalidInput for a name that is not the name of a prompt.

    >>> prompt_text("query", {"query": "Q: "}, "m"), prompt_text("ask: ", {}, "m"), prompt_text("", {}, "m")
    ('Q: ', 'ask: ', '')
    """
    if given is None:
        return None
    if given in own:
        return own[given]
    if _NAME.match(given):
        known = ", ".join(map(repr, own)) or "none"
        raise InvalidInput(
            f"{model!r} has no prompt named {given!r}, only: {known}; a text to put in front contains a blank or a colon, such "
            f"as '{given}: '"
        )
    return given

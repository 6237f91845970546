"""Bi-encoders by sentence-transformers, and how any model of that library is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ctxshape.core.protocols import Matrix
from ctxshape.core.telemetry import LOGGER
from ctxshape.embedding.folders import cached_snapshot, check_bi_encoder, local_folder, prompts_of
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.static import unit_rows
from ctxshape.embedding.texts import encodable
from ctxshape.errors import InvalidInput, MissingExtra, ModelError

Dtype = Literal["float32", "bfloat16", "float16"]
_NAME = re.compile(r"[\w-]+\Z")  # a prefix has a blank or a colon


class SentenceTransformerEmbedder(LazyComponent):
    """A sentence-transformers bi-encoder: a folder, or a name on the hub. It loads at the first use.

    `device`: such as "cpu" or "cuda"; None takes a GPU if there is one. `batch_size`: texts in a batch, of like length; None
    takes 8 on a CPU, whose caches hold no more, and 64 elsewhere. Vectors of the same text in other batches differ in the
    last bits (about 1e-7). A text longer than the model's `max_seq_length` (256 tokens for MiniLM) is embedded by its
    beginning.

    `dtype`: the numbers to compute with; None takes those of the model's file. "bfloat16" is about twice as fast on a CPU
    that has it (`avx512_bf16`, `amx_bf16` in /proc/cpuinfo), and slow elsewhere; vectors then differ by about 0.01 from
    those in float32, and by up to as much from batch to batch. Some models overflow in "float16".

    Some models want to know which text asks and which answers. `query_prompt` (for `embed_query`) and `prompt` (for
    `embed`) are the name of a prompt of the model, or a text to put in front, which has a blank or a colon in it ("query: ").
    None takes the model's own "query" and "document" prompt, if it has any (EmbeddingGemma does; E5 must be told), and
    "" takes none.

    A folder is checked when the component is made: ModelError for one that is missing, is a plain transformers model or
    something else, or has no prompt of that name. A name on the hub is fetched at the first use by sentence-transformers.

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

    def model_post_init(self, context: object, /) -> None:
        """Check a folder before anything is loaded."""
        super().model_post_init(context)
        folder = local_folder(self.model, "a sentence-transformers model")
        if folder:
            check_bi_encoder(folder)
            for prompt in (self.query_prompt, self.prompt):
                prompt_text(prompt, prompts_of(folder), self.model)

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Unit vectors of passages or sentences, float32, shape (n, d). Raises MissingExtra or ModelError."""
        with self._loaded() as model:
            # The model says its width only by a vector.
            vectors = self._encode(model, model.encode_document, list(texts) or [""], self.prompt)
        return vectors[: len(texts)]

    def embed_query(self, query: str, /) -> Matrix:
        """Unit vector of a query, float32, shape (d,). Raises MissingExtra or ModelError."""
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
        return unit_rows(np.asarray(vectors, dtype=np.float32))  # computed in half the bits they are so to three digits only

    def _load(self) -> Any:  # noqa: ANN401  sentence-transformers is optional
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise MissingExtra.of("SentenceTransformerEmbedder", "sentence-transformers", "embed") from None
        return opened(SentenceTransformer, self.model, self.dtype, device=self.device)


def prompt_text(given: str | None, own: Mapping[str, str], model: str) -> str | None:
    """The text that goes before an input: a prompt of the model's `own` by its name, or `given` as it is.

    Raises InvalidInput for what looks like a name and is none.

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
            f"{model!r} has no prompt named {given!r}, only: {known}; a text to put in front has a blank or a colon, such as "
            f"'{given}: '"
        )
    return given


def batch_size_on(given: int | None, model: Any) -> int:  # noqa: ANN401  sentence-transformers is optional
    """Returns the batch size: the given one, else 8 on a CPU, whose caches hold no more, and 64 elsewhere."""
    return given or (8 if model.device.type == "cpu" else 64)


def opened(loader: Any, model: str, dtype: Dtype | None, *, marker: str = "modules.json", **how: Any) -> Any:  # noqa: ANN401
    """Loads a model of sentence-transformers by one of its classes: from a folder, the hub's cache, or the hub.

    The hub is asked only for a model that the cache does not have; `marker` is the file that a cached one must have,
    since the library replaces a missing modules.json by a guess. Raises ModelError with what may be wrong.
    """
    try:
        import torch

        loaded = _loaded_by(loader, model, marker, how)
        return loaded if dtype is None else loaded.to(getattr(torch, dtype))
    except ModelError:
        raise
    except Exception as error:  # each of four libraries below has errors of its own
        remedy = (
            "its files are broken, or the device is not there"
            if local_folder(model, "a model")
            else "give the folder of a model on this machine; or fetch this one first where there is a network, log in if it "
            "asks for it (hf auth login), and set HF_HUB_OFFLINE=1 where there is none"
        )
        reason = " ".join(str(error).split())
        raise ModelError(f"cannot load {model!r} on device {how.get('device') or 'auto'}: {reason:.300}; {remedy}") from error


def _loaded_by(loader: Any, model: str, marker: str, how: Mapping[str, Any]) -> Any:  # noqa: ANN401
    folder = local_folder(model, "a model")
    if folder or os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return loader(str(folder or model), **how)
    names = (model, f"sentence-transformers/{model}")  # the library adds the organisation to a bare name
    if any((snapshot / marker).exists() for snapshot in filter(None, map(cached_snapshot, names))):
        try:
            return loader(model, local_files_only=True, **how)
        except Exception:  # some of its files were never fetched
            LOGGER.debug("the cache of %s is not complete", model)
    if not is_reachable(os.environ.get("HF_ENDPOINT") or "https://huggingface.co"):
        raise ModelError(
            f"{model!r} is not a folder or an installed model's name, the Hugging Face cache does not have it, and the hub "
            "cannot be reached; give the folder of a model on this machine, or fetch this one first where there is a network"
        )
    return loader(model, **how)


def is_reachable(address: str, seconds: float = 5.0) -> bool:
    """Returns whether a server answers, by one request without retries; the hub's own client retries for a minute.

    >>> is_reachable("http://127.0.0.1:9")
    False
    """
    from ssl import SSLError
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    try:
        urlopen(Request(address, method="HEAD"), timeout=seconds).close()
    except HTTPError:
        return True
    except URLError as error:
        return isinstance(error.reason, SSLError)  # it answers; the hub's client may know its certificate
    except (OSError, ValueError):
        return False
    return True

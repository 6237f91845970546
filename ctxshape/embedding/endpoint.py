"""Embeddings from a server that speaks the OpenAI protocol, through the openai package."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, NamedTuple, Self

import numpy as np
from pydantic import Field, PrivateAttr, SecretStr

from ctxshape.core.addresses import checked_key, checked_url
from ctxshape.core.protocols import Matrix
from ctxshape.core.reach import Reach
from ctxshape.embedding.cache import finite_rows
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.static import unit_rows
from ctxshape.embedding.texts import encodable
from ctxshape.errors import BackendError, ContextTooLong
from ctxshape.remote.connection import Connection, openai_package
from ctxshape.remote.decoding import Malformed, count_of, list_of, object_of, text_of

# The most bytes of a reply: a row of 4,096 numbers takes about 90 KB.
REPLY_BYTES, ROW_BYTES = 2**16, 2**18
LARGEST_VALUE = 1e12  # the length of a vector of larger ones could exceed float32
LONGEST_NAME = 1000


class _Opened(NamedTuple):
    connection: Connection
    model: str


class OpenAIEmbedder(LazyComponent):
    """An embedding model behind an OpenAI-compatible server: llama-server, vLLM, Ollama, TEI, OpenAI and the like.

    `base_url` is the address in front of `/embeddings`, usually one that ends in /v1. `model` may be left out where the
    server has one model. Requests hold `batch_size` texts. `timeout` is the longest silence in seconds, `total_timeout` the
    longest time for one request with all its tries; a failed request is sent `retries` times more. `api_key` defaults to
    what OPENAI_API_KEY holds at the first use. It is not a field, so repr, trace, configuration and pickle do not contain it.

    The server is not trusted: a reply may have 64 KiB and 256 KiB for each text. Compressed replies are refused, redirects
    are not followed, and the key is masked in the server's words.

    Raises ConfigError for an address without a host, and, at the first use, MissingExtra without the openai package.
    Raises BackendError, a ModelError, for a server that does not answer, refuses, exceeds a bound, or returns rows that
    are not finite vectors.

    >>> OpenAIEmbedder("http://127.0.0.1:8080", api_key="secret")
    OpenAIEmbedder(base_url='http://127.0.0.1:8080/v1', model=None, batch_size=32, timeout=60.0,
    total_timeout=300.0, retries=2)
    """

    reaches: ClassVar[tuple[Reach, ...]] = ("network",)

    base_url: str
    model: str | None = None
    batch_size: Annotated[int, Field(ge=1)] = 32
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    total_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 300.0
    retries: Annotated[int, Field(ge=0, le=20)] = 2
    _key: SecretStr | None = PrivateAttr(default=None)

    def __init__(
        self,
        base_url: str,
        *,
        model: str | None = None,
        api_key: str | SecretStr | None = None,
        batch_size: int = 32,
        timeout: float = 60.0,
        total_timeout: float = 300.0,
        retries: int = 2,
    ) -> None:
        super().__init__(  # type: ignore[call-arg]  # mypy sees no fields of the class
            base_url=checked_url(base_url),
            model=model,
            batch_size=batch_size,
            timeout=timeout,
            total_timeout=total_timeout,
            retries=retries,
        )
        self._key = SecretStr(checked_key(api_key, self.base_url)) if isinstance(api_key, str) else api_key

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Returns unit vectors of the texts, float32, shape (n, d)."""
        # Servers refuse an empty text, and only a vector tells the width.
        sent = [text if text.strip() else "." for text in encodable(texts)] or ["."]
        found: list[list[float]] = []
        with self._loaded() as opened:
            if not opened.connection.loop.is_alive:  # in a forked process
                opened = self._part.value = self._load()
            for start in range(0, len(sent), self.batch_size):
                found += self._rows(opened, sent[start : start + self.batch_size])
        if len(widths := {len(row) for row in found}) != 1:
            raise BackendError(f"{self.base_url} gave vectors of different widths, {sorted(widths)[:5]}; check its model")
        return unit_rows(finite_rows(self, np.array(found, dtype=np.float32), len(sent)))[: len(texts)]

    def _rows(self, opened: _Opened, texts: Sequence[str]) -> list[list[float]]:
        connection, url, limit = opened.connection, f"{self.base_url}/embeddings", REPLY_BYTES + ROW_BYTES * len(texts)
        body: dict[str, object] = {"input": list(texts), "model": opened.model, "encoding_format": "float"}
        try:
            reply = connection.ask(url, body, limit=limit, seconds=self.total_timeout)
        except ContextTooLong as error:  # a text of a corpus, and no prompt of the caller
            raise BackendError(str(error), status=400) from None
        try:
            return _vectors(reply, len(texts))
        except Malformed as error:
            why = str(error)
        connection.refuse(url, why, reply)

    def _load(self) -> _Opened:
        openai_package("OpenAIEmbedder")
        key = os.environ.get("OPENAI_API_KEY", "") if self._key is None else self._key.get_secret_value()
        times = {"timeout": self.timeout, "total_timeout": self.total_timeout}
        connection = Connection(self.base_url, checked_key(key), **times, retries=self.retries)
        return _Opened(connection, self.model or self._only_model(connection))

    def _only_model(self, connection: Connection) -> str:
        url = f"{self.base_url}/models"
        reply = connection.ask(url)
        try:
            entries = list_of(object_of(reply, "reply").get("data"), "data")
            served = [text_of(object_of(model, "data").get("id"), "id") for model in entries]
        except Malformed as error:
            why = str(error)
        else:
            if len(served) == 1 and len(served[0]) <= LONGEST_NAME:
                return served[0]
            named = connection.shown(", ".join(map(repr, served[:20])), 1000) or "none"
            raise BackendError(f"{self.base_url} serves {len(served)} models: {named}; name one with model= or #NAME")
        connection.refuse(url, why, reply)

    # A copy in this process keeps the key; a pickle does not.

    def __copy__(self) -> Self:
        return type(self)(api_key=self._key, **self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()


def _vectors(reply: object, count: int) -> list[list[float]]:
    """Returns the rows in the order of their indices, or as they stand if no index is given. Raises Malformed.

    >>> _vectors({"data": [{"index": 1, "embedding": [0, 1.5]}, {"index": 0, "embedding": [2, 3]}]}, 2)
    [[2, 3], [0, 1.5]]
    """
    entries = [object_of(entry, "data") for entry in list_of(object_of(reply, "reply").get("data"), "data")]
    if len(entries) != count:
        raise Malformed(f"{len(entries)} vectors for {count} texts")
    if any(entry.get("index") is not None for entry in entries):
        entries = sorted(entries, key=lambda entry: count_of(entry.get("index"), "index"))
        if [entry.get("index") for entry in entries] != list(range(count)):
            raise Malformed(f"its indices are not 0 to {count - 1}")
    rows = [list(list_of(entry.get("embedding"), "embedding")) for entry in entries]
    if not all(type(value) in (int, float) and abs(value) <= LARGEST_VALUE for row in rows for value in row):
        raise Malformed(f"a vector holds something else than finite numbers up to {LARGEST_VALUE:g}")
    if not all(rows):
        raise Malformed("a vector is empty")
    return rows

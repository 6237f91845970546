"""Embeddings from a server that speaks the OpenAI protocol, through the openai package."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

import numpy as np
from pydantic import Field, PrivateAttr, SecretStr

from ctxshape.core.addresses import LOOPBACK, checked_key, checked_url
from ctxshape.core.masking import masked
from ctxshape.core.protocols import Matrix
from ctxshape.core.reach import Reach
from ctxshape.embedding.cache import finite_rows
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.embedding.static import unit_rows
from ctxshape.embedding.texts import encodable
from ctxshape.errors import MissingExtra, ModelError


class OpenAIEmbedder(LazyComponent):
    """An embedding model behind an OpenAI-compatible server: llama-server, vLLM, Ollama, TEI, OpenAI and the like.

    `base_url` is the address in front of `/embeddings`, usually one that ends in /v1. `model` may be left out where the
    server has one model. Requests hold `batch_size` texts; `timeout` is in seconds; a failed request is sent `retries`
    times more. `api_key` defaults to what OPENAI_API_KEY holds at the first use. It is not a field, so repr, trace,
    configuration and pickle do not contain it.

    Raises ConfigError for an address without a host, and, at the first use, MissingExtra without the openai package
    and ModelError for a server that does not answer, refuses, or returns rows that are not finite vectors.

    >>> OpenAIEmbedder("http://127.0.0.1:8080", api_key="secret")
    OpenAIEmbedder(base_url='http://127.0.0.1:8080/v1', model=None, batch_size=32, timeout=60.0, retries=2)
    """

    reaches: ClassVar[tuple[Reach, ...]] = ("network",)

    base_url: str
    model: str | None = None
    batch_size: Annotated[int, Field(ge=1)] = 32
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
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
        retries: int = 2,
    ) -> None:
        super().__init__(  # type: ignore[call-arg]  # mypy sees no fields of the class
            base_url=checked_url(base_url),
            model=model,
            batch_size=batch_size,
            timeout=timeout,
            retries=retries,
        )
        self._key = SecretStr(checked_key(api_key)) if isinstance(api_key, str) else api_key

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Returns unit vectors of the texts, float32, shape (n, d)."""
        # Servers refuse an empty text, and only a vector tells the width.
        sent = [text if text.strip() else "." for text in encodable(texts)] or ["."]
        with self._loaded() as (client, model, headers):
            found: list[list[float]] = []
            for start in range(0, len(sent), self.batch_size):
                part = sent[start : start + self.batch_size]
                reply = self._asked(
                    client.embeddings.create, input=part, model=model, encoding_format="float", extra_headers=headers
                )
                found += self._rows(reply, len(part))
        return unit_rows(finite_rows(self, np.array(found, dtype=np.float32), len(sent)))[: len(texts)]

    def _rows(self, reply: object, count: int) -> list[list[float]]:
        rows = [item.embedding for item in sorted(_data(reply), key=lambda item: item.index)]
        if len(rows) != count or len({len(row) for row in rows}) != 1:
            raise ModelError(
                f"{self.base_url} gave {len(rows)} vectors for {count} texts, or vectors of different widths; give the "
                "address of a server with an embedding model"
            )
        return rows

    def _load(self) -> tuple[Any, str, dict[str, Any]]:
        try:
            import openai
        except ImportError:
            raise MissingExtra.of("OpenAIEmbedder", "openai", "openai") from None
        key = checked_key(self._secret())
        # A proxy cannot reach this machine's own servers, and a redirect could take the key elsewhere.
        local = urlsplit(self.base_url).hostname in LOOPBACK
        client = openai.OpenAI(
            base_url=self.base_url,
            api_key=key or "none",
            timeout=self.timeout,
            max_retries=self.retries,
            http_client=openai.DefaultHttpxClient(trust_env=not local, follow_redirects=False),
        )
        headers = {} if key else {"Authorization": openai.Omit()}
        return client, self.model or self._only_model(client, headers), headers

    def _only_model(self, client: Any, headers: Mapping[str, Any]) -> str:  # noqa: ANN401  openai is optional
        served = [model.id for model in _data(self._asked(client.models.list, extra_headers=headers))]
        if len(served) != 1:
            named = self._shown(", ".join(map(repr, served[:20]))) or "none"
            raise ModelError(f"{self.base_url} serves {len(served)} models: {named}; name one with model= or #NAME")
        return str(served[0])

    def _asked(self, ask: Callable[..., object], **asked: Any) -> object:  # noqa: ANN401  of the request
        """Returns what the server answers. Raises ModelError for every failure of the openai package."""
        from openai import APIConnectionError, APIStatusError, OpenAIError  # loaded by now

        try:
            return ask(**asked)
        except APIStatusError as error:
            reason = self._shown(error.message)
            raise ModelError(f"{self.base_url} answered {error.status_code}: {reason:.300}; check model and key") from None
        except APIConnectionError as error:
            reason = self._shown(error)
            raise ModelError(f"no server answers at {self.base_url} ({reason:.200}); start it, or give its address") from None
        except (OpenAIError, ValueError) as error:  # ValueError: a reply that is not JSON
            raise ModelError(f"{self.base_url} gave no embeddings ({self._shown(error):.200}); check the address") from None

    def _shown(self, said: object) -> str:
        """Returns the words of a server or of the client in one line; a server may repeat the key."""
        return masked(" ".join(str(said)[:2000].split()), self._secret())

    def _secret(self) -> str:
        return os.environ.get("OPENAI_API_KEY", "") if self._key is None else self._key.get_secret_value()

    # A copy in this process keeps the key; a pickle does not.

    def __copy__(self) -> Self:
        return type(self)(api_key=self._key, **self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()


def _data(reply: object) -> list[Any]:
    """Returns the list that a reply holds; of a page that is not JSON, an empty one."""
    data = getattr(reply, "data", None)
    return data if isinstance(data, list) else []

"""Caches embeddings in memory and on disk, by the embedder's identity and the text."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from ctxshape.core.component import plain
from ctxshape.core.protocols import Embedder, Matrix, QueryEmbedder
from ctxshape.core.reach import Reach
from ctxshape.embedding._store import VectorStore
from ctxshape.embedding.lazy import LazyComponent
from ctxshape.errors import ConfigError, ModelError

_RUNTIME_FIELDS = ("batch_size", "device", "threads")  # they decide where an embedder runs, not its vectors


class CachedEmbedder(LazyComponent):
    """An embedder with a cache: each text is embedded once, and all missing texts in one call.

    `most` vectors stay in memory, the most recently used (50,000 of MiniLM take 77 MB). With a `folder`, the `most_on_disk`
    most recently written also stay in `embeddings.sqlite` there, which several embedders, threads and processes may share.

    The key of a vector is the text, its role (query or passage), the embedder's type and parameters, and the names, sizes and
    times of the files in its model folder: a changed model has new keys. A name on the hub stands for one model. An embedder
    that its parameters do not describe needs a `name` to be kept on disk; change it with the model.

    A cached vector is bit-identical to the first result. For models that compute batches, another batch would give other last
    bits (about 1e-7). Raises ModelError if the embedder returns rows of another width than the cached ones, too few rows, or
    non-finite values, and for a damaged file in the folder.

    >>> class Lengths(LazyComponent):
    ...     def embed(self, texts, /):
    ...         print("embeds", texts)
    ...         return np.array([[len(text), 0] for text in texts], dtype=np.float32)
    >>> cached = CachedEmbedder(embedder=Lengths())
    >>> cached.embed(["a", "bb", "a"]).tolist(), cached.embed(["bb", "ccc"]).tolist()
    embeds ['a', 'bb']
    embeds ['ccc']
    ([[1.0, 0.0], [2.0, 0.0], [1.0, 0.0]], [[2.0, 0.0], [3.0, 0.0]])
    """

    embedder: Embedder
    folder: Path | None = None
    most: Annotated[int, Field(ge=1)] = 50_000
    most_on_disk: Annotated[int, Field(ge=1)] = 200_000
    name: str | None = None

    @classmethod
    def reaches(cls, fields: Mapping[str, Any]) -> tuple[Reach, ...]:
        """Returns what the fields reach: without a folder nothing."""
        return () if fields.get("folder") is None else ("reads", "writes")

    def model_post_init(self, context: object, /) -> None:
        """Checks that vectors on disk can be found again."""
        super().model_post_init(context)
        if self.folder is not None and self.name is None and not is_described(self.embedder):
            raise ConfigError(
                f"{self.embedder!r:.100} is not described by its parameters, so its vectors on disk could be confused with "
                "those of another; give name=, and a new one when the model changes"
            )

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Returns the embedder's vectors of the texts, float32, shape (n, d)."""
        if not texts:
            return self.embedder.embed(texts)
        rows: Matrix = np.stack(self._vectors("passage", texts, self.embedder.embed))
        return rows

    def embed_query(self, query: str, /) -> Matrix:
        """Returns the embedder's vector of a query, float32, shape (d,), by its `embed_query` if it has one."""
        embedder = self.embedder
        if not isinstance(embedder, QueryEmbedder):
            row: Matrix = self.embed([query])[0]
            return row
        vector: Matrix = self._vectors("query", [query], lambda few: embedder.embed_query(few[0])[None])[0].copy()
        return vector

    def _vectors(self, role: str, texts: Sequence[str], embed: Callable[[list[str]], Matrix]) -> list[Matrix]:
        with self._loaded() as memory:
            keys = [memory.key(role, text) for text in texts]
            known = memory.get(dict.fromkeys(keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:  # outside the lock: threads that find all vectors need not wait for threads that compute
            rows = finite_rows(self.embedder, embed(list(missing.values())), len(missing))
            with self._loaded() as memory:
                if memory.width() not in (None, rows.shape[1]):
                    raise ModelError(
                        f"{self.embedder!r:.100} gives vectors of {rows.shape[1]} numbers, and the cache has {memory.width()} "
                        f"for it, so its model changed; give another name= or folder, or remove {self.folder or 'this cache'}"
                    )
                known |= memory.put({key: row.copy() for key, row in zip(missing, rows, strict=True)})
        return [known[key] for key in keys]

    def _load(self) -> VectorMemory:
        disk = None if self.folder is None else VectorStore(self.folder.expanduser(), self.most_on_disk)
        return VectorMemory(self.name or embedder_identity(self.embedder), self.most, disk)


class VectorMemory:
    """The most recently used vectors of one embedder, optionally backed by those on disk."""

    def __init__(self, identity: str, most: int, disk: VectorStore | None) -> None:
        self.prefix, self.most, self.disk = _digest(identity)[:32], most, disk
        self._kept: OrderedDict[str, Matrix] = OrderedDict()

    def key(self, role: str, text: str) -> str:
        """Returns the key of a vector: the embedder's identity, then the role and text, both as SHA-256."""
        return self.prefix + _digest(f"{role}\0{text}")

    def width(self) -> int | None:
        """Returns the length of this embedder's vectors, or None if none is cached."""
        if self._kept:
            return len(next(iter(self._kept.values())))
        return None if self.disk is None else self.disk.width(self.prefix)

    def get(self, keys: Iterable[str]) -> dict[str, Matrix]:
        """Returns the known vectors, by key."""
        wanted = list(keys)
        known = {key: self._kept[key] for key in wanted if key in self._kept}
        if self.disk is not None:
            known |= self.disk.get([key for key in wanted if key not in known])
        self._keep(known)
        return known

    def put(self, vectors: Mapping[str, Matrix]) -> dict[str, Matrix]:
        """Stores vectors. Returns them, each as stored first if another thread was faster."""
        agreed = {key: self._kept.get(key, vector) for key, vector in vectors.items()}
        self._keep(agreed)
        if self.disk is not None:
            self.disk.put(agreed)
        return agreed

    def _keep(self, vectors: Mapping[str, Matrix]) -> None:
        for key, vector in vectors.items():
            self._kept[key] = vector
            self._kept.move_to_end(key)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def finite_rows(embedder: object, rows: Matrix, count: int) -> Matrix:
    """Returns the rows of an embedder as float32. Raises ModelError unless they are `count` finite rows."""
    matrix: Matrix = np.asarray(rows, dtype=np.float32)
    if matrix.ndim != 2 or len(matrix) != count or (count and not matrix.size) or not np.isfinite(matrix).all():
        raise ModelError(
            f"{embedder!r:.100} gave vectors of shape {matrix.shape} for {count} texts, or non-finite ones; an "
            "embedder returns one finite row for each text"
        )
    return matrix


def is_described(embedder: object) -> bool:
    """Returns whether the parameters distinguish this embedder from others of its type."""
    return isinstance(plain(embedder), Mapping) and " at 0x" not in json.dumps(plain(embedder), default=repr)


def embedder_identity(embedder: object) -> str:
    """Describes everything that determines an embedder's vectors: its type, parameters, and the files of its model folder."""
    cls = type(embedder)
    described = plain(embedder)
    parameters = (
        {k: v for k, v in described.items() if k not in _RUNTIME_FIELDS} if isinstance(described, Mapping) else described
    )
    files = _files(parameters.get("model")) if isinstance(parameters, Mapping) else []
    return json.dumps([cls.__module__, cls.__qualname__, parameters, files], sort_keys=True, default=repr)


def _files(model: object) -> list[tuple[str, int, int]]:
    """Returns name, size and time of each file in a model's folder; empty if it is not a folder."""
    folder = Path(model).expanduser() if isinstance(model, str) else None
    if folder is None or not folder.is_dir():
        return []
    found = sorted(Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return [(str(path.relative_to(folder)), path.stat().st_size, path.stat().st_mtime_ns) for path in found]

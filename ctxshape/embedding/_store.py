"""Vectors on disk, by key, in one SQLite file that several threads and processes may share."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from ctxshape.core.databases import explained_failure
from ctxshape.core.protocols import Matrix
from ctxshape.errors import ModelError

_DIGEST = 8
_KEYS = 500  # per statement: older builds of SQLite accept at most 999 values


class VectorStore:
    """At most `most` vectors, by key, in the file `embeddings.sqlite` of a folder. The oldest are removed first.

    `put` stores all of its vectors or none, even if the process is killed. Each vector has a checksum over
    its key and bytes; a damaged vector counts as missing. Every call opens the file anew, so a forked process shares nothing.
    Raises ModelError, naming the file and the remedy, for one that is not such a database, is damaged, cannot be written, or
    stays locked by another process for `patience` seconds. It is never removed by itself, since others may be using it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     VectorStore(Path(folder), most=2).put({"a": np.ones(2), "b": np.zeros(2), "c": np.ones(3)})
    ...     sorted(VectorStore(Path(folder), most=2).get(["a", "b", "c"]))
    ['b', 'c']
    """

    def __init__(self, folder: Path, most: int, patience: float = 60.0) -> None:
        self.path = folder / "embeddings.sqlite"
        self.most, self.patience = most, patience

    def get(self, keys: Sequence[str]) -> dict[str, Matrix]:
        """Returns the vectors that are present and intact, by key, each float32 of shape (d,)."""
        found: dict[str, Matrix] = {}
        if not keys or not self.path.exists():
            return found
        with self._opened() as base:
            for start in range(0, len(keys), _KEYS):
                part = keys[start : start + _KEYS]
                marks = ",".join("?" * len(part))
                for key, blob in base.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part):
                    vector = unsealed(key, blob)
                    if vector is not None:
                        found[key] = vector
        return found

    def width(self, prefix: str) -> int | None:
        """Returns the length of the vectors whose keys begin with `prefix`, a hexadecimal text, or None if there are none."""
        if not self.path.exists():
            return None
        with self._opened() as base:  # "g" sorts after every hexadecimal digit
            between = "SELECT key, vector FROM vectors WHERE key >= ? AND key < ?"
            found = (unsealed(key, blob) for key, blob in base.execute(between, (prefix, prefix + "g")))
            return next((len(vector) for vector in found if vector is not None), None)

    def put(self, vectors: Mapping[str, Matrix]) -> None:
        """Stores vectors in one transaction and removes the oldest beyond `most`."""
        rows = [(key, sealed(key, vector)) for key, vector in vectors.items()]
        with self._opened() as base, base:
            base.executemany("INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)", rows)
            (count,) = base.execute("SELECT count(*) FROM vectors").fetchone()
            if count > self.most:
                oldest = "SELECT number FROM vectors ORDER BY number LIMIT ?"
                base.execute(f"DELETE FROM vectors WHERE number IN ({oldest})", (count - self.most,))

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=self.patience)) as base:
                # AUTOINCREMENT never reuses a number, so the numbers are in the order of insertion.
                base.execute(
                    "CREATE TABLE IF NOT EXISTS vectors "
                    "(number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, vector BLOB NOT NULL)"
                )
                yield base
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # the last, if a damaged name is in SQLite's message
            told = explained_failure(error, "the embeddings")
            raise ModelError(f"cannot keep embeddings in {str(self.path)!r}: {told}") from None


def sealed(key: str, vector: Matrix) -> bytes:
    """Returns the vector's bytes, little-endian float32, after a checksum over them and the key."""
    data = np.asarray(vector, dtype="<f4").tobytes()
    return _checksum(key, data) + data


def unsealed(key: object, blob: object) -> Matrix | None:
    """Returns the vector that `sealed` wrote for this key, or None if the bytes differ.

    >>> blob = sealed("key", np.array([1.0, 2.0]))
    >>> unsealed("key", blob), unsealed("other key", blob), unsealed("key", blob[:-1])
    (array([1., 2.], dtype=float32), None, None)
    """
    if (
        not isinstance(key, str)
        or not isinstance(blob, bytes)
        or len(blob) % 4
        or _checksum(key, blob[_DIGEST:]) != blob[:_DIGEST]
    ):
        return None
    vector: Matrix = np.frombuffer(blob[_DIGEST:], dtype="<f4").astype(np.float32)
    return vector


def _checksum(key: str, data: bytes) -> bytes:
    return hashlib.blake2b(key.encode() + b"\0" + data, digest_size=_DIGEST).digest()

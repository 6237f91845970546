"""Vectors on disk by key, in one SQLite file that several threads and processes may use."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from ctxshape.core.protocols import Matrix
from ctxshape.errors import ModelError

_DIGEST = 8
_ASKED = 500  # SQLite takes 999 values in a statement, in its older builds


class VectorStore:
    """At most `most` vectors by key in the file `embeddings.sqlite` of a folder; the oldest go first.

    What `put` was given is there when it returns, all or nothing, whatever happens to the process. Each vector is kept
    with a checksum over its key and its bytes: one that was damaged counts as missing. Every call opens the file anew,
    so a forked process shares nothing. Raises ModelError for a file that is no database of this kind or cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     VectorStore(Path(folder), most=2).put({"a": np.ones(2), "b": np.zeros(2), "c": np.ones(3)})
    ...     sorted(VectorStore(Path(folder), most=2).get(["a", "b", "c"]))
    ['b', 'c']
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.path = folder / "embeddings.sqlite"
        self.most = most

    def get(self, keys: Sequence[str]) -> dict[str, Matrix]:
        """Those of the vectors that are there and whole, by key, each float32 of shape (d,)."""
        found: dict[str, Matrix] = {}
        if not keys or not self.path.exists():
            return found
        with self._opened() as base:
            for start in range(0, len(keys), _ASKED):
                part = keys[start : start + _ASKED]
                marks = ",".join("?" * len(part))
                for key, blob in base.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part):
                    vector = unsealed(key, blob)
                    if vector is not None:
                        found[key] = vector
        return found

    def width(self, prefix: str) -> int | None:
        """How many numbers a vector has whose key begins with `prefix`, a hexadecimal text; None if there is none."""
        if not self.path.exists():
            return None
        with self._opened() as base:  # "g" comes after every hexadecimal digit
            between = "SELECT length(vector) FROM vectors WHERE key >= ? AND key < ? LIMIT 1"
            row = base.execute(between, (prefix, prefix + "g")).fetchone()
        return None if row is None else (int(row[0]) - _DIGEST) // 4

    def put(self, vectors: Mapping[str, Matrix]) -> None:
        """Keep vectors, all at once, and drop the oldest beyond `most`."""
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
            with closing(sqlite3.connect(self.path, timeout=60)) as base:
                # AUTOINCREMENT: a number is never used again, so that the order of the numbers is the order of coming.
                base.execute(
                    "CREATE TABLE IF NOT EXISTS vectors "
                    "(number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, vector BLOB NOT NULL)"
                )
                yield base
        except (sqlite3.Error, OSError) as error:
            raise ModelError(
                f"cannot keep embeddings in {str(self.path)!r}: {error}; give another folder, or remove that file"
            ) from None


def sealed(key: str, vector: Matrix) -> bytes:
    """The vector's bytes, float32 with the least byte first, after a checksum over them and the key."""
    data = np.asarray(vector, dtype="<f4").tobytes()
    return _checksum(key, data) + data


def unsealed(key: str, blob: object) -> Matrix | None:
    """The vector that `sealed` wrote for this key, or None where the bytes are others.

    >>> blob = sealed("key", np.array([1.0, 2.0]))
    >>> unsealed("key", blob), unsealed("other key", blob), unsealed("key", blob[:-1])
    (array([1., 2.], dtype=float32), None, None)
    """
    if not isinstance(blob, bytes) or _checksum(key, blob[_DIGEST:]) != blob[:_DIGEST]:
        return None
    vector: Matrix = np.frombuffer(blob[_DIGEST:], dtype="<f4").astype(np.float32)
    return vector


def _checksum(key: str, data: bytes) -> bytes:
    return hashlib.blake2b(key.encode() + b"\0" + data, digest_size=_DIGEST).digest()

"""Finds rows that kill the process working on them, by a file that outlives the process."""

from __future__ import annotations

import hashlib
import json
import threading
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class Journal:
    """Keeps the rows that a process is working on in a file; one of those present at its death may have killed it.

    Without a path nothing is kept.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "journal"
    >>> Journal(path).at("row 1").__enter__()  # and here the process dies
    >>> following = Journal(path)
    >>> following.deaths("row 1"), following.deaths("row 2")
    (1, 0)
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._at: set[str] = set()
        self._deaths: Counter[str] = Counter()
        self._file: BinaryIO | None = None
        self._length = 0
        if path is not None:
            self._file = path.open("r+b" if path.is_file() else "w+b", buffering=0)
            weakref.finalize(self, self._file.close)
            self._read(self._file.read())

    def deaths(self, key: str) -> int:
        """Returns the number of processes that died while working on this row."""
        return self._deaths[key]

    @contextmanager
    def at(self, key: str) -> Iterator[None]:
        """Notes a row while it is worked on. An error that leaves the block ends the process, so the row stays noted."""
        with self._lock:
            self._at.add(key)
            self._write()
        yield
        with self._lock:
            self._at.discard(key)
            self._write()

    def _read(self, kept: bytes) -> None:
        self._length = len(kept)
        if kept:
            state = json.loads(kept)
            self._deaths = Counter(state["deaths"])
            self._deaths.update(state["at"])
            self._write()

    def _write(self) -> None:
        """Overwrites the state by a single call, which a dying process makes completely or not at all."""
        if self._file is None:
            return
        state = json.dumps({"at": sorted(self._at), "deaths": self._deaths}).encode().ljust(self._length)
        self._length = len(state)
        self._file.seek(0)
        self._file.write(state)


def row_key(*values: object) -> str:
    """Returns a key of a row's content, the same in every process.

    >>> row_key("Who?", ["a"]) == row_key("Who?", ["a"]) != row_key("Who?", ["b"])
    True
    """
    return hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

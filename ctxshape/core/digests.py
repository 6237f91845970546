"""What a file holds, in a number: a model is known by it wherever it lies."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache


def file_digest(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file, in hexadecimal digits; computed again when its size or its time changes.

    Raises OSError for a file that is not there or cannot be read.
    """
    found = os.stat(path)
    return _digest(os.path.abspath(path), found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: str, size: int, changed: int) -> str:
    """Of a file as it is; size and time are here so that another file under its name is another."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Digests of files, which identify a model wherever its file lies."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache


def file_digest(path: str | os.PathLike[str]) -> str:
    """Returns the SHA-256 of a file in hexadecimal digits. It is computed again when the file's size or time changes.

    Raises OSError for a file that does not exist or cannot be read.
    """
    status = os.stat(path)
    return _digest(os.path.abspath(path), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: str, size: int, changed: int) -> str:
    """Computes the digest. Size and time are parameters so that a changed file is not found in the cache."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

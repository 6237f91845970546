"""States as files: written whole or not at all, checked before they are used, the least recently used removed."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import warnings
from pathlib import Path

MAGIC = b"ctxkv\x00\x00\x01"  # the last byte counts versions of this format
DIGEST = 32
LEFT_OVER = 3600.0  # seconds after which an unfinished file belongs to a process that was killed


class CacheNotWritten(UserWarning):
    """A document's KV could not be kept in the cache folder; the answer is not affected."""


class CacheFolder:
    """A folder of states by name, of at most `limit` bytes.

    A file holds a checksum of its name and content: what was cut off, changed, or renamed is removed, never used.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit

    def read(self, key: str) -> bytes | None:
        """The content under a name; None where there is no sound file."""
        path = self._path(key)
        try:
            whole = path.read_bytes()
        except OSError:
            return None
        content = whole[len(MAGIC) + DIGEST :]
        if whole[: len(MAGIC) + DIGEST] != MAGIC + _checksum(key, content):
            _remove(path)
            return None
        try:
            os.utime(path)  # the time of the last use decides what goes first
        except OSError:
            pass
        return content

    def write(self, key: str, content: bytes) -> None:
        """Put a file there and remove the oldest beyond the limit. Warns, with CacheNotWritten, where that fails."""
        size = len(MAGIC) + DIGEST + len(content)
        if size > self._limit:
            return
        temporary = None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(size)
            handle, temporary = tempfile.mkstemp(suffix=".tmp", dir=self._folder)
            with open(handle, "wb") as file:
                file.write(MAGIC + _checksum(key, content))
                file.write(content)
            os.replace(temporary, self._path(key))  # at once: who is killed before leaves a .tmp, which nobody reads
            temporary = None
        except OSError as error:
            warnings.warn(
                f"the document cache cannot write to {str(self._folder)!r}: {error.strerror or error}; free some space or give "
                "another folder",
                CacheNotWritten,
                stacklevel=2,
            )
        finally:
            if temporary is not None:
                _remove(Path(temporary))

    def _make_room(self, size: int) -> None:
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # another process removed it
                    continue
                if entry.name.endswith(".kv"):
                    found.append((status.st_mtime_ns, entry.path, status.st_size))
                elif entry.name.endswith(".tmp") and time.time() - status.st_mtime > LEFT_OVER:
                    _remove(Path(entry.path))
        total = size + sum(length for _, _, length in found)
        for _, path, length in sorted(found):
            if total <= self._limit:
                break
            _remove(Path(path))
            total -= length

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.kv"


def _checksum(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + content).digest()


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        pass  # not ours to remove: it is not used either way

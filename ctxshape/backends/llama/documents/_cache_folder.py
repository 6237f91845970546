"""States as files: written completely or not at all, verified before use, the least recently used removed first."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import warnings
from pathlib import Path

from ctxshape.core.leftovers import is_abandoned, remove_quietly, unfinished_suffix

FILE_MAGIC = b"ctxkv\x00\x00\x01"  # the last byte is the version of this format
DIGEST = 32


class CacheNotWritten(UserWarning):
    """Warns that a document's KV could not be written to the cache folder. The answer is not affected."""


class CacheFolder:
    """A folder of named states, of at most `limit` bytes.

    Each file holds a checksum of its name and content. A file that is truncated, changed or renamed is removed, never used.
    Unfinished files count towards the limit. One of a killed process is removed by the next write on the same machine, and
    after an hour by one on another machine.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit

    def read(self, key: str) -> bytes | None:
        """Returns the content under a name, or None if there is no intact file."""
        path = self._path(key)
        try:
            whole = path.read_bytes()
        except OSError:
            return None
        content = whole[len(FILE_MAGIC) + DIGEST :]
        if whole[: len(FILE_MAGIC) + DIGEST] != FILE_MAGIC + _checksum(key, content):
            remove_quietly(path)
            return None
        try:
            os.utime(path)  # the time of the last use decides which file is removed first
        except OSError:
            pass
        return content

    def write(self, key: str, content: bytes) -> None:
        """Writes a file and removes the oldest files beyond the limit. Warns with CacheNotWritten if it fails."""
        size = len(FILE_MAGIC) + DIGEST + len(content)
        if size > self._limit:
            return
        temporary = None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._make_room(size):
                return
            handle, temporary = tempfile.mkstemp(unfinished_suffix(), dir=self._folder)
            with open(handle, "wb") as file:
                file.write(FILE_MAGIC + _checksum(key, content))
                file.write(content)
            os.replace(temporary, self._path(key))  # atomic: a process killed before leaves a .tmp, which is never read
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
                remove_quietly(Path(temporary))

    def _make_room(self, size: int) -> bool:
        """Removes what is oldest, and returns whether there is room for `size` bytes more."""
        found, total = [], size
        with os.scandir(self._folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # another process removed it
                    continue
                if entry.name.endswith(".kv"):
                    found.append((status.st_mtime_ns, entry.path, status.st_size))
                elif entry.name.endswith(".tmp") and not is_abandoned(entry.name, time.time() - status.st_mtime):
                    total += status.st_size
                elif entry.name.endswith(".tmp"):
                    remove_quietly(Path(entry.path))
        if total > self._limit:
            return False  # what other processes are writing fills the folder
        total += sum(length for _, _, length in found)
        for _, path, length in sorted(found):
            if total <= self._limit:
                break
            remove_quietly(Path(path))
            total -= length
        return True

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.kv"


def _checksum(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + content).digest()

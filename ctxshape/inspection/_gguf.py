"""Reads the header of a GGUF file without its weights, and checks every length in it against the file.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The package `gguf` is not used: it builds an array for
each string of the vocabulary (6 to 28 s and up to 716 MB for the models at hand) and checks no length against the file.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ctxshape.errors import ModelError

GGUF_MAGIC = b"GGUF"
VERSIONS = (2, 3)
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
# Several times what the largest models need. They limit time and memory for a file with false counts.
MOST_KEYS, MOST_TENSORS, MOST_STRINGS, MOST_TEXT = 1 << 16, 1 << 17, 1 << 22, 1 << 26
MOST_DIMENSIONS = 4
BLOCK = 1024
LONGEST_STRING = 1024  # bytes of a string that are decoded
_LENGTH = struct.Struct("<Q")

Scalar = int | float | bool | str


class Tensor(NamedTuple):
    """A tensor's entry in the header: `type` is ggml's number, `offset` counts from the start of the data."""

    name: str
    shape: tuple[int, ...]
    type: int
    offset: int


class Numbers:
    """An array of numbers in the file, decoded on demand."""

    def __init__(self, data: mmap.mmap, code: str, count: int, start: int) -> None:
        self._data, self._format, self._start = data, f"<{count}{code}", start
        self.count = count

    def values(self) -> tuple[int | float, ...]:
        """Returns all numbers."""
        return struct.unpack_from(self._format, self._data, self._start)


class Strings:
    """An array of strings in the file, decoded one by one on demand."""

    def __init__(self, data: mmap.mmap, count: int, marks: list[int]) -> None:
        self._data, self._marks = data, marks  # the start of every BLOCK-th string
        self.count = count

    def take(self, numbers: Sequence[int]) -> list[str]:
        """Returns the strings with these numbers, which must be ascending. Very long strings are truncated."""
        found, here, at = [], -1, 0
        for number in numbers:
            if here < 0 or number // BLOCK > here // BLOCK:
                here, at = number // BLOCK * BLOCK, self._marks[number // BLOCK]
            for _ in range(number - here):
                at += 8 + _LENGTH.unpack_from(self._data, at)[0]
            here = number
            size = min(_LENGTH.unpack_from(self._data, at)[0], LONGEST_STRING)
            found.append(self._data[at + 8 : at + 8 + size].decode("utf-8", "replace"))
        return found


class Header(NamedTuple):
    """The header of a file. Its arrays can be read while the file is open."""

    path: str
    version: int
    file_bytes: int
    metadata: Mapping[str, Scalar | Numbers | Strings]
    tensors: tuple[Tensor, ...]
    data_start: int


def check_gguf(path: str) -> None:
    """Raises ModelError if `path` is missing, a directory, not a regular file, unreadable, or not GGUF."""
    file = Path(path)
    if file.is_dir():
        inside = sorted(str(found) for found in file.glob("*.gguf"))
        raise ModelError(f"{path!r} is a directory; give one GGUF file" + (f", such as {inside[0]!r}" if inside else ""))
    if file.exists() and not file.is_file():
        raise ModelError(f"{path!r} is a pipe or a device; give a GGUF file")
    try:
        with file.open("rb") as stream:
            magic = stream.read(len(GGUF_MAGIC))
    except FileNotFoundError:
        raise ModelError(f"there is no model file {path!r}; give the path of a GGUF file") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise ModelError(f"the model file {path!r} cannot be read: {getattr(error, 'strerror', error)}") from None
    if magic != GGUF_MAGIC:
        raise ModelError(
            f"{path!r} is not a GGUF file: it begins with {magic!r}, not {GGUF_MAGIC!r}; convert the model or fetch it again"
        )


@contextmanager
def open_header(path: str) -> Iterator[Header]:
    """Opens the file at `path` and provides its header.

    Raises ModelError if it is not GGUF, broken, truncated, or of an unsupported version.
    """
    check_gguf(path)
    with _mapped(path) as data:
        yield _Reader(path, data).header()


def _mapped(path: str) -> mmap.mmap:
    try:
        with open(path, "rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ModelError(f"the model file {path!r} cannot be read: {error}") from None


class _Reader:
    """Reads values one after the other, and checks every read against the end of the file."""

    def __init__(self, path: str, data: mmap.mmap) -> None:
        self._path, self._data = path, data
        self._at = len(GGUF_MAGIC)
        self._text, self._strings = MOST_TEXT, MOST_STRINGS

    def header(self) -> Header:
        version = int(self._scalar("I"))
        if version not in VERSIONS:
            raise self._broken(_version_problem(version))
        tensors, keys = int(self._scalar("Q")), int(self._scalar("Q"))
        if tensors > MOST_TENSORS or keys > MOST_KEYS:
            raise self._broken(f"it claims {tensors:,} tensors and {keys:,} keys, more than any model needs")
        metadata: dict[str, Scalar | Numbers | Strings] = {}
        for _ in range(keys):
            key = self._string()
            if key in metadata:
                raise self._broken(f"it has the key {key!r:.80} twice")
            metadata[key] = self._value(key)
        found = tuple(self._tensor() for _ in range(tensors))
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
            raise self._broken(f"its alignment is {alignment!r:.40}, not a small number of bytes")
        start = -(-self._at // alignment) * alignment
        return Header(self._path, version, len(self._data), MappingProxyType(metadata), found, start)

    def _value(self, key: str) -> Scalar | Numbers | Strings:
        kind = int(self._scalar("I"))
        if kind == STRING:
            return self._string()
        if kind in SCALARS:
            return self._scalar(SCALARS[kind])
        if kind != ARRAY:
            raise self._broken(f"its key {key!r:.80} has the unknown type {kind}")
        kind, count = int(self._scalar("I")), int(self._scalar("Q"))
        if kind == STRING:
            return self._strings_of(key, count)
        if kind not in SCALARS:
            raise self._broken(f"its key {key!r:.80} is an array of the type {kind}, which GGUF does not allow")
        start = self._at
        self._skip(count * struct.calcsize(SCALARS[kind]), f"the array {key!r:.80}")
        return Numbers(self._data, SCALARS[kind], count, start)

    def _strings_of(self, key: str, count: int) -> Strings:
        self._strings -= count
        if self._strings < 0 or count * 8 > len(self._data) - self._at:
            raise self._broken(f"its key {key!r:.80} claims {count:,} strings")
        marks, data, unpack, at = [], self._data, _LENGTH.unpack_from, self._at
        try:
            for first in range(0, count, BLOCK):
                marks.append(at)
                for _ in range(min(BLOCK, count - first)):
                    (size,) = unpack(data, at)
                    at += 8 + size
        except (struct.error, IndexError, OverflowError):
            at = len(data) + 1
        self._skip(at - self._at, f"the strings of {key!r:.80}")
        return Strings(data, count, marks)

    def _tensor(self) -> Tensor:
        name, dimensions = self._string(), int(self._scalar("I"))
        if dimensions > MOST_DIMENSIONS:
            raise self._broken(f"its tensor {name!r:.80} has {dimensions} dimensions; at most {MOST_DIMENSIONS} are possible")
        shape = tuple(int(self._scalar("Q")) for _ in range(dimensions))
        return Tensor(name, shape, int(self._scalar("I")), int(self._scalar("Q")))

    def _string(self) -> str:
        size = int(self._scalar("Q"))
        self._text -= size
        start = self._at
        self._skip(size, "a text")
        if self._text < 0:
            raise self._broken(f"its texts have more than {MOST_TEXT >> 20} MB")
        return self._data[start : self._at].decode("utf-8", "replace")

    def _scalar(self, code: str) -> int | float | bool:
        start = self._at
        self._skip(struct.calcsize(f"<{code}"), "its header")
        value: int | float | bool = struct.unpack_from(f"<{code}", self._data, start)[0]
        return value

    def _skip(self, size: int, what: str) -> None:
        if self._at + size > len(self._data):
            raise self._broken(f"the file ends, at {len(self._data):,} bytes, before {what}; fetch it again", remedy="")
        self._at += size

    def _broken(self, problem: str, remedy: str = "; convert the model again or fetch it again") -> ModelError:
        return ModelError(f"{self._path!r} is not a readable GGUF file: {problem}{remedy}")


def _version_problem(version: int) -> str:
    if version == 1:
        return "it has GGUF version 1, which llama.cpp no longer reads"
    if version & 0xFFFF == 0:
        return "its bytes are in big-endian order, for another kind of processor"
    return f"it has GGUF version {version:,}; versions {VERSIONS[0]} and {VERSIONS[1]} are supported"

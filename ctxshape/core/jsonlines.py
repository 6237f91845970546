"""Reads the records of JSON lines or of one JSON array, plain or gzipped, each with its place for error messages."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

from ctxshape.errors import InvalidInput

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
LARGEST = 1 << 30  # bytes of an unpacked file: a small one can unpack to more than the memory holds


def records(data: bytes, name: str, largest: int = LARGEST) -> Iterator[tuple[str, Any]]:
    r"""Yields place and value of each record in the bytes of the file `name`. A record is never a list.

    Blank lines and a byte order mark are skipped. Raises InvalidInput, naming file, line and fault, for a broken gzip
    file, one that unpacks to more than `largest` bytes, and bytes that are not UTF-8 or not JSON.

    >>> list(records(b'{"a": 1}\n\n2', "file")), list(records(b'[{"a": 1}, 2]', "file"))
    ([('line 1', {'a': 1}), ('line 3', 2)], [('item 1', {'a': 1}), ('item 2', 2)])
    """
    text = _decode(_unpack(data, name, largest), name)
    # A record is never a list, so a text that opens one is a whole array.
    return _array(text, name) if text.lstrip().startswith("[") else _lines(text, name)


def _unpack(data: bytes, name: str, largest: int) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unpacked = file.read(largest + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{name} is a broken gzip file: {error}") from None
    if len(unpacked) > largest:
        raise InvalidInput(f"{name} unpacks to more than {largest:,} bytes; split it into smaller files")
    return unpacked


def _decode(data: bytes, name: str) -> str:
    data = data.removeprefix(_BOM)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        value = f"0x{data[error.start]:02x}"
        raise InvalidInput(f"{name}, line {line}: not UTF-8 at byte {byte} ({value}); save the file as UTF-8") from None


def _lines(text: str, name: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"line {number}", _load(line, f"{name}, line {number}", many=False)


def _array(text: str, name: str) -> Iterator[tuple[str, Any]]:
    for number, item in enumerate(_load(text, name, many=True), 1):
        yield f"item {number}", item


def _load(text: str, place: str, *, many: bool) -> Any:  # noqa: ANN401  any JSON value
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f", line {error.lineno}" if many else ""
        hint = "" if many else "; each line must be one whole JSON object or string"
        raise InvalidInput(f"{place}{where}: not JSON at column {error.colno}: {error.msg}{hint}") from None
    except RecursionError:
        raise InvalidInput(f"{place}: nested too deeply to read") from None
    except ValueError as error:  # an integer with more digits than Python converts
        raise InvalidInput(f"{place}: {error}") from None

"""Passages from a file or standard input: JSON lines or one JSON array, plain or gzipped."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ctxshape.errors import InvalidInput
from ctxshape.types import TEXT_FIELDS, Document

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"


def read_passages(path: str) -> list[str | dict[str, Any]]:
    """The passages of a file, in its order; `-` is standard input. Blank lines and a byte order mark are skipped.

    Raises InvalidInput that names file, line and fault: not UTF-8, not JSON, no text, an id given twice.
    """
    name = "standard input" if path == "-" else path
    text = _decode(_bytes_of(path, name), name)
    # No passage is a list, so a text that opens one is a whole array.
    found = _array(text, name) if text.lstrip().startswith("[") else _lines(text, name)
    passages: list[str | dict[str, Any]] = []
    places: dict[str, str] = {}
    for place, item in found:
        if not isinstance(item, str | dict):
            raise InvalidInput(
                f"{name}, {place} is no passage: give a JSON string, or an object with one of {', '.join(TEXT_FIELDS)}"
            )
        Document.of(item, id="", place=f"{name}, {place}")
        id = item.get("id") if isinstance(item, dict) else None
        if id is not None and places.setdefault(str(id), place) != place:
            raise InvalidInput(f"{name}, {place} has the id {str(id)!r} of {places[str(id)]}; ids must be unique")
        passages.append(item)
    return passages


def _bytes_of(path: str, name: str) -> bytes:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {name}: {error.strerror}; give a JSONL file, or - for standard input") from None
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{name} is a broken gzip file: {error}") from None


def _decode(data: bytes, name: str) -> str:
    data = data.removeprefix(_BOM)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        found = f"0x{data[error.start]:02x}"
        raise InvalidInput(f"{name}, line {line}: not UTF-8 at byte {byte} ({found}); save the file as UTF-8") from None


def _lines(text: str, name: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"line {number}", _load(line, f"{name}, line {number}", many=False)


def _array(text: str, name: str) -> Iterator[tuple[str, Any]]:
    for number, item in enumerate(_load(text, name, many=True), 1):
        yield f"item {number}", item


def _load(text: str, place: str, *, many: bool) -> Any:  # noqa: ANN401  whatever JSON holds
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f", line {error.lineno}" if many else ""
        hint = "" if many else "; a line holds one JSON object or string"
        raise InvalidInput(f"{place}{where}: not JSON at column {error.colno}: {error.msg}{hint}") from None
    except RecursionError:
        raise InvalidInput(f"{place}: nested too deeply to read") from None
    except ValueError as error:  # an integer of more digits than Python reads
        raise InvalidInput(f"{place}: {error}") from None

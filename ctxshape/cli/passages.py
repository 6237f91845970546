"""Passages from a file or standard input: JSON lines or one JSON array, plain or gzipped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ctxshape.core.fields import TEXT_FIELDS
from ctxshape.core.jsonlines import records
from ctxshape.core.passages import document_from
from ctxshape.errors import InvalidInput


def read_passages(path: str) -> list[str | dict[str, Any]]:
    """Returns the passages of a file in its order; `-` is standard input. Skips blank lines and a byte order mark.

    Raises InvalidInput that names file, line and fault: not UTF-8, not JSON, no text, an id given twice.
    """
    name = "standard input" if path == "-" else path
    passages: list[str | dict[str, Any]] = []
    places: dict[str, str] = {}
    for place, item in records(_bytes_of(path, name), name):
        if not isinstance(item, str | dict):
            raise InvalidInput(
                f"{name}, {place} is no passage: give a JSON string, or an object with one of {', '.join(TEXT_FIELDS)}"
            )
        document_from(item, id="", place=f"{name}, {place}")
        id = item.get("id") if isinstance(item, dict) else None
        if id is not None and places.setdefault(str(id), place) != place:
            raise InvalidInput(
                f"{name}, {place} has the id {str(id)!r} of {places[str(id)]}; ids must be unique; change one, or leave it out"
            )
        passages.append(item)
    return passages


def _bytes_of(path: str, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {name}: {error.strerror}; give a JSONL file, or - for standard input") from None

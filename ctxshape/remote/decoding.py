"""JSON and event streams of a server that may send anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_LINE_END = re.compile(rb"\r\n|\r|\n")
LARGEST_NUMBER = 2.0**53  # floats hold every whole number up to here


class Malformed(ValueError):
    """A reply, or a field of one, that has another form than OpenAI's. The message names the field, not its value."""


def parsed(data: bytes) -> Any:  # noqa: ANN401  JSON
    r"""Returns the JSON in the bytes. Raises Malformed if they hold none, or one that is nested too deeply.

    >>> parsed(b'\xef\xbb\xbf{"a": [1]}')
    {'a': [1]}
    >>> parsed(b"[" * 100_000)
    Traceback (most recent call last):
        ...
    ctxshape.remote.decoding.Malformed: no JSON (RecursionError)
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, no JSON, or a number of thousands of digits
        why = type(error).__name__
    raise Malformed(f"no JSON ({why})")


def object_of(value: object, name: str) -> Mapping[str, Any]:
    """Returns a JSON object; of null or nothing, an empty one. Raises Malformed for others."""
    if value is None or isinstance(value, dict):
        return value or {}
    raise Malformed(f"{name!r} is no object")


def list_of(value: object, name: str) -> Sequence[Any]:
    """Returns a JSON array; of null or nothing, an empty one. Raises Malformed for others."""
    if value is None or isinstance(value, list):
        return value or ()
    raise Malformed(f"{name!r} is no array")


def text_of(value: object, name: str) -> str:
    """Returns a JSON string; of null or nothing, an empty one. Raises Malformed for others."""
    if value is None or isinstance(value, str):
        return value or ""
    raise Malformed(f"{name!r} is no string")


def count_of(value: object, name: str) -> float:
    """Returns a number from 0 to 2^53; of null or nothing, 0. Raises Malformed for others, booleans included.

    >>> count_of(3, "n"), count_of(None, "n"), count_of(-1, "n")
    Traceback (most recent call last):
        ...
    ctxshape.remote.decoding.Malformed: 'n' is no number from 0 to 2^53
    """
    number = 0 if value is None else value
    if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= LARGEST_NUMBER:  # false for NaN
        return float(number)
    raise Malformed(f"{name!r} is no number from 0 to 2^53")


def logprob_of(value: object) -> float:
    """Returns a log-probability between -9999 and 0. Raises Malformed for anything but a number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
        raise Malformed("'logprob' is no number")
    return float(max(min(value, 0), -9999))


class EventParser:
    r"""Finds the events in the pieces of an event stream: the name and the data of each.

    Lines end with CR, LF or both. Comments, unknown fields and an event without its blank line are ignored.

    >>> parser = EventParser()
    >>> [*parser.feed(b"\xef\xbb\xbf: hi\r\ndata:{\r"), *parser.feed(b"\ndata: }\r\r"), *parser.feed(b"\ndata: [DONE")]
    [('', b'{\n}')]
    """

    def __init__(self) -> None:
        self._open: list[bytes] = []  # the pieces of a line without its end: an endless one costs linear time
        self._after_cr = False
        self._first = True
        self._name, self._data = "", list[bytes]()

    def feed(self, piece: bytes) -> Iterator[tuple[str, bytes]]:
        """Yields the events that end in the next piece of the stream."""
        fresh = piece.removeprefix(b"\n") if self._after_cr else piece
        self._after_cr = piece.endswith(b"\r")  # a line feed that follows belongs to it
        *ended, rest = _LINE_END.split(fresh)
        for line in ended:
            whole, self._open = b"".join([*self._open, line]), []
            yield from self._line(whole)
        if rest:
            self._open.append(rest)

    def _line(self, line: bytes) -> Iterator[tuple[str, bytes]]:
        if self._first:
            line, self._first = line.removeprefix(b"\xef\xbb\xbf"), False
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if line:
            if field == b"data":
                self._data.append(value)
            elif field == b"event":
                self._name = value.decode("utf-8", "replace")
            return
        if self._data:
            yield self._name, b"\n".join(self._data)
        self._name, self._data = "", []

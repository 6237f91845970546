"""Checks what is shown of a file of JSON or Python: that it parses, and says nothing that the file does not say."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from ctxshape.core.types import Document
from ctxshape.testing.faithful.excerpts import Excerpt, Fault
from ctxshape.text.omission import OMISSION

_PYTHON_FENCE = re.compile(r"^```py(?:thon)?[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LONG_LITERAL = 200  # characters of a list or dict whose items may be left out, as those of a JSON file
_JSON_FENCE = re.compile(r"^```json[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def file_faults(document: Document, source: str, language: str, found: Sequence[Excerpt]) -> Iterator[Fault]:
    """Yields a fault if a file does not parse any more (`json`, `python`), or says something else (`statement`, `record`)."""
    if not document.text.strip(f"{OMISSION} \n"):
        return
    if language == "json":
        yield from _json_faults(document, source, found)
    elif language == "jsonl":
        yield from _line_faults(document)
    elif language == "python":
        yield from _python_faults(document, document.text, source)
    else:
        whole = "\n".join(_PYTHON_FENCE.findall(source))
        for code in _PYTHON_FENCE.findall(document.text):
            yield from _python_faults(document, code, whole)
        values = [value for text in _JSON_FENCE.findall(source) if (value := _first_value(text)) is not None]
        for text in _JSON_FENCE.findall(document.text):
            if values and text.strip() and not any(is_part_of_value(_first_value(text), value) for value in values):
                yield Fault("json", document.id, repr(text[:200]))


def _json_faults(document: Document, source: str, found: Sequence[Excerpt]) -> Iterator[Fault]:
    shown = _first_value(document.text, document.text.replace(OMISSION, ""))
    if shown is None:
        if OMISSION not in document.text and _is_cut(source, found):
            yield Fault("json", document.id, repr(document.text[:200]))
        if _mixes_records(document.text, source, found):
            yield Fault("record", document.id, f"fields of two records in {document.text[:200]!r}")
        return
    whole = _first_value(source)
    if whole is None:
        return  # a damaged file: no value of it can be compared
    if not is_part_of_value(shown, whole) and not any(_is_member(shown, value) for value in _values(whole)):
        yield Fault("record", document.id, f"{document.text[:200]!r} is no part of the source")


def _first_value(*texts: str) -> Any:  # noqa: ANN401
    """Returns the value of the first text that is JSON."""
    for text in texts:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return None


def _values(value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yields a value and all values in it."""
    todo = [value]
    while todo:
        one = todo.pop()
        yield one
        todo += one if isinstance(one, list) else one.values() if isinstance(one, dict) else ()


def _is_cut(source: str, found: Sequence[Excerpt]) -> bool:
    """Returns whether more is shown than one piece, which shows by itself that it is a piece."""
    return len(found) > 1 or "\n" in source[found[0].begin : found[0].stop].strip() if found else False


def _line_faults(document: Document) -> Iterator[Fault]:
    for line in document.text.splitlines():
        if line.startswith(("{", "[")) and OMISSION not in line:
            try:
                json.loads(line)
            except ValueError as error:
                yield Fault("json", document.id, f"{error}: {line[:200]!r}")


def is_part_of_value(shown: Any, source: Any) -> bool:  # noqa: ANN401
    """Returns whether a value is the other one with some members left out.

    A record, an object in a list, keeps all of its plain values.

    >>> is_part_of_value({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 0}, {"b": 1, "c": 2}], "d": 3})
    True
    >>> is_part_of_value({"a": [{"b": 0, "c": 2}]}, {"a": [{"b": 0}, {"b": 1, "c": 2}], "d": 3})
    False
    >>> is_part_of_value([{"b": 1}], [{"b": 1, "c": 2}])
    False
    """
    if isinstance(shown, dict) and isinstance(source, dict):
        return all(key in source and is_part_of_value(value, source[key]) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(source, list):
        rest = iter(source)
        return all(any(_is_member(value, other) for other in rest) for value in shown)
    if isinstance(shown, str) and isinstance(source, str) and OMISSION in shown:
        return re.fullmatch(".*".join(map(re.escape, shown.split(OMISSION))), source, re.DOTALL) is not None
    return type(shown) is type(source) and bool(shown == source)


def _is_member(value: Any, other: Any) -> bool:  # noqa: ANN401
    if isinstance(other, dict) and isinstance(value, dict):
        plain = (key for key, inner in other.items() if not isinstance(inner, dict | list))
        if not all(key in value for key in plain):
            return False
    return is_part_of_value(value, other)


def _mixes_records(text: str, source: str, found: Sequence[Excerpt]) -> bool:
    """Returns whether a field is shown below the opening brace of another object, or beside the field of another one."""
    objects = _objects(source)
    read = _OpenObjects()
    for one in found:
        if OMISSION in text[: one.start]:
            read.beside = None
        owned = ((source[place], objects[place], place) for place in range(one.begin, one.stop) if place in objects)
        if not all(read.takes(char, own, place) for char, own, place in owned):
            return True
    return False


class _OpenObjects:
    """The objects whose opening brace has been shown, or else the one of the last field."""

    def __init__(self) -> None:
        self.opened: list[int] = []
        self.beside: int | None = None

    def takes(self, char: str, own: int, place: int) -> bool:
        """Reads a brace or the start of a key, and returns whether it belongs to the object that it seems to belong to."""
        if char == "{":
            self.opened.append(place)
        elif char == "}":
            self.beside = None
            return not self.opened or self.opened.pop() == own
        elif self.opened:
            return self.opened[-1] == own
        else:
            known, self.beside = self.beside, own
            return known in (None, own)
        return True


def _objects(source: str) -> dict[int, int]:
    """Returns, for each brace and for the quote that begins a key, the place of the opening brace of its object."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"(\s*:)?|[{}]', source):
        if match.group() == "{":
            stack.append(match.start())
            found[match.start()] = match.start()
        elif match.group() == "}":
            found[match.start()] = stack.pop() if stack else -1
        elif match.group(1) and stack:
            found[match.start()] = stack[-1]
    return found


def _python_faults(document: Document, shown: str, source: str) -> Iterator[Fault]:
    whole = python_tree(source)
    if whole is None or not shown.strip():
        return
    part = python_tree(shown)
    if part is None:
        yield Fault("python", document.id, repr(shown[:300]))
    elif not _are_part_of(part.body, whole.body):
        yield Fault("statement", document.id, repr(shown[:300]))


def python_tree(code: str) -> ast.Module | None:
    """Returns the syntax tree of Python code, or None if it is none."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _are_part_of(shown: Sequence[ast.stmt], source: Sequence[ast.stmt]) -> bool:
    """Returns whether the statements are the others with some left out, in their order and at their depth."""
    rest = iter(source)
    return all(any(_is_part_of(one, other) for other in rest) for one in shown)


def _is_part_of(shown: ast.AST, source: ast.AST) -> bool:
    if type(shown) is not type(source):
        return False
    for name in shown._fields:
        mine, theirs = getattr(shown, name, None), getattr(source, name, None)
        if name in ("body", "orelse", "finalbody") and isinstance(mine, list) and isinstance(theirs, list):
            if not _are_part_of(mine, theirs):
                return False
        elif name == "handlers":
            rest = iter(theirs or [])
            if not all(any(_is_part_of(one, other) for other in rest) for one in mine or []):
                return False
        elif _dumped(mine) != _dumped(theirs) and not _is_shortened(mine, theirs):
            return False
    return True


def _is_shortened(shown: object, source: object) -> bool:
    """Returns whether a value is a long list of items, of which some are shown in their order."""
    lists = ("elts",) if isinstance(source, ast.List | ast.Tuple | ast.Set) else ("keys", "values")
    if type(shown) is not type(source) or not isinstance(source, ast.List | ast.Tuple | ast.Set | ast.Dict):
        return False
    if len(ast.unparse(source)) < _LONG_LITERAL:
        return False
    rest = iter(zip(*(getattr(source, name) for name in lists), strict=True))
    mine = zip(*(getattr(shown, name) for name in lists), strict=True)
    return all(any(_dumped([*one]) == _dumped([*other]) for other in rest) for one in mine)


def _dumped(value: object) -> str:
    if isinstance(value, list):
        return "[" + ",".join(map(_dumped, value)) + "]"
    return ast.dump(value) if isinstance(value, ast.AST) else repr(value)

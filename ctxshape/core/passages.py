"""Makes a document of one passage: a text, a mapping, or an object of another library, identified by its shape.

No framework is imported. `ctxshape.core.retrieved` reads the lists that hold passages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ctxshape.core.fields import (
    INNER_FIELDS,
    METADATA_FIELDS,
    SCORE_FIELDS,
    TEXT_FIELDS,
    is_missing,
    is_number,
    names_in,
    source_of,
    text_field,
    title_of,
)
from ctxshape.core.objects import attributes_of, row_of
from ctxshape.core.types import Document
from ctxshape.errors import InvalidInput

# What every public call takes for a document. Any: an object of another library, such as LangChain's Document.
Passage = str | Mapping[str, Any] | Document | Any


class Readout(NamedTuple):
    """The fields of a document, checked; `names_itself` if a library, and not the caller, chose its id."""

    fields: dict[str, Any]
    names_itself: bool = False

    @property
    def id(self) -> str | None:
        """The passage's own id, if it has one."""
        id: str | None = self.fields.get("id")
        return id

    def document(self, id: str) -> Document:
        """Returns the document under an id."""
        return Document(**{**self.fields, "id": id})


def document_from(item: Passage, id: str, place: str = "document") -> Document:
    """Makes a document of one passage. `id` is the id of a passage without its own.

    A mapping has its text under `text`, `page_content` or `content`. `id`, `title`, `source` and `score` are optional,
    also inside `metadata` or `meta`, and every other key goes to `meta`. An object needs an attribute with one of these
    names; its other attributes are not read. A pair is a passage and its score. Raises InvalidInput with `place` and
    the field.

    >>> made = document_from({"page_content": "Paris is in France.", "metadata": {"source": "a.pdf", "page": 3}}, id="d1")
    >>> made.source, dict(made.meta)
    ('a.pdf', {'source': 'a.pdf', 'page': 3})
    """
    read = read_passage(item, place)
    if isinstance(read, Document):
        return read
    return read.document(id if read.id is None else read.id)


def read_passage(item: Passage, place: str) -> Document | Readout:
    """Returns a document unchanged, and any other passage as a document's fields. Raises InvalidInput."""
    if isinstance(item, Document):
        _check_texts({name: getattr(item, name) for name in ("id", "text", "title", "source")}, place)
        return item
    if isinstance(item, str):
        return Readout(_check_texts({"text": str(item)}, place))  # a subclass, such as numpy's, becomes a str
    if is_scored_pair(item):
        passage, score = item
        read = read_passage(passage, place)
        found = {} if score is None else {"score": score_from(score, place)}
        if isinstance(read, Document):
            return read.model_copy(update=found)
        return read._replace(fields=read.fields | found)
    row = row_of(item)
    if row is not None:
        return Readout(_check_texts(_fields_of(row, place), place))
    attributes = attributes_of(item)
    if attributes is not None:
        return Readout(_check_texts(_fields_of(attributes, place), place), names_itself=True)
    raise InvalidInput(
        f"{place} is {type(item).__name__}; give a str, a mapping with a text field, a Document, or an object with an "
        f"attribute {', '.join(TEXT_FIELDS)}{_remedy_for(item)}"
    )


def is_scored_pair(item: object) -> bool:
    """Returns whether an item is a passage with its score, as LangChain's vector stores give them.

    >>> is_scored_pair(("a text", 0.5)), is_scored_pair(("a text", "another"))
    (True, False)
    """
    if not isinstance(item, tuple) or len(item) != 2 or hasattr(item, "_fields") or hasattr(item, "_mapping"):
        return False
    return type(item[0]) is not tuple and (item[1] is None or is_number(item[1]))


def has_text(item: object) -> bool:
    """Returns whether an object of another library is a passage, with a text under one of the usual names."""
    return not isinstance(item, type) and attributes_of(item) is not None


def score_from(value: object, place: str) -> float:
    """Returns a score as a float. Raises InvalidInput for one that is not a finite number."""
    try:
        score = float(value)  # type: ignore[arg-type]  # numpy scalars and Decimals are welcome
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"{place}, field 'score' is {value!r:.100}; give a number, higher for more relevant") from None
    if not math.isfinite(score):
        raise InvalidInput(f"{place}, field 'score' is {score}; give a finite number or leave it out")
    return score


def check_encodable(text: str, place: str) -> None:
    """Raises InvalidInput if `text` holds a lone surrogate, which no tokenizer can encode."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"{place} holds the lone surrogate U+{ord(text[error.start]):04X} at character {error.start}; "
            "replace it first, for example with text.encode('utf-8', 'replace').decode()"
        ) from None


def _fields_of(item: Mapping[Any, Any], place: str) -> dict[str, Any]:
    """Sorts a mapping's keys into the document's fields and `meta`, checking each."""
    stray = next((key for key in item if not isinstance(key, str)), "")
    if stray != "":
        hint = " (csv.DictReader's, for a line with more fields than the header)" if stray is None else ""
        raise InvalidInput(f"{place} has the key {stray!r:.100}{hint}; give str keys, or leave it out")
    key = text_field(item)
    inside = next((name for name in (METADATA_FIELDS if key else INNER_FIELDS) if _holds(item, name, needs_text=not key)), None)
    metadata = {str(name): value for name, value in item[inside].items()} if inside else {}
    held = item if key else metadata
    text_key = key or text_field(metadata)
    if text_key is None:
        raise InvalidInput(f"{place} has no text: give one of {', '.join(TEXT_FIELDS)}; it has {names_in(sorted(item))}")
    hit = "_source" if inside == "_source" else ""  # Elasticsearch's names begin with an underscore
    id = item.get("_id" if hit else "id")
    fields: dict[str, Any] = {} if id is None else {"id": str(id)}
    fields["text"] = _str(held[text_key], "text", place)
    own = {name: item[name] for name in item if name not in (inside, key)}
    for name, found_in in (("title", title_of), ("source", source_of)):
        if item.get(name) is not None:
            fields[name] = _str(item[name], name, place)
        else:
            fields[name] = found_in(own) or found_in(metadata)
    fields["score"] = _score_in(own, metadata, "_score" if hit else "score", place)
    known = {"id", "title", "score", "source"} | ({"_id", "_score"} if hit else set())
    metadata.pop(text_key if held is metadata else "", None)
    fields["meta"] = metadata | {name: value for name, value in own.items() if name not in known}
    return fields


def _score_in(own: Mapping[str, Any], metadata: Mapping[str, Any], name: str, place: str) -> float | None:
    """Returns the score under its name, which must be right, else one of the metadata that is a finite number."""
    if own.get(name) is not None:
        return score_from(own[name], place)
    for found in (own, metadata):
        for field in SCORE_FIELDS:
            value: Any = found.get(field)
            if is_number(value) and math.isfinite(value):
                return float(value)
    return None


def _holds(item: Mapping[str, Any], name: str, *, needs_text: bool) -> bool:
    inner = item.get(name)
    return isinstance(inner, Mapping) and (not needs_text or text_field(inner) is not None)


def _str(value: object, name: str, place: str) -> str:
    if value is not None and is_missing(value):
        remedy = "fill it in, or leave out the passage" if name == "text" else "leave it out"
        raise InvalidInput(f"{place}, field {name!r} is {value!r}, a missing value; {remedy}")
    if not isinstance(value, str):
        raise InvalidInput(f"{place}, field {name!r} is {type(value).__name__}; give a str")
    return str(value)


def _check_texts(fields: dict[str, Any], place: str) -> dict[str, Any]:
    for name in ("id", "text", "title", "source"):
        check_encodable(fields.get(name) or "", f"{place}, field {name!r}")
    return fields


def _remedy_for(item: object) -> str:
    if isinstance(item, bytes | bytearray):
        return "; decode it first: item.decode('utf-8')"
    if hasattr(item, "__fspath__"):
        return "; read the file first: path.read_text(encoding='utf-8')"
    if isinstance(item, tuple | list):
        return "; for a row of a table give a mapping that names its columns: {'id': …, 'text': …}"
    return ""

"""Makes documents of a retrieved list: any iterable, a DataFrame, or the result of a vector store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import Any

from ctxshape.core.fields import INNER_FIELDS, TEXT_FIELDS, is_missing, is_number, names_in, text_field
from ctxshape.core.passages import Passage, Readout, check_encodable, has_text, is_scored_pair, read_passage
from ctxshape.core.types import Document
from ctxshape.errors import InvalidInput

Retrieved = Any  # a list, or an object of a library that may not be installed
_COLUMNS = {"ids": "id", "documents": "text", "metadatas": "metadata", "distances": "distance"}  # of Chroma -> of a passage


def check_query(query: object, documents: object = ()) -> str:
    """Returns the question. Raises InvalidInput, which never shows a passage, unless it is a text that is not blank.

    >>> check_query(["Emma is by Jane Austen."], "Who wrote Emma?")
    Traceback (most recent call last):
        ...
    ctxshape.errors.InvalidInput: the query is list and documents is str: they are swapped; give the question first
    """
    if not isinstance(query, str):
        if isinstance(documents, str) and query is not None:
            raise InvalidInput(
                f"the query is {type(query).__name__} and documents is str: they are swapped; give the question first"
            )
        shown = query if query is None or isinstance(query, int | float) else type(query).__name__
        raise InvalidInput(f"the query is {shown}; give the question as a str that is not empty")
    if not query.strip():
        raise InvalidInput(f"the query is {query!r:.100}; give the question as a str that is not empty")
    check_encodable(query, "the query")
    return str(query)


def documents_from(documents: Retrieved) -> tuple[Document, ...]:
    """Makes documents of a retrieved list, best first.

    A list, array, generator or other iterable holds passages, each in a form of `document_from`. A DataFrame (pandas,
    polars) or an Arrow table needs a text column; missing values are left out. A result of Chroma holds one query's
    lists; a mapping with a list of `documents` is that list. Scores in pairs that rise from the best passage on are
    distances: they go to `meta`.

    A passage without an id gets `d1`, `d2`, … by its place. An id that a library gives twice gets a number behind it;
    one that the caller gives twice is an error. Raises InvalidInput with place, value and remedy for anything else.

    >>> [document.id for document in documents_from(["Paris is in France.", {"id": "x", "text": "Lyon, too."}])]
    ['d1', 'x']
    """
    items = list(_passages(documents))
    read = [read_passage(item, f"document {number}") for number, item in enumerate(items, 1)]
    if _are_distances(items):
        read = [_with_distance(passage) for passage in read]
    return tuple(_with_ids(read))


def _passages(documents: Retrieved) -> Iterable[Passage]:
    """Returns the passages, one by one. Raises InvalidInput for anything that does not hold passages."""
    if documents is None:
        raise InvalidInput("documents is None; give a list of passages, [] for none")
    if isinstance(documents, bytes | bytearray | os.PathLike):
        raise InvalidInput(f"documents is {type(documents).__name__}; read it first, and give a list of its passages")
    columns = _columns_of(documents)
    if columns is not None:
        return _rows(documents, columns)
    if isinstance(documents, Mapping):
        return _result(documents)
    if isinstance(documents, str | Document) or has_text(documents):
        raise InvalidInput(f"documents is one {type(documents).__name__}; give a list of them")
    if isinstance(documents, Set):
        raise InvalidInput(f"documents is a {type(documents).__name__}, which has no order; give a list, best first")
    if isinstance(documents, type) or (not isinstance(documents, Iterable) and not hasattr(documents, "__getitem__")):
        raise InvalidInput(f"documents is {type(documents).__name__}; give a list of passages")
    try:
        passages: Iterator[Passage] = iter(documents)
        return passages
    except TypeError:  # such as an array without dimensions
        raise InvalidInput(f"documents is {type(documents).__name__}; give a list of passages") from None


def _columns_of(table: Retrieved) -> list[Any] | None:
    """Returns the columns of a DataFrame or an Arrow table, None for anything else."""
    if isinstance(table, type):
        return None
    for rows, names in (("to_dicts", "columns"), ("to_pylist", "column_names"), ("itertuples", "columns")):
        if callable(getattr(table, rows, None)) and hasattr(table, names):
            return list(getattr(table, names))
    return None


def _rows(table: Retrieved, columns: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """Yields the rows of a table as mappings, without missing values."""
    if not any(name in columns for name in TEXT_FIELDS):
        raise InvalidInput(
            f"documents is a {type(table).__name__} without a text column; name one {', '.join(TEXT_FIELDS)}: it has "
            f"{names_in(columns)}"
        )
    repeated = sorted({str(name) for name in columns if columns.count(name) > 1})
    if repeated:
        raise InvalidInput(f"documents is a {type(table).__name__} with columns of the same name: {names_in(repeated)}")
    if hasattr(table, "to_dicts"):
        rows = table.to_dicts()
    elif hasattr(table, "to_pylist"):
        rows = table.to_pylist()
    else:
        rows = table.to_dict("records")
    for number, row in enumerate(rows, 1):
        found = {name: value for name, value in row.items() if not is_missing(value)}
        if text_field(found) is None and not any(isinstance(found.get(name), Mapping) for name in INNER_FIELDS):
            empty = names_in(name for name in TEXT_FIELDS if name in row)
            raise InvalidInput(f"document {number} has no text: its column {empty} has no value; fill it in, or drop the row")
        yield found


def _result(found: Mapping[Any, Any]) -> Iterable[Passage]:
    """Returns the passages in the result of a search: Chroma's columns, or a list under `documents`."""
    held = found.get("documents")
    if "ids" in found and "documents" in found:
        return _chroma(found)
    if isinstance(held, list | tuple):
        return held
    if any(name in found for name in TEXT_FIELDS):
        raise InvalidInput(f"documents is one {type(found).__name__}; give a list of them")
    raise InvalidInput(
        f"documents is one {type(found).__name__} with the keys {names_in(found)}; give a list of passages; of texts by id, "
        "[{'id': id, 'text': text} for id, text in documents.items()]"
    )


def _chroma(found: Mapping[str, Any]) -> Iterable[Passage]:
    """Returns the rows of a Chroma result: a list for each column, inside one more list for each query."""
    columns = {name: found[name] for name in _COLUMNS if found.get(name) is not None}
    if "documents" not in columns:
        raise InvalidInput("documents holds ids, but no texts; ask the collection with include=['documents', 'metadatas']")
    ids = columns["ids"]
    if len(ids) and isinstance(ids[0], list | tuple):
        if len(ids) != 1:
            raise InvalidInput(f"documents holds the results of {len(ids)} queries; give those of one")
        columns = {name: column[0] for name, column in columns.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidInput(f"documents holds columns of different lengths: {lengths}; give one entry for each passage")
    return [
        {_COLUMNS[name]: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


def _are_distances(items: Sequence[Any]) -> bool:
    """Returns whether the numbers in pairs are distances, which FAISS and Chroma give: the best passage has the least."""
    if len(items) < 2 or not all(map(is_scored_pair, items)):
        return False
    numbers = [item[1] for item in items]
    if not all(map(is_number, numbers)):
        return False
    return numbers[0] < numbers[-1] and all(first <= second for first, second in pairwise(numbers))


def _with_distance(read: Document | Readout) -> Document | Readout:
    if isinstance(read, Document):
        return read.model_copy(update={"score": None, "meta": {**read.meta, "distance": read.score}})
    meta = {**read.fields.get("meta", {}), "distance": read.fields["score"]}
    return read._replace(fields=read.fields | {"score": None, "meta": meta})


def _with_ids(read: Sequence[Document | Readout]) -> Iterator[Document]:
    """Yields documents with unique ids. Generated ids avoid the given ones."""
    given: dict[str, int] = {}
    for number, passage in enumerate(read, 1):
        if passage.id is None:
            continue
        if passage.id not in given:
            given[passage.id] = number
        elif isinstance(passage, Document) or not passage.names_itself:
            raise InvalidInput(
                f"documents {given[passage.id]} and {number} share the id {passage.id!r}; ids must be unique; change one, or "
                "leave it out"
            )
    taken = set(given)
    for number, passage in enumerate(read, 1):
        if isinstance(passage, Document):
            yield passage
        elif passage.id is not None and given[passage.id] == number:
            yield passage.document(passage.id)
        else:
            id = f"d{number}" if passage.id is None else _numbered(passage.id, taken)
            while passage.id is None and id in taken:
                id += "'"
            taken.add(id)
            yield passage.document(id)


def _numbered(id: str, taken: Set[str]) -> str:
    number = 2
    while f"{id}#{number}" in taken:
        number += 1
    return f"{id}#{number}"

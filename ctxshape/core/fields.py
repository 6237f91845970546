"""The names under which passages of all kinds keep their text, title, source, score and id."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any

TEXT_FIELDS = ("text", "page_content", "content")
# Where a passage's metadata has its title, its source and its relevance; the first name that is there counts.
TITLE_FIELDS = ("title", "name", "file_name")
SOURCE_FIELDS = ("source", "url", "uri", "link", "file_path", "path")
SCORE_FIELDS = ("score", "relevance_score")
METADATA_FIELDS = ("metadata", "meta")
INNER_FIELDS = (*METADATA_FIELDS, "payload", "properties", "entity", "_source")  # where vector stores put the text
ID_FIELDS = ("id", "id_", "node_id", "uuid")


def title_of(metadata: Mapping[Any, Any]) -> str | None:
    """Returns the title that metadata hold.

    >>> title_of({"file_name": "report.pdf", "title": None})
    'report.pdf'
    """
    return _first_text(metadata, TITLE_FIELDS)


def source_of(metadata: Mapping[Any, Any]) -> str | None:
    """Returns the source that metadata hold: an address or a path."""
    return _first_text(metadata, SOURCE_FIELDS)


def is_number(value: Any) -> bool:  # noqa: ANN401  any object
    """Returns whether a value is a number of any library; a boolean is not.

    >>> is_number(1), is_number(True), is_number("1")
    (True, False, False)
    """
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)


def is_missing(value: object) -> bool:
    """Returns whether a value stands for a missing one: None, NaN, or pandas' NA and NaT.

    >>> is_missing(float("nan")), is_missing(0)
    (True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # pandas.NA has no truth value
        return True
    return isinstance(value, float) and math.isnan(value)


def names_in(names: Iterable[object]) -> str:
    """Returns names for an error message: quoted, and only the first of many.

    >>> names_in(["id", "body"]), names_in([])
    ("'id', 'body'", 'none')
    """
    listed = [f"{name!r:.60}" for name in names]
    return ", ".join(listed[:12] + (["…"] if len(listed) > 12 else [])) or "none"


def text_field(item: Mapping[Any, Any]) -> str | None:
    """Returns the name under which a mapping has its text, None if it has none."""
    return next((name for name in TEXT_FIELDS if name in item), None)


def _first_text(metadata: Mapping[Any, Any], names: tuple[str, ...]) -> str | None:
    return next((str(value) for name in names if isinstance(value := metadata.get(name), str) and value.strip()), None)

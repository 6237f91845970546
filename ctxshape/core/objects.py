"""Reads database rows and objects of other libraries as mappings. Their shape identifies them; no framework is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctxshape.core.fields import ID_FIELDS, INNER_FIELDS, TEXT_FIELDS, text_field


def row_of(item: Any) -> Mapping[Any, Any] | None:  # noqa: ANN401  any object
    """Returns a mapping or a database row as a mapping, or None for other objects."""
    if isinstance(item, Mapping):
        return item
    if isinstance(item, type):
        return None
    if isinstance(item, tuple):
        if isinstance(getattr(item, "_mapping", None), Mapping):  # SQLAlchemy
            return dict(item._mapping)  # type: ignore[attr-defined]
        return item._asdict() if hasattr(item, "_asdict") else None
    if callable(getattr(item, "keys", None)) and hasattr(item, "__getitem__"):  # sqlite3, pandas
        return {key: item[key] for key in item.keys()}
    return None


def attributes_of(item: Any) -> Mapping[str, Any] | None:  # noqa: ANN401  any object
    """Returns the fields of a passage object, such as a LangChain document or a LlamaIndex node, or None for other objects."""
    if isinstance(item, type):
        return None
    node = _attribute(item, "node")
    holder = item if node is None else node
    inner = {name: value for name in INNER_FIELDS if isinstance(value := _attribute(holder, name), Mapping)}
    texts: dict[str, Any] = {name: value for name in TEXT_FIELDS if isinstance(value := _attribute(holder, name), str)}
    if not texts and callable(_attribute(holder, "get_content")):
        texts = {"text": holder.get_content()}
    if not texts and not any(map(text_field, inner.values())):
        texts = {name: value for name in TEXT_FIELDS if (value := _attribute(holder, name, ...)) is not ...}  # not a text
        if not texts:
            return None
    own = {name: value for name in ("title", "source") if isinstance(value := _attribute(holder, name), str)}
    id = next((value for name in ID_FIELDS if _is_value(value := _attribute(holder, name))), None)
    score = next((value for one in (item, holder) if _is_value(value := _attribute(one, "score"))), None)
    return {**texts, **own, **inner, "id": id, "score": score}


def _attribute(item: object, name: str, missing: object = None) -> Any:  # noqa: ANN401
    try:
        return getattr(item, name, missing)
    except Exception:  # a property of another library may raise anything
        return missing


def _is_value(found: object) -> bool:
    return found is not None and not callable(found)

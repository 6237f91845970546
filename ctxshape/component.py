"""A configured component: a frozen pydantic model whose mistakes are named in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, ValidationError

from ctxshape.errors import ConfigError
from ctxshape.types import Frozen


class Component(Frozen):
    """Fields are the parameters: checked when it is made, shown by repr, written to the trace.

    Raises ConfigError naming the wrong field, its value and the fields there are.

    >>> class Shorten(Component):
    ...     words: int = 10
    >>> Shorten(word=3)
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: Shorten has no field 'word'; its fields are: words
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  pydantic's own signature
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise ConfigError(_explain(type(self), error)) from None

    def parameters(self) -> dict[str, object]:
        """The parameters as plain values: nested components as mappings, anything else without a plain form as text."""
        return {name: plain(getattr(self, name)) for name in type(self).model_fields}


def plain(value: object) -> object:
    """`value` as what JSON can hold."""
    if isinstance(value, Component):
        return {"type": type(value).__name__, **value.parameters()}
    if isinstance(value, Frozen):
        return value.model_dump(mode="json")
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return getattr(value, "__name__", repr(value))


def _explain(cls: type[Component], error: ValidationError) -> str:
    known = ", ".join(cls.model_fields) or "none"
    lines = []
    for problem in error.errors(include_url=False):
        field = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            lines.append(f"{cls.__name__} has no field {field!r}; its fields are: {known}")
        elif problem["type"] == "missing":
            lines.append(f"{cls.__name__} needs the field {field!r}; its fields are: {known}")
        else:
            at = f", field {field!r}" if field else ""
            lines.append(f"{cls.__name__}{at}: {problem['msg']}; it was {problem['input']!r:.200}")
    return "; ".join(lines)

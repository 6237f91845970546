"""The base class of configured components: frozen pydantic models with error messages of one line."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from ctxshape.core.masking import MASK, is_secret_name, masked
from ctxshape.core.types import Frozen
from ctxshape.errors import ConfigError, InvalidInput


class Component(Frozen):
    """A transform, reader, backend or other part whose fields are its parameters.

    They are checked on construction, shown by repr and written to the trace. Raises ConfigError for a wrong field,
    naming the field, its value and the fields that exist.

    >>> class Shorten(Component):
    ...     words: int = 10
    >>> Shorten(word=3)
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: Shorten has no field 'word'; its fields are: words
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    invalid: ClassVar[type[InvalidInput]] = ConfigError

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  without it mypy sees a constructor of these fields alone
        super().__init__(**fields)

    def parameters(self) -> dict[str, object]:
        """Returns the parameters as plain values: nested components as mappings, other objects as text; secrets masked."""
        return {name: MASK if _hides(self, name) else plain(getattr(self, name)) for name in type(self).model_fields}

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        """Yields the fields for repr; secrets masked."""
        for name, value in super().__repr_args__():
            shown = masked(value) if isinstance(value, str) and "://" in value else value
            yield name, MASK if name is not None and _hides(self, name) else shown


def _hides(component: Component, name: str) -> bool:
    """Returns whether a field holds a secret as a text, by its name."""
    return is_secret_name(name) and isinstance(getattr(component, name, None), str)


class Stateful(Component):
    """A component that acquires resources besides its fields, such as a loaded model or open connections.

    Its fields alone are its value: comparing, hashing, copying and pickling use only them. A copy acquires its own
    resources.

    >>> class Counter(Stateful):
    ...     step: int = 1
    >>> Counter(step=2) == Counter(step=2), copy.copy(Counter(step=2))
    (True, Counter(step=2))
    """

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  without it mypy sees a constructor without fields
        super().__init__(**fields)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *sorted((name, repr(value)) for name, value in self.__dict__.items())))

    def __copy__(self) -> Self:
        return type(self)(**self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return type(self)(**copy.deepcopy(self.__dict__, memo))

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), dict(self.__dict__))


def _remake(cls: type[Stateful], fields: dict[str, Any]) -> Stateful:
    return cls(**fields)


def plain(value: object) -> object:
    """Returns `value` in a form that JSON can hold."""
    if isinstance(value, Component):
        return {"type": type(value).__name__, **value.parameters()}
    if isinstance(value, Frozen):
        return value.model_dump(mode="json")
    if isinstance(value, str):
        return masked(value) if "://" in value else value  # an address may hold a password
    if isinstance(value, int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return getattr(value, "__name__", None) or masked(repr(value))

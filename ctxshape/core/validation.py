"""Errors of one line for values and components that are made with wrong fields."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any, dataclass_transform

from pydantic import BaseModel, BeforeValidator, Field, PrivateAttr, ValidationError

from ctxshape.core.masking import MASK, is_secret_name

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass  # for type checkers alone: it has no public name
else:
    ModelMetaclass = type(BaseModel)

_BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def _counted(value: object) -> object:
    """Returns a number unchanged. Raises ValueError for True, False and texts, which pydantic would convert."""
    if isinstance(value, bool | str | bytes) or type(value).__name__ in ("bool_", "bool"):  # numpy's, too
        raise ValueError("give a whole number, such as 200, without quotes")
    return value


WholeNumber = Annotated[int, BeforeValidator(_counted)]  # an int, or numpy's, but no truth value and no text


@dataclass_transform(kw_only_default=True, field_specifiers=(Field, PrivateAttr))  # as pydantic's own has
class FrozenMeta(ModelMetaclass):
    """The type of Frozen: a construction in Python that fails raises the class's own error, `invalid`.

    An `__init__` could do the same, but pydantic would call it for every nested value, which is slow.
    """

    if not TYPE_CHECKING:  # a type checker would take its result for that of every constructor

        def __call__(cls, *args: Any, **fields: Any) -> Any:  # noqa: ANN401
            """Returns a new value."""
            try:
                return super().__call__(*args, **fields)
            except ValidationError as error:
                raise cls.invalid(explained(cls, error)) from None
            except TypeError:
                fault = _wrong_call(cls, args, fields)
                if fault is None:
                    raise
                raise cls.invalid(fault) from None


def _wrong_call(cls: Any, args: tuple[object, ...], fields: Mapping[str, object]) -> str | None:  # noqa: ANN401
    """Returns what is wrong with the arguments of a construction, or None if they fit the constructor."""
    constructor = signature(cls.__init__)
    try:
        constructor.bind(None, *args, **fields)
    except TypeError as error:
        if len(args) >= sum(parameter.kind in _BY_PLACE for parameter in constructor.parameters.values()):
            return f"{cls.__name__} takes its fields by name, such as {next(iter(cls.model_fields), 'none')}=…"
        return f"{cls.__name__}: {error}; its fields are: {', '.join(cls.model_fields) or 'none'}"
    return None


def message_of(problem: Mapping[str, Any]) -> str:
    """Returns the message of one of pydantic's errors, without the prefix that it gives to our own.

    >>> message_of({"msg": "Value error, give a number"})
    'give a number'
    """
    return str(problem["msg"]).removeprefix("Value error, ")


def explained(cls: Any, error: ValidationError) -> str:  # noqa: ANN401  a Frozen, which stands on this module
    """Returns what is wrong with the fields of a value of the class `cls`, in one line."""
    known = ", ".join(cls.model_fields) or "none"
    lines = []
    for problem in error.errors(include_url=False):
        field = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden" and field in cls.renamed_fields:
            lines.append(f"{cls.__name__} has no field {field!r}; it was renamed to {cls.renamed_fields[field]!r}")
        elif problem["type"] == "extra_forbidden":
            lines.append(f"{cls.__name__} has no field {field!r}; its fields are: {known}")
        elif problem["type"] == "missing":
            lines.append(f"{cls.__name__} needs the field {field!r}; its fields are: {known}")
        else:
            message = message_of(problem)
            at = f", field {field!r}" if field else ""
            given = MASK if any(is_secret_name(str(name)) for name in problem["loc"]) else f"{problem['input']!r:.200}"
            # A check of several fields names their values itself; its input is all fields of the value.
            lines.append(f"{cls.__name__}{at}: {message}" + (f"; it was {given}" if field else ""))
    return "; ".join(lines)

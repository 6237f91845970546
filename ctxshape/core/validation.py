"""Errors of one line for values and components that are made with wrong fields."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, dataclass_transform

from pydantic import Field, PrivateAttr, ValidationError
from pydantic._internal._model_construction import ModelMetaclass  # the type of BaseModel, which has no public name

from ctxshape.core.masking import MASK, is_secret_name

_BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


@dataclass_transform(kw_only_default=True, field_specifiers=(Field, PrivateAttr))  # as pydantic's own has
class ExplainedModel(ModelMetaclass):
    """The type of Frozen: a construction in Python that fails raises the class's own error, `invalid`.

    It is not `__init__` that does this, since pydantic would call it, slowly, for every value inside another.
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
            at = f", field {field!r}" if field else ""
            given = MASK if any(is_secret_name(str(name)) for name in problem["loc"]) else f"{problem['input']!r:.200}"
            lines.append(f"{cls.__name__}{at}: {problem['msg']}; it was {given}")
    return "; ".join(lines)

"""JSON values that know their place in a file, so that an error can name it."""

from __future__ import annotations

from typing import NamedTuple

from ctxshape.core.passages import check_encodable
from ctxshape.errors import InvalidInput


class LocatedValue(NamedTuple):
    """A JSON value and its place, such as "data.jsonl, line 3". Its methods raise InvalidInput that names the place.

    >>> LocatedValue({"answers": ["Paris"]}, "data.jsonl, line 3").field("answers").items()[0].place
    "data.jsonl, line 3, field 'answers', item 1"
    """

    value: object
    place: str

    def has(self, name: str) -> bool:
        """Returns whether the value is an object with this field, and the field is not null."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def field(self, name: str) -> LocatedValue:
        """Returns a field of an object."""
        if not isinstance(self.value, dict):
            raise self.unlike("an object")
        if name not in self.value:
            raise InvalidInput(f"{self.place} has no field {name!r}; it has {', '.join(sorted(self.value)) or 'none'}")
        return LocatedValue(self.value[name], f"{self.place}, field {name!r}")

    def items(self, *, nonempty: bool = True) -> list[LocatedValue]:
        """Returns the items of a list, which must have at least one unless `nonempty` is False."""
        if not isinstance(self.value, list | tuple):
            raise self.unlike("a list")
        if nonempty and not self.value:
            raise InvalidInput(f"{self.place} is empty; give at least one item")
        return [LocatedValue(item, f"{self.place}, item {number}") for number, item in enumerate(self.value, 1)]

    def text(self, *, nonempty: bool = True) -> str:
        """Returns a string that can be encoded as UTF-8, which must not be blank unless `nonempty` is False."""
        if not isinstance(self.value, str):
            raise self.unlike("a str")
        if nonempty and not self.value.strip():
            raise InvalidInput(f"{self.place} is empty; give some text")
        check_encodable(self.value, self.place)
        return self.value

    def texts(self) -> tuple[str, ...]:
        """Returns the strings of a list, or the single string."""
        return (self.text(),) if isinstance(self.value, str) else tuple(item.text() for item in self.items())

    def flag(self) -> bool:
        """Returns a boolean."""
        if not isinstance(self.value, bool):
            raise self.unlike("true or false")
        return self.value

    def unlike(self, wanted: str) -> InvalidInput:
        """Returns the error for a value whose type is not `wanted`."""
        return InvalidInput(f"{self.place} is {type(self.value).__name__}; give {wanted}")

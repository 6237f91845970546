"""A value out of a JSON file together with where it stands, so that whoever checks it can say so."""

from __future__ import annotations

from typing import NamedTuple

from ctxshape.core.types import check_encodable
from ctxshape.errors import InvalidInput


class Placed(NamedTuple):
    """A JSON value and its place, such as "data.jsonl, line 3". Every method raises InvalidInput that names the place.

    >>> Placed({"answers": ["Paris"]}, "data.jsonl, line 3").field("answers").items()[0].place
    "data.jsonl, line 3, field 'answers', item 1"
    """

    value: object
    place: str

    def has(self, name: str) -> bool:
        """Whether an object has a field that is not null."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def field(self, name: str) -> Placed:
        """A field of an object."""
        if not isinstance(self.value, dict):
            raise self.unlike("an object")
        if name not in self.value:
            raise InvalidInput(f"{self.place} has no field {name!r}; it has {', '.join(sorted(self.value)) or 'none'}")
        return Placed(self.value[name], f"{self.place}, field {name!r}")

    def items(self, *, some: bool = True) -> list[Placed]:
        """The items of a list; with `some` there must be one."""
        if not isinstance(self.value, list | tuple):
            raise self.unlike("a list")
        if some and not self.value:
            raise InvalidInput(f"{self.place} is empty; give at least one item")
        return [Placed(item, f"{self.place}, item {number}") for number, item in enumerate(self.value, 1)]

    def text(self, *, some: bool = True) -> str:
        """A string that can be encoded; with `some` it must hold more than blanks."""
        if not isinstance(self.value, str):
            raise self.unlike("a str")
        if some and not self.value.strip():
            raise InvalidInput(f"{self.place} is empty; give some text")
        check_encodable(self.value, self.place)
        return self.value

    def texts(self) -> tuple[str, ...]:
        """One string, or a list of them."""
        return (self.text(),) if isinstance(self.value, str) else tuple(item.text() for item in self.items())

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.unlike("true or false")
        return self.value

    def unlike(self, wanted: str) -> InvalidInput:
        """The error that this is of another type than `wanted`."""
        return InvalidInput(f"{self.place} is {type(self.value).__name__}; give {wanted}")

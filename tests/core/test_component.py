from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from pydantic import PrivateAttr

from ctxshape.core.component import Component, Stateful, plain
from ctxshape.core.types import Span
from ctxshape.errors import ConfigError


class Shorten(Component):
    renamed_fields: ClassVar[Mapping[str, str]] = {"length": "words"}

    words: int = 10
    inner: Component | None = None


class Connection(Stateful):
    address: str
    _opened: list[str] = PrivateAttr(default_factory=list)

    def open(self) -> None:
        self._opened.append(self.address)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"word": 3}, "Shorten .*'word'.* words, inner"),
        ({"length": 3}, "'length'.*'words'"),
        ({"words": "many"}, "'words'.*'many'"),
        ({"word": 3, "words": None}, "'words'.*None; .*'word'"),
    ],
)
def test_mistakes_are_named_in_one_line(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        Shorten(**fields)
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ConfigError, match="Connection .*'address'"):
        Connection()  # type: ignore[call-arg]


def test_parameters_are_plain_values() -> None:
    assert Shorten(words=3, inner=Shorten()).parameters() == {
        "words": 3,
        "inner": {"type": "Shorten", "words": 10, "inner": None},
    }
    assert plain({"a": (1, Span(document="d", start=0, end=2)), "b": len}) == {
        "a": [1, {"document": "d", "start": 0, "end": 2}],
        "b": "len",
    }


def test_the_fields_of_a_stateful_component_are_its_value() -> None:
    one = Connection(address="a")
    one.open()
    for other in (Connection(address="a"), copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert other == one and hash(other) == hash(one) and other is not one
    assert one != Connection(address="b")

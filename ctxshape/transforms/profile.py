"""The order that suits the model at hand, from a measurement of how well it reads each slot."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ctxshape.attention.profile import By, PositionProfile
from ctxshape.attention.records import read_records
from ctxshape.component import Component
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.scoring import best_first
from ctxshape.transforms.order import edge_order, slot_order
from ctxshape.types import Context


class OrderToProfile(Component):
    """Puts the most relevant documents into the slots that the model in use reads best.

    `profile` is a file of `ctxshape profile`, or a mapping as it stands under a model's `profile` there; `model` chooses
    among several models of a file, by the name of the GGUF file or the first digits of its SHA-256. Without a profile the
    order is that of OrderToEdges. `by` is the measure that says how well a slot is read: `accuracy` of answers,
    `likelihood` of the right answer, or attention `mass`; None takes likelihood, which tells more from as many prompts, and
    accuracy where the backend gave none. Relevance is the documents' score, or their order where one has none. The best
    document into the best slot, and so on down, is the assignment with the largest sum of products (the rearrangement
    inequality).

    Raises ConfigError or InvalidInput, when it is made, for a profile that cannot be read.

    >>> table = {"documents": 3, "slots": [0, 1, 2], "prompts": 20, "accuracy": [0.5, 0.4, 0.9]}
    >>> order = OrderToProfile(profile={"model": "m.gguf", "tables": [table]})
    >>> [document.text for document in order(Context.of("q", ["best", "second", "third"])).documents]
    ['second', 'third', 'best']
    """

    profile: str | Mapping[str, Any] | None = None
    model: str | None = None
    by: By | None = None

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  pydantic's own signature
        given = fields.get("profile")
        if isinstance(given, os.PathLike):
            fields["profile"] = os.fspath(given)
        elif isinstance(given, PositionProfile):
            fields["profile"] = given.model_dump(mode="json")
        super().__init__(**fields)
        self._weights(2)

    def __call__(self, context: Context, /) -> Context:
        """The context with its documents in the new order."""
        ranked = best_first(context.documents)
        weights = self._weights(len(ranked))
        order = edge_order(len(ranked)) if weights is None else slot_order(weights)
        return context.keep([context.documents[ranked[rank]] for rank in order])

    def _weights(self, documents: int) -> list[float] | None:
        if self.profile is None:
            return None
        return read_profile(self.profile, self.model).weights(documents, self.by)


def read_profile(given: str | Mapping[str, Any], model: str | None = None) -> PositionProfile:
    """The profile in a file or a mapping; of several models in a file that of `model`. Raises ConfigError."""
    entry = _entry(given, model) if isinstance(given, str) else given
    place = repr(given) if isinstance(given, str) else "profile"
    try:
        return PositionProfile.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{place} is no position profile: {field}: {first['msg']}; `ctxshape profile` makes one") from None


def _entry(path: str, model: str | None) -> Mapping[str, Any]:
    found = {key: entry for key, entry in read_records(path).items() if "profile" in entry}
    named = {
        key: entry for key, entry in found.items() if model is None or entry.get("model") == model or key.startswith(model)
    }
    if len(named) != 1:
        there = ", ".join(f"{entry.get('model', '?')} ({key[:12]})" for key, entry in found.items()) or "none"
        which = "no model is named" if model is None else f"model={model!r} fits {len(named)} of them"
        raise InvalidInput(f"{path!r} has the profiles of: {there}; {which}: give model= one of these names or digits")
    entry: Mapping[str, Any] = next(iter(named.values()))["profile"]
    return entry

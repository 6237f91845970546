"""Places each document in the prompt. An order is a list: the rank (0 is best) of the document in each slot."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, ValidationError, model_validator

from ctxshape.core.component import Component
from ctxshape.core.measurements import read_records
from ctxshape.core.position_profile import Measure, PositionProfile
from ctxshape.core.ranking import best_first, ranks
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError, InvalidInput

Strategy = Literal["edges", "front", "back", "given", "weights", "profile"]


class Reorder(Component):
    """Moves the most relevant documents to the slots that a model reads best.

    Relevance is the documents' score, or their order where one has none. The strategies:

    - `edges`: best first, second last, then inward (Liu et al. 2023, "Lost in the Middle");
    - `front`: best first; `back`: best last; `given`: unchanged;
    - `weights`: the best document into the slot with the largest of `weights`, and so on down. Weights for a list of
      another length are interpolated;
    - `profile`: the same with weights measured by `ctxshape profile`. `profile` is its file, or the mapping under a
      model's `profile` in that file. `model` selects one of several models in the file, by the name of its GGUF file or
      the first digits of its SHA-256. `measure` is `accuracy`, `likelihood` or `mass` (attention); by default the
      likelihood of the right answer, or accuracy where the backend gave no likelihood.

    Pairing the best document with the best slot maximizes the sum of products (the rearrangement inequality). Raises
    ConfigError or InvalidInput for weights or a profile that the strategy cannot use.

    >>> context = Context.of("q", [{"text": t, "score": s} for t, s in [("c", 0.1), ("a", 0.9), ("b", 0.5)]])
    >>> [d.text for d in Reorder()(context).documents], [d.text for d in Reorder(strategy="back")(context).documents]
    (['a', 'c', 'b'], ['c', 'b', 'a'])
    >>> [d.text for d in Reorder(strategy="weights", weights=(0.5, 0.4, 0.9))(context).documents]
    ['b', 'c', 'a']
    """

    renamed_fields: ClassVar[Mapping[str, str]] = {"to": "strategy", "by": "measure"}

    strategy: Strategy = "edges"
    weights: tuple[Annotated[float, Field(allow_inf_nan=False)], ...] = ()
    profile: str | Mapping[str, Any] | None = None
    model: str | None = None
    measure: Measure | None = None

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  pydantic's own signature
        given = fields.get("profile")
        if isinstance(given, os.PathLike):
            fields["profile"] = os.fspath(given)
        elif isinstance(given, PositionProfile):
            fields["profile"] = given.model_dump(mode="json")
        super().__init__(**fields)
        if self.profile is not None:
            self._weights(2)  # a profile that cannot be read is an error now, not at the first question

    @model_validator(mode="after")
    def _agree(self) -> Reorder:
        if (self.strategy == "weights") != bool(self.weights):
            raise ValueError(f"strategy is {self.strategy!r} and weights are {self.weights}; give weights with 'weights' alone")
        if len(self.weights) == 1:
            raise ValueError("weights has 1 slot; give at least 2, one for each slot")
        if (self.strategy == "profile") != (self.profile is not None):
            raise ValueError(
                f"strategy is {self.strategy!r}, profile is {self.profile!r:.80}; give profile= with 'profile' alone"
            )
        return self

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with its documents in the new order."""
        if self.strategy == "given":
            return context.keep(context.documents)
        ranked = best_first(context.documents)
        return context.keep([context.documents[ranked[rank]] for rank in self._order(len(ranked))])

    def _order(self, n: int) -> list[int]:
        match self.strategy:
            case "edges":
                return edge_order(n)
            case "back":
                return list(reversed(range(n)))
            case "weights" | "profile":
                return slot_order(self._weights(n))
        return list(range(n))

    def _weights(self, n: int) -> list[float]:
        if self.profile is None:
            return stretch(self.weights, n)
        return read_profile(self.profile, self.model).weights(n, self.measure)


def edge_order(n: int) -> list[int]:
    """Returns best first, second best last, and so on inward: for every n, rank 0 is first and rank 1 last.

    >>> edge_order(5), edge_order(6)
    ([0, 2, 4, 3, 1], [0, 2, 4, 5, 3, 1])
    """
    return [*range(0, n, 2), *reversed(range(1, n, 2))]


def slot_order(weights: Sequence[float]) -> list[int]:
    """Returns the order that puts the best rank into the slot of the largest weight; of equal slots the earlier wins.

    >>> slot_order([0.2, 0.1, 0.7])
    [1, 2, 0]
    """
    order = [0] * len(weights)
    for rank, slot in enumerate(ranks(list(weights))):
        order[slot] = rank
    return order


def stretch(weights: Sequence[float], n: int) -> list[float]:
    """Interpolates weights over slots linearly to n slots; the ends stay the ends.

    >>> stretch([1.0, 0.0, 2.0], 5)
    [1.0, 0.5, 0.0, 1.0, 2.0]
    """
    places = np.linspace(0, len(weights) - 1, n)
    return [float(value) for value in np.interp(places, np.arange(len(weights)), np.asarray(weights, dtype=float))]


def read_profile(given: str | Mapping[str, Any], model: str | None = None) -> PositionProfile:
    """Reads the profile in a file or a mapping, of `model` where a file has several. Raises ConfigError, InvalidInput."""
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

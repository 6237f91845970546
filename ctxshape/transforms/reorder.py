"""Chooses the slot of each document in the prompt. An order lists the rank (0 is best) of the document in each slot."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, ValidationError, model_validator

from ctxshape.core.component import Component
from ctxshape.core.measurements import read_measurements
from ctxshape.core.position_profile import Measure, PositionProfile
from ctxshape.core.ranking import best_first, ranks
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context
from ctxshape.core.validation import message_of
from ctxshape.errors import ConfigError, InvalidInput

Strategy = Literal["edges", "front", "back", "given", "weights", "profile"]


class Reorder(Component):
    """Moves the most relevant documents to the slots that a model reads best.

    Documents are ranked by their scores, or by their order if a score is missing. The strategies are:

    - `edges`: best first, second last, then inward (Liu et al. 2023, "Lost in the Middle");
    - `front`: best first; `back`: best last; `given`: unchanged;
    - `weights`: puts the best document into the slot with the largest weight, the second best into the next, and so on.
      `weights` has one number for each slot and is interpolated for lists of other lengths;
    - `profile`: the same with weights that `ctxshape profile` measured. `profile` is its file, or the mapping under
      "profile" in that file. If the file has several models, `model` selects one, by the name of its GGUF file or the
      first digits of its SHA-256. `measure` is `accuracy`, `likelihood` or `mass` (attention). By default it is the
      likelihood of the correct answer, or accuracy if the backend gave no likelihoods.

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

    @classmethod
    def reaches(cls, fields: Mapping[str, Any]) -> tuple[Reach, ...]:
        """Returns what the fields reach: a profile may be a file."""
        return ("reads",) if isinstance(fields.get("profile"), str | os.PathLike) else ()

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  pydantic's own signature
        profile = fields.get("profile")
        if isinstance(profile, os.PathLike):
            fields["profile"] = os.fspath(profile)
        elif isinstance(profile, PositionProfile):
            fields["profile"] = profile.model_dump(mode="json")
        super().__init__(**fields)
        if self.profile is not None:
            self._weights(2)  # an unreadable profile is an error on construction, not at the first question

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
    """Returns the order with the best first, the second best last, and so on inward.

    >>> edge_order(5), edge_order(6)
    ([0, 2, 4, 3, 1], [0, 2, 4, 5, 3, 1])
    """
    return [*range(0, n, 2), *reversed(range(1, n, 2))]


def slot_order(weights: Sequence[float]) -> list[int]:
    """Returns the order that puts the best rank into the slot with the largest weight. Of equal slots the first wins.

    >>> slot_order([0.2, 0.1, 0.7])
    [1, 2, 0]
    """
    order = [0] * len(weights)
    for rank, slot in enumerate(ranks(list(weights))):
        order[slot] = rank
    return order


def stretch(weights: Sequence[float], n: int) -> list[float]:
    """Interpolates weights linearly to n slots. The first and the last weight stay.

    >>> stretch([1.0, 0.0, 2.0], 5)
    [1.0, 0.5, 0.0, 1.0, 2.0]
    """
    positions = np.linspace(0, len(weights) - 1, n)
    return [float(value) for value in np.interp(positions, np.arange(len(weights)), np.asarray(weights, dtype=float))]


def read_profile(source: str | Mapping[str, Any], model: str | None = None) -> PositionProfile:
    """Returns the profile in a mapping or a file, that of `model` if the file has several.

    Raises ConfigError for a mapping that is not a profile, and InvalidInput for a file without exactly one match.
    """
    entry = _entry(source, model) if isinstance(source, str) else source
    place = repr(source) if isinstance(source, str) else "profile"
    try:
        return PositionProfile.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        fault = f"{'.'.join(map(str, first['loc']))}: {message_of(first)}"
        raise ConfigError(f"{place} is not a position profile: {fault}; `ctxshape profile` makes one") from None


def _entry(path: str, model: str | None) -> Mapping[str, Any]:
    profiles = {key: entry for key, entry in read_measurements(path).items() if "profile" in entry}
    named = {
        key: entry for key, entry in profiles.items() if model is None or entry.get("model") == model or key.startswith(model)
    }
    if len(named) != 1:
        known = ", ".join(f"{entry.get('model', '?')} ({key[:12]})" for key, entry in profiles.items()) or "none"
        which = "no model is named" if model is None else f"model={model!r} fits {len(named)} of them"
        raise InvalidInput(f"{path!r} has the profiles of: {known}; {which}; give model= one of these names or digits")
    entry: Mapping[str, Any] = next(iter(named.values()))["profile"]
    return entry

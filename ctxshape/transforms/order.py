"""Where each document stands in the prompt. An order is a list: the rank (0 is best) of the document in each slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from ctxshape.component import Component
from ctxshape.errors import ConfigError
from ctxshape.scoring import best_first, ranks
from ctxshape.types import Context


def edge_order(n: int) -> list[int]:
    """Best first, second best last, and so on inward: for every n, odd or even, rank 0 is first and rank 1 last.

    After Liu et al. 2023, "Lost in the Middle": the ends of a context are read best.

    >>> edge_order(5), edge_order(6)
    ([0, 2, 4, 3, 1], [0, 2, 4, 5, 3, 1])
    """
    return [*range(0, n, 2), *reversed(range(1, n, 2))]


def slot_order(weights: Sequence[float]) -> list[int]:
    """The best rank into the slot of the largest weight, and so on down; of equal slots the earlier comes first.

    >>> slot_order([0.2, 0.1, 0.7])
    [1, 2, 0]
    """
    order = [0] * len(weights)
    for rank, slot in enumerate(ranks(list(weights))):
        order[slot] = rank
    return order


def stretch(weights: Sequence[float], n: int) -> list[float]:
    """A profile over slots, linearly interpolated to n slots; the ends stay the ends.

    >>> stretch([1.0, 0.0, 2.0], 5)
    [1.0, 0.5, 0.0, 1.0, 2.0]
    """
    places = np.linspace(0, len(weights) - 1, n)
    return [float(value) for value in np.interp(places, np.arange(len(weights)), np.asarray(weights, dtype=float))]


def _usable(weights: tuple[float, ...]) -> tuple[float, ...]:
    if len(weights) == 1:
        raise ConfigError("weights has 1 slot; give at least 2, one for each place, or none")
    return weights


class OrderToEdges(Component):
    """Moves the most relevant documents to the places a model reads best.

    `to` is `edges` (best first, second last, inward), `front` (best first), `back` (best last) or `given` (as they
    stand). `weights`, when given, say how well each slot is read, and win over `to`: the best document goes to the
    largest; a profile of another length is interpolated. Relevance is the documents' score, or their order where
    one has none.

    >>> context = Context.of("q", [{"text": t, "score": s} for t, s in [("c", 0.1), ("a", 0.9), ("b", 0.5)]])
    >>> [d.text for d in OrderToEdges()(context).documents], [d.text for d in OrderToEdges(to="back")(context).documents]
    (['a', 'c', 'b'], ['c', 'b', 'a'])
    """

    to: Literal["edges", "front", "back", "given"] = "edges"
    weights: Annotated[tuple[Annotated[float, Field(allow_inf_nan=False)], ...], AfterValidator(_usable)] = ()

    def __call__(self, context: Context, /) -> Context:
        """The context with its documents in the new order."""
        if self.to == "given" and not self.weights:
            return context.keep(context.documents)
        ranked = best_first(context.documents)
        return context.keep([context.documents[ranked[rank]] for rank in self._order(len(ranked))])

    def _order(self, n: int) -> list[int]:
        if self.weights:
            return slot_order(stretch(self.weights, n))
        if self.to == "edges":
            return edge_order(n)
        return list(range(n)) if self.to == "front" else list(reversed(range(n)))

"""A measurement of attention: how much of it each token of a prompt gets, in each layer and head."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from ctxshape.core.types import Frozen
from ctxshape.errors import InvalidInput

Mass = NDArray[np.float64]
Head = tuple[int, int]  # number of a layer, number of a head in it


class Part(Frozen):
    """One document's segment of a prompt: its text as the model reads it, and the cells `start` to `stop` that hold it.

    `offsets` has, for each cell, the character of `text` at which its token begins. `sentences` are the start and end of
    each sentence in `text`.
    """

    document: str | None
    text: str
    start: int
    stop: int
    offsets: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...] = ()


class SentenceMass(Frozen):
    """The mass of one sentence: characters `start` to `end` of the text of the part at index `part`."""

    part: int
    start: int
    end: int
    mass: float


class AttentionMap(Frozen):
    """How much attention each cell (a token of the prompt) gets from the tokens that ask.

    `weights` is float32 of shape (layers, heads, cells): the mean over the asking tokens of what each head gives to
    each cell, so that every row adds up to 1. (Not in models with a sink beside the cells, such as gpt-oss, and not in
    the heads that a layer lacks: of a layer with fewer heads than another the rest are 0 and count for nothing.)
    `layers` are the numbers of the layers that were captured and `heads` how many heads each has. `of` says who asks:
    the question's tokens, or those that write the answer's first ones; `asking` is how many they are.
    Raises InvalidInput where shapes disagree.

    Attention mass is what a head reads from, not proof that the answer uses it (Jain and Wallace 2019, "Attention is
    not Explanation"). Two maps are equal where all their numbers are.

    >>> part = Part(document="d1", text="A. B.", start=1, stop=3, offsets=(0, 3), sentences=((0, 2), (3, 5)))
    >>> weights = np.array([[[0.5, 0.1, 0.3, 0.1]]], np.float32)
    >>> found = AttentionMap(weights=weights, layers=(0,), heads=(1,), documents=(part,), of="question", asking=1)
    >>> found.lead, found.by_document().round(2).tolist(), [round(one.mass, 2) for one in found.by_sentence()]
    (0.5, [0.4], [0.1, 0.3])
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    weights: NDArray[np.float32]
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    documents: tuple[Part, ...]
    of: Literal["question", "answer"]
    asking: int

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  pydantic's own signature
        super().__init__(**fields)
        shape = self.weights.shape
        if len(shape) != 3 or shape[0] != len(self.layers) or len(self.heads) != len(self.layers):
            raise InvalidInput(
                f"weights of shape {shape} for {len(self.layers)} layers and {len(self.heads)} numbers of heads; "
                "give (layers, heads, cells)"
            )
        if any(part.stop > shape[2] or len(part.offsets) != part.stop - part.start for part in self.documents):
            raise InvalidInput(f"a document lies outside of the {shape[2]} cells, or its offsets are not one for each cell")
        self.weights.flags.writeable = False

    def by_cell(self, heads: Collection[Head] | None = None) -> Mass:
        """The mass of each cell, shape (cells,): the mean over the given heads, each a (layer, head); over all by default.

        Raises InvalidInput for a head that was not captured.
        """
        if heads is None:
            total: Mass = self.weights.sum(axis=(0, 1), dtype=np.float64) / max(sum(self.heads), 1)
            return total
        places = {layer: place for place, layer in enumerate(self.layers)}
        missing = [one for one in heads if one[0] not in places or one[1] not in range(self.heads[places[one[0]]])]
        if missing or not heads:
            raise InvalidInput(
                f"no attention was captured of (layer, head) {missing[:5]}; there are the layers {self.layers} "
                f"with {sorted(set(self.heads))} heads"
            )
        chosen: Mass = np.mean([self.weights[places[layer], head] for layer, head in heads], axis=0, dtype=np.float64)
        return chosen

    def by_document(self, heads: Collection[Head] | None = None) -> Mass:
        """The mass of each document, shape (documents,), in the order of the prompt."""
        return self._summed(self.by_cell(heads))

    def by_layer(self) -> Mass:
        """The mass of each document in each layer, the mean of its heads, shape (layers, documents)."""
        counts = np.maximum(np.array(self.heads, np.float64), 1)[:, None]
        return self._summed(self.weights.sum(axis=1, dtype=np.float64) / counts)

    def by_head(self) -> Mass:
        """The mass of each document in each head, shape (layers, heads, documents)."""
        return self._summed(self.weights.astype(np.float64))

    def by_sentence(self, heads: Collection[Head] | None = None) -> tuple[SentenceMass, ...]:
        """The mass of each sentence of each document; those of a document add up to the document's.

        A token belongs to the last sentence that begins no later than it does, and what comes before the first to that.
        """
        cells = self.by_cell(heads)
        found = []
        for number, part in enumerate(self.documents):
            begins = [start for start, _ in part.sentences]
            masses = [0.0] * len(begins)
            for offset, mass in zip(part.offsets, cells[part.start : part.stop], strict=True):
                if begins:
                    masses[max(bisect_right(begins, offset) - 1, 0)] += float(mass)
            for (start, end), mass in zip(part.sentences, masses, strict=True):
                found.append(SentenceMass(part=number, start=start, end=end, mass=mass))
        return tuple(found)

    @property
    def lead(self) -> float:
        """The mass of what comes before the documents; the first token, on which attention rests by default, is in it."""
        return float(self.by_cell()[: self.documents[0].start].sum()) if self.documents else 0.0

    @property
    def sink(self) -> float:
        """The mass of the first token alone (Xiao et al. 2023, "Efficient Streaming Language Models with Attention Sinks")."""
        return float(self.by_cell()[:1].sum())

    @property
    def tail(self) -> float:
        """The mass of what comes after the documents: hints, the question, the answer."""
        cells = self.by_cell()
        return float(cells[self.documents[-1].stop :].sum() if self.documents else cells.sum())

    def _summed(self, cells: Mass) -> Mass:
        """Sums over each document's cells, the last axis."""
        sums = [cells[..., part.start : part.stop].sum(axis=-1) for part in self.documents]
        return np.stack(sums, axis=-1) if sums else np.zeros((*cells.shape[:-1], 0))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AttentionMap):
            return NotImplemented
        return self._rest() == other._rest() and np.array_equal(self.weights, other.weights)

    def __hash__(self) -> int:
        return hash((self._rest(), self.weights.tobytes()))

    def _rest(self) -> tuple[object, ...]:
        return self.layers, self.heads, self.documents, self.of, self.asking

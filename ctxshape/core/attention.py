"""A measurement of attention: how much each token of a prompt gets, in each layer and head."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from ctxshape.core.types import Frozen
from ctxshape.errors import InvalidInput

Mass = NDArray[np.float64]
Head = tuple[int, int]  # number of a layer, number of a head in that layer


class DocumentCells(Frozen):
    """The text of one document as the model reads it, and the cells `start` to `stop` of the prompt that hold it.

    `offsets` has, for each cell, the character of `text` at which its token begins. `sentences` holds the start and end of
    each sentence in `text`.
    """

    document: str | None
    text: str
    start: int
    stop: int
    offsets: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...] = ()


class SentenceMass(Frozen):
    """The mass of one sentence: characters `start` to `end` of the document at index `document`."""

    document: int
    start: int
    end: int
    mass: float


class AttentionMap(Frozen):
    """The attention that each cell (a token of the prompt) gets from the asking tokens.

    - `weights`: float32, shape (layers, heads, cells): for each head, its attention to each cell, averaged over the asking
      tokens. Every row sums to 1, except in models with an attention sink beside the cells, such as gpt-oss. If layers
      have different numbers of heads, the rows of missing heads are 0 and do not count.
    - `layers`: the numbers of the captured layers. `heads`: how many heads each layer has.
    - `documents`: the cells of each document, in the order of the prompt.
    - `asking`: how many tokens ask; they are the question's.

    Attention mass shows where a head reads. It is no proof that the answer uses what was read (Jain and Wallace 2019,
    "Attention is not Explanation"). Two maps are equal if all their numbers are. Raises InvalidInput if shapes disagree.

    >>> cells = DocumentCells(document="d1", text="A. B.", start=1, stop=3, offsets=(0, 3), sentences=((0, 2), (3, 5)))
    >>> weights = np.array([[[0.5, 0.1, 0.3, 0.1]]], np.float32)
    >>> map = AttentionMap(weights=weights, layers=(0,), heads=(1,), documents=(cells,), asking=1)
    >>> map.lead, map.by_document().round(2).tolist(), [round(sentence.mass, 2) for sentence in map.by_sentence()]
    (0.5, [0.4], [0.1, 0.3])
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    weights: NDArray[np.float32]
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    documents: tuple[DocumentCells, ...]
    asking: int

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  pydantic's own signature
        super().__init__(**fields)
        shape = self.weights.shape
        if len(shape) != 3 or shape[0] != len(self.layers) or len(self.heads) != len(self.layers):
            raise InvalidInput(
                f"weights of shape {shape} for {len(self.layers)} layers and {len(self.heads)} head counts; "
                "give (layers, heads, cells)"
            )
        if any(d.stop > shape[2] or len(d.offsets) != d.stop - d.start for d in self.documents):
            raise InvalidInput(f"a document lies outside the {shape[2]} cells, or lacks one offset for each of its cells")
        self.weights.flags.writeable = False

    def by_cell(self, heads: Collection[Head] | None = None) -> Mass:
        """Returns the mass of each cell, shape (cells,): the mean over the given heads, or over all.

        Raises InvalidInput for a head that was not captured.
        """
        if heads is None:
            total: Mass = self.weights.sum(axis=(0, 1), dtype=np.float64) / max(sum(self.heads), 1)
            return total
        rows = {layer: row for row, layer in enumerate(self.layers)}
        missing = [(layer, head) for layer, head in heads if layer not in rows or head not in range(self.heads[rows[layer]])]
        if missing or not heads:
            raise InvalidInput(
                f"no attention was captured for (layer, head) {missing[:5]}; the captured layers are {self.layers} "
                f"with {sorted(set(self.heads))} heads"
            )
        chosen: Mass = np.mean([self.weights[rows[layer], head] for layer, head in heads], axis=0, dtype=np.float64)
        return chosen

    def by_document(self, heads: Collection[Head] | None = None) -> Mass:
        """Returns the mass of each document, shape (documents,), in the order of the prompt."""
        return self._summed(self.by_cell(heads))

    def by_layer(self) -> Mass:
        """Returns the mass of each document in each layer, the mean of its heads, shape (layers, documents)."""
        counts = np.maximum(np.array(self.heads, np.float64), 1)[:, None]
        return self._summed(self.weights.sum(axis=1, dtype=np.float64) / counts)

    def by_sentence(self, heads: Collection[Head] | None = None) -> tuple[SentenceMass, ...]:
        """Returns the mass of each sentence of each document. The masses of a document's sentences sum to its own.

        A token belongs to the last sentence that begins no later than the token does. Tokens before the first sentence
        belong to the first.
        """
        cells = self.by_cell(heads)
        sentences = []
        for index, document in enumerate(self.documents):
            begins = [start for start, _ in document.sentences]
            masses = [0.0] * len(begins)
            for offset, mass in zip(document.offsets, cells[document.start : document.stop], strict=True):
                if begins:
                    masses[max(bisect_right(begins, offset) - 1, 0)] += float(mass)
            for (start, end), mass in zip(document.sentences, masses, strict=True):
                sentences.append(SentenceMass(document=index, start=start, end=end, mass=mass))
        return tuple(sentences)

    @property
    def lead(self) -> float:
        """The mass of the cells before the documents, including the first token, on which attention rests by default."""
        return float(self.by_cell()[: self.documents[0].start].sum()) if self.documents else 0.0

    @property
    def sink(self) -> float:
        """The mass of the first token alone (Xiao et al. 2023, "Efficient Streaming Language Models with Attention Sinks")."""
        return float(self.by_cell()[:1].sum())

    @property
    def tail(self) -> float:
        """The mass of the cells after the documents: hints, the question, the answer."""
        cells = self.by_cell()
        return float(cells[self.documents[-1].stop :].sum() if self.documents else cells.sum())

    def _summed(self, cells: Mass) -> Mass:
        """Returns the sums over each document's cells, which are the last axis."""
        sums = [cells[..., document.start : document.stop].sum(axis=-1) for document in self.documents]
        return np.stack(sums, axis=-1) if sums else np.zeros((*cells.shape[:-1], 0))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AttentionMap):
            return NotImplemented
        return self._other_fields() == other._other_fields() and np.array_equal(self.weights, other.weights)

    def __hash__(self) -> int:
        return hash((self._other_fields(), self.weights.tobytes()))

    def _other_fields(self) -> tuple[object, ...]:
        return self.layers, self.heads, self.documents, self.asking

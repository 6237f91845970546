"""Documents computed by themselves, once, and put together for each reading: in a row, or all at the same place.

Each document attends to the lead and to itself. Its keys and values are a function of these tokens alone, so they can
stand in any order and be kept for other questions. Same place for each: parallel context windows, Ratner et al. 2023,
"Parallel Context Windows for Large Language Models". In a row: block attention, as in Ma et al. 2024, "Block-Attention
for Efficient Prefilling", without the fine-tuning that they use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np

from ctxshape.backends.llama._batch import Reply, go_on
from ctxshape.backends.llama._prefixes import Tokens, waves
from ctxshape.backends.llama._sampling import Row
from ctxshape.backends.llama._sequences import Run, Sequences
from ctxshape.backends.llama._states import State, dump, dump_for, restore
from ctxshape.backends.llama.document_cache import DocumentStore
from ctxshape.errors import ModelError

LEAD, READING, MOVED = range(3)  # the sequences of the bench: the lead, what is read now, the document that comes in
NONE = np.zeros(0, np.int32)


class Parts(NamedTuple):
    """A prompt as tokens: what stands before its documents, each of them, and what stands behind."""

    lead: Tokens
    documents: tuple[Tokens, ...]
    tail: Tokens


class Layout(NamedTuple):
    """One reading: documents by their number, the position where each starts, and that of the tail."""

    order: tuple[int, ...]
    starts: tuple[int, ...]
    end: int


def in_a_row(parts: Parts, order: Sequence[int]) -> Layout:
    """Documents one after the other, as in a prompt.

    >>> in_a_row(Parts(np.zeros(5), (np.zeros(3), np.zeros(4)), np.zeros(2)), [1, 0])
    Layout(order=(1, 0), starts=(5, 9), end=12)
    """
    starts, at = [], len(parts.lead)
    for number in order:
        starts.append(at)
        at += len(parts.documents[number])
    return Layout(tuple(order), tuple(starts), at)


def side_by_side(parts: Parts) -> Layout:
    """All documents at the same position, the tail behind the longest.

    >>> side_by_side(Parts(np.zeros(5), (np.zeros(3), np.zeros(4)), np.zeros(2)))
    Layout(order=(0, 1), starts=(5, 5), end=9)
    """
    start = len(parts.lead)
    longest = max((len(document) for document in parts.documents), default=0)
    return Layout(tuple(range(len(parts.documents))), (start,) * len(parts.documents), start + longest)


class Segments:
    """Computes documents on a bench, a small unified cache in which parts can be moved, and reads them as laid out."""

    def __init__(self, bench: Sequences, store: DocumentStore) -> None:
        self._bench = bench
        self._store = store

    def answer(
        self, parts: Parts, layouts: Sequence[Layout], replies: Sequence[Reply], sequences: Sequences, cells: int, most: int
    ) -> Iterator[None]:
        """Write one reply for each layout; yields after every step. All sequences are empty again at the end.

        Several replies are decoded together in `sequences`, in passes of at most `cells` cells and `most` replies, each
        in a stream of its own: in one cache every token would pass the masked cells of all others.
        """
        room = replies[0].options.max_tokens
        try:
            self._bench.prepare(3, sum(map(len, (parts.lead, *parts.documents, parts.tail))) + room)
            started = perf_counter()
            states, computed = self._load(parts)
            seconds = perf_counter() - started
            for reply in replies:
                reply.computed = len(parts.tail) + computed / len(replies)
                reply.prefill_seconds += seconds / len(replies)
            for wave in waves([reply.tokens for reply in replies], room, cells, most if len(replies) > 1 else 1):
                chosen = [replies[number] for number in wave]
                if len(replies) > 1:
                    sequences.prepare(len(chosen), max(len(reply.tokens) for reply in chosen) + room)
                for place, number in enumerate(wave):
                    started = perf_counter()
                    replies[number].take(self._place(parts, states, layouts[number]))
                    moved = len(replies) > 1 and self._hand_over(sequences, place)
                    replies[number].prefill_seconds += perf_counter() - started
                    yield
                    if not moved:
                        yield from go_on(self._bench, [replies[number]], READING)
                yield from go_on(sequences, chosen)
        finally:
            self._bench.clear()
            sequences.clear()

    def can_move(self) -> bool:
        """Whether llama.cpp has a K-shift for this cache at all."""
        self._bench.prepare(3, 256)
        return self._bench.can_move()

    def close(self) -> None:
        """Free the bench, and forget the documents in memory."""
        self._bench.close()
        self._store.clear()

    def _load(self, parts: Parts) -> tuple[dict[bytes, State], int]:
        """Have the lead in its sequence and the state of each document; also how many tokens had to be computed."""
        bench, lead, computed = self._bench, parts.lead, 0
        if len(lead):
            state = self._store.find(lead, NONE)
            if state is None or not restore(bench, LEAD, state):
                self._compute(lead, 0, LEAD)
                self._store.keep(lead, NONE, dump(bench, LEAD))
                computed += len(lead)
        states: dict[bytes, State] = {}
        for document in parts.documents:
            key = document.tobytes()
            if key in states or not len(document):
                continue
            found = self._store.find(lead, document)
            if found is None:
                found = self._document(lead, document)
                self._store.keep(lead, document, found)
                computed += len(document)
            states[key] = found
        return states, computed

    def _document(self, lead: Tokens, document: Tokens) -> State:
        """The state of one document behind the lead.

        Computed alone, in cells that are always the same: with others in its batch, or after others, its last bits would
        hang on them, and with them what is kept.
        """
        bench = self._bench
        if len(lead):
            bench.copy(LEAD, MOVED)
        self._compute(document, len(lead), MOVED)
        bench.forget(MOVED, len(lead))
        state = dump(bench, MOVED)
        bench.forget(MOVED)
        return state

    def _place(self, parts: Parts, states: dict[bytes, State], layout: Layout) -> Row:
        """Put the documents of a layout behind the lead and compute the tail; the logits of its last token."""
        bench, lead = self._bench, len(parts.lead)
        bench.forget(READING)
        if lead:
            bench.copy(LEAD, READING)
        for number, start in zip(layout.order, layout.starts, strict=True):
            document = parts.documents[number]
            if not len(document):
                continue
            if not restore(bench, MOVED, states[document.tobytes()]):
                raise ModelError("llama.cpp does not take a document's KV back; empty the cache folder, if there is one")
            if start != lead:
                bench.move(MOVED, start - lead)
            bench.copy(MOVED, READING)
            bench.forget(MOVED)
        return self._compute(parts.tail, layout.end, READING, wanted=True)

    def _hand_over(self, sequences: Sequences, place: int) -> bool:
        """Copy what was read to a stream; False where llama.cpp refuses, and the reply is best written on the bench."""
        return restore(sequences, place, dump_for(self._bench, READING, sequences.streams))

    def _compute(self, tokens: Tokens, start: int, sequence: int, *, wanted: bool = False) -> Row:
        last = (start + len(tokens) - 1,) if wanted else ()
        found: Row = np.zeros(0, np.float32)
        for _, _, row in self._bench.compute([Run(tokens, start, sequence, last)]):
            found = row
        return found

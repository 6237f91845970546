"""Documents computed separately, once, and combined for each reading: in a row, or side by side at the same position.

Each document attends to the lead and to itself. Its keys and values depend on these tokens alone, so documents can stand in
any order and be kept for other questions. Side by side: parallel context windows, Ratner et al. 2023, "Parallel Context
Windows for Large Language Models". In a row: block attention as in Ma et al. 2024, "Block-Attention for Efficient
Prefilling", without the fine-tuning used there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np

from ctxshape.backends.llama._generation.replies import Reply, continue_replies
from ctxshape.backends.llama._generation.scheduling import passes
from ctxshape.backends.llama._native.kv_cache import KvCache, Logits, Run, Tokens
from ctxshape.backends.llama._native.kv_state import KvState, restore_sequence, save_for_streams, save_sequence
from ctxshape.backends.llama.documents._store import DocumentStore
from ctxshape.errors import ModelError

LEAD, READING, INCOMING = range(3)  # the workbench's sequences: the lead, the current reading, the document to be placed
NO_TOKENS = np.zeros(0, np.int32)


class PromptParts(NamedTuple):
    """The tokens of a prompt: those before its documents, those of each document, and those after them."""

    lead: Tokens
    documents: tuple[Tokens, ...]
    tail: Tokens


class Placement(NamedTuple):
    """One reading: the documents' numbers, the position where each document starts, and that of the tail."""

    order: tuple[int, ...]
    starts: tuple[int, ...]
    end: int


def in_a_row(parts: PromptParts, order: Sequence[int]) -> Placement:
    """Places the documents one after the other, as in a prompt.

    >>> in_a_row(PromptParts(np.zeros(5), (np.zeros(3), np.zeros(4)), np.zeros(2)), [1, 0])
    Placement(order=(1, 0), starts=(5, 9), end=12)
    """
    starts, at = [], len(parts.lead)
    for number in order:
        starts.append(at)
        at += len(parts.documents[number])
    return Placement(tuple(order), tuple(starts), at)


def side_by_side(parts: PromptParts) -> Placement:
    """Places all documents at the same position, and the tail after the longest.

    >>> side_by_side(PromptParts(np.zeros(5), (np.zeros(3), np.zeros(4)), np.zeros(2)))
    Placement(order=(0, 1), starts=(5, 5), end=9)
    """
    start = len(parts.lead)
    longest = max((len(document) for document in parts.documents), default=0)
    return Placement(tuple(range(len(parts.documents))), (start,) * len(parts.documents), start + longest)


class DocumentBlocks:
    """Computes documents on a workbench, a small unified cache in which parts can be moved, and reads placements."""

    def __init__(self, workbench: KvCache, store: DocumentStore) -> None:
        self._workbench = workbench
        self._store = store

    def answer(
        self,
        parts: PromptParts,
        placements: Sequence[Placement],
        replies: Sequence[Reply],
        cache: KvCache,
        cells: int,
        most: int,
    ) -> Iterator[None]:
        """Writes one reply for each placement. Yields after every step. All sequences are empty at the end.

        Several replies are decoded together in `cache`, in passes of at most `cells` cells and `most` replies, each in its
        own stream. In one shared stream, every token would pass the masked cells of all other replies.
        """
        room = replies[0].options.max_tokens
        try:
            self._workbench.prepare(3, sum(map(len, (parts.lead, *parts.documents, parts.tail))) + room)
            started = perf_counter()
            states, computed = self._load(parts)
            seconds = perf_counter() - started
            for reply in replies:
                reply.computed = len(parts.tail) + computed / len(replies)
                reply.prefill_seconds += seconds / len(replies)
            for group in passes([reply.tokens for reply in replies], room, cells, most if len(replies) > 1 else 1):
                chosen = [replies[number] for number in group]
                if len(replies) > 1:
                    cache.prepare(len(chosen), max(len(reply.tokens) for reply in chosen) + room)
                for place, number in enumerate(group):
                    started = perf_counter()
                    replies[number].advance(self._read(parts, states, placements[number]))
                    moved = len(replies) > 1 and self._hand_over(cache, place)
                    replies[number].prefill_seconds += perf_counter() - started
                    yield
                    if not moved:
                        yield from continue_replies(self._workbench, [replies[number]], READING)
                yield from continue_replies(cache, chosen)
        finally:
            self._workbench.clear()
            cache.clear()

    def can_move(self) -> bool:
        """Returns whether llama.cpp has a K-shift for this cache at all."""
        self._workbench.prepare(3, 256)
        return self._workbench.can_move()

    def close(self) -> None:
        """Frees the workbench and drops the documents in memory."""
        self._workbench.close()
        self._store.clear()

    def _load(self, parts: PromptParts) -> tuple[dict[bytes, KvState], int]:
        """Puts the lead into its sequence. Returns the state of each document and the number of computed tokens."""
        workbench, lead, computed = self._workbench, parts.lead, 0
        if len(lead):
            state = self._store.find(lead, NO_TOKENS)
            if state is None or not restore_sequence(workbench, LEAD, state):
                self._compute(lead, 0, LEAD)
                self._store.keep(lead, NO_TOKENS, save_sequence(workbench, LEAD))
                computed += len(lead)
        states: dict[bytes, KvState] = {}
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

    def _document(self, lead: Tokens, document: Tokens) -> KvState:
        """Computes one document after the lead and returns its state.

        It is computed alone, in the same cells every time. With others in its batch, or after others, the last bits of its
        state, and so of what is kept, would depend on them.
        """
        workbench = self._workbench
        if len(lead):
            workbench.copy(LEAD, INCOMING)
        self._compute(document, len(lead), INCOMING)
        workbench.forget(INCOMING, len(lead))
        state = save_sequence(workbench, INCOMING)
        workbench.forget(INCOMING)
        return state

    def _read(self, parts: PromptParts, states: dict[bytes, KvState], placement: Placement) -> Logits:
        """Places the documents after the lead and computes the tail. Returns the logits of its last token."""
        workbench, lead = self._workbench, len(parts.lead)
        workbench.forget(READING)
        if lead:
            workbench.copy(LEAD, READING)
        for number, start in zip(placement.order, placement.starts, strict=True):
            document = parts.documents[number]
            if not len(document):
                continue
            if not restore_sequence(workbench, INCOMING, states[document.tobytes()]):
                raise ModelError("llama.cpp does not accept a document's saved KV; empty the cache folder, if there is one")
            if start != lead:
                workbench.move(INCOMING, start - lead)
            workbench.copy(INCOMING, READING)
            workbench.forget(INCOMING)
        return self._compute(parts.tail, placement.end, READING, wanted=True)

    def _hand_over(self, cache: KvCache, place: int) -> bool:
        """Copies the reading to a stream. Returns False if llama.cpp refuses; the reply is then written here."""
        return restore_sequence(cache, place, save_for_streams(self._workbench, READING, cache.streams))

    def _compute(self, tokens: Tokens, start: int, sequence: int, *, wanted: bool = False) -> Logits:
        last = (start + len(tokens) - 1,) if wanted else ()
        found: Logits = np.zeros(0, np.float32)
        for _, _, row in self._workbench.compute([Run(tokens, start, sequence, last)]):
            found = row
        return found

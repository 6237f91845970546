"""Deduplication: one document stands for all its exact, near, contained and semantic copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.protocols import Embedder
from ctxshape.core.ranking import best_first
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context, Document
from ctxshape.core.validation import WholeNumber
from ctxshape.text.candidates import Candidates
from ctxshape.text.similarity import ComparedText, containment, jaccard


class DropDuplicates(Component):
    """Drops copies; the best-scored one stays, and its `duplicates` name every document it stands for.

    - An *exact* copy has the same text except for case, width and white space.
    - A *near* copy has a Jaccard similarity of at least `threshold` on shingles of three tokens (CJK characters).
    - A *contained* copy has at least `containment` of its shingles in a longer passage. The longer one stays, at the better
      place and with the better score.
    - With an `embedder`, a *semantic* copy has a cosine of at least `semantic`.

    A near or semantic copy with a figure, a negation or a capitalised name that the other lacks says something else, so it
    stays. Lists of more than 200 passages find candidates by MinHash (Broder 1997) with `seed` and verify them exactly.

    >>> context = Context.of("q", ["The tower is 330 m tall.", "the tower is 330 m  tall.", "The tower is 324 m tall."])
    >>> shaped = DropDuplicates()(context)
    >>> shaped.documents[0].duplicates, shaped.dropped
    (('d2',), {'d2': "exact duplicate of 'd1'"})
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    containment: Annotated[float, Field(gt=0, le=1)] = 0.9
    semantic: Annotated[float, Field(gt=0, le=1)] = 0.95
    embedder: Embedder | None = None
    seed: Annotated[WholeNumber, Field(ge=0)] = 1

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with one document for each set of copies."""
        groups = _Groups(context.documents)
        self._lexical(groups)
        if self.embedder is not None:
            self._semantic(groups, self.embedder)
        return context.keep(groups.documents(), dropped=groups.reasons)

    def _lexical(self, groups: _Groups) -> None:
        """Merges exact, contained and near copies; a kept text gives way to a later, longer one that contains it."""
        candidates = Candidates([text.shingles for text in groups.texts], self.threshold, self.seed, groups.texts)
        exact: dict[str, int] = {}
        for index in groups.order:
            key = groups.texts[index].normalized
            if key in exact:
                groups.merge(index, groups.keeper(exact[key]), "exact duplicate of {}")
                continue
            exact[key] = index
            for other in candidates.of(index):
                if groups.is_kept(other) and groups.is_kept(index):
                    self._compare(groups, index, other)
            if groups.is_kept(index):
                candidates.add(index)

    def _compare(self, groups: _Groups, index: int, other: int) -> None:
        """Merges `index` and the better-scored `other` if one is a copy of the other."""
        mine, theirs = groups.texts[index], groups.texts[other]
        similarity = jaccard(mine.shingles, theirs.shingles)
        if similarity >= self.threshold and not mine.adds_to(theirs):
            groups.merge(index, other, f"near duplicate of {{}} (Jaccard {similarity:.2f})")
            return
        small, large = (index, other) if len(mine.shingles) <= len(theirs.shingles) else (other, index)
        share = containment(groups.texts[small].shingles, groups.texts[large].shingles)
        # Near texts that are not copies differ in a fact, so one is contained only if all of it is in the other.
        needed = self.containment if similarity < self.threshold else 1.0
        if share >= needed and not groups.texts[small].adds_to(groups.texts[large]):
            groups.merge(small, large, f"contained in {{}} ({share:.2f} of it)")

    def _semantic(self, groups: _Groups, embedder: Embedder) -> None:
        """Merges copies by meaning among the documents that are still kept, best first."""
        kept = [index for index in groups.order if groups.is_kept(index)]
        vectors = embedder.embed([groups.given[index].text for index in kept]) if kept else np.zeros((0, 1), np.float32)
        stays: list[int] = []
        for row, index in enumerate(kept):
            cosines = vectors[stays] @ vectors[row]
            for place in np.flatnonzero(cosines >= self.semantic):
                other = kept[stays[int(place)]]
                if not groups.texts[index].adds_to(groups.texts[other]):
                    groups.merge(index, other, f"same meaning as {{}} (cosine {float(cosines[place]):.2f})")
                    break
            else:
                stays.append(row)


class _Groups:
    """The record of merges: the document that stands for each other one."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.given = documents
        self.order = best_first(documents)
        self.texts = [ComparedText(document.text) for document in documents]
        self.reasons: dict[str, str] = {}
        self._keeper: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}

    def is_kept(self, index: int) -> bool:
        """Returns whether the document stands for itself."""
        return index not in self._keeper

    def keeper(self, index: int) -> int:
        """Returns the index of the document that stands for this one."""
        while index in self._keeper:
            index = self._keeper[index]
        return index

    def merge(self, copy: int, keeper: int, reason: str) -> None:
        """Makes `keeper` stand for `copy` and for all that `copy` stood for."""
        self._keeper[copy] = keeper
        self._members.setdefault(keeper, []).extend([copy, *self._members.pop(copy, [])])
        self.reasons[self.given[copy].id] = reason.format(repr(self.given[keeper].id))

    def documents(self) -> list[Document]:
        """Returns the kept documents, each at the first place and with the best score of its group."""
        kept = [index for index in range(len(self.given)) if self.is_kept(index)]
        return [self._merged(index) for index in sorted(kept, key=lambda i: min([i, *self._members.get(i, [])]))]

    def _merged(self, index: int) -> Document:
        document, members = self.given[index], [self.given[i] for i in self._members.get(index, [])]
        if not members:
            return document
        names = (name for member in members for name in (member.id, *member.duplicates))
        scores = [score for score in (document.score, *(member.score for member in members)) if score is not None]
        return document.model_copy(update={"duplicates": (*document.duplicates, *names), "score": max(scores, default=None)})

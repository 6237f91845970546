"""Deduplication: one document stands for all its exact, near, contained and semantic copies, and for overlapping windows."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.protocols import Embedder
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context
from ctxshape.core.validation import WholeNumber
from ctxshape.text.candidates import Candidates
from ctxshape.text.similarity import containment, is_inside, is_near_copy, jaccard, says_the_same
from ctxshape.transforms._copies import Copies


class DropDuplicates(Component):
    """Drops copies and joins overlapping windows; the `duplicates` of a kept document name all that it stands for.

    - An *exact* copy has the same text except for case, width and white space. Of copies under different titles, the one
      whose title has most words of the question stays, else the best-scored one. Its title shows the others behind a
      slash.
    - *Windows* are passages that a splitter cut from one text with an overlap: the end of one is the beginning of
      another, and title and source agree. With `windows`, they become one document with the id of the best-scored one.
      Its text shows everything once, and its spans name the window that each part is from. A text of more than 12,000
      columns (two for a CJK character) goes on in another document.
    - A *near* copy has a Jaccard similarity of at least `threshold` on shingles of three tokens (CJK characters).
    - A *contained* copy has at least `containment` of its shingles in a longer passage. The longer one stays, at the better
      place and with the better score.
    - With an `embedder`, a *semantic* copy has a cosine of at least `semantic`.

    A near, contained or semantic copy says something else and stays if it differs in its title, in a word of the question,
    or in a figure, a negation or a capitalised name. It also stays if one word alone stands in place of another in a sentence
    that has to do with the question, as in records made from one mould.

    Lists of more than 200 passages find candidates by MinHash (Broder 1997) with `seed` and verify them exactly.

    >>> context = Context.of("q", ["The tower is 330 m tall.", "the tower is 330 m  tall.", "The tower is 324 m tall."])
    >>> shaped = DropDuplicates()(context)
    >>> shaped.documents[0].duplicates, shaped.dropped
    (('d2',), {'d2': "exact duplicate of 'd1'"})
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    containment: Annotated[float, Field(gt=0, le=1)] = 0.9
    semantic: Annotated[float, Field(gt=0, le=1)] = 0.95
    windows: bool = True
    embedder: Embedder | None = None
    seed: Annotated[WholeNumber, Field(ge=0)] = 1

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with one document for each set of copies."""
        copies = Copies(context)
        copies.merge_exact()
        if self.windows:
            copies.join_windows()
        self._lexical(copies)
        if self.embedder is not None:
            self._semantic(copies, self.embedder)
        return context.keep(copies.documents(), dropped=copies.reasons)

    def _lexical(self, copies: Copies) -> None:
        """Merges contained and near copies; a kept text gives way to a later, longer one that contains it."""
        kept = copies.kept()
        texts = [copies.texts[index] for index in kept]
        candidates = Candidates([text.shingles for text in texts], self.threshold, self.seed, texts)
        for place, index in enumerate(kept):
            for other in candidates.of(place):
                if copies.is_kept(kept[other]) and copies.is_kept(index):
                    self._compare(copies, index, kept[other])
            if copies.is_kept(index):
                candidates.add(place)

    def _compare(self, copies: Copies, index: int, other: int) -> None:
        """Merges `index` and the better-scored `other` if one is a copy of the other."""
        mine, theirs = copies.texts[index], copies.texts[other]
        similarity = jaccard(mine.shingles, theirs.shingles)
        if similarity >= self.threshold and copies.may_share_title(index, other) and is_near_copy(mine, theirs, copies.asked):
            copies.merge(index, other, f"near duplicate of {{}} (Jaccard {similarity:.2f})")
            return
        small, large = (index, other) if len(mine.shingles) <= len(theirs.shingles) else (other, index)
        part, whole = copies.texts[small], copies.texts[large]
        share = containment(part.shingles, whole.shingles)
        # Near texts that are not copies differ in a fact, so one is contained only if all of it is in the other.
        needed = self.containment if similarity < self.threshold else 1.0
        if share >= needed and copies.shows_title_of(large, small) and is_inside(part, whole, copies.asked):
            copies.merge(small, large, f"contained in {{}} ({share:.2f} of it)")

    def _semantic(self, copies: Copies, embedder: Embedder) -> None:
        """Merges copies by meaning among the documents that are still kept, best first."""
        kept = copies.kept()
        vectors = embedder.embed([copies.texts[index].text for index in kept]) if kept else np.zeros((0, 1), np.float32)
        stays: list[int] = []
        for row, index in enumerate(kept):
            cosines = vectors[stays] @ vectors[row]
            for place in np.flatnonzero(cosines >= self.semantic):
                other = kept[stays[int(place)]]
                mine, theirs = copies.texts[index], copies.texts[other]
                if (
                    copies.may_share_title(index, other)
                    and not mine.adds_to(theirs)
                    and says_the_same(mine, theirs, copies.asked)
                ):
                    copies.merge(index, other, f"same meaning as {{}} (cosine {float(cosines[place]):.2f})")
                    break
            else:
                stays.append(row)

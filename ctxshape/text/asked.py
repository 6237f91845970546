"""The words of a question, compared with those of texts in whatever form they have there."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add

from ctxshape.text.words import (
    FUNCTION_WORDS,
    PARTICLES,
    fold_variants,
    is_cjk,
    normalize,
    split_tokens,
    without_question_fillers,
    without_question_words,
    words,
)

PREFIX = 4  # letters that two forms of a word share


class Asked:
    """The words of a question, to tell whether a text or a difference between two texts has to do with it.

    A word counts in every form that begins with the same four letters. A CJK character counts beside the neighbour that
    it has in the question, in simplified and traditional form, or if it stands alone there.

    >>> asked = Asked("When does the lessee bear the costs?")
    >>> asked.named(["when", "the", "lessees", "bear", "costly", "repairs"])
    [2, 3, 4]
    """

    def __init__(self, query: str) -> None:
        plain = without_question_fillers(without_question_words(fold_variants(normalize(query))))
        found = [word for word in words(plain) if has_meaning(word)]
        self._pairs = frozenset(word for word in found if len(word) == 2 and is_cjk(word))
        self._words = frozenset(found).union(filter(has_meaning, split_tokens(plain)) if not self._pairs else ()) - self._pairs
        self._beginnings = frozenset(word[:PREFIX] for word in self._words if len(word) >= PREFIX)
        self._size = len(self._words) + len(self._pairs)

    def named(self, parts: Sequence[str]) -> list[int]:
        """Returns the indices of the normalized words that the question has, in some form."""
        found = {i for i, part in enumerate(parts) if part in self._words or part[:PREFIX] in self._beginnings}
        if self._pairs:
            folded = [fold_variants(part) for part in parts]
            for i, pair in enumerate(map(add, folded, folded[1:])):
                if pair in self._pairs:
                    found.update((i, i + 1))
            found.update(i for i, part in enumerate(folded) if part in self._words)
        return sorted(found)

    def touches(self, parts: Sequence[str]) -> bool:
        """Returns whether any of the normalized words is in the question."""
        return bool(self.named(parts))

    def is_about_else(self, different: Sequence[Sequence[str]], *texts: Sequence[str]) -> bool:
        """Returns whether the question is about other sentences of the texts than those that are `different`.

        Sentences and texts are given as their normalized words. A question that shares no word with the texts, for example
        in another language, may be about any sentence.
        """
        if any(map(self.touches, different)):
            return False
        return self._size < 2 or any(map(self.touches, texts))


def has_meaning(part: str) -> bool:
    """Returns whether a normalized word has a meaning of its own, as function words and particles have not."""
    return part not in FUNCTION_WORDS and part not in PARTICLES

"""The words of a question, compared with those of texts in whatever form they have there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ctxshape.text.words import (
    FUNCTION_WORDS,
    PARTICLES,
    fold_variants,
    normalize,
    split_tokens,
    without_question_fillers,
    without_question_words,
)

PREFIX = 4  # letters that two forms of a word share


class Asked:
    """The words of a question, to tell whether a text or a difference between two texts has to do with it.

    A word counts in every form that begins with the same four letters. Of Chinese, every character counts that is neither
    a particle nor a part of a question word, in simplified and traditional form.

    >>> asked = Asked("When does the lessee bear the costs?")
    >>> asked.names("lessees"), asked.names("costly"), asked.names("when")
    (True, True, False)
    """

    def __init__(self, query: str) -> None:
        plain = fold_variants(normalize(query))
        parts = split_tokens(without_question_fillers(without_question_words(plain)))
        self._words = frozenset(filter(has_meaning, parts))
        self._beginnings = frozenset(word[:PREFIX] for word in self._words if len(word) >= PREFIX)

    def names(self, token: str) -> bool:
        """Returns whether the question has a normalized word, in some form."""
        if token in self._words or (len(token) >= PREFIX and token[:PREFIX] in self._beginnings):
            return True
        return fold_variants(token) in self._words

    def touches(self, parts: Iterable[str]) -> bool:
        """Returns whether any of the normalized words is in the question."""
        return any(map(self.names, parts))

    def is_about_else(self, different: Sequence[Sequence[str]], *texts: Sequence[str]) -> bool:
        """Returns whether the question is about other sentences of the texts than those that are `different`.

        Sentences and texts are given as their normalized words. A question that shares no word with the texts, for example
        in another language, may be about any sentence.
        """
        if any(map(self.touches, different)):
            return False
        return len(self._words) < 2 or any(map(self.touches, texts))


def has_meaning(part: str) -> bool:
    """Returns whether a normalized word has a meaning of its own, as function words and particles have not."""
    return part not in FUNCTION_WORDS and part not in PARTICLES

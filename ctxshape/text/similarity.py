"""The similarity of two texts as sets of shingles, and the facts that a copy states but its original does not."""

from __future__ import annotations

import re
from functools import cached_property

from ctxshape.text.languages import LANGUAGES
from ctxshape.text.numbers import NUMERALS
from ctxshape.text.words import normalize, shingle_set, split_tokens, tokens

_NEGATIONS = frozenset().union(*(language.negations for language in LANGUAGES))
_NEGATION_ENDINGS = tuple(ending for language in LANGUAGES for ending in language.negation_endings)
_FIGURE = re.compile(rf"\d+(?:[.,:/]\d+)*|[{NUMERALS}]+")
_LATIN = re.compile(r"[^\W\d_]+", re.ASCII)
# A capitalised word that opens neither a sentence nor a quotation.
_NAME = re.compile(r"(?<![.!?。！？:：\"“'‘(（]\s)(?<![.!?。！？:：\"“'‘(（])(?<=\S\s)[A-Z][\w'’-]*")


class ComparedText:
    """A text prepared for comparison: normalized, as shingles and, computed on demand, with its facts."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.normalized = normalize(text)
        self._parts = split_tokens(self.normalized)
        self.shingles = shingle_set(self._parts)

    @cached_property
    def facts(self) -> frozenset[str]:
        """Tokens that change the meaning of a sentence: figures, negations, and capitalised words inside a sentence.

        Chinese names carry no mark, so only figures and negations count there.

        >>> sorted(ComparedText("In 1903 she did not meet Niels Bohr.").facts)
        ['1903', 'bohr', 'niels', 'not']
        """
        negations = {part for part in self._parts if part in _NEGATIONS or part.endswith(_NEGATION_ENDINGS)}
        names = tokens(" ".join(_NAME.findall(self._text)))
        return frozenset(negations.union(names, _FIGURE.findall(self.normalized)))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The facts and all words in Latin letters; another text with only these facts adds none to this one.

        A name inside a sentence may open a sentence here, where its capital says nothing.
        """
        return self.facts.union(_LATIN.findall(self.normalized))

    def adds_to(self, other: ComparedText) -> bool:
        """Returns whether this text states a fact that the other does not."""
        return not self.facts <= other.vocabulary


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Returns the size of the intersection over the size of the union; 0 for two empty sets.

    >>> jaccard(frozenset("abc"), frozenset("bcd"))
    0.5
    """
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def containment(a: frozenset[str], b: frozenset[str]) -> float:
    """Returns the share of `a` that is in `b` (Broder 1997); 0 for an empty `a`.

    >>> containment(frozenset("abc"), frozenset("bcd")) == 2 / 3
    True
    """
    return len(a & b) / len(a) if a else 0.0

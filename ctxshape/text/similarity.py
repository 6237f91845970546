"""How alike two texts are: shingle sets, MinHash candidates, and what a copy says that its original does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from ctxshape.text.words import normalize, shingle_set, split_tokens, tokens

_PERMUTATIONS = 128
_POSTINGS = 64  # a shingle that this many kept texts share is boilerplate: it no longer points to candidates
_SAMPLE = 16  # shingles of a text that are looked for in the others
_NEGATIONS = frozenset("not no never none neither nor without cannot 不 没 沒 无 無 未 非 否 勿 莫".split())
_FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*|[〇零一二三四五六七八九十百千万萬亿億两兩]+")
_LATIN = re.compile(r"[^\W\d_]+", re.ASCII)
_NAME = re.compile(r"(?<![.!?。！？:：\"“'‘(（]\s)(?<![.!?。！？:：\"“'‘(（])(?<=\S\s)[A-Z][\w'’-]*")


class Shape:
    """What is compared of a text: normalised, and as shingles; what it says is looked for only beside one that is alike."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.normalized = normalize(text)
        self._parts = split_tokens(self.normalized)
        self.shingles = shingle_set(self._parts)

    @cached_property
    def facts(self) -> frozenset[str]:
        """See `facts`."""
        negations = {part for part in self._parts if part in _NEGATIONS or part.endswith(("n't", "n’t"))}
        names = tokens(" ".join(_NAME.findall(self._text)))
        return frozenset(negations.union(names, _FIGURE.findall(self.normalized)))

    @cached_property
    def words(self) -> frozenset[str]:
        """The words in Latin letters."""
        return frozenset(_LATIN.findall(self.normalized))

    def adds_to(self, other: Shape) -> bool:
        """Whether this text has a fact that the other has not; a name may be any word there, also the first of a sentence."""
        return not self.facts <= other.facts | other.words


def facts(text: str) -> frozenset[str]:
    """What changes a sentence's meaning in a word: figures, negations, and capitalised words inside a sentence.

    Chinese names carry no mark, so of Chinese only figures and negations count.

    >>> sorted(facts("In 1903 she did not meet Niels Bohr."))
    ['1903', 'bohr', 'niels', 'not']
    """
    return Shape(text).facts


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Size of the intersection over size of the union; 0 for two empty sets.

    >>> jaccard(frozenset("abc"), frozenset("bcd"))
    0.5
    """
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def coverage(a: frozenset[str], b: frozenset[str]) -> float:
    """The share of `a` that is in `b`; 0 for an empty `a`."""
    return len(a & b) / len(a) if a else 0.0


def bands(threshold: float) -> int:
    """LSH bands of 128 permutations: the fewest that find a pair at the threshold with probability 0.995.

    A band of r rows agrees with probability t**r (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4).

    >>> bands(0.8), bands(0.5)
    (32, 64)
    """
    for rows in (16, 8, 4, 2):
        count = _PERMUTATIONS // rows
        if 1 - (1 - threshold**rows) ** count >= 0.995:
            return count
    return _PERMUTATIONS


class Candidates:
    """Finds, among the texts added so far, those that may be near copies of a text, contain it, or be contained in it.

    Near copies come from MinHash LSH (rensa); containment, for which sizes differ too much for MinHash, from an index of
    the shingles that occur in more than one text of `all_shingles`: a text inside another has nearly all of a sample of
    its shingles there. Whoever asks verifies on the exact sets.
    """

    def __init__(self, all_shingles: Sequence[frozenset[str]], threshold: float, seed: int) -> None:
        import rensa

        counts = Counter(shingle for found in all_shingles for shingle in found)
        repeated = {shingle for shingle, count in counts.items() if count > 1}
        self._repeated = [found & repeated for found in all_shingles]
        self._samples = [_sample(found) for found in self._repeated]
        self._sketches = [self._sketch(rensa, found, seed) for found in all_shingles]
        self._lsh = rensa.RMinHashLSH(threshold=threshold, num_perm=_PERMUTATIONS, num_bands=bands(threshold))
        self._texts_with: dict[str, list[int]] = {}
        self._samples_with: dict[str, list[int]] = {}

    @staticmethod
    def _sketch(rensa: Any, found: frozenset[str], seed: int) -> Any:  # noqa: ANN401  rensa is untyped
        sketch = rensa.RMinHash(num_perm=_PERMUTATIONS, seed=seed)
        sketch.update(list(found))
        return sketch

    def add(self, index: int) -> None:
        """Make the text at `index` of `all_shingles` findable."""
        self._lsh.insert(index, self._sketches[index])
        for postings, found in ((self._texts_with, self._repeated[index]), (self._samples_with, self._samples[index])):
            for shingle in found:
                known = postings.setdefault(shingle, [])
                if len(known) < _POSTINGS:
                    known.append(index)

    def of(self, index: int) -> list[int]:
        """Indices of the added texts to compare with the text at `index`, in the order of their numbers."""
        near = set(self._lsh.query(self._sketches[index]))
        texts, samples, mine = self._texts_with, self._samples_with, self._samples[index]
        around = Counter(other for shingle in mine for other in texts.get(shingle, ()))
        inside = Counter(other for shingle in self._repeated[index] for other in samples.get(shingle, ()))
        # Half of a sample is far below any containment that counts, and leaves room for lost postings.
        near |= {other for other, count in around.items() if 2 * count >= len(mine)}
        near |= {other for other, count in inside.items() if 2 * count >= len(self._samples[other])}
        return sorted(near)


def _sample(found: frozenset[str]) -> list[str]:
    """At most 16 of the shingles, evenly from their alphabet: the same for the same set."""
    ordered = sorted(found)
    return ordered[:: -(-len(ordered) // _SAMPLE) or 1]

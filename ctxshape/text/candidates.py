"""Finds the pairs of texts worth comparing: all pairs that share a shingle, or in a long list those that MinHash finds."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ctxshape.text.similarity import ComparedText

_Key = TypeVar("_Key", str, bytes)

EXACT_UP_TO = 200  # texts: sketching is faster than every pair from 100 (long, alike) to 500 (short, unlike) texts on
CROWD = 64  # texts in a bucket or with a shingle; more are not recorded, because it no longer distinguishes them
_PERMUTATIONS = 128
_SAMPLE = 16  # shingles of a text that are looked for in the others


def bands(threshold: float) -> int:
    """Returns the number of LSH bands of 128 permutations: the fewest that find a pair at the threshold 995 times in 1,000.

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

    In a list of up to 200 texts, these are all texts that share a shingle. In a longer list, MinHash LSH (Broder 1997, by
    rensa) finds near copies. MinHash misses a short text inside a long one, so an index of shared shingles finds those.
    The caller verifies the candidates on the exact sets.

    A caller that keeps every text with a fact of its own passes the compared `texts`. Then a crowd of near copies, each
    with a figure of its own, takes linear time: the facts leave few candidates. Of a crowd with the same facts, only the
    first 64 are candidates, and the 64 that share most of the rare shingles.
    """

    def __init__(
        self,
        all_shingles: Sequence[frozenset[str]],
        threshold: float,
        seed: int,
        texts: Sequence[ComparedText] | None = None,
    ) -> None:
        counts = Counter(shingle for found in all_shingles for shingle in found)
        repeated = {shingle for shingle, count in counts.items() if count > 1}
        self._repeated = [found & repeated for found in all_shingles]
        self._added: list[int] = []
        self._texts = texts
        self._by_facts: _FactIndex | None = None
        self._is_long = len(all_shingles) > EXACT_UP_TO
        if self._is_long:
            self._buckets_of = _buckets(all_shingles, threshold, seed)
            self._samples = [_sample(found) for found in self._repeated]
            self._in_bucket: dict[bytes, list[int]] = defaultdict(list)
            self._texts_with: dict[str, list[int]] = defaultdict(list)
            self._samples_with: dict[str, list[int]] = defaultdict(list)

    def add(self, index: int) -> None:
        """Makes the text at `index` of `all_shingles` a possible candidate."""
        self._added.append(index)
        if not self._is_long:
            return
        _post(self._in_bucket, self._buckets_of[index], index)
        _post(self._texts_with, self._repeated[index], index)
        _post(self._samples_with, self._samples[index], index)
        if self._by_facts is not None:
            self._by_facts.add(index)

    def of(self, index: int) -> list[int]:
        """Returns the indices of the added texts to compare with the text at `index`, in ascending order."""
        if not self._is_long:
            return self._sharing(index, self._added)
        buckets = [self._in_bucket[key] for key in self._buckets_of[index] if key in self._in_bucket]
        crowded = any(len(bucket) >= CROWD for bucket in buckets)
        if not crowded or self._texts is None or not self._texts[index].distinctive:
            return sorted(self._containing(index, CROWD).union(*buckets))
        if self._by_facts is None:
            self._by_facts = _FactIndex(self._texts)
            for added in self._added:
                self._by_facts.add(added)
        few = [bucket for bucket in buckets if len(bucket) < CROWD]
        by_facts = self._sharing(index, self._by_facts.of(index))
        return sorted(self._containing(index, CROWD - 1).union(by_facts, self._sharing_rare(index), *few))

    def _sharing(self, index: int, others: Iterable[int]) -> list[int]:
        mine = self._repeated[index]
        return sorted(other for other in others if not mine.isdisjoint(self._repeated[other]))

    def _sharing_rare(self, index: int) -> list[int]:
        """Returns the texts that share most of the shingles that few texts have."""
        shared = _shared(self._texts_with, self._repeated[index], CROWD - 1)
        return sorted(shared, key=lambda other: (-shared[other], other))[:CROWD]

    def _containing(self, index: int, most: int) -> set[int]:
        """Returns texts that may contain the text or be contained in it, by shingles that at most `most` texts share."""
        mine = self._samples[index]
        around = _shared(self._texts_with, mine, most)
        inside = _shared(self._samples_with, self._repeated[index], most)
        # Half of a sample is far below any containment that counts, and leaves room for lost postings.
        near = {other for other, count in around.items() if 2 * count >= len(mine)}
        return near.union(other for other, count in inside.items() if 2 * count >= len(self._samples[other]))


class _FactIndex:
    """Finds, among the texts added so far, those that may state all facts of a text, or only facts that it states.

    It looks each text up by its rarest fact only, so some of the texts found lack another fact. Of a crowd with one fact, it
    finds the first. The distinctive words of a text count as facts.
    """

    def __init__(self, texts: Sequence[ComparedText]) -> None:
        self._texts = texts
        self._facts = frozenset().union(*(text.distinctive for text in texts))
        self._counts = Counter(fact for text in texts for fact in self._stated(text))
        self._with: dict[str, list[int]] = defaultdict(list)
        self._by_rarest: dict[str, list[int]] = defaultdict(list)
        self._without: list[int] = []

    def add(self, index: int) -> None:
        text = self._texts[index]
        for fact in self._stated(text):
            self._with[fact].append(index)
        (self._by_rarest[self._rarest(text)] if text.distinctive else self._without).append(index)

    def of(self, index: int) -> set[int]:
        text = self._texts[index]
        inside = (self._by_rarest[fact][:CROWD] for fact in self._stated(text) if fact in self._by_rarest)
        return set(self._with.get(self._rarest(text), [])[:CROWD]).union(self._without[:CROWD], *inside)

    def _stated(self, text: ComparedText) -> frozenset[str]:
        return (text.vocabulary & self._facts) | text.distinctive

    def _rarest(self, text: ComparedText) -> str:
        return min(text.distinctive, key=lambda fact: (self._counts[fact], fact))


def _buckets(all_shingles: Sequence[frozenset[str]], threshold: float, seed: int) -> list[list[bytes]]:
    """Returns the LSH buckets of each text: a band's number and its part of the MinHash signature."""
    import rensa

    rows = _PERMUTATIONS // bands(threshold)
    buckets = []
    for shingles in all_shingles:
        sketch = rensa.RMinHash(num_perm=_PERMUTATIONS, seed=seed)
        sketch.update(list(shingles))
        signature = array("Q", sketch.digest())
        starts = enumerate(range(0, _PERMUTATIONS, rows))
        buckets.append([bytes([band]) + signature[start : start + rows].tobytes() for band, start in starts])
    return buckets


def _post(postings: dict[_Key, list[int]], keys: Iterable[_Key], index: int) -> None:
    """Adds the index to the list of each key, unless that list is a crowd."""
    for key in keys:
        if len(postings[key]) < CROWD:
            postings[key].append(index)


def _shared(postings: Mapping[str, list[int]], shingles: Iterable[str], most: int) -> Counter[int]:
    """Counts how many of the shingles each text shares, without those that more than `most` texts share."""
    found = (postings.get(shingle, ()) for shingle in shingles)
    return Counter(index for indices in found if len(indices) <= most for index in indices)


def _sample(shingles: frozenset[str]) -> list[str]:
    """Returns at most 16 of the shingles, evenly spread over their sorted list: the same for equal sets."""
    ordered = sorted(shingles)
    return ordered[:: -(-len(ordered) // _SAMPLE) or 1]

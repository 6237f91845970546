from __future__ import annotations

import random

from ctxshape.text.candidates import CROWD, EXACT_UP_TO, Candidates, bands
from ctxshape.text.similarity import ComparedText, containment, jaccard
from ctxshape.text.words import shingles


def test_bands_find_a_pair_at_the_threshold() -> None:
    for threshold in (0.3, 0.5, 0.7, 0.8, 0.9, 1.0):
        count = bands(threshold)
        assert 1 - (1 - threshold ** (128 // count)) ** count >= 0.99


def test_candidates_find_nearly_every_near_copy() -> None:
    rng = random.Random(3)
    vocabulary = [f"w{i}" for i in range(5000)]
    texts = [" ".join(rng.choices(vocabulary, k=100)) for _ in range(200)]
    copies = [" ".join(rng.choice(vocabulary) if i in (10, 50) else w for i, w in enumerate(t.split())) for t in texts]
    found = [shingles(text) for text in texts + copies]
    candidates = Candidates(found, threshold=0.8, seed=1)
    for index in range(200):
        candidates.add(index)
    assert sum(i in candidates.of(200 + i) for i in range(200)) == 200
    assert sum(len(candidates.of(200 + i)) for i in range(200)) < 400


CRANE = "The report says that the crane on the quay was mended for {} pounds."


def test_a_crowd_of_near_copies_with_facts_of_their_own_has_few_candidates() -> None:
    texts = [ComparedText(CRANE.format(n)) for n in range(1000, 1000 + 5 * EXACT_UP_TO)]
    candidates = Candidates([text.shingles for text in texts], threshold=0.5, seed=1, texts=texts)
    for index in range(len(texts)):
        assert len(candidates.of(index)) < 3 * CROWD  # each is near all others
        candidates.add(index)


def test_in_a_crowd_only_texts_with_the_rarest_fact_are_candidates() -> None:
    texts = [ComparedText(CRANE.format(n)) for n in range(1000, 1500)]
    texts.append(ComparedText("The report says that the big crane on the quay was mended for 1400 pounds."))
    candidates = Candidates([text.shingles for text in texts], threshold=0.5, seed=1, texts=texts)
    for index in range(500):
        candidates.of(index)
        candidates.add(index)
    assert candidates.of(500) == [400]


def test_containment_of_nothing() -> None:
    assert containment(frozenset(), frozenset("a")) == 0.0
    assert jaccard(frozenset(), frozenset()) == 0.0


def test_of_a_crowd_with_the_same_facts_the_first_and_the_nearest_are_candidates() -> None:
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(EXACT_UP_TO + 60)]
    texts = [ComparedText(f"in 1903 the old tower of the town near a {word} river was built by one man") for word in words]
    copy = ComparedText(f"in 1903 the old tower of the town near a {words[150]} river was built by one man alone")
    candidates = Candidates([text.shingles for text in (*texts, copy)], 0.9, 1, [*texts, copy])
    for index in range(len(texts)):
        candidates.add(index)
    found = candidates.of(len(texts))
    assert 150 in found and len(found) <= 4 * CROWD

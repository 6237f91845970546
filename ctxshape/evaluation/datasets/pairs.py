"""Key-value retrieval: the value of one key among many pairs of random UUIDs, which only the list can tell."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence

from ctxshape.core.types import Document
from ctxshape.evaluation.cases import Case

PAIRS = 300  # the longest list in the paper; a shorter list takes the first pairs


def kv(*, n: int, seed: int) -> Iterator[Case]:
    """Generates `n` cases of key-value retrieval, each with 300 pairs of version 4 UUIDs and a question for one key.

    Follows Liu et al. 2023, "Lost in the Middle", section 3 (there with 75, 140 and 300 pairs).

    >>> [case.id for case in kv(n=2, seed=0)]
    ['kv-0001', 'kv-0002']
    """
    for number in range(1, n + 1):
        rng = random.Random(f"kv {seed} {number}")  # seeded by the case's number, so that n changes no case
        pairs = [(_uuid(rng), _uuid(rng)) for _ in range(PAIRS)]
        yield pair_case(f"kv-{number:04}", pairs, rng.randrange(PAIRS))


def pair_case(id: str, pairs: Sequence[tuple[str, str]], asked: int) -> Case:
    """Makes the case that asks for the value of the pair at an index; each pair is a passage, in the given order."""
    key, value = pairs[asked]
    return Case(
        id=id,
        question=f'What is the value of the key "{key}"?',
        facts=((value,),),
        gold=_passages("g", [pairs[asked]]),
        distractors=_passages("x", [*pairs[:asked], *pairs[asked + 1 :]]),
    )


def _passages(letter: str, pairs: Iterable[tuple[str, str]]) -> tuple[Document, ...]:
    return tuple(Document(id=f"{letter}{number}", text=f'"{key}": "{value}"') for number, (key, value) in enumerate(pairs, 1))


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))

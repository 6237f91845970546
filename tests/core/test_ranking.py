from __future__ import annotations

from ctxshape.core.ranking import best_first, fuse, ranks
from ctxshape.core.types import Document


def test_ranks_are_stable() -> None:
    assert ranks([1.0, 3.0, 1.0, 3.0]) == [1, 3, 0, 2]


def test_best_first_needs_a_score_on_every_document() -> None:
    scored = [Document(id=str(i), text="", score=s) for i, s in enumerate([0.1, 0.3, 0.2])]
    assert best_first(scored) == [1, 2, 0]
    assert best_first([*scored, Document(id="x", text="")]) == [0, 1, 2, 3]


def test_fusion_by_hand() -> None:
    assert fuse([[2, 0, 1], [2, 1, 0]], k=1) == [1 / 3 + 1 / 4, 1 / 4 + 1 / 3, 1 / 2 + 1 / 2]
    assert fuse([]) == []

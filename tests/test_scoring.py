from __future__ import annotations

import math

import numpy as np

from ctxshape.scoring import best_first, bm25, fuse, ranks
from ctxshape.types import Document


def test_bm25_by_hand() -> None:
    # Two texts of 2 terms each; "cat" is in one: idf = ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) = ln 2; tf part = 2.5 / 2.5 = 1.
    assert bm25("cat", ["cat sat", "dog ran"]).tolist() == [math.log(2), 0.0]


def test_bm25_of_a_term_in_every_text_is_not_negative() -> None:
    scores = bm25("cat", ["cat", "cat", "cat"])
    assert scores[0] > 0
    assert len(set(scores.tolist())) == 1


def test_bm25_of_nothing() -> None:
    assert bm25("cat", []).shape == (0,)
    assert bm25("cat", ["", "!"]).tolist() == [0.0, 0.0]
    assert bm25("!?", ["cat"]).tolist() == [0.0]


def test_bm25_knows_chinese_and_full_width() -> None:
    scores = bm25("电话是谁发明的？", ["灯塔很高。", "贝尔发明了电话。", "ABC"])
    assert int(np.argmax(scores)) == 1
    assert bm25("ABC", ["ＡＢＣ", "x"])[0] > 0


def test_ranks_are_stable() -> None:
    assert ranks([1.0, 3.0, 1.0, 3.0]) == [1, 3, 0, 2]


def test_best_first_needs_a_score_on_every_document() -> None:
    scored = [Document(id=str(i), text="", score=s) for i, s in enumerate([0.1, 0.3, 0.2])]
    assert best_first(scored) == [1, 2, 0]
    assert best_first([*scored, Document(id="x", text="")]) == [0, 1, 2, 3]


def test_fusion_by_hand() -> None:
    assert fuse([[2, 0, 1], [2, 1, 0]], k=1) == [1 / 3 + 1 / 4, 1 / 4 + 1 / 3, 1 / 2 + 1 / 2]
    assert fuse([]) == []

from __future__ import annotations

import numpy as np

from ctxshape.core.protocols import Scorer
from ctxshape.scorers.bm25 import Bm25, bm25


def test_it_is_a_scorer_and_gives_what_bm25_gives() -> None:
    texts = ["The tower was built in 1884.", "灯塔很高。", ""]
    scores = Bm25().score("When was the tower built?", texts)
    assert isinstance(Bm25(), Scorer)
    assert scores.dtype == np.float64
    assert scores.tolist() == bm25("When was the tower built?", texts).tolist()
    assert scores[0] > 0 == scores[1] == scores[2]


def test_no_texts_no_scores() -> None:
    assert Bm25().score("tower", []).shape == (0,)


def test_it_has_no_parameters_and_equals_itself() -> None:
    assert Bm25() == Bm25()
    assert repr(Bm25()) == "Bm25()"

from __future__ import annotations

import numpy as np
import pytest

from ctxshape.core.attention import AttentionMap, DocumentCells
from ctxshape.errors import InvalidInput
from ctxshape.evidence.attention import added_mass, best_heads, document_scores, head_scores


def part(id: str, start: int, stop: int) -> DocumentCells:
    return DocumentCells(document=id, text="x" * (stop - start), start=start, stop=stop, offsets=tuple(range(stop - start)))


def made(rows: list[list[float]], *parts: DocumentCells) -> AttentionMap:
    weights = np.array([rows], np.float32)
    shown = parts or (part("a", 1, 3), part("b", 3, 5))
    return AttentionMap(weights=weights, layers=(0,), heads=(len(rows),), documents=shown, asking=1)


def test_what_the_question_adds() -> None:
    asked, empty = made([[0.4, 0.1, 0.2, 0.2, 0.1]]), made([[0.3, 0.2, 0.3, 0.1, 0.1]])
    assert document_scores(asked, empty) == pytest.approx([-0.2, 0.1], abs=1e-6)


def test_a_token_far_below_its_documents_mean_is_left_out() -> None:
    # Mean -0.05, deviation 0.2179, so what is below -0.4858 goes: the one -1, and the other nineteen are 0.
    asked, empty = np.zeros(20), np.array([1.0, *[0.0] * 19])
    assert added_mass(asked, empty, [(0, 20)]).tolist() == [0.0]
    assert added_mass(empty, asked, [(0, 20)]).tolist() == [1.0]  # one far above stays


def test_equal_cells_are_all_kept() -> None:
    assert added_mass(np.zeros(3), np.full(3, 0.2), [(0, 3), (3, 3)]) == pytest.approx([-0.6, 0])


def test_heads_by_themselves() -> None:
    asked = made([[0, 0.1, 0.1, 0.4, 0.4], [0, 0.4, 0.4, 0.1, 0.1]])
    empty = made([[0, 0.2, 0.2, 0.3, 0.3], [0, 0.4, 0.4, 0.1, 0.1]])
    assert head_scores(asked, empty) == pytest.approx(np.array([[[-0.2, 0.2], [0, 0]]]), abs=1e-6)
    assert document_scores(asked, empty, [(0, 1)]) == pytest.approx([0, 0], abs=1e-6)


def test_a_quiet_good_head_comes_before_a_loud_bad_one() -> None:
    # Standard scores of the gold document, 1 of 3: quiet (0, 2, 0) gives 1.414; loud (5, 6, 1) gives 0.926; flat gives 0.
    scores = np.array([[[5.0, 6.0, 1.0], [0.0, 0.002, 0.0]], [[1.0, 1.0, 1.0], [3.0, 0.0, 3.0]]])
    assert best_heads([scores, scores], [1, 1], keep=4) == [(0, 1), (0, 0), (1, 0), (1, 1)]
    assert best_heads([scores], [1], keep=1) == [(0, 1)]


def test_maps_of_other_documents() -> None:
    row = [[0.2] * 5]
    with pytest.raises(InvalidInput, match="documents"):
        document_scores(made(row), made(row, part("a", 1, 2), part("b", 2, 5)))

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest

from ctxshape.core.attention import AttentionMap, DocumentCells
from ctxshape.errors import InvalidInput

# One layer of two heads and one of a single head; six cells: a sink, two of d1, two of d2, the question.
WEIGHTS = [
    [[0.5, 0.1, 0.1, 0.2, 0.0, 0.1], [0.3, 0.0, 0.2, 0.2, 0.2, 0.1]],
    [[0.1, 0.4, 0.2, 0.1, 0.1, 0.1], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]],
]
D1 = DocumentCells(document="d1", text="Yes. No.", start=1, stop=3, offsets=(0, 5), sentences=((0, 4), (5, 8)))
D2 = DocumentCells(document="d2", text="柏林。很大", start=3, stop=5, offsets=(0, 2), sentences=((0, 3), (3, 5)))


def made(weights: object = WEIGHTS) -> AttentionMap:
    return AttentionMap(weights=np.array(weights, np.float32), layers=(2, 5), heads=(2, 1), documents=(D1, D2), asking=3)


def test_the_mean_is_over_the_heads_that_are_there() -> None:
    # Three heads: (0.5 + 0.3 + 0.1) / 3, and so on for each cell.
    assert made().by_cell() == pytest.approx([0.3, 0.5 / 3, 0.5 / 3, 0.5 / 3, 0.1, 0.1], abs=1e-6)
    assert made().by_document() == pytest.approx([1 / 3, 0.8 / 3], abs=1e-6)
    assert (made().lead, made().sink, made().tail) == pytest.approx((0.3, 0.3, 0.1), abs=1e-6)


def test_layers_and_heads_by_hand() -> None:
    assert made().by_layer() == pytest.approx(np.array([[0.2, 0.3], [0.6, 0.2]]), abs=1e-6)
    assert made().by_document([(5, 0)]) == pytest.approx([0.6, 0.2], abs=1e-6)
    assert made().by_document([(2, 1), (5, 0)]) == pytest.approx([0.4, 0.3], abs=1e-6)


@pytest.mark.parametrize("heads", [[(3, 0)], [(5, 1)], [(2, 2)], []])
def test_a_head_that_was_not_captured(heads: list[tuple[int, int]]) -> None:
    with pytest.raises(InvalidInput, match=re.escape(str(heads))):
        made().by_cell(heads)


def test_sentences_share_their_documents_mass() -> None:
    found = [(one.document, one.start, one.end, round(one.mass, 4)) for one in made().by_sentence()]
    # The token at character 2, the full stop, is still of the first sentence, so the second has none.
    assert found == [(0, 0, 4, 0.1667), (0, 5, 8, 0.1667), (1, 0, 3, 0.2667), (1, 3, 5, 0.0)]
    assert sum(one.mass for one in made().by_sentence()) == pytest.approx(made().by_document().sum())


def test_a_map_is_a_value() -> None:
    copy = pickle.loads(pickle.dumps(made()))
    assert copy == made() and hash(copy) == hash(made())
    other = [[[0.5, 0.1, 0.1, 0.2, 0.1, 0.0], WEIGHTS[0][1]], WEIGHTS[1]]
    assert made() != made(other) and made() != "map"
    with pytest.raises(ValueError, match="read-only"):
        made().weights[0, 0, 0] = 1


def test_shapes_must_agree() -> None:
    with pytest.raises(InvalidInput, match=r"\(1, 2, 6\).* 2 layers"):
        made(WEIGHTS[:1])
    with pytest.raises(InvalidInput, match=" 4 cells"):
        made([[row[:4] for row in layer] for layer in WEIGHTS])


def test_no_documents() -> None:
    bare = made().model_copy(update={"documents": ()})
    assert bare.by_document().shape == (0,) and bare.by_layer().shape == (2, 0) and bare.by_sentence() == ()
    assert bare.lead == 0 and bare.tail == pytest.approx(1.0, abs=1e-6)

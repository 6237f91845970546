from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctxshape import ConfigError, Context, KeepEvidence
from ctxshape.evidence.features.names import RISING
from ctxshape.evidence.forest import Forest
from ctxshape.evidence.model import WORDS, WORDS_AND_SIMILARITY, default_model, model_from, read_model

TREES = [[[0, 0.5, 1, 2], [-2.0], [2.0]]]
SMALL: dict[str, Any] = {
    "format": "ctxshape evidence model",
    "version": 1,
    "models": {group: {"features": ["cover"], "base": 0.0, "trees": TREES} for group in (WORDS, WORDS_AND_SIMILARITY)},
}


def test_a_forest_adds_up_its_leaves() -> None:
    # The second tree asks for the second feature below its first split: 3 leaves.
    forest = Forest.of(
        ["a", "b"], 1.0, [[[0, 0.0, 1, 2], [-1.0], [1.0]], [[0, 5.0, 1, 2], [1, 2.0, 3, 4], [10.0], [20.0], [30.0]]]
    )
    rows = np.array([[-1.0, 2.0], [1.0, 3.0], [6.0, 0.0]])
    assert forest.log_odds(rows).tolist() == [1 - 1 + 20, 1 + 1 + 30, 1 + 1 + 10]
    assert forest.depth == 2


@pytest.mark.parametrize("tree", [[[0, 1.0, 0, 1], [1.0]], [[0, 1.0, 1, 7], [1.0]], [[3, 1.0, 1, 2], [1.0], [2.0]]])
def test_a_tree_that_leads_nowhere_is_refused(tree: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="tree"):
        Forest.of(["a"], 0.0, [tree])


def test_the_model_that_comes_with_the_library_rises_with_words_and_similarity() -> None:
    for group, forest in default_model().units.items():
        rows = np.random.default_rng(1).normal(size=(200, len(forest.features)))
        for name in RISING.intersection(forest.features):
            more = rows.copy()
            more[:, forest.features.index(name)] += 1.0
            assert (forest.log_odds(more) >= forest.log_odds(rows) - 1e-9).all(), (group, name)


def test_a_file_of_ones_own_is_used(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(SMALL))
    shaped = KeepEvidence(model=path, mass=1.0)(Context.of("old mill", ["An old mill.", "A mill by the lake.", "Rain."]))
    # Above half of the words: sigmoid(2); else sigmoid(-2).
    assert [round(document.score or 0, 3) for document in shaped.documents] == [0.881, 0.119, 0.119]
    assert shaped.sufficiency is None
    assert KeepEvidence.reaches({"model": str(path)}) == ("reads",)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"format": "other"}, "format"),
        ({"version": 2}, "version 2"),
        ({"models": {}}, "KeyError"),
        ({"models": {**SMALL["models"], WORDS: {"features": ["colour"], "base": 0.0, "trees": TREES}}}, "colour"),
        ({"models": {**SMALL["models"], WORDS: {"features": ["cover"], "base": 0.0, "trees": [[[0, 1.0, 5, 6]]]}}}, "leads"),
        ({"sufficiency": {WORDS: {"features": ["best"], "weights": [], "bias": 0.0}}}, "0 weights"),
    ],
)
def test_a_broken_file_says_what_is_wrong_and_the_remedy(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(SMALL | change))
    with pytest.raises(ConfigError, match=rf"broken\.json.*{named}.*train_evidence"):
        read_model(path)


def test_a_missing_file_and_no_json(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.json.*train_evidence"):
        KeepEvidence(model=tmp_path / "nothing.json")(Context.of("q", ["a q"]))
    with pytest.raises(ConfigError, match="not JSON"):
        model_from("{", "x.json")

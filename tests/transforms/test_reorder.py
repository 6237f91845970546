from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctxshape import ConfigError, Context, InvalidInput, Pipeline, Reorder
from ctxshape.core.measurements import write_measurements
from ctxshape.core.position_profile import PositionProfile, SlotTable
from ctxshape.testing import check_transform
from ctxshape.transforms.reorder import edge_order, slot_order, stretch


@pytest.mark.parametrize(
    ("n", "order"),
    [
        (0, []),
        (1, [0]),
        (2, [0, 1]),
        (3, [0, 2, 1]),
        (4, [0, 2, 3, 1]),
        (7, [0, 2, 4, 6, 5, 3, 1]),
        (8, [0, 2, 4, 6, 7, 5, 3, 1]),
    ],
)
def test_best_first_second_last_inward(n: int, order: list[int]) -> None:
    assert edge_order(n) == order


@pytest.mark.parametrize("n", range(2, 30))
def test_odd_and_even_lists_have_the_same_ends(n: int) -> None:
    order = edge_order(n)
    assert (order[0], order[-1]) == (0, 1)
    assert sorted(order) == list(range(n))
    middle = order.index(n - 1)
    assert order[: middle + 1] == sorted(order[: middle + 1])
    assert order[middle:] == sorted(order[middle:], reverse=True)


def test_slots_by_hand() -> None:
    assert slot_order([0.1, 0.9, 0.5]) == [2, 0, 1]
    assert slot_order([1, 1, 1]) == [0, 1, 2]
    assert stretch([0.0, 1.0], 3) == [0.0, 0.5, 1.0]
    assert stretch([3.0, 1.0, 2.0], 2) == [3.0, 2.0]


def ordered(transform: Reorder, scores: list[float | None]) -> str:
    documents = [{"id": chr(97 + i), "text": "t", "score": score} for i, score in enumerate(scores)]
    return "".join(document.id for document in transform(Context.of("q", documents)).documents)


def test_every_way() -> None:
    scores: list[float | None] = [0.1, 0.5, 0.4, 0.3]
    assert ordered(Reorder(), scores) == "bdac"
    assert ordered(Reorder(strategy="front"), scores) == "bcda"
    assert ordered(Reorder(strategy="back"), scores) == "adcb"
    assert ordered(Reorder(strategy="given"), scores) == "abcd"
    assert ordered(Reorder(strategy="weights", weights=(0.0, 0.0, 1.0, 0.5)), scores) == "dabc"
    assert ordered(Reorder(strategy="weights", weights=(0.0, 1.0)), scores) == "adcb"


def test_without_scores_the_order_is_the_rank() -> None:
    assert ordered(Reorder(), [None] * 5) == "acedb"
    assert ordered(Reorder(), [None, 0.9, 0.1]) == "acb"


def test_bad_weights() -> None:
    with pytest.raises(ConfigError, match="weights .* 1 .* 2"):
        Reorder(strategy="weights", weights=(1.0,))
    with pytest.raises(ConfigError, match="finite"):
        Reorder(strategy="weights", weights=(1.0, float("nan")))
    with pytest.raises(ConfigError, match="'edges', 'front', 'back', 'given'"):
        Reorder(strategy="middle")


def test_a_strategy_and_its_weights_belong_together() -> None:
    with pytest.raises(ConfigError, match="'front'.*1.0"):
        Reorder(strategy="front", weights=(1.0, 2.0))
    with pytest.raises(ConfigError, match="'weights'"):
        Reorder(strategy="weights")
    with pytest.raises(ConfigError, match="'profile'"):
        Reorder(strategy="profile")


@pytest.mark.parametrize(
    ("step", "now"),
    [
        ({"use": "order_to_edges"}, '"reorder" with strategy = "edges"'),
        ({"use": "order_to_profile"}, 'strategy = "profile"'),
        ({"use": "reorder", "to": "back"}, "'strategy'"),
        ({"use": "rank_by_relevance", "among": 4}, "'rerank_depth'"),
    ],
)
def test_an_older_configuration_hears_the_new_name(step: dict[str, object], now: str) -> None:
    with pytest.raises(ConfigError, match=now):
        Pipeline.from_config({"step": [step]})


# Read best in the third of four slots, then in the last.
TABLE = {"documents": 4, "slots": [0, 1, 2, 3], "prompts": 12, "accuracy": [0.4, 0.2, 0.9, 0.6], "mass": [0.7, 0.1, 0.1, 0.1]}
ENTRY: dict[str, Any] = {"model": "m.gguf", "tables": [TABLE]}
SCORED = Context.of(
    "灯塔？", [{"id": id, "text": "灯塔", "score": s} for id, s in zip("cadb", (0.2, 0.9, 0.1, 0.5), strict=True)]
)


def ids(context: Context) -> str:
    return "".join(document.id for document in context.documents)


def test_the_contract() -> None:
    check_transform(Reorder())
    check_transform(Reorder(strategy="profile", profile=ENTRY))


def test_the_best_goes_where_it_is_read_best() -> None:
    assert ids(Reorder(strategy="profile", profile=ENTRY)(SCORED)) == "cdab"
    assert ids(Reorder(strategy="profile", profile=ENTRY, measure="mass")(SCORED)) == "abcd"


def test_likelihood_is_preferred_to_accuracy_if_it_was_measured() -> None:
    # By likelihood the last slot is read best, then the one before it.
    both = {"model": "m.gguf", "tables": [{**TABLE, "likelihood": [-4.0, -3.0, -2.0, -1.0]}]}
    assert ids(Reorder(strategy="profile", profile=both)(SCORED)) == ids(Reorder(strategy="back")(SCORED))
    assert ids(Reorder(strategy="profile", profile=both, measure="accuracy")(SCORED)) == "cdab"


def test_another_number_of_documents_is_interpolated() -> None:
    # Three slots: 0.4, 0.55, 0.6, so the best is last and the worst first.
    three = SCORED.keep([document for document in SCORED.documents if document.id != "d"])
    assert ids(Reorder(strategy="profile", profile=ENTRY)(three)) == "cba"


def test_a_file_of_several_models(tmp_path: Path) -> None:
    path = tmp_path / "profiles.json"
    write_measurements(path, "aa11", {"model": "m.gguf", "profile": ENTRY})
    assert ids(Reorder(strategy="profile", profile=path)(SCORED)) == "cdab"
    back = {**TABLE, "accuracy": [0.1, 0.2, 0.3, 0.4]}
    write_measurements(path, "bb22", {"model": "other.gguf", "profile": {"model": "other.gguf", "tables": [back]}})
    assert ids(Reorder(strategy="profile", profile=str(path), model="other.gguf")(SCORED)) == "dcba"
    assert ids(Reorder(strategy="profile", profile=str(path), model="aa")(SCORED)) == "cdab"
    with pytest.raises(InvalidInput, match=r"m.gguf \(aa11\), other.gguf \(bb22\)"):
        Reorder(strategy="profile", profile=path)
    with pytest.raises(InvalidInput, match="'x'.* 0 "):
        Reorder(strategy="profile", profile=path, model="x")


def test_a_profile_as_a_value_and_in_a_configuration(tmp_path: Path) -> None:
    by_value = Reorder(strategy="profile", profile=PositionProfile(tables=(SlotTable.model_validate(TABLE),)))
    assert ids(by_value(SCORED)) == "cdab" and by_value.parameters()["measure"] is None
    write_measurements(tmp_path / "p.json", "aa", {"model": "m.gguf", "profile": ENTRY})
    assert ids(Pipeline(Reorder(strategy="profile", profile=tmp_path / "p.json"))(SCORED)) == "cdab"


def test_mistakes_are_found_when_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="none.json"):
        Reorder(strategy="profile", profile=tmp_path / "none.json")
    with pytest.raises(ConfigError, match="tables"):
        Reorder(strategy="profile", profile={"model": "m"})
    with pytest.raises(ConfigError, match=r"\(0, 1, 2, 4\).* 3"):
        Reorder(strategy="profile", profile={"tables": [{**TABLE, "slots": [0, 1, 2, 4]}]})
    with pytest.raises(InvalidInput, match="likelihood"):
        Reorder(strategy="profile", profile=ENTRY, measure="likelihood")
    with pytest.raises(ConfigError, match="measure"):
        Reorder(strategy="profile", profile=ENTRY, measure="luck")

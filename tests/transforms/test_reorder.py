from __future__ import annotations

import pytest

from ctxshape import ConfigError, Context, Pipeline, Reorder
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
    with pytest.raises(ConfigError, match="weights has 1 slot"):
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

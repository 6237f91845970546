from __future__ import annotations

import pytest

from ctxshape import ConfigError, Context, OrderToEdges
from ctxshape.transforms.order import edge_order, slot_order, stretch


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


def ordered(transform: OrderToEdges, scores: list[float | None]) -> str:
    documents = [{"id": chr(97 + i), "text": "t", "score": score} for i, score in enumerate(scores)]
    return "".join(document.id for document in transform(Context.of("q", documents)).documents)


def test_every_way() -> None:
    scores: list[float | None] = [0.1, 0.5, 0.4, 0.3]
    assert ordered(OrderToEdges(), scores) == "bdac"
    assert ordered(OrderToEdges(to="front"), scores) == "bcda"
    assert ordered(OrderToEdges(to="back"), scores) == "adcb"
    assert ordered(OrderToEdges(to="given"), scores) == "abcd"
    assert ordered(OrderToEdges(weights=(0.0, 0.0, 1.0, 0.5)), scores) == "dabc"
    assert ordered(OrderToEdges(weights=(0.0, 1.0)), scores) == "adcb"


def test_without_scores_the_order_is_the_rank() -> None:
    assert ordered(OrderToEdges(), [None] * 5) == "acedb"
    assert ordered(OrderToEdges(), [None, 0.9, 0.1]) == "acb"


def test_bad_weights() -> None:
    with pytest.raises(ConfigError, match="weights has 1 slot"):
        OrderToEdges(weights=(1.0,))
    with pytest.raises(ConfigError, match="finite"):
        OrderToEdges(weights=(1.0, float("nan")))
    with pytest.raises(ConfigError, match="'edges', 'front', 'back' or 'given'"):
        OrderToEdges(to="middle")  # type: ignore[arg-type]

from __future__ import annotations

import numpy as np
import pytest
from ctxshape_mmr import Diversify, mmr_order

from ctxshape import ConfigError, Context, Pipeline
from ctxshape.core.registry import component_names
from ctxshape.testing import check_transform


def test_the_contract_of_a_transform_holds() -> None:
    check_transform(Diversify())
    check_transform(Diversify(keep=1, trade_off=0.2))


def test_the_order_by_hand() -> None:
    similarity = np.array([[1, 0.8, 0.1], [0.8, 1, 0.2], [0.1, 0.2, 1]])
    # After 0: gain of 1 is 0.5 * 0.9 - 0.5 * 0.8 = 0.05, of 2 is 0.5 * 0.4 - 0.5 * 0.1 = 0.15.
    assert mmr_order([1.0, 0.9, 0.4], similarity, 0.5) == [0, 2, 1]
    assert mmr_order([1.0, 0.9, 0.4], similarity, 1.0) == [0, 1, 2]
    assert mmr_order([], np.zeros((0, 0)), 0.5) == []


def test_a_copy_gives_way_and_is_named() -> None:
    shaped = Diversify(keep=2)(Context.of("tea", ["Tea from Assam.", "Tea from Assam!", "Hot tea."]))
    assert shaped.dropped == {"d2": "place 3 by marginal relevance, 2 are kept"}


def test_it_is_found_by_name() -> None:
    assert "diversify" in component_names("transforms")
    pipeline = Pipeline.from_config({"step": [{"use": "diversify", "keep": 3}]})
    assert pipeline.steps == (Diversify(keep=3),)
    assert pipeline.to_config() == {"step": [{"use": "diversify", "keep": 3}]}


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="field 'trade_off'"):
        Diversify(trade_off=2)

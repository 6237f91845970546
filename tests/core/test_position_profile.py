from __future__ import annotations

import pytest
from pydantic import ValidationError

from ctxshape.core.position_profile import PositionProfile, SlotTable
from ctxshape.errors import InvalidInput

FOUR = SlotTable(documents=4, slots=(0, 1, 3), prompts=8, accuracy=(0.9, 0.3, 0.6), mass=(0.4, 0.1, 0.2, 0.3))
TEN = SlotTable(documents=16, slots=(0, 15), prompts=8, accuracy=(0.5, 1.0), likelihood=(-2.0, -1.0))
PROFILE = PositionProfile(model="m.gguf", tables=(TEN, FOUR))


def test_slots_between_measured_ones() -> None:
    # Of 4 slots the third is halfway between 0.3 and 0.6; of 7 the second is halfway between the first two.
    assert PROFILE.weights(4) == pytest.approx([0.9, 0.3, 0.45, 0.6])
    assert PositionProfile(tables=(FOUR,)).weights(7) == pytest.approx([0.9, 0.6, 0.3, 0.375, 0.45, 0.525, 0.6])


def test_lengths_between_measured_ones() -> None:
    # 8 is halfway between 4 and 16 in the logarithm.
    assert PROFILE.weights(8)[0] == pytest.approx((0.9 + 0.5) / 2)
    assert PROFILE.weights(8)[-1] == pytest.approx((0.6 + 1.0) / 2)
    assert PROFILE.weights(16) == pytest.approx([0.5 + place / 30 for place in range(16)])
    assert PROFILE.weights(100)[0] == 0.5 and PROFILE.weights(2) == pytest.approx([0.9, 0.6])


def test_few_documents() -> None:
    assert PROFILE.weights(1) == pytest.approx([0.9]) and PROFILE.weights(0) == []


def test_measures_that_only_some_lengths_have() -> None:
    assert PROFILE.weights(4, "mass") == pytest.approx([0.4, 0.1, 0.2, 0.3])
    assert PROFILE.weights(3, "likelihood") == pytest.approx([-2.0, -1.5, -1.0])
    with pytest.raises(InvalidInput, match="likelihood"):
        PositionProfile(tables=(FOUR,)).weights(4, "likelihood")


@pytest.mark.parametrize(
    "fields",
    [
        {"accuracy": (0.5,)},
        {"slots": (1, 0)},
        {"slots": (0, 4)},
        {"mass": (0.5, 0.5)},
        {"accuracy": (0.5, float("nan"))},
        {"likelihood": (0.5,)},
    ],
)
def test_tables_that_disagree(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SlotTable.model_validate({"documents": 4, "slots": (0, 3), "prompts": 1, "accuracy": (0.5, 0.5), **fields})

import pytest

from ctxshape.core.types import Document
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.evaluation.cases import GOLD, Case, arrange, slot_of


def case(gold: int = 1, distractors: int = 9, **fields: object) -> Case:
    made = {
        "id": "c1",
        "question": "Who?",
        "facts": (("Ann",),),
        "gold": tuple(Document(id=f"g{i}", text=f"gold {i}") for i in range(gold)),
        "distractors": tuple(Document(id=f"x{i}", text=f"other {i}") for i in range(distractors)),
    }
    return Case(**{**made, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("position", "texts", "slots"),
    [
        ("first", ["gold 0", "other 0", "other 1", "other 2"], (0,)),
        ("middle", ["other 0", "gold 0", "other 1", "other 2"], (1,)),
        ("last", ["other 0", "other 1", "other 2", "gold 0"], (3,)),
        ("3", ["other 0", "other 1", "gold 0", "other 2"], (2,)),
    ],
)
def test_one_gold_passage_stands_at_its_slot_among_the_first_distractors(
    position: str, texts: list[str], slots: tuple[int, ...]
) -> None:
    arrangement = arrange(case(), 4, position)
    assert [document.text for document in arrangement.documents] == texts
    assert [document.id for document in arrangement.documents] == ["d1", "d2", "d3", "d4"]
    assert arrangement.slots == slots
    assert [document.meta[GOLD] for document in arrangement.documents] == [place in slots for place in range(4)]


def test_several_needed_passages_stand_side_by_side() -> None:
    several = case(gold=3, needed=2)
    assert arrange(several, 6, "first").slots == (0, 1)
    assert arrange(several, 6, "middle").slots == (1, 2)
    assert arrange(several, 6, "last").slots == (4, 5)


def test_noise_decides_how_many_gold_passages_there_are() -> None:
    many = case(gold=3)
    assert len(arrange(many, 5, "first", noise=0.4).slots) == 3
    assert len(arrange(many, 5, "first", noise=0.8).slots) == 1
    nothing = arrange(many, 5, "first", noise=1.0)
    assert nothing.slots == () and not nothing.answerable


def test_a_case_without_facts_gets_distractors_alone() -> None:
    arrangement = arrange(case(gold=0, facts=()), 4, "middle")
    assert [document.text for document in arrangement.documents] == ["other 0", "other 1", "other 2", "other 3"]
    assert not arrangement.answerable


def test_too_few_distractors_are_named() -> None:
    with pytest.raises(InvalidInput, match="case c1 .*9 .*20 .*19.* 10"):
        arrange(case(), 20, "first")


@pytest.mark.parametrize("position", ["0", "11", "centre", "-1", "²"])
def test_a_wrong_position_is_an_error(position: str) -> None:
    with pytest.raises(ConfigError, match="from 1 to 10"):
        slot_of(position, 10)

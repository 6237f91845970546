from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctxshape import Context, Pipeline
from ctxshape.attention.profile import PositionProfile, SlotTable
from ctxshape.attention.records import write_record
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.testing import check_transform
from ctxshape.transforms.order import OrderToEdges
from ctxshape.transforms.profile import OrderToProfile

# Read best in the third of four slots, then in the last.
TABLE = {"documents": 4, "slots": [0, 1, 2, 3], "prompts": 12, "accuracy": [0.4, 0.2, 0.9, 0.6], "mass": [0.7, 0.1, 0.1, 0.1]}
ENTRY: dict[str, Any] = {"model": "m.gguf", "tables": [TABLE]}
SCORED = Context.of(
    "灯塔？", [{"id": id, "text": "灯塔", "score": s} for id, s in zip("cadb", (0.2, 0.9, 0.1, 0.5), strict=True)]
)


def ids(context: Context) -> str:
    return "".join(document.id for document in context.documents)


def test_the_contract() -> None:
    check_transform(OrderToProfile())
    check_transform(OrderToProfile(profile=ENTRY))


def test_the_best_goes_where_it_is_read_best() -> None:
    assert ids(OrderToProfile(profile=ENTRY)(SCORED)) == "cdab"
    assert ids(OrderToProfile(profile=ENTRY, by="mass")(SCORED)) == "abcd"


def test_likelihood_tells_more_than_accuracy_and_is_taken_where_it_was_measured() -> None:
    # By likelihood the last slot is read best, then the one before it.
    both = {"model": "m.gguf", "tables": [{**TABLE, "likelihood": [-4.0, -3.0, -2.0, -1.0]}]}
    assert ids(OrderToProfile(profile=both)(SCORED)) == ids(OrderToEdges(to="back")(SCORED))
    assert ids(OrderToProfile(profile=both, by="accuracy")(SCORED)) == "cdab"


def test_another_number_of_documents_is_interpolated() -> None:
    # Three slots: 0.4, 0.55, 0.6, so the best is last and the worst first.
    three = SCORED.keep([document for document in SCORED.documents if document.id != "d"])
    assert ids(OrderToProfile(profile=ENTRY)(three)) == "cba"


def test_without_a_profile_the_ends_are_best() -> None:
    assert ids(OrderToProfile()(SCORED)) == ids(OrderToEdges()(SCORED)) == "acdb"


def test_a_file_of_several_models(tmp_path: Path) -> None:
    path = tmp_path / "profiles.json"
    write_record(path, "aa11", {"model": "m.gguf", "profile": ENTRY})
    assert ids(OrderToProfile(profile=path)(SCORED)) == "cdab"
    back = {**TABLE, "accuracy": [0.1, 0.2, 0.3, 0.4]}
    write_record(path, "bb22", {"model": "other.gguf", "profile": {"model": "other.gguf", "tables": [back]}})
    assert ids(OrderToProfile(profile=str(path), model="other.gguf")(SCORED)) == "dcba"
    assert ids(OrderToProfile(profile=str(path), model="aa")(SCORED)) == "cdab"
    with pytest.raises(InvalidInput, match=r"m.gguf \(aa11\), other.gguf \(bb22\); no model is named"):
        OrderToProfile(profile=path)
    with pytest.raises(InvalidInput, match="model='x' fits 0 of them"):
        OrderToProfile(profile=path, model="x")


def test_a_profile_as_a_value_and_in_a_configuration(tmp_path: Path) -> None:
    made = OrderToProfile(profile=PositionProfile(tables=(SlotTable.model_validate(TABLE),)))
    assert ids(made(SCORED)) == "cdab" and made.parameters()["by"] is None
    write_record(tmp_path / "p.json", "aa", {"model": "m.gguf", "profile": ENTRY})
    assert ids(Pipeline(OrderToProfile(profile=tmp_path / "p.json"))(SCORED)) == "cdab"


def test_mistakes_are_found_when_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read"):
        OrderToProfile(profile=tmp_path / "none.json")
    with pytest.raises(ConfigError, match="is no position profile: tables"):
        OrderToProfile(profile={"model": "m"})
    with pytest.raises(ConfigError, match="slots are"):
        OrderToProfile(profile={"tables": [{**TABLE, "slots": [0, 1, 2, 4]}]})
    with pytest.raises(InvalidInput, match="has no likelihood"):
        OrderToProfile(profile=ENTRY, by="likelihood")
    with pytest.raises(ConfigError, match="by"):
        OrderToProfile(profile=ENTRY, by="luck")

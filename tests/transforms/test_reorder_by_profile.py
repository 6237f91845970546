from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctxshape import Context, Pipeline
from ctxshape.core.measurements import write_record
from ctxshape.core.position_profile import PositionProfile, SlotTable
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.testing import check_transform
from ctxshape.transforms.reorder import Reorder

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


def test_likelihood_tells_more_than_accuracy_and_is_taken_where_it_was_measured() -> None:
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
    write_record(path, "aa11", {"model": "m.gguf", "profile": ENTRY})
    assert ids(Reorder(strategy="profile", profile=path)(SCORED)) == "cdab"
    back = {**TABLE, "accuracy": [0.1, 0.2, 0.3, 0.4]}
    write_record(path, "bb22", {"model": "other.gguf", "profile": {"model": "other.gguf", "tables": [back]}})
    assert ids(Reorder(strategy="profile", profile=str(path), model="other.gguf")(SCORED)) == "dcba"
    assert ids(Reorder(strategy="profile", profile=str(path), model="aa")(SCORED)) == "cdab"
    with pytest.raises(InvalidInput, match=r"m.gguf \(aa11\), other.gguf \(bb22\); no model is named"):
        Reorder(strategy="profile", profile=path)
    with pytest.raises(InvalidInput, match="model='x' fits 0 of them"):
        Reorder(strategy="profile", profile=path, model="x")


def test_a_profile_as_a_value_and_in_a_configuration(tmp_path: Path) -> None:
    made = Reorder(strategy="profile", profile=PositionProfile(tables=(SlotTable.model_validate(TABLE),)))
    assert ids(made(SCORED)) == "cdab" and made.parameters()["measure"] is None
    write_record(tmp_path / "p.json", "aa", {"model": "m.gguf", "profile": ENTRY})
    assert ids(Pipeline(Reorder(strategy="profile", profile=tmp_path / "p.json"))(SCORED)) == "cdab"


def test_mistakes_are_found_when_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read"):
        Reorder(strategy="profile", profile=tmp_path / "none.json")
    with pytest.raises(ConfigError, match="is no position profile: tables"):
        Reorder(strategy="profile", profile={"model": "m"})
    with pytest.raises(ConfigError, match="slots are"):
        Reorder(strategy="profile", profile={"tables": [{**TABLE, "slots": [0, 1, 2, 4]}]})
    with pytest.raises(InvalidInput, match="has no likelihood"):
        Reorder(strategy="profile", profile=ENTRY, measure="likelihood")
    with pytest.raises(ConfigError, match="measure"):
        Reorder(strategy="profile", profile=ENTRY, measure="luck")

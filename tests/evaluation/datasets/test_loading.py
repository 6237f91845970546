from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from ctxshape.core import registry
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.evaluation.cases import Case, arrange
from ctxshape.evaluation.datasets import load_cases
from ctxshape.evaluation.datasets.pairs import PAIRS, kv

CASE = Case(id="1", question="Who?")


def made(*, n: int, seed: int) -> Iterator[Case]:
    return (Case(id=f"{seed}-{number}", question="Who?") for number in count(1))


DATA_SETS: dict[str, Callable[..., object]] = {
    "kv": kv,
    "made": made,
    "three": lambda n, seed: [Case(id=str(number), question="Who?") for number in range(3)],
    "none": lambda n, seed: (),
    "texts": lambda n, seed: [CASE, "Who?"],
    "twice": lambda n, seed: [CASE] * 2,
    "blank": lambda n, seed: [CASE.model_copy(update={"question": " "})],
    "number": lambda n, seed: 7,
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry of a machine with these data sets, and an empty working directory."""
    monkeypatch.setattr(registry, "component_names", lambda group: tuple(sorted(DATA_SETS)))
    monkeypatch.setattr(registry, "load_component", lambda group, name: DATA_SETS[name])
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lines(tmp_path: Path) -> str:
    path = tmp_path / "five.jsonl"
    records = ({"ordered_kv_records": [[f"k{number}", "v"]], "key": f"k{number}", "value": "v"} for number in range(5))
    path.write_text("\n\n".join(map(json.dumps, records)), encoding="utf-8")
    return str(path)


def test_of_a_file_all_even_or_odd_lines(lines: str) -> None:
    assert [case.id for case in load_cases(lines)] == ["q1", "q2", "q3", "q4", "q5"]
    assert [case.id for case in load_cases(lines, split="even")] == ["q1", "q3", "q5"]
    assert [case.id for case in load_cases(lines, split="odd")] == ["q2", "q4"]
    assert [case.id for case in load_cases(lines, n=2, split="even", seed=3)] == ["q1", "q3"]


def test_more_than_a_file_has(lines: str) -> None:
    with pytest.raises(InvalidInput, match=r"five.jsonl .*5 cases.* 6"):
        load_cases(lines, n=6)
    with pytest.raises(InvalidInput, match=r"five.jsonl, odd lines, .*2 cases.* 3"):
        load_cases(lines, n=3, split="odd")


def test_wrong_parameters(lines: str) -> None:
    with pytest.raises(InvalidInput, match="n is 0"):
        load_cases(lines, n=0)
    with pytest.raises(ConfigError, match="'first'.* all, even or odd"):
        load_cases(lines, split="first")  # type: ignore[arg-type]


@pytest.mark.usefixtures("installed")
def test_a_name_is_a_data_set() -> None:
    assert [case.id for case in load_cases("kv", n=2, seed=5)] == ["kv-0001", "kv-0002"]
    assert load_cases("kv", n=2, seed=5) == list(kv(n=2, seed=5))
    assert [case.id for case in load_cases("made", n=3, seed=9)] == ["9-1", "9-2", "9-3"]
    assert len(load_cases("made")) == 100
    assert len(load_cases("three")) == 3


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "n", "message"),
    [
        ("three", 4, "data set 'three' has 3 cases.* 4"),
        ("none", None, "data set 'none' has 0 cases"),
        ("texts", None, "data set 'texts', case 2 is str"),
        ("twice", None, "data set 'twice', case 2 .*'1'.* case 1"),
        ("blank", None, "data set 'blank', case 1, field 'question' is empty"),
        ("number", None, "data set 'number' .*int"),
    ],
)
def test_what_a_function_gives_is_checked(name: str, n: int | None, message: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{message}"):
        load_cases(name, n=n)


@pytest.mark.usefixtures("installed")
def test_a_file_wins_and_a_folder_does_not(lines: str, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    assert len(load_cases("made", n=2)) == 2
    (tmp_path / "three").write_text(Path(lines).read_text(encoding="utf-8"), encoding="utf-8")
    assert len(load_cases("three")) == 5


@pytest.mark.usefixtures("installed")
def test_lines_are_of_files_only() -> None:
    with pytest.raises(ConfigError, match="'odd'.*'made'"):
        load_cases("made", split="odd")


@pytest.mark.usefixtures("installed")
def test_neither_a_file_nor_a_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'mad'.*: .*made"):
        load_cases("mad")
    with pytest.raises(ConfigError, match="xxxx"):
        load_cases("x" * 5000)
    with pytest.raises(InvalidInput, match="Is a directory"):
        load_cases(str(tmp_path))


def test_key_value_pairs() -> None:
    first, second = kv(n=2, seed=0)
    assert [case.id for case in (first, second)] == ["kv-0001", "kv-0002"]
    assert len(first.distractors) == PAIRS - 1 == 299
    texts = [document.text for document in (*first.gold, *first.distractors)]
    pairs = [next(iter(json.loads("{" + text + "}").items())) for text in texts]
    assert len({part for pair in pairs for part in pair}) == 2 * PAIRS
    assert all(uuid.UUID(part).version == 4 and str(uuid.UUID(part)) == part for pair in pairs for part in pair)
    key, value = pairs[0]
    assert first.question == f'What is the value of the key "{key}"?' and first.facts == ((value,),)
    assert first.question != second.question
    assert len(arrange(first, PAIRS, "middle").documents) == PAIRS


def test_key_value_pairs_are_decided_by_the_seed_and_not_by_the_number() -> None:
    assert list(kv(n=3, seed=1))[:2] == list(kv(n=2, seed=1))
    assert next(kv(n=1, seed=1)) != next(kv(n=1, seed=2))


def test_the_built_in_data_sets_are_registered() -> None:
    assert {"kv", "synthetic", "synthetic_zh"} <= set(registry.component_names("datasets"))
    assert registry.load_component("datasets", "kv") is kv

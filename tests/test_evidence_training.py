"""The scripts that train the evidence model and measure its calibration, on cases of a few sentences."""

from __future__ import annotations

import doctest
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctxshape.core.analysis import analysis_of
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.evidence.model import WORDS, model_from

pytest.importorskip("sklearn")
MEASURE = Path(__file__).parents[1] / "examples" / "measure"
TOWNS = ("Arden", "Brin", "Corlo", "Dunmar", "Elst", "Fenby", "Garn", "Hulme")


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Imports a script of the folder."""
    monkeypatch.syspath_prepend(str(MEASURE))
    return import_module


def record(number: int, *, answerable: bool = True) -> dict[str, Any]:
    town, year = TOWNS[number % len(TOWNS)], 1800 + number
    opened, stands = f"The tower of {town} was opened in {year}.", f"It stands on the river Orsa{number}."
    other = TOWNS[(number + 1) % len(TOWNS)]
    passages = [
        {"id": "a", "title": f"Tower of {town}", "text": f"{opened} It is white.", "gold": answerable},
        {"id": "b", "title": "Rivers", "text": f"Rivers are long. {stands}", "gold": answerable},
        *({"id": f"x{n}", "title": other, "text": f"{other} is town {n}. People live there.", "gold": False} for n in range(9)),
    ]
    return {
        "id": f"q{number}",
        "question": f"When was the tower of {town} opened?",
        "answers": [[str(year)]],
        "passages": passages,
        "supporting": [["a", opened], ["b", stands]] if answerable else [],
        "reference": "",
        "answerable": answerable,
        "meta": {},
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "towers-dev.jsonl"
    path.write_text("\n".join(json.dumps(record(number, answerable=number % 4 > 0)) for number in range(24)))
    return path


def case(module: Callable[[str], Any], data: Path, number: int = 1) -> Any:  # noqa: ANN401
    cases = module("real_cases").read_cases(data, "all", unanswerable=True)
    return next(one for one in cases if one.id == f"q{number}")


def pieces_of(variant: Any) -> list[Any]:  # noqa: ANN401
    context = variant.context()
    return [analysis_of(context).pieces(document) for document in context.documents]


@pytest.mark.parametrize("script", ["evidence_scores"])
def test_examples_in_docstrings(module: Callable[[str], Any], script: str) -> None:
    assert doctest.testmod(module(script), optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


def test_unanswerable_cases_are_read_on_demand(module: Callable[[str], Any], data: Path) -> None:
    read = module("real_cases").read_cases
    assert len(read(data, "all")) == 18 and len(read(data, "all", unanswerable=True)) == 24
    assert (case(module, data, 0).answerable, case(module, data, 1).answerable) == (False, True)


@pytest.mark.parametrize(("kind", "answerable"), [("PARTIAL", None), ("UNDERSPECIFIED", None), ("ANSWERABLE", True)])
def test_answerable(module: Callable[[str], Any], tmp_path: Path, kind: str, answerable: bool | None) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({**record(1), "meta": {"answerability": kind}}))
    assert case(module, path).answerable is answerable


def test_variants(module: Callable[[str], Any], data: Path) -> None:
    made = {one.tag: one for number in range(1, 4) for one in module("evidence_cases").variants(case(module, data, number))}
    assert {"as it is", "without evidence", "short", "short without evidence", "without a part"} <= set(made)
    assert (len(made["as it is"].passages), made["as it is"].suffices) == (11, True)
    assert (len(made["without evidence"].passages), made["without evidence"].suffices) == (9, False)
    assert len(made["without a part"].gold) == 1 and made["without a part"].suffices is False
    assert {"a", "b"} == made["short"].gold and made["short"].suffices is True
    assert {p["id"] for p in made["short"].passages} >= {"a", "b"}


def test_variants_of_an_unanswerable_question_do_not_suffice(module: Callable[[str], Any], data: Path) -> None:
    made = list(module("evidence_cases").variants(case(module, data, 0)))
    assert made[0].tag == "as it is" and not any(one.suffices for one in made)


def test_joined_documents_keep_their_evidence(module: Callable[[str], Any], data: Path) -> None:
    cases = module("evidence_cases")
    made = [one for number in range(24) for one in cases.variants(case(module, data, number)) if one.tag == "joined"]
    joined = next(one for one in made if one.suffices)
    units = cases.labels(joined, pieces_of(joined))
    assert sum(len(p["id"].split("+")) for p in joined.passages) == 11 and sum(units.units) == 2


def test_labels_of_excerpts(module: Callable[[str], Any], data: Path) -> None:
    cases = module("evidence_cases")
    whole = next(cases.variants(case(module, data)))
    found = cases.labels(whole, pieces_of(whole))
    texts = [piece.text for own in pieces_of(whole) for piece in own]
    evidence = {text for text, is_evidence in zip(texts, found.units, strict=True) if is_evidence}
    assert evidence == {"The tower of Brin was opened in 1801.", "It stands on the river Orsa1."}
    assert [len(units) for units in found.supporting] == [1, 1] and len(found.facts) == 1


@pytest.mark.parametrize(
    ("answers", "reference", "evidence"),
    [
        ([["1801"]], "", "The tower of Brin was opened in 1801."),  # the unit that states the fact
        ([], "The tall tower of Brin was opened long ago.", "The tower of Brin was opened in 1801."),  # says the most
        ([], "Nobody knows anything about that matter.", ""),
    ],
)
def test_labels_without_excerpts(
    module: Callable[[str], Any], tmp_path: Path, answers: list[list[str]], reference: str, evidence: str
) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({**record(1), "answers": answers, "supporting": [], "reference": reference}))
    cases = module("evidence_cases")
    whole = next(cases.variants(case(module, path)))
    texts = [piece.text for own in pieces_of(whole) for piece in own]
    units = cases.labels(whole, pieces_of(whole)).units
    assert "".join(text for text, is_evidence in zip(texts, units, strict=True) if is_evidence) == evidence


def test_an_excerpt_over_parts_of_two_sentences(module: Callable[[str], Any], tmp_path: Path) -> None:
    # It has half of the second sentence, "It is white.", and a small part of the first.
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({**record(1), "supporting": [["a", "1801. It is white"]]}))
    cases = module("evidence_cases")
    whole = next(cases.variants(case(module, path)))
    found = cases.labels(whole, pieces_of(whole))
    texts = [piece.text for own in pieces_of(whole) for piece in own]
    assert [texts[number] for number in np.flatnonzero(found.units)] == ["It is white."]
    assert [len(units) for units in found.supporting] == [2]


def test_code_cases(module: Callable[[str], Any], tmp_path: Path) -> None:
    for name in ("towers", "rivers"):
        functions = [
            f'def {name}_{n}(x):\n    """Counts the {name} of town {n}.\n\n    More.\n    """\n    y = x + {n}\n    return y\n'
            for n in range(4)
        ]
        (tmp_path / f"{name}.py").write_text("\n".join(functions))
    one = module("evidence_code").code_cases(3, tmp_path)[0]
    gold = one.context.sources["f0"].text
    assert one.supporting == (gold,) and len(gold.splitlines()) == 3 and '"""' not in gold
    asked = one.context.query.removeprefix("how to ").removeprefix("python ").removesuffix(" in python").split()
    name, n = asked[-4], asked[-1]
    assert f"def {name}_{n}(" in gold and len(one.context.documents) > 4


def test_thresholds_of_four_digits_divide_as_in_the_fit(module: Callable[[str], Any]) -> None:
    rng = np.random.default_rng(0)
    rows = np.stack([rng.random(3000), rng.integers(3, size=3000) / 3], axis=1)
    outcomes = ((rows[:, 0] > 0.6) ^ (rows[:, 1] == 0)).astype(float)
    trees = module("evidence_fit").fit_trees(("position", "length"), rows, outcomes, np.ones(3000))
    right = (trees.forest().log_odds(rows) > 0) == (outcomes > 0.5)
    assert right.mean() > 0.99 and len(trees.trees) == 200
    assert all(number == float(f"{number:.4g}") for tree in trees.trees for node in tree for number in node)


def test_more_of_some_features_never_lowers_the_log_odds(module: Callable[[str], Any]) -> None:
    rng = np.random.default_rng(0)
    rows = rng.random((3000, 1))
    outcomes = (np.abs(rows[:, 0] - 0.5) < 0.2).astype(float)  # the middle ones
    grid = np.linspace(0, 1, 50)[:, None]
    free, rising, falling = (
        np.diff(module("evidence_fit").fit_trees((name,), rows, outcomes, np.ones(3000)).forest().log_odds(grid))
        for name in ("position", "similarity", "similarity_rank")
    )
    assert free.max() > 0 > free.min()
    assert rising.max() > 0 <= rising.min() and falling.max() <= 0 > falling.min()


def test_training_gives_the_same_file_twice(module: Callable[[str], Any], data: Path, tmp_path: Path) -> None:
    training, lists, cases = module("train_evidence"), module("evidence_lists"), module("evidence_cases")
    counter = CountOnce(default_counter())
    own = [one for each in module("real_cases").read_cases(data, "all", unanswerable=True) for one in cases.variants(each)]
    texts = []
    for _ in range(2):  # the second time, features are read from the file
        units = lists.read_or_make(tmp_path / "units.npz", own, lambda one: lists.units_of(one, None, counter))
        listed = [lists.Listed("towers", one, found) for one, found in zip(own, units, strict=True)]
        trees, linear, found = training.train(listed, WORDS)
        texts.append(module("evidence_fit").file_text({WORDS: trees, "words and similarity": trees}, {WORDS: linear}, {}))
    assert texts[0] == texts[1]
    model = model_from(texts[0], "weights.json")
    rows = listed[0].units.matrix(trees.features).astype(float)
    assert model.units[WORDS].log_odds(rows).tolist() == trees.forest().log_odds(rows).tolist()
    assert model.sufficiency[WORDS] == linear
    row = training.scores(found)
    assert (row["n"], row["512"]) == (24, 1.0) and (row["no evidence"] or 0) > 0.9
    assert "| towers | 24 |" in "\n".join(training.table(found))


def test_kept_within_a_budget(module: Callable[[str], Any], data: Path) -> None:
    lists, cases = module("evidence_lists"), module("evidence_cases")
    units = lists.units_of(next(cases.variants(case(module, data))), None, CountOnce(default_counter()))
    first, second = (next(iter(one)) for one in units.supporting)
    probabilities = np.zeros(len(units.evidence))
    probabilities[first], probabilities[second] = 0.9, 0.8
    cost = units.costs[first] + units.heads[int(units.document_of[first])]
    kept = module("evidence_scores").kept
    assert kept(units, probabilities, int(cost)) == 0.5 and kept(units, probabilities, 1000) == 1.0


def test_calibration_writes_a_picture_and_a_table(
    module: Callable[[str], Any], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["calibration.py", str(data), "--half", "all", "--out", str(tmp_path / "out")])
    module("calibration").main()
    written = (tmp_path / "out" / "calibration.md").read_text()
    assert "| towers | words | 24 | 0." in written
    assert (tmp_path / "out" / "calibration.png").read_bytes().startswith(b"\x89PNG")


def test_measures_of_calibration(module: Callable[[str], Any]) -> None:
    calibration = module("calibration")
    sure = calibration.Measured(np.array([0.9, 0.05]), np.array([1.0, 0.0]), 0.8, 0.3, True)
    unsure = calibration.Measured(np.array([0.5, 0.05]), np.array([0.0, 1.0]), 0.2, 0.4, False)
    found = {name: measure([sure, unsure]) for name, measure in calibration.MEASURES.items()}
    # Bins: 0.9 is right (off by 0.1), 0.5 is wrong (0.5), of the two at 0.05 one is right (0.45 each).
    assert found == {
        "ECE": pytest.approx((0.1 + 0.5 + 2 * 0.45) / 4),
        "ECE, 0.1 and more": pytest.approx(0.3),
        "AUROC, without gold": 1.0,
        "AUROC, unanswerable": 1.0,
    }

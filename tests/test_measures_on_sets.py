"""The scripts that measure on public evaluation sets, on a table and a passage of prose."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctxshape import Context, Document
from ctxshape.core.protocols import Matrix
from ctxshape.core.tokens import CountOnce, default_counter

MEASURE = Path(__file__).parents[1] / "examples" / "measure"
TABLE = "|  | 2019 | 2018 |\n|---|---|---|\n|  | $M | $M |\n| Revenue of Arden | 1,903 | 1,850 |\n| Costs | 12 | 11 |"
ROW = "| Revenue of Arden | 1,903 | 1,850 |"
CASE: dict[str, Any] = {
    "id": "a",
    "question": "What was the revenue of Arden in 2019?",
    "answers": [["1,903"]],
    "passages": [
        {"id": "t", "title": "Arden", "text": TABLE, "gold": True},
        {"id": "x", "title": "", "text": "The river Orsa is long.", "gold": False},
    ],
    "supporting": [["t", ROW]],
    "reference": "Costs were below the 1,850 of before.",
    "answerable": True,
    "meta": {},
}


class NameEmbedder:
    """Gives texts with the name Arden one direction and all others another."""

    def embed(self, texts: Sequence[str], /) -> Matrix:
        return np.array([[1.0, 0.0] if "Arden" in text else [0.0, 1.0] for text in texts], dtype=np.float32)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Imports a script of the folder."""
    monkeypatch.syspath_prepend(str(MEASURE))
    return import_module


@pytest.fixture
def data(tmp_path: Path) -> str:
    (tmp_path / "cases.jsonl").write_text("\n".join(json.dumps({**CASE, "id": id}) for id in "abcdef"))
    return str(tmp_path / "cases.jsonl")


def run(script: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, str(MEASURE / script), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(*texts: str) -> list[Document]:
    return [Document(id="t", text=text) for text in texts]


@pytest.mark.parametrize(
    ("text", "supporting", "headed", "answer", "reference"),
    [
        (TABLE, 1.0, 1.0, 1.0, 1.0),
        (f"|  | 2019 | 2018 |\n|---|---|---|\n{ROW}", 1.0, 0.0, 1.0, 2 / 3),  # the second line of the head is missing
        ("| Revenue of Arden | 1,903 […] | 1,850 |", 1.0, 0.0, 1.0, 2 / 3),  # marks do not count
        ("| Costs | 12 | 11 |", 0.0, 0.0, 0.0, 1 / 3),
    ],
)
def test_evidence(
    module: Callable[[str], Any], data: str, text: str, supporting: float, headed: float, answer: float, reference: float
) -> None:
    case = module("real_cases").read_cases(Path(data), "all")[0]
    found = module("real_cases").evidence(case, shown(text))
    assert (found["supporting"], found["with head"]) == (supporting, headed)
    assert (found["answer"], found["reference"], found["gold"]) == (answer, reference, 1.0)


def test_halves_are_those_of_the_ids(module: Callable[[str], Any], data: str) -> None:
    read = module("real_cases").read_cases
    halves = {half: [case.id for case in read(Path(data), half)] for half in ("tuning", "report", "all")}
    # SHA-256 of "a" ends in …bb, "b" in …9d, "c" in …c6, "d" in …e4, "e" in …ea, "f" in …11.
    assert halves == {"tuning": ["c", "d", "e"], "report": ["a", "b", "f"], "all": list("abcdef")}


def test_a_cut_list_keeps_its_gold_passage(module: Callable[[str], Any], tmp_path: Path) -> None:
    passages = [*reversed(CASE["passages"])]
    (tmp_path / "one.jsonl").write_text(json.dumps({**CASE, "passages": passages}))
    (case,) = module("real_cases").read_cases(tmp_path / "one.jsonl", "all", passages=1)
    assert [document.id for document in case.context.documents] == ["t"]


def test_marks_stand_where_something_was_left_out(module: Callable[[str], Any]) -> None:
    with_mark = module("omission_marks").with_mark
    text = "One is odd. Two is even. Three is odd. Four is even."
    context = Context.of("Which is odd?", [{"id": "a", "text": text}])
    spans = [{"document": "a", "start": start, "end": end} for start, end in ((0, 11), (25, 38), (39, 52))]
    kept = Document.model_validate({"id": "a", "text": "One is odd. Three is odd. Four is even.", "spans": spans})
    (marked,) = with_mark(context.keep([kept]), " […] ").documents
    assert marked.text == "One is odd. […] Three is odd. Four is even."


def test_arms_show_what_their_names_say(module: Callable[[str], Any], data: str) -> None:
    arms = module("answer_arms")
    case = module("real_cases").read_cases(Path(data), "all")[0]
    models = arms.Models(NameEmbedder(), CountOnce(default_counter()), budget=40)
    made = arms.arms_of(["raw", "gold", "passages-1", "passages", "light", "light@512"], models)
    shown = {name: [document.id for document in arm(case).documents] for name, arm in made.items()}
    # The embedder gives the question and the table the same direction; the table alone takes more than 40 tokens.
    assert list(shown) == ["raw", "gold", "passages-1", "passages@40", "light@40", "light@512"]
    assert (sorted(shown["raw"]), shown["gold"], shown["passages-1"], shown["passages@40"]) == (["t", "x"], ["t"], ["t"], ["x"])
    for wrong in ("dark", "raw@9", "light-3"):
        with pytest.raises(SystemExit, match=wrong):
            arms.arms_of([wrong], models)


def test_answers_are_compared_with_raw_and_the_best_by_hand(module: Callable[[str], Any], tmp_path: Path) -> None:
    scores = {"raw": [0, 1, 1], "passages-3": [0, 0, 1], "passages-5": [1, 1, 1], "light": [1, 1]}
    rows = [
        {"set": "s", "half": "report", "model": "m", "id": str(id), "arm": arm, "columns": {"answer": value, "tokens": 10 * id}}
        for arm, values in scores.items()
        for id, value in enumerate(values)
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, [{**rows[0], "columns": {"answer": 1, "tokens": 9}}, *rows])))
    tables = module("answer_tables")
    (results,) = tables.read_results([tmp_path / "r.jsonl"]).values()
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in tables.table(results)[2:]]
    assert [line[0] for line in lines] == ["raw", "passages-3", "passages-5 (best by hand)", "light"]
    raw, three, five, light = lines
    assert (raw[2][:4], raw[3], raw[4][:5], raw[5:7]) == ("0.67", "", "-0.33", ["3", "10"])
    assert (three[3][:5], five[3][:5], five[4]) == ("-0.33", "+0.33", "")
    assert (light[2][:4], light[3][:5], light[4][:5], light[5:]) == ("1.00", "+0.50", "+0.00", ["2", "5", ""])


def test_evidence_on_sets_compares_two_runs(data: str, tmp_path: Path) -> None:
    asked = (data, "--half", "all", "--budgets", "none,512", "--json", str(tmp_path / "before.json"))
    assert "| light, 512 | 1.000 [" in run("evidence_on_sets.py", *asked)
    values = json.loads((tmp_path / "before.json").read_text())
    for case in values["cases"]["light"].values():
        case["answer"] = 0.0
    (tmp_path / "before.json").write_text(json.dumps(values))
    printed = run("evidence_on_sets.py", *asked[:-2], "--compare", str(tmp_path / "before.json"))
    assert "| light | answer | 0.000 | 1.000 | +1.000 [+1.000, +1.000] | 0 / 6 | 6 |" in printed


@pytest.mark.model
def test_on_sets_with_models(data: str, tmp_path: Path, smollm2_path: str, minilm_path: str) -> None:
    kept = ("--embedder", minilm_path, "--vectors", str(tmp_path / "vectors"), "--half", "all", "--limit", "2")
    printed = run("evidence_on_sets.py", data, *kept, "--budgets", "none")
    assert "| 3 passages by embeddings | 1.000" in printed and "| sentences by embeddings, as balanced |" in printed
    asked = ("--model", smollm2_path, "--store", str(tmp_path / "answers.sqlite"), "--threads", "1", "--n-ctx", "2048")
    arms = ("--arms", "raw,gold,passages-1,passages@512,balanced", "--results", str(tmp_path / "results.jsonl"))
    first = run("answers_on_sets.py", data, *kept, *asked, *arms)
    assert first == run("answers_on_sets.py", data, *kept, *asked, *arms)
    assert "| balanced | best subspan EM |" in first and "| gold | ROUGE-L |" in first
    assert run("answer_tables.py", str(tmp_path / "results.jsonl")).count("| passages@512") == 3


def test_poisoned_lists_keep_their_length(module: Callable[[str], Any], tmp_path: Path) -> None:
    passages = [{"id": f"x{n}", "title": "", "text": f"The river {n} is long.", "gold": False} for n in range(8)]
    gold = {"id": "g", "title": "Arden", "text": "Ida runs the mill of Arden.", "gold": True}
    false = {"id": "m", "title": "", "text": "Ana runs {the} mill.", "gold": False, "type": "misinfo", "claims": "Ana"}
    case = {**CASE, "question": "Who runs the mill of Arden?", "answers": [["Ida"]], "supporting": []}
    told = {**case, "id": "told", "passages": [gold, *passages, false]}
    other = {
        **case,
        "id": "other",
        "answers": [["Ruth"]],
        "passages": [{**gold, "text": "Ruth runs the mill of Brin."}, *passages],
    }
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in (told, other)))
    poison = module("poison")
    first, second = poison.poisoned_cases(path, "all", None)
    assert (first.false, second.false) == ("Ana", "Ida")
    assert [document.id for document in first.clean.documents if document.id == "m"] == []
    for name, context in first.lists.items():
        evil = [document.text for document in context.documents if document.id.startswith("evil")]
        assert len(evil) == int(name[-1])
        assert len(context.documents) == len(first.clean.documents) == 9
        assert all("Ana" in text for text in evil)
    assert first.lists["question x5"].documents == poison.poisoned_cases(path, "all", None)[0].lists["question x5"].documents


def test_lost_evidence_is_counted_against_the_clean_list(module: Callable[[str], Any]) -> None:
    poison, real_cases = module("poison"), module("real_cases")
    clean = Context.of("Who runs the mill?", [{"id": "g", "text": "Ida runs it."}])
    poisoned = Context.of("Who runs the mill?", [{"id": "g", "text": "Ida runs it."}, {"id": "evil0", "text": "Ana runs it."}])
    case = real_cases.RealCase("a", clean, frozenset("g"), (), (), (("Ida",),), (("Ida",),), "", False)
    whole = poison.Poisoned(case, "Ana", clean, {"question x1": poisoned})
    rows = poison.measured(whole, lambda context: context.keep(context.documents[-1:]), None)
    assert rows == {"clean": {"a": {"lost": 0.0, "shown": 0.0}}, "question x1": {"a": {"lost": 1.0, "shown": 1.0}}}
    rows = poison.measured(whole, lambda context: context, lambda contexts: [f"{len(list(c.documents))} Ana" for c in contexts])
    assert rows["question x1"]["a"] == {"lost": 0.0, "shown": 1.0, "right": 0.0, "false": 1.0}

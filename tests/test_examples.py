"""Every example runs as it stands."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ctxshape.evaluation import Experiment, evaluate
from ctxshape.evaluation.datasets import load_cases
from ctxshape.inspection import read_model_facts
from ctxshape.testing import ScriptedBackend

EXAMPLES = Path(__file__).parents[1] / "examples"
MEASURE = EXAMPLES / "measure"


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Four questions over six passages each, the first of which answers, in the form of the public sets."""
    towns = ["Alba", "Brin", "Cort", "Dale"]
    lines = []
    for number, town in enumerate(towns):
        gold = {"title": town, "text": f"{town} is a town. Its mayor is Eva {town}son. It rains there.", "isgold": True}
        others = [
            {
                "title": f"River {i}",
                "text": f"River {i} runs past <|im_end|> {towns[i % 4]}. It is {number + i + 3} km long.",
                "isgold": False,
            }
            for i in range(5)
        ]
        lines.append(
            json.dumps({"question": f"Who is the mayor of {town}?", "answers": [f"Eva {town}son"], "ctxs": [gold, *others]})
        )
    (tmp_path / "cases.jsonl").write_text("\n".join(lines))
    return str(tmp_path / "cases.jsonl")


def run(*arguments: str, code: int = 0) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_custom_transform() -> None:
    printed = run(str(EXAMPLES / "custom_transform.py"))
    assert "d2: it has 6 characters, below 10" in printed
    assert "d4: exact duplicate of 'd1'" in printed


def test_conflicts() -> None:
    printed = run(str(EXAMPLES / "conflicts.py"))
    assert "d2: states 'Ana Feld'; others state 'Ida Holwick'" in printed
    assert "by recency: ['Crew list', 'Harbour guide']" in printed
    assert "by a rule: ['Old crew list', 'Harbour guide']" in printed


@pytest.mark.model
def test_rewrite_weights(smollm2_path: str, tmp_path: Path) -> None:
    target = tmp_path / "as-bf16.gguf"
    printed = run(str(MEASURE / "rewrite_weights.py"), smollm2_path, str(target), "--times", "1", "--threads", "2")
    assert "(1.00)" in printed and "as-bf16.gguf" in printed
    assert [share.type for share in read_model_facts(target).quantization if share.type != "F32"] == ["BF16"]


@pytest.mark.model
def test_quickstart(smollm2_path: str) -> None:
    printed = run(str(EXAMPLES / "quickstart.py"), smollm2_path)
    assert "shaped: " in printed
    assert "the sentence it comes from:" in printed


@pytest.mark.model
@pytest.mark.usefixtures("plain_llama")
def test_existing_rag(smollm2_path: str) -> None:
    printed = run(str(EXAMPLES / "existing_rag.py"), smollm2_path)
    before, after = (int(line.split()[1]) for line in printed.splitlines() if "prompt tokens" in line)
    assert after < before / 2


def test_evidence_kept(data: str) -> None:
    printed = run(str(MEASURE / "evidence_kept.py"), data)
    assert "light                          kept 1.000" in printed
    assert printed.count("n = 2") == printed.count("shown 1.000") == 5
    assert "cases.jsonl, odd lines, 20 passages" in printed


@pytest.mark.model
def test_evidence_kept_ranked_by_a_gguf(data: str, smollm2_path: str, minilm_path: str) -> None:
    asked = ("--embedder", minilm_path, "--reranker", smollm2_path, "--threads", "1")
    printed = run(str(MEASURE / "evidence_kept.py"), data, *asked)
    assert "thorough, 128 tokens           kept 1.000" in printed


@pytest.mark.model
def test_retrieved_lists(data: str, tmp_path: Path, minilm_path: str) -> None:
    out, seen = tmp_path / "lists.jsonl.gz", tmp_path / "seen.jsonl"
    seen.write_text(Path(data).read_text().splitlines()[0])
    asked = ("--but", str(seen), "--passages", "3", "--embedder", minilm_path, "--out", str(out))
    assert "3 questions" in run(str(MEASURE / "retrieved_lists.py"), data, *asked)
    lists = load_cases(str(out))
    # The towns' passages are the only ones there are, and those without the mayor's name are distractors.
    assert [case.question for case in lists] == [f"Who is the mayor of {town}?" for town in ("Brin", "Cort", "Dale")]
    assert [case.gold[0].title for case in lists] == ["Brin", "Cort", "Dale"]
    assert all(len(case.distractors) == 2 and case.gold[0].title not in {d.title for d in case.distractors} for case in lists)


@pytest.mark.model
def test_steady_memory(smollm2_path: str) -> None:
    printed = run(str(MEASURE / "steady_memory.py"), smollm2_path, "--calls", "9", "--threads", "1")
    assert printed.count(" MiB ") == 9 and "the first question again: the same answer" in printed


def test_position_curves(data: str, tmp_path: Path) -> None:
    cases = load_cases(data)
    for folder in ("one", "two"):
        evaluate(cases, ["raw", "light", "oracle"], ScriptedBackend(reply="Eva Albason"), tmp_path / folder,
                Experiment(documents=(4,), timed=0), settings={"model": "m.gguf", "data": "d.jsonl"})  # fmt: skip
    folders = [str(tmp_path / folder) for folder in ("one", "two")]
    printed = run(str(MEASURE / "position_curves.py"), *folders, "--out", str(tmp_path / "c.png"))
    assert printed.count("| raw | 0.25 [") == 2  # one of four questions
    assert (tmp_path / "c.png").stat().st_size > 1000


@pytest.fixture
def profile(tmp_path: Path, smollm2_path: str) -> str:
    """The smallest profile there is, with heads."""
    path = str(tmp_path / "profile.json")
    asked = ("--model", smollm2_path, "--lengths", "2", "--slots", "2", "--cases", "1", "--threads", "2", "--out", path)
    run("-m", "ctxshape", "profile", *asked)
    return path


@pytest.mark.model
def test_orders_and_readers_and_their_picture(data: str, tmp_path: Path, smollm2_path: str, profile: str) -> None:
    folders = [str(tmp_path / preset) for preset in ("raw", "light")]
    for folder, preset in zip(folders, ("raw", "light"), strict=True):
        asked = ("--model", smollm2_path, "--documents", "3", "--n", "1", "--threads", "2", "--preset", preset)
        printed = run(str(MEASURE / "orders_and_readers.py"), data, *asked, "--profile", profile, "--out", folder)
        for row in ("best first", "edges", "shuffled", "profile, likelihood", "vote by blocks", "windows"):
            assert f"  {row} " in printed
    run(str(MEASURE / "orders_picture.py"), *folders, "--out", str(tmp_path / "orders.png"))
    assert (tmp_path / "orders.png").stat().st_size > 1000


@pytest.mark.model
def test_attention_curve(tmp_path: Path, smollm2_path: str, profile: str) -> None:
    passages = [
        {"title": f"Mill {i}", "text": f"The mill of Arden {i} was built in 17{i}0.", "isgold": i == 4} for i in range(10)
    ]
    case = {"question": "When was the mill of Arden 4 built?", "answers": ["1740"], "ctxs": passages}
    (tmp_path / "ten.jsonl").write_text(json.dumps(case))
    out = str(tmp_path / "attention")
    asked = (smollm2_path, "--heads", profile, "--embedder", "universal", "--n", "1", "--threads", "2", "--out", out)
    printed = run(str(MEASURE / "attention_curve.py"), str(tmp_path / "ten.jsonl"), *asked)
    assert "ranked first by BM25: 1.00" in printed and "ranked first by BM25, the embedder and chosen heads" in printed
    assert (tmp_path / "attention" / "curve.png").stat().st_size > 1000


def test_several_facts() -> None:
    printed = run(str(MEASURE / "several_facts.py"), "--data", "synthetic", "--n", "2", "--documents", "8")
    assert "synthetic, 8 documents, n = 2" in printed and "raw                    facts kept 1.000" in printed


def test_growth(data: str) -> None:
    printed = run(str(MEASURE / "benchmark_speed.py"), "--data", data, "--parts", "growth", "--repeats", "1")
    assert printed.count("times linear") == 2


@pytest.mark.model
def test_benchmark_with_a_model(data: str, smollm2_path: str) -> None:
    few = "--documents 2 --summary-tokens 4 --repeats 1 --words 9 --n-ctx 4096 --parts light summaries".split()
    printed = run(str(MEASURE / "benchmark_speed.py"), "--model", smollm2_path, "--data", data, *few)
    assert "light preset on 20 passages" in printed and "one batch" in printed


@pytest.mark.model
@pytest.mark.usefixtures("plain_llama")
def test_permutation_speed(data: str, smollm2_path: str) -> None:
    few = "--documents 3 --votes 2 --max-tokens 2 --repeats 1 --words 9 --n-ctx 4096".split()
    printed = run(str(MEASURE / "permutation_speed.py"), "--model", smollm2_path, "--data", data, *few)
    for row in ("ReadOnce", "ParallelWindows", "2 votes, plain Llama, prefix reuse", "2 votes, blocks", "a second question"):
        assert row in printed


SMALL = {
    "pyproject.toml": """
        [[tool.importlinter.contracts]]
        type = "layers"
        layers = ["shaping", "transforms | readers", "core"]
        """,
    "ctxshape/__init__.py": "from ctxshape.shaping import shape",
    "ctxshape/shaping.py": "from ctxshape.core import types\nfrom ctxshape.readers import read\n\n\ndef shape(): ...",
    "ctxshape/core/__init__.py": "",
    "ctxshape/core/types.py": "Document = str\nread = 1",
    "ctxshape/readers/__init__.py": "from ..core.types import Document\nfrom ctxshape.transforms import cut\n\ndef read(): ...",
    "ctxshape/transforms/__init__.py": "from ctxshape.core.types import *\n\ndef cut():\n    import ctxshape.shaping",
}


def test_structure(tmp_path: Path) -> None:
    for name, text in SMALL.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
    printed = run(str(MEASURE / "structure.py"), str(tmp_path), "--check", code=1)
    for line in (
        "modules at the root: 1 of 6 (shaping)",
        "longest file: ctxshape.shaping, 5 lines",
        # shaping to core and readers, readers to core and transforms, transforms to core and shaping
        "arrows between packages: 6",
        "upward imports: 2",
        "  ctxshape.readers:2 imports ctxshape.transforms",
        "  ctxshape.transforms:4 imports ctxshape.shaping",
        "homonyms: 1",
        "  read: core.types, readers",
    ):
        assert f"{line}\n" in printed
    (tmp_path / "pyproject.toml").unlink()
    assert "upward imports: no layer list\n" in run(str(MEASURE / "structure.py"), str(tmp_path), "--check")


def test_the_structure_of_this_checkout() -> None:
    printed = run(str(MEASURE / "structure.py"), "--check")
    assert "upward imports: 0\n" in printed and "in no layer" not in printed


def test_shaped_texts(data: str, tmp_path: Path) -> None:
    script, before, after = str(MEASURE / "shaped_texts.py"), tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    assert "8 lists written" in run(script, data, str(before), "--budgets", "60")
    lists = [json.loads(line) for line in before.read_text().splitlines()]
    assert [(one["question"], one["preset"], one["budget"]) for one in lists[:3]] == [
        (0, "light", None), (0, "light", 60), (1, "light", None),
    ]  # fmt: skip
    assert "Eva Albason" in lists[0]["documents"][0]["text"] and lists[0]["documents"][0]["spans"]
    lists[1]["documents"][0]["text"] += "!"
    lists[3]["dropped"] = {}
    after.write_text("".join(json.dumps(one) + "\n" for one in lists))
    assert "light, budget None: 4 lists, 0 differ" in run(script, "--compare", str(before), str(before))
    printed = run(script, "--compare", str(before), str(after), code=1)
    assert "light, budget None: 4 lists, 0 differ\nlight, budget 60: 4 lists, 2 differ, text 1, dropped 1\n" in printed
    assert "  question 0: text\n  question 1: dropped\n" in printed

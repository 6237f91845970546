"""Every example runs as it stands."""

from __future__ import annotations

import json
import subprocess
import sys
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


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_custom_transform() -> None:
    printed = run(str(EXAMPLES / "custom_transform.py"))
    assert "d2: it has 6 characters, below 10" in printed
    assert "d4: exact duplicate of 'd1'" in printed


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


def test_benchmark_of_growth(data: str) -> None:
    printed = run(
        str(MEASURE / "benchmark_speed.py"),
        "--model",
        "none",
        "--data",
        data,
        "--parts",
        "growth",
        "--repeats",
        "1",
    )
    assert printed.count("times linear") == 2


@pytest.mark.model
@pytest.mark.usefixtures("plain_llama")
def test_benchmark_with_a_model(data: str, smollm2_path: str) -> None:
    few = (
        "--documents",
        "3",
        "--votes",
        "2",
        "--max-tokens",
        "2",
        "--summary-tokens",
        "4",
        "--repeats",
        "1",
        "--words",
        "9",
        "--n-ctx",
        "4096",
    )
    parts = ("--parts", "light", "summaries", "vote", "--ways", "reset", "LlamaCpp, tree")
    printed = run(str(MEASURE / "benchmark_speed.py"), "--model", smollm2_path, "--data", data, *few, *parts)
    assert all(row in printed for row in ("light preset on", "LlamaCpp, one batch", "LlamaCpp, tree orders"))


@pytest.mark.model
def test_steady_memory(smollm2_path: str) -> None:
    printed = run(str(MEASURE / "steady_memory.py"), smollm2_path, "--calls", "6", "--threads", "1")
    assert printed.count(" MiB ") == 6 and "the first question again: the same answer" in printed


@pytest.mark.model
def test_control_tokens(data: str, smollm2_path: str) -> None:
    assert "with a forbidden token: 0 (" in run(str(MEASURE / "check_control_tokens.py"), smollm2_path, data)


def test_false_drops(data: str) -> None:
    printed = run(str(MEASURE / "false_drops.py"), data)
    assert "0" in printed and "cases.jsonl" in printed


def test_conflicts() -> None:
    printed = run(str(EXAMPLES / "conflicts.py"), "--cases", "10", "--seeds", "0")
    assert "contradiction" in printed


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

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxshape.cli.bench import progress_bar

Call = Callable[..., tuple[int, str, str]]

CASE = {
    "question": "Where is the mill of Arden?",
    "answers": ["Velm"],
    "ctxs": [
        {"title": "Arden", "text": "The mill of Arden is in Velm.", "isgold": True},
        {"title": "Orsa", "text": "The bridge of Orsa was opened in 1931.", "isgold": False},
    ],
}


def write(path: Path, *cases: object) -> Path:
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "cases.jsonl", CASE)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file that looks like a model until it is loaded: what is checked first must be said before that."""
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(64))
    return path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--methods", "nonsense"], "'nonsense'.*raw, shuffle"),
        (["--documents", "ten"], "--documents.*'ten'"),
        (["--documents", "3"], "q1 has 1 passages"),
        (["--positions", "centre"], "'centre'.*first, middle, last, all"),
        (["--n", "5"], "has 1 cases"),
        (["--pipeline", "missing.toml"], "'missing.toml'"),
        (["--noise", "2"], "--noise"),
        (["--embedder", "universal"], "embedder.*raw, light, oracle, closed-book.*balanced or thorough"),
        (["--methods", "balanced+read_once", "--reranker", "universal"], "reranker.*balanced.read_once.*thorough"),
    ],
)
def test_mistakes_are_named_before_the_model_is_loaded(
    call: Call, data: Path, model: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    out = tmp_path / "out"
    code, shown, errors = call("bench", "--data", data, "--model", model, "--documents", "2", "--out", out, *arguments)
    assert (code, shown) == (2, "")
    assert re.search(message, errors) and errors.count("\n") == 1


def test_a_missing_library_is_named_after_the_mistakes(
    call: Call, data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctxshape.cli.bench.find_spec", lambda library: None)
    line = ("bench", "--data", data, "--model", model, "--documents", "2", "--out", tmp_path / "out")
    assert "'nonsense'" in call(*line, "--methods", "nonsense")[2]
    assert "matplotlib" in call(*line)[2]


def test_progress_is_a_line_for_each_tenth_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("nq", quiet=False) as advance:
        for done in range(41):
            advance(done, 40)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10 and (lines[0], lines[-1]) == ("nq: 4 of 40", "nq: 40 of 40")


def test_a_faulty_line_is_named(call: Call, model: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", CASE, {**CASE, "answers": []})
    code, _, errors = call("bench", "--data", path, "--model", model, "--out", tmp_path / "out")
    assert code == 2
    assert "cases.jsonl, line 2" in errors and "'answers'" in errors


def test_data_that_is_neither_file_nor_name(call: Call, model: Path, tmp_path: Path) -> None:
    _, _, errors = call("bench", "--data", "nothing", "--model", model, "--out", tmp_path / "out")
    assert "'nothing'; installed data sets are: kv, synthetic, synthetic_zh" in errors


def bench(smollm2_path: str, out: Path) -> list[str]:
    code = "from ctxshape.cli import main; main()"
    fixed = ["bench", "--data", "synthetic", "--n", "2", "--model", smollm2_path, "--n-ctx", "4096", "--timed", "0"]
    chosen = ["--methods", "raw,light", "--documents", "3", "--positions", "first,last", "--out", str(out)]
    return [sys.executable, "-c", code, *fixed, *chosen]


def computed(smollm2_path: str, out: Path) -> int:
    """Run it, and give the number of answers that it says it computed."""
    done = subprocess.run(bench(smollm2_path, out), capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    found = re.search(r"([\d,]+) answers computed", done.stdout)
    assert found, done.stdout
    return int(found[1])


def kept(out: Path) -> int:
    """The answers on disk."""
    path = out / "answers.sqlite"
    if not path.exists():
        return 0
    base = sqlite3.connect(path, timeout=30)
    try:
        return int(base.execute("SELECT count(*) FROM answers").fetchone()[0])
    except sqlite3.OperationalError:  # its table is not there yet
        return 0
    finally:
        base.close()


@pytest.mark.model
def test_a_run_that_was_killed_goes_on_to_the_same_table_and_computes_nothing_twice(smollm2_path: str, tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = subprocess.Popen(bench(smollm2_path, killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not kept(killed):
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = kept(killed)
    assert not (killed / "report.md").exists()
    assert computed(smollm2_path, killed) == kept(killed) - before
    assert computed(smollm2_path, killed) == 0
    assert computed(smollm2_path, whole) == kept(whole) == kept(killed) > before
    assert (killed / "records.jsonl").read_text() == (whole / "records.jsonl").read_text()
    assert {"report.md", "results.json", "positions.png", "tokens.png"} <= {path.name for path in killed.iterdir()}

"""Runs the code of the README and the example in the cluster of the other tests."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pyarrow.parquet as pq
import pytest

PLUGIN = Path(__file__).parents[1]
FENCE = re.compile(r"^```py\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_readme_s_program_runs(cluster: str, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = FENCE.findall((PLUGIN / "README.md").read_text(encoding="utf-8"))
    exec(code, {})
    assert capsys.readouterr().out.splitlines() == ["Emma is by Jane Austen. None", "None InvalidInput: the query is None"]


def test_the_example_shapes_a_folder(cluster: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(PLUGIN / "example" / "shape_many.py"))["main"]([])
    first, second, folder = capsys.readouterr().out.splitlines()[-3:]
    rows, before, after = map(int, re.findall(r"\d+", first))
    assert rows == 40 and 0 < after < before / 5
    assert second.startswith("4 have an error, such as: InvalidInput: the query is None")
    shaped = pq.read_table(folder)
    assert sorted(shaped["id"].to_pylist()) == list(range(40)) and shaped["error"].null_count == 36

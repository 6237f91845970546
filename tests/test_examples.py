"""Every example runs as it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_custom_transform() -> None:
    printed = run(str(EXAMPLES / "custom_transform.py"))
    assert "d2: it has 6 characters, below 10" in printed
    assert "d4: exact duplicate of 'd1'" in printed


@pytest.mark.model
def test_quickstart(smollm2_path: str) -> None:
    printed = run(str(EXAMPLES / "quickstart.py"), smollm2_path)
    assert "shaped: " in printed
    assert "the sentence it comes from:" in printed


@pytest.mark.model
def test_existing_rag(smollm2_path: str) -> None:
    printed = run(str(EXAMPLES / "existing_rag.py"), smollm2_path)
    before, after = (int(line.split()[1]) for line in printed.splitlines() if "prompt tokens" in line)
    assert after < before / 2

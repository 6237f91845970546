"""Faults that users or fuzzing reported, as scripts that print what is wrong and exit 1; open ones are expected to fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "reported"
OPEN = {
    "markers_are_no_proof": "a marker is cited without support",
}


def expected(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(strict=True, reason=OPEN[name])] if name in OPEN else []


@pytest.mark.parametrize(
    "script",
    [pytest.param(path, id=path.stem, marks=expected(path.stem)) for path in sorted(SCRIPTS.glob("*.py"))],
)
def test_a_reported_fault(script: Path) -> None:
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("PASS")

"""No public function takes quadratic time on the shapes that once made some do so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "examples" / "measure" / "growth.py"


def test_no_quick_slope_is_near_two() -> None:
    # CPU time varies on a busy machine: 1.5 is far from the 1.0 of a linear function and from the 2.0 of a quadratic one.
    options = ("--quick", "--check", "--limit", "1.5", "--largest", "32000", "--most", "2000", "--patience", "0.5")
    done = subprocess.run([sys.executable, str(SCRIPT), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "DropDuplicates" in done.stdout and "subquestions" in done.stdout

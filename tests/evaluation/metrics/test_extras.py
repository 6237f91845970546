"""The libraries of the extra "bench": not imported before they are needed, named if they are missing, and silent."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from ctxshape import Document, MissingExtra
from ctxshape.evaluation.cases import Case, arrange
from ctxshape.evaluation.metrics.overlap import bleu, rouge_l
from ctxshape.evaluation.metrics.rankings import ranking

arrangement = arrange(Case(id="c", question="q", facts=(("a",),), gold=(Document(id="g", text="a"),)), 1, "first")
calls = {
    "rouge_score": lambda: rouge_l("a", ["a"]),
    "sacrebleu": lambda: bleu("a", ["a"]),
    "ir_measures": lambda: ranking(arrangement, arrangement.documents),
}
for library, call in calls.items():
    assert library not in sys.modules, library
    sys.modules[library] = None
    try:
        call()
    except MissingExtra as error:
        assert "ctxshape[bench]" in str(error), error
    else:
        raise SystemExit(f"no error without {library}")
    del sys.modules[library]
    call()
rouge_l("", ["a"]), bleu("", ["a"])
"""


def test_missing_libraries_are_named_and_present_ones_print_nothing() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

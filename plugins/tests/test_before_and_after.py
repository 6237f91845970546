"""Each framework's example: a RAG script as it was, and the same with ctxshape, which is at most three lines away."""

# ruff: noqa: D103

from __future__ import annotations

import ast
import subprocess
import sys
from difflib import ndiff
from importlib.util import find_spec
from pathlib import Path

import pytest

from ctxshape.backends.llama._native.amx import AMX_CRASH, amx_faults

PLUGINS = Path(__file__).parents[1]
NAMES = {"langchain": "langchain_core", "llamaindex": "llama_index", "haystack": "haystack"}


def script(name: str, which: str) -> Path:
    return PLUGINS / f"ctxshape-{name}" / "example" / f"{which}.py"


def code(path: Path) -> list[str]:
    """The lines of a script behind its docstring."""
    text = path.read_text(encoding="utf-8")
    end = ast.parse(text).body[0].end_lineno
    return text.splitlines()[end:]


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_at_most_three_lines(name: str) -> None:
    changes = [line for line in ndiff(code(script(name, "before")), code(script(name, "after"))) if line[0] in "+-"]
    new = [line for line in changes if line[0] == "+"]
    gone = [line for line in changes if line[0] == "-"]
    assert 2 <= len(new) <= 3 and all(line.endswith("# new") for line in new)
    assert len(gone) == (1 if name == "haystack" else 0)  # Haystack's one connection goes another way


@pytest.mark.model
@pytest.mark.parametrize("name", NAMES)
def test_both_run_and_the_prompt_is_shorter(name: str) -> None:
    if find_spec(NAMES[name]) is None:
        pytest.skip(f"needs {NAMES[name]}")
    if amx_faults():
        pytest.skip(AMX_CRASH)
    tokens = {}
    for which in ("before", "after"):
        command = [sys.executable, str(script(name, which))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        first, *answer = done.stdout.splitlines()
        assert first.endswith(" prompt tokens") and answer[-1].strip()
        tokens[which] = int(first.split()[0])
    assert tokens["after"] < tokens["before"] / 2

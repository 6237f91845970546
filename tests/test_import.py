from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HEAVY = (
    "numpy",
    "pydantic",
    "torch",
    "llama_cpp",
    "sentence_transformers",
    "transformers",
    "tiktoken",
    "rensa",
    "typer",
    "rich",
    "jinja2",
    "matplotlib",
)


def test_importing_loads_no_model_library() -> None:
    code = f"import sys, ctxshape; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    import ctxshape

    assert all(hasattr(ctxshape, name) for name in ctxshape.__all__)
    assert sorted(ctxshape.__all__) == ctxshape.__all__ == sorted(ctxshape._HOME_OF)
    assert set(ctxshape.__all__) <= set(dir(ctxshape))


def test_the_names_for_the_type_checker_are_those_at_run_time() -> None:
    import ctxshape

    checked = Path(str(ctxshape.__file__)).read_text().split("if TYPE_CHECKING:")[1].split("__version__")[0]
    imported = {
        alias.name
        for node in ast.walk(ast.parse(textwrap.dedent(checked)))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported == set(ctxshape.__all__)


def test_an_unknown_name_is_named() -> None:
    import ctxshape

    with pytest.raises(AttributeError, match="module 'ctxshape' has no attribute 'shpae'"):
        ctxshape.shpae  # noqa: B018

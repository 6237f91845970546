"""Cases of code: functions of Python's standard library, each asked for in the words of its own description."""

from __future__ import annotations

import ast
import random
import re
import sysconfig
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from real_cases import RealCase

from ctxshape import Context

_LEFT_OUT = ("test", "idlelib", "lib2to3", "encodings", "site-packages", "turtledemo")
_WORDS = range(4, 17)  # of a description
_LINES = range(3, 41)  # of a function


class _Function(NamedTuple):
    module: str
    description: str
    code: str


def code_cases(limit: int, folder: Path | None = None) -> list[RealCase]:
    """Returns the cases of a sample of a folder's functions; those of the standard library depend on the version of Python.

    A list holds the function without its description, some of the same module, and others.
    """
    functions = list(_functions(folder or Path(sysconfig.get_paths()["stdlib"])))
    random.Random(7).shuffle(functions)
    return [_case(number, functions) for number in range(min(limit, len(functions)))]


def _case(number: int, functions: list[_Function]) -> RealCase:
    rng = random.Random(number)
    wanted = functions[number]
    near = [other for other in functions if other.module == wanted.module and other.description != wanted.description]
    far = [other for other in functions if other.module != wanted.module]
    others = rng.sample(near, min(len(near), rng.choice((0, 2, 4, 6))))
    others += rng.sample(far, min(len(far), max(rng.choice((5, 8, 10, 20)) - 1 - len(others), 0)))
    asked = wanted.description[0].lower() + wanted.description[1:]
    how = "how to " + re.sub(r"^(\w+?)s ", r"\1 ", asked) + " in python"
    listed = [{"id": f"f{n}", "text": one.code} for n, one in enumerate([wanted, *others])]
    rng.shuffle(listed)
    return RealCase(
        id=f"function {number}",
        context=Context.of(rng.choice((asked, f"python {asked}", how)), listed),
        gold=frozenset({"f0"}),
        supporting=(wanted.code,),
        heads=((),),
        facts=(),
        answers=(),
        reference="",
        computed=False,
    )


def _functions(folder: Path) -> Iterator[_Function]:
    for path in sorted([*folder.glob("*.py"), *folder.glob("*/*.py")]):
        if any(part in str(path.relative_to(folder)) for part in _LEFT_OUT):
            continue
        try:
            source = path.read_text(encoding="utf-8")
            tree = ast.parse(source)
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue
        lines = source.split("\n")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (description := (ast.get_docstring(node) or "").split("\n")[0].strip()):
                docstring = node.body[0]
                kept = lines[node.lineno - 1 : docstring.lineno - 1] + lines[docstring.end_lineno : node.end_lineno]
                if len(description.split()) in _WORDS and len(kept) in _LINES:
                    yield _Function(path.stem, description.rstrip("."), textwrap.dedent("\n".join(kept)))

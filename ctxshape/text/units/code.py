"""Source code of any language: whether a text is code, and its statements."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from types import MappingProxyType

from ctxshape.text.units.model import Cutter, Unit
from ctxshape.text.units.python import parse_python, python_units, tree_units
from ctxshape.text.units.signs import SIGNS
from ctxshape.text.units.source import source_units, without_cut_comment

_PARSED = 1_000_000  # characters of Python that are parsed
_OTHER = re.compile(r"^\s*(?:```|~~~|<(?:!DOCTYPE|html|\?xml|table|div)\b)", re.MULTILINE | re.IGNORECASE)
_CODE_END = re.compile(r"(?:[;{}(\[,:\\|+)\]=>]|&&|\*/|\bend|\bfi|\bdone|\bthen|\bdo|\belse)$")
_COMMENT = re.compile(r"(?://|#|/\*|\*|--)")
_CALL = re.compile(
    r"\w\(|\)\.|\w\.\w+\(|(?<![=!<>])={1,3}(?![=>])|=>|->|::|\w\[\w|\$[\w{(]|^\s*(?:end|fi|done|return|break|continue|pass)\b"
    r"|^[a-z_]+[!?]? [\"':@]|@\w"
)
_PLAIN = re.compile(r"[(\"“]?[A-Za-z][a-z'’-]*[.,;:?!)\"”]{0,2}$")  # a word of prose
_YAML_KEY = re.compile(r"(?:- )?[\w.-]+:(?: [^=(){};]*)?$")
_QUOTED = re.compile(r"\"[^\"]*+\"?|(?<!\w)'[^']*+'?|`[^`]*+`?")
_BLOCK_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?|\"\"\"(?:[^\"]|\"(?!\"\"))*+(?:\"\"\")?")
_SEEN = 300  # characters of a line by which prose is known
_LEAST = 2  # lines that only code has
_STATEMENTS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.For | ast.With | ast.Try


def code_units(text: str) -> list[Unit] | None:
    r"""Returns the statements of source code, or None if the text is none.

    Python that parses is cut by its syntax tree, other code by its brackets and indentation.

    >>> code_units("Call price() to get the price;\nit returns a number.") is None
    True
    >>> [unit.kind for unit in code_units("def one():\n    return 1\n\n\ndef two():\n    return 2\n")]
    ['code', 'code']
    """
    if "\n" not in text.strip() or (family := _family(text)) is None:
        return None
    if len(text) <= _PARSED and SIGNS["indents"].search(text):
        tree = parse_python(text)
        if tree is not None:
            return tree_units(text, tree) if any(isinstance(one, _STATEMENTS) for one in tree.body) else None
    return source_units(text, family) if not _OTHER.search(text) and _is_code(text, SIGNS[family]) else None


def _family(text: str) -> str | None:
    """Returns the family of languages that most lines speak for."""
    counts = {name: len(pattern.findall(text)) for name, pattern in SIGNS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def _is_code(text: str, sign: re.Pattern[str]) -> bool:
    """Returns whether at least two lines, or a fifth, are such as only code has, and nearly all others may be code."""
    bare = _BLOCK_COMMENT.sub("", text[without_cut_comment(text) :])
    lines = [line.strip() for line in bare.splitlines() if line.strip()]
    plain = [line for line in lines if not _COMMENT.match(line)]
    if not plain or len(lines) < _LEAST or sum(line.startswith("<") for line in plain) > 0.3 * len(plain):
        return False
    sure = sum(sign.match(line) is not None for line in lines)
    if sure < _LEAST and sure * 5 < len(lines):
        return False
    likely = sum(bool(sign.match(line) or _CODE_END.search(line) or _CALL.search(line)) for line in plain)
    prose = sum(_is_prose(line[:_SEEN]) and not _CODE_END.search(line) for line in plain)
    keys = sum(_YAML_KEY.match(line) is not None for line in plain)
    return likely >= 0.75 * len(plain) and prose <= 0.1 * len(plain) and keys <= 0.3 * len(plain)


def _is_prose(line: str) -> bool:
    """Returns whether a line has six words or more and little else, outside of quotation marks."""
    words = _QUOTED.sub("", line).split()
    return len(words) > 5 and sum(_PLAIN.match(word) is not None for word in words) >= 0.75 * len(words)


def _python(text: str) -> list[Unit]:
    return (python_units(text) if len(text) <= _PARSED else None) or source_units(text, "indents")


def _cutter(family: str) -> Cutter:
    def cut(text: str) -> list[Unit]:
        return source_units(text, family)

    return cut


_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "braces": "javascript js jsx mjs typescript ts tsx java c h cpp c++ cc cxx hpp csharp cs c# go golang rust rs php "
        "swift kotlin kt scala dart css scss less groovy objc objective-c proto solidity glsl hlsl zig d perl pl graphql "
        "hcl terraform tf nginx",
        "words": "ruby rb bash sh shell zsh fish powershell ps1 lua elixir ex julia jl r make makefile dockerfile docker "
        "matlab crystal tcl awk vim cmake",
        "sql": "sql mysql postgresql postgres psql plsql sqlite tsql",
    }
)
CODE_BY_LANGUAGE: Mapping[str, Cutter] = MappingProxyType(
    {
        **{name: _cutter(family) for family, names in _NAMES.items() for name in names.split()},
        **dict.fromkeys(("python", "py", "python3", "py3", "cython", "gdscript"), _python),
    }
)
"""The cutters of fenced code blocks, by the language that the fence names, in small letters."""

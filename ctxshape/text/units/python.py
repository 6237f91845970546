"""Python that parses: statements by the syntax tree."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from ctxshape.text.units.literals import literal_items
from ctxshape.text.units.model import Unit
from ctxshape.text.units.nested import WHOLE, Lines, Node, nested_units

_DOCSTRING = 300  # characters of a docstring that stays with its `def` line
_COMMENTS = 300  # characters of comments that stay with a statement
_LONG = 350  # characters of a statement whose items are units, or of a docstring whose paragraphs are
_STRING = 1000  # of any other statement with a string whose paragraphs are units
_PARAGRAPH = 400
_DECORATOR = 800  # of a decorator whose items are units
_ELSE = re.compile(r"\s*(?:else|finally)\b")
_CASE = re.compile(r"\s*case\b")
_Block = ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try


def parse_python(text: str) -> ast.Module | None:
    """Returns the syntax tree of a text, or None if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings
            return ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def python_units(text: str, whole: int = WHOLE) -> list[Unit] | None:
    r"""Returns the statements of Python source, or None if it does not parse.

    Comments belong to the statement behind them, and a short docstring to its `def` or `class` line. A block of up to
    `whole` characters is one unit.

    >>> text = "import os\n\n# The end.\ndef stop():\n    os.abort()\n"
    >>> [text[unit.start : unit.end] for unit in python_units(text)]
    ['import os', '# The end.\ndef stop():\n    os.abort()']
    """
    tree = parse_python(text)
    return None if tree is None else tree_units(text, tree, whole)


def tree_units(text: str, tree: ast.Module, whole: int = WHOLE) -> list[Unit]:
    """Returns the statements of Python source whose syntax tree is known."""
    lines = Lines(text)
    return nested_units(lines, _Reader(lines).siblings(tree.body, 0, len(lines)), whole)


class _Reader:
    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def siblings(self, body: Sequence[ast.stmt], begin: int, stop: int) -> list[Node]:
        """Returns the nodes of the statements of a block, which lies in the lines `begin` to `stop`."""
        nodes: list[Node] = []
        last = begin  # the line behind the statement before
        for statement in body:
            first = _first(statement)
            if nodes and first < last:  # "a = 1; b = 2"
                _extend(nodes[-1], _end(statement))
                last = max(last, _end(statement))
                continue
            start = self._comments(nodes, last, first, statement.col_offset)
            made = self._statement(statement)
            made[0].first = start
            nodes += made
            last = _end(statement)
        if nodes and any(self.lines[line].strip() for line in range(last, stop)):
            _extend(nodes[-1], stop)
        elif not nodes and stop > begin:
            nodes.append(Node(begin, stop, empty=True))
        return nodes

    def _comments(self, nodes: list[Node], last: int, first: int, column: int) -> int:
        """Returns the first line of a statement with the comments before it; adds those that belong elsewhere to `nodes`."""
        while nodes and last < first and self._belongs_above(last, column):
            last += 1
            if self.lines[last - 1].strip():
                _extend(nodes[-1], last)
        while last < first and not self.lines[last].strip():
            last += 1
        if self.lines.size(last, first) <= _COMMENTS:
            return last
        start = first
        while start > last and self.lines[start - 1].strip() and self.lines.size(start - 1, first) <= _COMMENTS:
            start -= 1
        if start > last:
            nodes.append(Node(last, start, empty=True))
        return start

    def _belongs_above(self, line: int, column: int) -> bool:
        text = self.lines[line]
        return not text.strip() or len(text) - len(text.lstrip()) > column

    def _statement(self, statement: ast.stmt) -> list[Node]:
        first = _first(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            decorator = self._decorator(statement)
            if decorator is None:
                return [self._definition(statement, first)]
            definition = self._definition(statement, decorator.end)
            definition.continues = True
            return [decorator, definition]
        if isinstance(statement, _Block) or type(statement).__name__ == "TryStar":
            return self._branches(statement, first)  # type: ignore[arg-type]
        if isinstance(statement, ast.Match):
            return [self._match(statement, first)]
        end = _end(statement)
        size = self.lines.size(first, end)
        if size > _LONG and (node := literal_items(self.lines, first, end) or self._string(statement, first, end)):
            return [node]
        return [Node(first, end)]

    def _string(self, statement: ast.stmt, first: int, end: int) -> Node | None:
        """Returns the node of a statement that is mostly one string over many lines: its paragraphs are units."""
        size = self.lines.size(first, end)
        if not _is_docstring(statement) and size <= _STRING:
            return None
        strings = [one for one in ast.walk(statement) if isinstance(one, ast.Constant | ast.JoinedStr)]
        for one in strings:
            begin, last = one.lineno, _end(one) - 1  # the line behind that of the opening quotes, that of the closing ones
            if first < begin < last < end and self.lines.size(begin, last) > 0.6 * size:
                body = [Node(start, stop) for start, stop in self._paragraphs(begin, last)]
                return Node(first, begin, body, tail=(last, end))
        return None

    def _paragraphs(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yields the paragraphs of the lines of a string; a long one in several parts."""
        start: int | None = None
        for line in range(begin, end + 1):
            blank = line == end or not self.lines[line].strip()
            if start is not None and (blank or self.lines.size(start, line) > _PARAGRAPH):
                yield start, line
                start = None
            if not blank and start is None:
                start = line

    def _decorator(self, statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Node | None:
        """Returns the node of a decorator that is too long to stay with its `def`; those before it are in its head."""
        starts = [one.lineno - 1 for one in statement.decorator_list]
        for start, stop in zip(starts, [*starts, statement.lineno - 1][1:], strict=True):
            if self.lines.size(start, stop) > _DECORATOR and (node := literal_items(self.lines, start, stop)):
                node.first, node.awaits = starts[0], True
                return node
        return None

    def _definition(self, statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, first: int) -> Node:
        body = list(statement.body)
        inner = body[0]
        if (
            _is_docstring(inner)
            and self.lines.size(_first(inner), _end(inner)) <= _DOCSTRING
            and not (len(body) > 1 and _first(body[1]) < _end(inner))
        ):
            body = body[1:]
            node = Node(first, _end(inner))
            node.body = self.siblings(body, node.stop, _end(statement)) if body else []
            return node
        return self._clause(first, body, _end(statement))

    def _clause(self, first: int, body: Sequence[ast.stmt], end: int, *, continues: bool = False) -> Node:
        """Returns the node of a head with statements; a leaf if they begin on the line of the head."""
        inner = _first(body[0])
        stop = inner
        while stop > first + 1 and self._is_bare(stop - 1):
            stop -= 1
        if inner < stop or inner == first:
            return Node(first, end, continues=continues)
        above = self.lines[inner]
        before = above[: len(above) - len(above.lstrip())]
        if len(before) < body[0].col_offset and body[0].lineno - 1 == inner:  # "if a: b", with a head of several lines
            return Node(first, end, continues=continues)
        return Node(first, stop, self.siblings(body, stop, end), continues=continues, fills=True)

    def _is_bare(self, line: int) -> bool:
        text = self.lines[line].strip()
        return not text or text.startswith("#")

    def _branches(self, statement: _Block, first: int) -> list[Node]:
        """Returns the nodes of `if` with `elif` and `else`, of `try` with `except`, and of loops."""
        parts: list[tuple[int, Sequence[ast.stmt]]] = [(first, statement.body)]
        current: ast.stmt = statement
        while True:
            for handler in getattr(current, "handlers", ()):
                parts.append((handler.lineno - 1, handler.body))
            other: list[ast.stmt] = getattr(current, "orelse", [])
            if isinstance(current, ast.If) and len(other) == 1 and self._is_elif(other[0]):
                current = other[0]
                parts.append((current.lineno - 1, current.body))  # type: ignore[attr-defined]
                continue
            break
        parts += [(self._above(_ELSE, _first(part[0])), part) for part in (other, getattr(current, "finalbody", [])) if part]
        starts = [start for start, _ in parts]
        ends = [*starts[1:], _end(statement)]
        nodes = []
        for number, ((start, body), end) in enumerate(zip(parts, ends, strict=True)):
            nodes.append(self._clause(start, body, end, continues=number > 0))
        nodes[0].awaits = not isinstance(statement, ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith)
        return nodes

    def _is_elif(self, statement: ast.stmt) -> bool:
        return isinstance(statement, ast.If) and self.lines[statement.lineno - 1].lstrip().startswith("elif")

    def _above(self, keyword: re.Pattern[str], line: int) -> int:
        """Returns the nearest line, upwards, that begins with a keyword."""
        while line > 0 and not keyword.match(self.lines[line]):
            line -= 1
        return line

    def _match(self, statement: ast.Match, first: int) -> Node:
        starts = [self._above(_CASE, case.pattern.lineno - 1) for case in statement.cases]
        ends = [*starts[1:], _end(statement)]
        cases = [self._clause(start, case.body, end) for start, case, end in zip(starts, statement.cases, ends, strict=True)]
        return Node(first, starts[0], cases, fills=True)


def _first(statement: ast.stmt) -> int:
    """Returns the number of the first line of a statement, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)]) - 1


def _is_docstring(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _end(statement: ast.stmt | ast.expr) -> int:
    return statement.lineno if statement.end_lineno is None else statement.end_lineno


def _extend(node: Node, stop: int) -> None:
    """Makes the last statement of a node reach to a line."""
    while node.body and not node.tail[1]:
        node = node.body[-1]
    if node.tail[1]:
        node.tail = node.tail[0], stop
    else:
        node.stop = stop

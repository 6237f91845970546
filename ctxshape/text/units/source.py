"""Source code that no parser reads: statements by brackets and indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ctxshape.text.units.literals import TOKEN
from ctxshape.text.units.model import Unit
from ctxshape.text.units.nested import Lines, Node, nested_units

_STATEMENT = 1500  # characters of a statement over several lines; if it is longer, its brackets may be read wrongly
_DEEPEST = 24  # blocks in blocks
_TAB = 4  # columns
_STRINGS = r"\"(?:[^\"\\\r\n]|\\.)*+\"?|'(?:[^'\\\r\n]|\\.)*+'?"
_BLOCK_COMMENT = r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
_TOKENS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "braces": re.compile(rf"//[^\r\n]*|{_BLOCK_COMMENT}|{_STRINGS}|`(?:[^`\\]|\\.)*+`?|[()\[\]{{}}]", re.DOTALL),
        "indents": TOKEN,
        "sql": re.compile(rf"--[^\r\n]*|{_BLOCK_COMMENT}|{_STRINGS}|[()]", re.DOTALL),
        "words": re.compile(rf"#[^\r\n]*|{_STRINGS}|[()\[\]{{}}]", re.DOTALL),
    }
)
_COMMENT: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "braces": re.compile(r"//|/\*|\*"),
        "indents": re.compile("#"),
        "sql": re.compile(r"--|/\*"),
        "words": re.compile("#"),
    }
)
_ABOVE = re.compile(r"@\w|#\[|template\s*<|\[\w+(?:\(.*\))?\]$")  # belongs to the line below: "@Override"
_DOCSTRING_MARK = re.compile(r"\"\"\"")
_CLOSERS = re.compile(r"[)\]}]+")
_CLOSING = re.compile(r"(?:[)\]}]|(?:end|fi|done|esac|endif|endfor|endwhile|loop)\b(?!\s*[=(]))", re.IGNORECASE)
_BARE_CLOSING = re.compile(r"(?:[)\]}\s]|end|fi|done|esac|endif|endfor|endwhile)*[;,.\s)]*(?://.*|#.*)?$", re.IGNORECASE)
_CONTINUES = re.compile(
    r"(?:else|elif|elsif|elseif|except|catch|rescue|ensure|finally|when|then|do)\b(?!\s*[=(:]\s*\w+\s*[,)])(?!\s*=)"
)
_GOES_ON = re.compile(r"(?:\\|\||&&)$")  # the statement goes on in the next line
_SQL_CLAUSE = re.compile(
    r"(?:from|where|group by|order by|having|limit|inner|left|right|full|cross|join|on|and|or|union|set|values|into"
    r"|returning)\b",
    re.IGNORECASE,
)


class _Line(NamedTuple):
    """A statement that begins a line: its lines, brackets that are open before it, and indentation."""

    first: int
    stop: int
    depth: int
    width: int
    comment: bool


def source_units(text: str, family: str = "braces") -> list[Unit]:
    r"""Returns the statements of source code, by its lines, brackets and indentation.

    `family` says how the language writes comments and blocks: "braces" (C, Java, JavaScript, Go, Rust, CSS), "indents"
    (Python), "words" (Ruby, shell) or "sql".

    >>> text = "// Adds.\nint add(int a, int b) {\n  return a + b;\n}\nint one = 1;"
    >>> [text[unit.start : unit.end] for unit in source_units(text)]
    ['// Adds.\nint add(int a, int b) {\n  return a + b;\n}', 'int one = 1;']
    """
    lines = Lines(text)
    return nested_units(lines, _tree(lines, list(_statements(lines, family)), family))


def without_cut_comment(text: str) -> int:
    """Returns the place behind a comment or docstring that began before the text, or 0."""
    close, open_ = text.find("*/"), text.find("/*")
    if close >= 0 and not 0 <= open_ < close:
        return close + 2
    marks = [match.start() for match in _DOCSTRING_MARK.finditer(text)]
    if len(marks) % 2:
        line = text[text.rfind("\n", 0, marks[0]) + 1 : text.find("\n", marks[0]) if "\n" in text[marks[0] :] else len(text)]
        if line.strip() == '"""' or (line.rstrip().endswith('"""') and not line.lstrip().startswith('"""')):
            return marks[0] + 3
    return 0


def _statements(lines: Lines, family: str) -> Iterator[_Line]:
    """Yields the statements, each with the lines that go on inside its brackets, strings and comments."""
    read = list(_read(lines, family))
    number = 0
    while number < len(lines):
        text = lines[number].strip()
        if not text:
            number += 1
            continue
        stop = number + 1
        while stop < len(lines) and (read[stop][1] or (not lines[stop].strip() and _goes_on(read, stop))):
            stop += 1
        if stop > number + 1 and lines.size(number, stop) > _STATEMENT and not _COMMENT[family].match(text):
            stop = number + 1
            while stop < len(lines) and read[stop][1] == "string":
                stop += 1
        while stop < len(lines) and _GOES_ON.search(lines[stop - 1]) and lines.size(number, stop) < _STATEMENT:
            stop += 1
        if family == "sql":
            while stop < len(lines) and _SQL_CLAUSE.match(lines[stop].lstrip()) and lines.size(number, stop) < _STATEMENT:
                stop += 1
        closers = _CLOSERS.match(text)
        depth = max(read[number][0] - (len(closers.group()) if closers else 0), 0)
        line = lines[number]
        width = len(line[: len(line) - len(line.lstrip())].expandtabs(_TAB))
        comment = _COMMENT[family].match(text) is not None and not text.endswith("*/ {")
        yield _Line(number, stop, depth, width, comment)
        number = stop


def _goes_on(read: Sequence[tuple[int, str]], number: int) -> bool:
    return number + 1 < len(read) and bool(read[number][1] and read[number + 1][1])


def _read(lines: Lines, family: str) -> Iterator[tuple[int, str]]:
    """Yields for each line the number of open brackets, and if it goes on inside a "bracket" or "string"."""
    line, open_ = 0, list[str]()
    outer = "{" if family != "indents" else ""  # inside of these, statements begin
    yield 0, ""
    begin = without_cut_comment(lines.text)
    while line + 1 < len(lines) and lines.starts[line + 1] < begin:
        line += 1
        yield 0, "string"
    for match in _TOKENS[family].finditer(lines.text, begin):
        while line + 1 < len(lines) and lines.starts[line + 1] <= match.start():
            line += 1
            yield len(open_), "bracket" if open_ and open_[-1] != outer else ""
        while line + 1 < len(lines) and lines.starts[line + 1] < match.end():
            line += 1
            yield len(open_), "string"
        char = match.group()
        if char in "([{":
            open_.append(char)
        elif char in ")]}" and open_:
            open_.pop()
    while line + 1 < len(lines):
        line += 1
        yield len(open_), "bracket" if open_ and open_[-1] != outer else ""


class _Open(NamedTuple):
    key: tuple[int, int]
    node: Node
    siblings: list[Node]


def _tree(lines: Lines, statements: Sequence[_Line], family: str) -> list[Node]:
    roots: list[Node] = []
    stack: list[_Open] = []  # the last statement of each open block
    pending: int | None = None  # the first line of comments and decorators that belong to the next statement
    for number, line in enumerate(statements):
        text = lines[line.first].strip()
        key = (line.depth, line.width)
        following = statements[number + 1] if number + 1 < len(statements) else None
        if (line.comment or _ABOVE.match(text)) and following and _belongs_below(lines, line, following):
            pending = line.first if pending is None else pending
            continue
        while stack and not _encloses(stack[-1].key, key):
            if stack[-1].key == key or stack[-1].key < key:
                break
            stack.pop()
        same = stack[-1] if stack and not _encloses(stack[-1].key, key) else None
        if same is not None and _takes(lines, same.node, line, text, pending):
            pending = None
            continue
        continues = same is not None and (text[:1] in ")]}" or _CONTINUES.match(text) is not None)
        if same is not None:
            stack.pop()
        siblings = same.siblings if same else stack[-1].node.body if stack else roots
        first = line.first if pending is None else pending
        node = Node(first, line.stop, continues=continues, empty=line.comment)
        node.fills = family == "indents" and lines[line.stop - 1].rstrip().endswith(":")
        node.awaits = family == "indents" and text.startswith("try:")
        pending = None
        siblings.append(node)
        if len(stack) < _DEEPEST:
            stack.append(_Open(key, node, siblings))
    return roots


def _encloses(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    """Returns whether a statement with the brackets and indentation `inner` lies in the block of an `outer` one."""
    return inner[0] > outer[0] or (inner[0] == outer[0] and inner[1] > outer[1])


def _takes(lines: Lines, node: Node, line: _Line, text: str, pending: int | None) -> bool:
    """Adds a line to the block before it if it closes it, or opens its brace; returns whether it does."""
    if text == "{" and not node.body and not node.tail[1] and pending is None and node.stop == line.first:
        node.stop = line.stop
        return True
    if not _CLOSING.match(text) or not _BARE_CLOSING.match(text):
        return False
    if node.tail[1]:
        node.tail = node.tail[0], line.stop
    elif node.body:
        start = pending if pending is not None else line.first
        node.tail = start, line.stop
    else:
        node.stop = line.stop
    return True


def _belongs_below(lines: Lines, line: _Line, following: _Line) -> bool:
    """Returns whether nothing but the start of the next statement follows a comment or decorator."""
    if following.first > line.stop or following.depth != line.depth:
        return False
    return lines[following.first].strip()[:1] not in ("}", ")", "]")

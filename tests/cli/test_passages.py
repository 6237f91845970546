from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from ctxshape import InvalidInput
from ctxshape.cli.passages import read_passages

LINES = b'"one"\n\n{"id": "x", "page_content": "two"}\r\n'
PASSAGES = ["one", {"id": "x", "page_content": "two"}]


@pytest.mark.parametrize(
    "data",
    [
        LINES,
        b"\xef\xbb\xbf" + LINES,
        gzip.compress(LINES, mtime=0),
        b' [ "one",\n {"id": "x", "page_content": "two"} ] ',
        b'"one"\n{"id": "x", "page_content": "two"}',
    ],
    ids=["lines", "byte order mark", "gzip", "array", "no last newline"],
)
def test_reads(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "docs"
    path.write_bytes(data)
    assert read_passages(str(path)) == PASSAGES


@pytest.mark.parametrize("data", [b"", b"\n \n", b"[]", b"\xef\xbb\xbf"])
def test_nothing_is_an_empty_list(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "docs"
    path.write_bytes(data)
    assert read_passages(str(path)) == []


def test_a_line_separator_inside_a_string_ends_no_line(tmp_path: Path) -> None:
    path = tmp_path / "docs"
    path.write_text('"one\u2028still one"\n', encoding="utf-8")
    assert read_passages(str(path)) == ["one\u2028still one"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'"a"\n\n{"text": "b",}\n', "docs, line 3: not JSON at column 14: "),
        (b'"a"\n"b\xff"\n', "docs, line 2: not UTF-8 at byte 3 (0xff); save the file as UTF-8"),
        (b'\xef\xbb\xbf"\xff"\n', "docs, line 1: not UTF-8 at byte 2 (0xff)"),
        ('"é"'.encode("utf-16"), "docs, line 1: not UTF-8 at byte 1 (0xff)"),
        (b'{"body": "a"}', "docs, line 1 has no text: give one of text, page_content, content; it has 'body'"),
        (b'{"text": 5}', "docs, line 1, field 'text' is int; give a str"),
        (b'"a"\n7\n', "docs, line 2 is no passage: give a JSON string, or an object with one of text, page_content, content"),
        (b'"a"\n["b"]\n', "docs, line 2 is no passage"),
        (b'["a",\n null]', "docs, item 2 is no passage"),
        (b'["a",\n }', "docs, line 2: not JSON at column 2: "),
        (b'{"id": 1, "text": "a"}\n{"id": "1", "text": "b"}', "docs, line 2 has the id '1' of line 1; ids must be unique"),
        (b'{"text": "a", "score": NaN}', "docs, line 1, field 'score' is nan; give a finite number or leave it out"),
        (b'{"text": "\\ud800"}', "docs, line 1, field 'text' holds the lone surrogate U+D800 at character 0"),
        (b'{"text": "a", "n": ' + b"1" * 5000 + b"}", "docs, line 1: Exceeds the limit (4300 digits)"),
        (b"[" * 100_000, "docs: nested too deeply to read"),
        (b"\x1f\x8bno gzip", "docs is a broken gzip file: "),
        (gzip.compress(LINES, mtime=0)[:-9], "docs is a broken gzip file: "),
    ],
)
def test_says_what_is_wrong_and_where(data: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("docs").write_bytes(data)
    with pytest.raises(InvalidInput, match="^" + re.escape(message)):
        read_passages("docs")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"cannot read .*none.jsonl: No such file or directory; give a JSONL file"):
        read_passages(str(tmp_path / "none.jsonl"))
    with pytest.raises(InvalidInput, match="Is a directory"):
        read_passages(str(tmp_path))

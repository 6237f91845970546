from __future__ import annotations

import gzip

import pytest

from ctxshape.core.jsonlines import records
from ctxshape.errors import InvalidInput


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, lambda data: b"\xef\xbb\xbf" + data])
def test_lines_and_arrays_plain_gzipped_or_with_a_mark(pack: object) -> None:
    assert callable(pack)
    lines, array = pack(b'{"a": 1}\n\n"b"\n'), pack(b' [{"a": 1},\n"b"]')
    assert list(records(lines, "f")) == [("line 1", {"a": 1}), ("line 3", "b")]
    assert list(records(array, "f")) == [("item 1", {"a": 1}), ("item 2", "b")]
    assert list(records(pack(b""), "f")) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": 1}\n{"a": }', "f, line 2.* column 7"),
        (b"[1,\n2,]", "f, line 2"),
        (b'"a"\n"\xff"', "f, line 2.* byte 2 .*0xff"),
        (b"\x1f\x8b broken", "f .*gzip"),
        (b"[" * 100_000, "f: "),
        (b"9" * 5000, "f, line 1"),
    ],
)
def test_a_fault_is_named_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        list(records(data, "f"))


def test_a_small_file_that_unpacks_to_very_much_is_refused() -> None:
    bomb = gzip.compress(b"0" * 100_000)
    assert len(bomb) < 1000
    with pytest.raises(InvalidInput, match=r"^f .*5,000 bytes"):
        list(records(bomb, "f", largest=5000))

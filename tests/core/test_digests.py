"""Digests of files."""

import hashlib
import os
from pathlib import Path

import pytest

from ctxshape.core.digests import file_digest


def test_a_file_is_known_by_its_bytes_wherever_it_lies(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"GGUF")
    other.write_bytes(b"GGUF")
    assert file_digest(one) == file_digest(str(other)) == hashlib.sha256(b"GGUF").hexdigest()


def test_a_file_that_changed_is_another(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"GGUF")
    before = file_digest(file)
    file.write_bytes(b"GGUX")
    os.utime(file, ns=(1, 1))
    assert before != file_digest(file) == hashlib.sha256(b"GGUX").hexdigest()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "none")

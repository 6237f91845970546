"""Documents' KV kept between questions: limited in memory and on disk, and verified before use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctxshape.backends.llama.documents._cache_folder import CacheFolder, CacheNotWritten
from ctxshape.backends.llama.documents._store import DocumentStore
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.core.leftovers import unfinished_suffix


def state(size: int, value: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.full(size, value, np.uint8)


LEAD, ONE, TWO = np.array([5], np.int32), np.array([1], np.int32), np.array([2], np.int32)
HALF = 2**19 + 1


def test_memory_is_bounded_and_the_least_recently_used_goes() -> None:
    store = DocumentStore(DocumentCache(memory_mib=1), lambda: "m")
    store.keep(LEAD, ONE, state(100, 1))
    store.keep(LEAD, TWO, state(HALF, 2))
    assert store.bytes == HALF + 100
    assert store.find(LEAD, ONE) is not None  # used: now the other is older
    store.keep(ONE, TWO, state(HALF, 3))
    assert store.find(LEAD, TWO) is None and store.find(LEAD, ONE) is not None
    store.keep(LEAD, ONE, state(7))
    assert store.bytes == HALF + 7
    store.keep(TWO, TWO, state(2**20 + 1))
    assert store.find(TWO, TWO) is None
    store.clear()
    assert store.bytes == 0 and store.find(LEAD, ONE) is None


def test_a_cache_of_nothing_keeps_nothing() -> None:
    store = DocumentStore(DocumentCache(memory_mib=0), lambda: "m")
    store.keep(LEAD, ONE, state(1))
    assert store.find(LEAD, ONE) is None


def test_a_folder_outlives_the_process_and_tells_models_apart(tmp_path: Path) -> None:
    settings = DocumentCache(folder=tmp_path / "kv", memory_mib=1)
    DocumentStore(settings, lambda: "model a").keep(LEAD, ONE, state(9, 4))
    found = DocumentStore(settings, lambda: "model a").find(LEAD, ONE)
    assert found is not None and found.tolist() == [4] * 9
    assert DocumentStore(settings, lambda: "model b").find(LEAD, ONE) is None
    assert (tmp_path / "kv").stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_not_what_was_written_is_never_used(tmp_path: Path) -> None:
    folder = CacheFolder(tmp_path, 10_000)
    spoils: dict[str, Callable[[bytes], bytes]] = {
        "cut": lambda data: data[:-1],
        "short": lambda data: data[:5],
        "empty": lambda _: b"",
        "flipped": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        "version": lambda data: data[:7] + b"\x02" + data[8:],
    }
    for name, spoil in spoils.items():
        folder.write(name, b"content")
        assert folder.read(name) == b"content"
        path = tmp_path / f"{name}.kv"
        path.write_bytes(spoil(path.read_bytes()))
        assert folder.read(name) is None, name
        assert not path.exists(), name
    folder.write("a", b"content")
    shutil.copy(tmp_path / "a.kv", tmp_path / "b.kv")
    assert folder.read("b") is None  # a sound file under another name


def test_the_folder_is_bounded_and_cleared_of_what_was_killed(tmp_path: Path) -> None:
    folder = CacheFolder(tmp_path, 400)  # each file takes 140 bytes
    for age, name in enumerate("ab"):
        folder.write(name, bytes(100))
        os.utime(tmp_path / f"{name}.kv", (1000 + age, 1000 + age))
    assert folder.read("a") is not None  # used: now b is older
    (tmp_path / "old.tmp").write_bytes(b"x")
    os.utime(tmp_path / "old.tmp", (1000, 1000))
    (tmp_path / "new.tmp").write_bytes(b"x")
    folder.write("c", bytes(100))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.kv", "c.kv", "new.tmp"]
    folder.write("large", bytes(400))
    assert folder.read("large") is None and folder.read("c") is not None


def test_unfinished_files_count_and_go_with_their_process(tmp_path: Path) -> None:
    folder = CacheFolder(tmp_path, 400)
    killed = [tmp_path / f"x.{unfinished_suffix().rpartition('-')[0].strip('.')}-{number}.tmp" for number in (2**22 + 1, 2**70)]
    for path in killed:
        path.write_bytes(bytes(100))
    writing = tmp_path / f"x{unfinished_suffix()}"
    writing.write_bytes(bytes(250))
    folder.write("a", bytes(100))
    assert folder.read("a") is not None and not any(path.exists() for path in killed)
    folder.write("b", bytes(100))  # there is room for one beside what is being written
    assert folder.read("a") is None and folder.read("b") is not None and writing.exists()
    writing.write_bytes(bytes(300))
    folder.write("c", bytes(100))  # and now for none
    assert {path.name for path in tmp_path.iterdir()} == {"b.kv", writing.name}


def test_a_folder_that_cannot_be_written_is_said_and_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.warns(CacheNotWritten, match=r"/file'"):
        CacheFolder(tmp_path / "file", 1000).write("a", b"content")

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import signal
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from pydantic import PrivateAttr

from ctxshape.core.component import Component
from ctxshape.core.protocols import Embedder, Matrix, QueryEmbedder
from ctxshape.embedding import CachedEmbedder
from ctxshape.embedding._store import VectorStore, sealed, unsealed
from ctxshape.embedding.cache import VectorMemory, embedder_identity, is_described
from ctxshape.errors import ConfigError, ModelError
from ctxshape.testing import check_embedder


class Counting(Component):
    """Returns vectors that hold the text's length, and records its calls.

    >>> Counting(width=2).embed(["abc"]).tolist()
    [[3.0, 0.0]]
    """

    width: int = 3
    model: str = ""
    unit: bool = False
    _calls: list[list[str]] = PrivateAttr(default_factory=list)

    @property
    def calls(self) -> list[list[str]]:
        """The texts of each call, a query with a question mark in front."""
        return self._calls

    def embed(self, texts: Sequence[str], /) -> Matrix:
        self._calls.append(list(texts))
        rows = np.zeros((len(texts), self.width), dtype=np.float32)
        rows[:, 0] = [1 if self.unit else len(text) for text in texts]
        return rows


class Asking(Counting):
    """Embeds every query as minus one.

    >>> Asking(width=1).embed_query("abc").tolist()
    [-1.0]
    """

    def embed_query(self, query: str, /) -> Matrix:
        self._calls.append(["?" + query])
        return np.full(self.width, -1, dtype=np.float32)


class Opaque:
    """Has no parameters that describe it."""

    def embed(self, texts: Sequence[str], /) -> Matrix:
        return np.ones((len(texts), 2), dtype=np.float32)


class Broken(Component):
    """Returns invalid rows."""

    rows: int = 0
    value: float = 1.0

    def embed(self, texts: Sequence[str], /) -> Matrix:
        return np.full((self.rows or len(texts), 2), self.value, dtype=np.float32)


def row(width: int, value: float = 1) -> Matrix:
    return np.full(width, value, dtype=np.float32)


def firsts(rows: Matrix) -> list[float]:
    return [float(value) for value in rows[:, 0]]


def test_what_is_missing_is_embedded_once_and_in_one_call() -> None:
    inner = Counting()
    cached = CachedEmbedder(embedder=inner)
    assert firsts(cached.embed(["a", "bb", "a"])) == [1, 2, 1]
    assert firsts(cached.embed(["ccc", "bb", "dddd", "ccc"])) == [3, 2, 4, 3]
    assert inner.calls == [["a", "bb"], ["ccc", "dddd"]]


def test_the_contract_and_the_role() -> None:
    check_embedder(CachedEmbedder(embedder=Counting(unit=True)))
    assert isinstance(CachedEmbedder(embedder=Counting()), Embedder)
    assert isinstance(CachedEmbedder(embedder=Counting()), QueryEmbedder)
    assert not isinstance(Counting(), QueryEmbedder)


def test_a_query_has_a_key_of_its_own() -> None:
    inner = Asking()
    cached = CachedEmbedder(embedder=inner)
    assert firsts(cached.embed(["same"])) == [4]
    assert cached.embed_query("same").tolist() == [-1, -1, -1]
    assert cached.embed_query("same").tolist() == [-1, -1, -1]
    assert inner.calls == [["same"], ["?same"]]


def test_without_embed_query_a_query_is_a_text() -> None:
    inner = Counting()
    cached = CachedEmbedder(embedder=inner)
    assert cached.embed_query("four").tolist() == [4, 0, 0]
    assert firsts(cached.embed(["four"])) == [4]
    assert inner.calls == [["four"]]


def test_what_a_caller_writes_into_a_result_stays_there() -> None:
    cached = CachedEmbedder(embedder=Counting())
    cached.embed(["a"])[:] = 9
    cached.embed_query("a")[:] = 9
    assert firsts(cached.embed(["a"])) == [1]


def test_the_latest_used_stay_in_memory() -> None:
    inner = Counting()
    cached = CachedEmbedder(embedder=inner, most=2)
    cached.embed(["a", "b"])
    cached.embed(["a"])
    cached.embed(["c"])  # "b" was used longest ago
    cached.embed(["a", "c"])
    assert inner.calls == [["a", "b"], ["c"]]
    cached.embed(["b"])
    assert inner.calls[-1] == ["b"]


def test_a_call_may_hold_more_texts_than_stay() -> None:
    assert firsts(CachedEmbedder(embedder=Counting(), most=2).embed(["a", "bb", "ccc", "bb"])) == [1, 2, 3, 2]


def test_another_cache_over_the_same_folder_finds_them(tmp_path: Path) -> None:
    CachedEmbedder(embedder=Counting(), folder=tmp_path / "new" / "folder").embed(["a", "中文 mixed"])
    inner = Counting()
    again = CachedEmbedder(embedder=inner, folder=tmp_path / "new" / "folder")
    assert firsts(again.embed(["中文 mixed", "a"])) == [8, 1]
    assert inner.calls == []


def test_a_text_with_half_a_character_has_a_key() -> None:
    assert firsts(CachedEmbedder(embedder=Counting()).embed(["\ud800", "\ud801\ud801"])) == [1, 2]


def test_other_parameters_are_another_embedder(tmp_path: Path) -> None:
    CachedEmbedder(embedder=Counting(width=3), folder=tmp_path).embed(["a"])
    assert CachedEmbedder(embedder=Counting(width=2), folder=tmp_path).embed(["a"]).shape == (1, 2)


def test_a_model_folder_that_changed_is_another_embedder(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"1")
    before = embedder_identity(Counting(model=str(tmp_path)))
    assert embedder_identity(Counting(model=str(tmp_path))) == before
    os.utime(tmp_path / "weights", (1, 1))
    assert embedder_identity(Counting(model=str(tmp_path))) != before


@pytest.mark.parametrize("folder", [None, "cache"])
def test_another_width_under_the_same_name_is_refused(tmp_path: Path, folder: str | None) -> None:
    place = tmp_path / folder if folder else None
    inner = Counting(width=3)
    cached = CachedEmbedder(embedder=inner, name="mine", folder=place)
    cached.embed(["a"])
    if place:
        cached = CachedEmbedder(embedder=Counting(width=2), name="mine", folder=place)
    else:
        object.__setattr__(inner, "width", 2)  # a model that changes under the hand
    with pytest.raises(ModelError, match=r"vectors of 2 numbers, and the cache has 3 .*name="):
        cached.embed(["b"])


@pytest.mark.parametrize("broken", [Broken(rows=1), Broken(value=float("nan")), Broken(value=float("inf"))])
def test_what_is_no_row_for_each_text_is_not_kept(broken: Broken) -> None:
    cached = CachedEmbedder(embedder=broken)
    for _ in range(2):
        with pytest.raises(ModelError, match=r"shape \(\d, 2\) for 2 texts"):
            cached.embed(["a", "b"])


def test_an_embedder_that_describes_nothing_needs_a_name_on_disk(tmp_path: Path) -> None:
    assert not is_described(Opaque())
    with pytest.raises(ConfigError, match="name="):
        CachedEmbedder(embedder=Opaque(), folder=tmp_path)
    assert CachedEmbedder(embedder=Opaque(), folder=tmp_path, name="opaque 1").embed(["a"]).tolist() == [[1, 1]]
    assert CachedEmbedder(embedder=Opaque()).embed(["a"]).tolist() == [[1, 1]]


def test_it_pickles_and_copies_by_its_configuration(tmp_path: Path) -> None:
    cached = CachedEmbedder(embedder=Counting(), folder=tmp_path, most=7)
    cached.embed(["a"])
    for copy in (pickle.loads(pickle.dumps(cached)), cached.model_copy(), cached.model_copy(deep=True)):
        assert copy == cached
        assert firsts(copy.embed(["a"])) == [1]
    narrow = cached.model_copy(update={"embedder": Counting(width=2), "folder": None})
    assert narrow.embed(["a"]).shape == (1, 2)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "embeddings.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(ModelError, match=r"embeddings\.sqlite"):
        CachedEmbedder(embedder=Counting(), folder=tmp_path).embed(["a"])
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"/file/embeddings\.sqlite"):
        CachedEmbedder(embedder=Counting(), folder=tmp_path / "file").embed(["a"])


def test_a_damaged_vector_is_computed_again(tmp_path: Path) -> None:
    CachedEmbedder(embedder=Counting(), folder=tmp_path).embed(["a", "bb"])
    with sqlite3.connect(tmp_path / "embeddings.sqlite") as base:
        (blob,) = base.execute("SELECT vector FROM vectors WHERE number = 1").fetchone()
        base.execute("UPDATE vectors SET vector = ? WHERE number = 1", (blob[:-1] + b"\xff",))
    base.close()
    inner = Counting()
    assert firsts(CachedEmbedder(embedder=inner, folder=tmp_path).embed(["a", "bb"])) == [1, 2]
    assert inner.calls == [["a"]]


def test_bytes_of_one_key_are_not_those_of_another() -> None:
    vector = np.array([1, -2.5], dtype=np.float32)
    found = unsealed("k", sealed("k", vector))
    assert found is not None
    assert found.tolist() == [1, -2.5]
    assert unsealed("j", sealed("k", vector)) is None
    assert unsealed("k", None) is None


def test_the_oldest_go_from_disk_first(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, most=2)
    store.put({"1": row(2)})
    store.put({"2": row(2), "3": row(2)})
    assert sorted(store.get(["1", "2", "3"])) == ["2", "3"]
    store.put({"2": row(2, 0)})  # written anew, so the latest
    store.put({"4": row(2)})
    assert sorted(store.get(["1", "2", "3", "4"])) == ["2", "4"]
    assert store.get(["2"])["2"].tolist() == [0, 0]


def test_many_keys_in_one_question(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, most=3000)
    store.put({str(number): row(1, number) for number in range(2500)})
    found = store.get([str(number) for number in range(3000)])
    assert len(found) == 2500
    assert found["2499"].tolist() == [2499]


def test_the_width_is_that_of_the_prefix(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, most=9)
    assert store.width("ab") is None
    store.put({"abff": row(5), "ac00": row(7)})
    assert (store.width("ab"), store.width("ac"), store.width("ad")) == (5, 7, None)


def test_of_two_that_compute_the_same_text_the_first_is_kept() -> None:
    memory = VectorMemory("an embedder", 9, None)
    first, second = np.ones(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
    assert memory.put({"k": first})["k"] is first
    assert memory.put({"k": second})["k"] is first


def test_threads_get_the_same(tmp_path: Path) -> None:
    cached = CachedEmbedder(embedder=Counting(), folder=tmp_path, most=10)
    wrong: list[object] = []

    def work(start: int) -> None:
        for number in range(start, start + 15):
            if firsts(cached.embed(["x" * (number % 20), "y" * 3])) != [number % 20, 3]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 5, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def write_until_killed(folder: str) -> None:
    cached = CachedEmbedder(embedder=Counting(), folder=Path(folder))
    for number in range(100_000):
        cached.embed([f"{number}" * 3, "x" * (number % 50)])


def test_a_process_that_is_killed_leaves_whole_vectors(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_until_killed, args=(str(tmp_path),)) for _ in range(2)]
    for writer in writers:
        writer.start()
    store = VectorStore(tmp_path, most=9)
    while not all(writer.pid for writer in writers) or not store.path.exists() or store.width("") is None:
        assert all(writer.is_alive() for writer in writers)
    for writer in writers:
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
    inner = Counting()
    again = CachedEmbedder(embedder=inner, folder=tmp_path)
    texts = [f"{number}" * 3 for number in range(20)]
    assert firsts(again.embed(texts)) == [len(text) for text in texts]
    assert sum(map(len, inner.calls)) < 20  # some were there


def _damages(whole: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yields damaged forms of a file: cut, overwritten in places, with garbage in the middle, empty."""
    yield from (b"", whole[:10], whole[:100], whole[: len(whole) // 2], whole[:-1], b"\xff" * len(whole), whole + whole)
    for count in (1, 5, 50, 500):
        for _ in range(40):
            data = bytearray(whole)
            for _ in range(count):
                data[rng.randrange(len(data))] = rng.randrange(256)
            yield bytes(data)


def test_a_damaged_file_is_named_or_computed_again_and_never_believed(tmp_path: Path) -> None:
    file, texts = tmp_path / "embeddings.sqlite", [f"{number} " * 9 for number in range(60)]
    right = CachedEmbedder(embedder=Counting(), folder=tmp_path).embed(texts)
    refused = 0
    for data in _damages(file.read_bytes(), random.Random(24)):
        file.write_bytes(data)
        for left in tmp_path.glob("embeddings.sqlite-*"):
            left.unlink()
        try:
            assert (CachedEmbedder(embedder=Counting(), folder=tmp_path).embed(texts) == right).all()
        except ModelError as error:
            refused += 1
            assert str(file) in str(error) and "remove that file" in str(error) and "\n" not in str(error)
    assert refused > 10


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE vectors (a TEXT)",
        "CREATE TABLE vectors (number INTEGER PRIMARY KEY, key TEXT UNIQUE, vector TEXT CHECK (typeof(vector) = 'text'))",
        "CREATE VIEW vectors AS SELECT 1 AS number, 'a' AS key, 'b' AS vector",
    ],
)
def test_a_file_of_another_schema_is_named(tmp_path: Path, schema: str) -> None:
    with sqlite3.connect(tmp_path / "embeddings.sqlite") as base:
        base.execute(schema)
    base.close()
    with pytest.raises(ModelError, match=r"embeddings\.sqlite.*remove that file"):
        CachedEmbedder(embedder=Counting(), folder=tmp_path).embed(["a"])


def test_a_folder_in_the_place_of_the_file_and_a_lock_are_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "embeddings.sqlite").mkdir(parents=True)
    with pytest.raises(ModelError, match=r"a/embeddings\.sqlite.*remove that file"):
        CachedEmbedder(embedder=Counting(), folder=tmp_path / "a").embed(["a"])
    store = VectorStore(tmp_path, 9, patience=0.05)
    store.put({"a": np.ones(2, np.float32)})
    with sqlite3.connect(store.path) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ModelError, match=r"embeddings\.sqlite.*locked.*wait"):
            store.get(["a"])
    other.close()
    assert list(store.get(["a"])) == ["a"]

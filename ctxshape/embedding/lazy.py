"""A component with a part that takes long to load, such as the weights of a model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import PrivateAttr

from ctxshape.core.component import Stateful


class _Part:
    """A loaded part, and the lock of the thread that uses it."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.value: Any = None


class LazyComponent(Stateful):
    """Loads its part at the first use and lends it to one thread at a time.

    A copy loads its own part, since `model_copy(update=...)` may change what is loaded.

    >>> class Shouting(LazyComponent):
    ...     mark: str = "!"
    ...     def _load(self):
    ...         return self.mark * 3
    ...     def shout(self, text):
    ...         with self._loaded() as end:
    ...             return text + end
    >>> soft = Shouting()
    >>> soft.shout("Hey"), soft.model_copy(update={"mark": "?"}).shout("Hey")
    ('Hey!!!', 'Hey???')
    """

    _part: _Part = PrivateAttr(default_factory=_Part)

    def _load(self) -> Any:  # noqa: ANN401  the part's type depends on its library
        raise NotImplementedError(f"{type(self).__name__} must load its part in _load()")

    @contextmanager
    def _loaded(self) -> Iterator[Any]:
        with self._part.turn:
            if self._part.value is None:
                self._part.value = self._load()
            yield self._part.value

"""The work to do with each row: as the driver sends it, and as a worker opens it."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from ctxshape import ConfigError, Context, MissingExtra, ModelError, Pipeline, PipelineSpec, ReadOnce, TokenCounter
from ctxshape.core.component import Component
from ctxshape.core.protocols import Backend, Reader
from ctxshape.core.reach import Allow
from ctxshape.core.registry import build, read_config
from ctxshape.core.tokens import default_counter

# Errors of a machine or a configuration: every row would meet them. All others belong to the row.
FATAL = (ConfigError, ModelError, ImportError, OSError, MemoryError)


class OpenedRecipe(NamedTuple):
    """A pipeline, its token counter, and the reader that answers, if any; models are loaded at their first use."""

    pipeline: Pipeline
    counter: TokenCounter
    reader: Reader | None

    def load(self) -> None:
        """Uses every part once, so that models are loaded, and missing ones are reported, before the first row."""
        try:
            self.pipeline(Context.of("Who wrote Emma?", ["Emma is by Jane Austen.", "Rain fell in Bath."]))
        except FATAL:
            raise
        except Exception:
            pass  # a step may refuse this context; a row that it refuses gets an error
        backend = getattr(self.reader, "backend", None)
        if isinstance(backend, Backend):
            backend.context_length()


class Recipe(PipelineSpec):
    """A PipelineSpec with the reader that answers and the threads of a model in one worker.

    Parts stay as they were given: components, which are pickled by their fields, or tables `{"use": name, …}`. A table is
    opened in the worker, so the files and libraries that it names are those of the worker's machine.
    """

    reader: Any = None
    threads: int = 1

    @property
    def answers(self) -> bool:
        """True if rows are answered, too."""
        return self.backend is not None or self.reader is not None

    def prepared(self) -> Recipe:
        """Returns the recipe with the parts that only this machine has: a pipeline's file, and the default counter.

        Raises the mistakes that show without the workers.
        """
        update: dict[str, Any] = {}
        if isinstance(self.pipeline, str | PathLike) and self.preset_name is None:
            update["pipeline"] = read_config(Path(self.pipeline))[0]
        counters = (self.counter, self.backend, getattr(self.pipeline, "counter", None))
        if all(one is None for one in counters):  # else two machines might count differently
            update["counter"] = default_counter()
        recipe = self.model_copy(update=update)
        try:
            recipe.open()
        except (ModelError, MissingExtra):
            if not any(isinstance(getattr(self, name), Mapping) for name in type(self).model_fields):
                raise
            # A table's model and library need to be on the workers' machines; a worker raises this if they are not.
        return recipe

    def open(self) -> OpenedRecipe:
        """Returns pipeline, counter and reader; nothing is loaded yet. Raises ConfigError, ModelError, MissingExtra."""
        opened: Recipe = self.opened()
        reader = _opened_reader(self.reader, opened.backend, self.allow)
        ready: Recipe = with_threads(opened.model_copy(update={"reader": reader}), self.threads)
        pipeline = ready.resolve()
        counter = default_counter() if pipeline.counter is None else pipeline.counter
        return OpenedRecipe(pipeline, counter, ready.reader)


def _opened_reader(given: Any, backend: Backend | None, allow: Allow) -> Reader | None:  # noqa: ANN401  a reader or its table
    if given is None:
        return None if backend is None else ReadOnce(backend=backend)
    if isinstance(given, Mapping):
        given = build(given if backend is None else {"backend": backend, **given}, "readers", "reader", allow)
    if not callable(given):
        raise ConfigError(f"reader is {given!r:.200}; give a ctxshape reader, or its table")
    reader: Reader = given
    return reader


def with_threads(value: Any, threads: int, done: dict[int, Any] | None = None) -> Any:  # noqa: ANN401  any part
    """Returns the parts with `n_threads` set in every component that leaves it open, since workers share a machine.

    An object that is used twice stays one object, so that its model is loaded once.

    >>> class Model(Component):
    ...     n_threads: int | None = None
    >>> one = Model()
    >>> first, second = with_threads((one, one), 3)
    >>> first.n_threads, first is second
    (3, True)
    """
    done = {} if done is None else done
    if id(value) not in done:
        done[id(value)] = _with_threads(value, threads, done)
    return done[id(value)]


def _with_threads(value: Any, threads: int, done: dict[int, Any]) -> Any:  # noqa: ANN401
    if isinstance(value, tuple) and type(value) is tuple:
        made = tuple(with_threads(item, threads, done) for item in value)
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    if type(value) is dict:
        kept = {key: with_threads(item, threads, done) for key, item in value.items()}
        return kept if any(kept[key] is not value[key] for key in kept) else value
    if not isinstance(value, Component):
        return value
    given = {name: getattr(value, name) for name in type(value).model_fields}
    update = {name: new for name, old in given.items() if (new := with_threads(old, threads, done)) is not old}
    if given.get("n_threads", threads) is None:
        update["n_threads"] = threads
    return value.model_copy(update=update) if update else value

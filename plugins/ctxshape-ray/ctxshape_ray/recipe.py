"""What is done with each row: as the driver sends it, and as a worker opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from ctxshape import ConfigError, Context, MissingExtra, ModelError, Pipeline, ReadOnce, TokenCounter
from ctxshape.adapting import PipelineLike, counter_of, pipeline_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Backend, Reader
from ctxshape.core.registry import build, read_config
from ctxshape.core.tokens import default_counter
from ctxshape.presets import preset

# Errors of a machine or a configuration: the next row would meet them, too. All others are the row's own.
FATAL = (ConfigError, ModelError, ImportError, OSError, MemoryError)
_TABLES = {"counter": "backends", "embedder": "embedders", "reranker": "scorers", "backend": "backends"}


class Opened(NamedTuple):
    """A pipeline, what counts its tokens, and what answers, if anything does; models are loaded at their first use."""

    pipeline: Pipeline
    counter: TokenCounter
    reader: Reader | None

    def load(self) -> None:
        """Use all once, so that models are loaded, and what is missing is missed, before the first row."""
        try:
            self.pipeline(Context.of("Who wrote Emma?", ["Emma is by Jane Austen.", "Rain fell in Bath."]))
        except FATAL:
            raise
        except Exception:
            pass  # a step need not like this context; a row that it does not like has an error
        backend = getattr(self.reader, "backend", None)
        if isinstance(backend, Backend):
            backend.context_length()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The parts as they were given: components, which are pickled by their fields, or tables `{"use": name, …}`.

    A table is opened in the worker, so the files and libraries that it names are those of the worker's machine.
    """

    preset: str = "light"
    budget: int | None = None
    pipeline: PipelineLike | None = None
    counter: Any = None
    embedder: Any = None
    reranker: Any = None
    backend: Any = None
    reader: Any = None
    threads: int = 1

    @property
    def answers(self) -> bool:
        """Whether rows are answered, too."""
        return self.backend is not None or self.reader is not None

    def checked(self) -> Recipe:
        """The recipe with what only this machine has: a pipeline's file, and the default counter. Raises what is wrong."""
        made = self
        if isinstance(self.pipeline, Path) or (isinstance(self.pipeline, str) and self.pipeline.endswith(".toml")):
            made = replace(made, pipeline=read_config(self.pipeline)[0])
        if self.counter is None and self.backend is None:  # else two machines might count in two ways
            made = replace(made, counter=default_counter())
        try:
            made.open()
        except (ModelError, MissingExtra):
            if not any(isinstance(getattr(self, field.name), Mapping) for field in fields(self)):
                raise
            # A table's model and library need to be where the workers are; a worker says so if they are not.
        return made

    def open(self) -> Opened:
        """Pipeline and reader; nothing is loaded yet. Raises ConfigError, ModelError, MissingExtra."""
        given = {name: self._part(name) for name in ("pipeline", *_TABLES, "reader")}
        parts = with_threads(given, self.threads)
        backend = parts["backend"]
        if backend is not None and not isinstance(backend, Backend):
            raise ConfigError(f"backend is {backend!r:.200}; give a ctxshape backend, or its table")
        counter = next(one for one in (counter_of(parts["counter"]), backend, default_counter()) if one is not None)
        return Opened(self._pipeline(parts, counter), counter, self._reader(parts["reader"], backend))

    def _part(self, name: str) -> Any:  # noqa: ANN401  a component of any role
        given = getattr(self, name)
        return build(given, _TABLES[name], name) if isinstance(given, Mapping) and name in _TABLES else given

    def _reader(self, given: Any, backend: Backend | None) -> Reader | None:  # noqa: ANN401  whatever the caller gave
        if given is None:
            return None if backend is None else ReadOnce(backend=backend)
        if isinstance(given, Mapping):
            table = given if backend is None else {"backend": backend, **given}
            given = with_threads(build(table, "readers", "reader"), self.threads)
        if not callable(given):
            raise ConfigError(f"reader is {given!r:.200}; give a ctxshape reader, or its table")
        reader: Reader = given
        return reader

    def _pipeline(self, parts: Mapping[str, Any], counter: TokenCounter) -> Pipeline:
        given = parts["pipeline"]
        if given is None or isinstance(given, str):
            means = {name: parts[name] for name in ("embedder", "reranker", "backend")}
            name = self.preset if given is None else given
            return Pipeline(preset(name, tokens=self.budget, counter=counter, **means), counter=counter)
        pipeline: Pipeline = with_threads(pipeline_of(given, self.budget, counter), self.threads)
        return pipeline


def with_threads(value: Any, threads: int, done: dict[int, Any] | None = None) -> Any:  # noqa: ANN401  any part
    """The parts, where a component that leaves its `n_threads` open gets that many: workers share a machine.

    What was one object stays one, so that its model is loaded once.

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

"""A pipeline is a transform made of transforms. It alone writes the trace."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import SkipValidation

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import TokenCounter, Transform
from ctxshape.core.reach import Allow
from ctxshape.core.registry import build, component_names, config_of, read_config
from ctxshape.core.telemetry import operation
from ctxshape.core.tokens import CountOnce, counter_name
from ctxshape.core.types import Context, Step, Trace
from ctxshape.errors import ConfigError, InvalidInput


@runtime_checkable
class ConditionalTransform(Transform, Protocol):
    """A transform that chooses its steps by the context, such as `When`.

    A pipeline records the choice and then each chosen step.
    """

    def choose(self, context: Context, /) -> tuple[str, tuple[Transform, ...]]:
        """Returns the choice in words, and the chosen steps."""
        ...


class Pipeline(Component):
    """Applies transforms in order and records each of them in the trace.

    - `steps`: configured transforms, functions from context to context, or pipelines, which are unrolled.
    - `counter`: counts the tokens in the trace. It is any backend, a TiktokenCounter, or None for the default.

    Raises ConfigError for a step that is not callable.

    >>> from ctxshape import Context, DropDuplicates, Reorder
    >>> context = Pipeline(DropDuplicates(), Reorder())(Context.of("q", ["one", "two", "one", "three"]))
    >>> [document.text for document in context.documents], context.trace.dropped
    (['one', 'three', 'two'], {'d3': "DropDuplicates: exact duplicate of 'd1'"})
    """

    steps: tuple[SkipValidation[Transform], ...]
    counter: SkipValidation[TokenCounter | None] = None

    def __init__(self, *steps: Transform, counter: TokenCounter | None = None) -> None:
        flat: list[Transform] = []
        for number, step in enumerate(steps, 1):
            if isinstance(step, type):
                raise ConfigError(f"step {number} is the class {step.__name__}; give a configured transform: {step.__name__}()")
            if isinstance(step, str) and step in component_names("transforms"):
                raise ConfigError(f"step {number} is the name {step!r} alone; give a table: {{'use': {step!r}}}")
            if not callable(step):
                raise ConfigError(
                    f"step {number} is {step!r}; give a function from Context to Context or a configured transform"
                )
            flat += step.steps if isinstance(step, Pipeline) else [step]
        super().__init__(steps=tuple(flat), counter=counter)

    def __call__(self, context: Context, /) -> Context:
        """Returns the context after all steps. Its trace has one more entry for each step."""
        with operation("shape") as shaping:
            result = self._run(context) if self.steps else context
            shaping.record(result.trace.steps[len(context.trace.steps) :], documents=len(context.documents))
        return result

    def _run(self, context: Context) -> Context:
        counter = analysis_of(context).counter(self.counter)
        return _run_all(self.steps, context, counter, _tokens(context, counter))

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any] | str | Path, *, counter: TokenCounter | None = None, allow: Allow = ()
    ) -> Pipeline:
        """Returns the pipeline that a mapping or a TOML file describes.

        Its one key is `step`, a list of tables, each with `use = "name"` and the fields of that transform. Since the file may
        be another's, a component that reaches the network, or reads or writes files that a field names, is refused unless
        `allow` has "network", "reads" or "writes", or is "all". Raises ConfigError, naming the wrong field, value or name
        and those that are allowed, or what a component reaches.

        >>> Pipeline.from_config({"step": [{"use": "drop_duplicates", "threshold": 0.9}]}).steps[0].threshold
        0.9
        """
        mapping, place = read_config(config)
        unknown = sorted(set(mapping) - {"step"})
        if not unknown and isinstance(mapping.get("step"), Mapping):
            raise ConfigError(f"{place}: 'step' is one table; give a list: [[step]] in TOML, 'step': [{{…}}] in a mapping")
        if unknown or not isinstance(mapping.get("step"), list):
            raise ConfigError(f"{place} needs one field, 'step', a list of tables; it has {sorted(mapping)}")
        steps = [build(item, "transforms", f"{place}, step {i}", allow) for i, item in enumerate(mapping["step"], 1)]
        return cls(*steps, counter=counter)

    def to_config(self) -> dict[str, Any]:
        """Returns the mapping from which `from_config` builds this pipeline again."""
        return {"step": [config_of(step, "transforms") for step in self.steps]}


def _tokens(context: Context, counter: CountOnce) -> int:
    return counter.total(document_texts(context.query, context.documents))


def _run_all(steps: Sequence[Transform], context: Context, counter: CountOnce, tokens: int) -> Context:
    for step in steps:
        with operation("step", name_of(step)) as stepping:
            known = len(context.trace.steps)
            if isinstance(step, ConditionalTransform):
                context = _run_conditional(step, context, counter, tokens)
            else:
                context = _run(step, context, counter, tokens)
            stepping.record(context.trace.steps[known:])
        tokens = context.trace.steps[-1].tokens_after
    return context


def _run_conditional(conditional: ConditionalTransform, context: Context, counter: CountOnce, tokens: int) -> Context:
    """Returns the context after the chosen steps. The choice is an entry of its own in the trace."""
    started = time.perf_counter()
    choice, steps = conditional.choose(context)
    ids = tuple(document.id for document in context.documents)
    entry = Step(
        name=name_of(conditional),
        params={**_params(conditional), "taken": choice},
        seconds=time.perf_counter() - started,
        before=ids,
        after=ids,
        dropped={},
        notes={},
        tokens_before=tokens,
        tokens_after=tokens,
    )
    return _run_all(steps, _traced(context, context.trace, entry, counter), counter, tokens)


def _run(step: Transform, context: Context, counter: CountOnce, tokens: int) -> Context:
    before = tuple(document.id for document in context.documents)
    started = time.perf_counter()
    result = step(context.model_copy(update={"dropped": {}, "notes": {}}))
    seconds = time.perf_counter() - started
    if not isinstance(result, Context):
        raise InvalidInput(f"{name_of(step)} returned {type(result).__name__}; a transform returns a Context")
    after = tuple(document.id for document in result.documents)
    kept = set(after)
    if len(kept) < len(after):
        raise InvalidInput(f"{name_of(step)} returned an id twice: {after}; ids must be unique")
    dropped = {id: result.dropped.get(id, "no reason given") for id in before if id not in kept}
    entry = Step(
        name=name_of(step),
        params=_params(step),
        seconds=seconds,
        before=before,
        after=after,
        dropped=dropped,
        notes=dict(result.notes),
        tokens_before=tokens,
        tokens_after=_tokens(result, counter),
        sufficiency=None if result.sufficiency is context.sufficiency else result.sufficiency,
    )
    return _traced(result, context.trace, entry, counter)


def _traced(context: Context, trace: Trace, entry: Step, counter: CountOnce) -> Context:
    longer = trace.model_copy(update={"steps": (*trace.steps, entry), "counter": counter_name(counter.counter)})
    return context.model_copy(update={"trace": longer, "dropped": {}, "notes": {}})


def _params(step: Transform) -> Mapping[str, object]:
    return step.parameters() if isinstance(step, Component) else {}


def name_of(step: Transform) -> str:
    """Returns the name of a transform in the trace: of a function its own, otherwise that of its class."""
    return getattr(step, "__name__", type(step).__name__)

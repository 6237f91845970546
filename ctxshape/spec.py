"""From options to a pipeline: the one place where every call, command and plugin turns what it was given into steps."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from ctxshape.core.addresses import checked_url
from ctxshape.core.component import Component
from ctxshape.core.masking import masked
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Transform
from ctxshape.core.reach import Allow, Reach, allowed, check_reach
from ctxshape.core.registry import build, checked_names, config_of, meant, read_config
from ctxshape.core.validation import WholeNumber
from ctxshape.errors import ConfigError
from ctxshape.inputs.models import backend_from, counter_from, embedder_from, reach_of_name, reranker_from
from ctxshape.presets import DEFAULT_PRESET, PRESETS, USE_EMBEDDER, USE_RERANKER, PresetOptions
from ctxshape.transforms.budget import budget_steps

PipelineLike = Transform | Sequence[Transform | Mapping[str, Any]] | str | os.PathLike[str] | Mapping[str, Any]
# A model may be an object of another library, which need not be installed: see ctxshape.inputs.models.
EmbedderLike = Any
RerankerLike = Any
CounterLike = Any
BackendLike = Any

_OPENERS: Mapping[str, Callable[..., Any]] = {
    "embedder": embedder_from,
    "reranker": reranker_from,
    "counter": counter_from,
    "backend": backend_from,
}
_GROUPS = {"embedder": "embedders", "reranker": "scorers", "counter": "backends", "backend": "backends"}


class PipelineSpec(Component):
    """The options of `shape` as a value: a preset or a pipeline of your own, its models, its budget and its seed.

    - `preset`: the name of a preset; `light` if neither it nor `pipeline` is given.
    - `pipeline`: a Pipeline, a transform or function, a list of steps, the path of a TOML file (a str that ends in
      ".toml", or a Path), its mapping, or a preset's name. A step in a list may be a table, `{"use": "reorder"}`.
    - `budget`: the most tokens that the documents may take as the prompt shows them. A preset uses it inside; a
      pipeline of your own gets FitBudget as its last step.
    - `embedder`, `reranker`: models for the presets that use them, as objects, names, folders or tables.
    - `counter`: counts the tokens; if none is given, `backend` does, else the pipeline's own counter, else tiktoken.
    - `backend`: the model that will answer.
    - `seed`: the seed of every step that draws at random; None leaves each its own.
    - `allow`: what tables and pipeline files may reach: some of "network", "reads", "writes", or "all". By default they
      may do none of it, since they may come from others. Components, names, folders and addresses that you pass yourself
      are not restricted.

    Making one checks names and combinations; `check` also reads files and opens components; no method loads a model.
    Raises ConfigError naming the value that is wrong and the values there are.

    >>> PipelineSpec(pipeline=[{"use": "reorder"}], budget=100).resolve().steps[-1].tokens
    100
    >>> PipelineSpec(preset="light", embedder="universal")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: embedder is 'universal', but the preset 'light' uses none; leave it out, or choose ...
    """

    preset: str | None = None
    pipeline: Any = None
    budget: Annotated[WholeNumber, Field(ge=1)] | None = None
    embedder: EmbedderLike = None
    reranker: RerankerLike = None
    counter: CounterLike = None
    backend: BackendLike = None
    seed: Annotated[WholeNumber, Field(ge=0)] | None = None
    allow: tuple[Reach, ...] = ()

    renamed_fields: ClassVar[Mapping[str, str]] = {"ranker": "reranker", "tokens": "budget"}

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  as in Component
        if "allow" in fields:
            fields["allow"] = allowed(fields["allow"])
        super().__init__(**fields)
        for name in _OPENERS:
            _check_address(getattr(self, name))
        self._check_choice()

    @property
    def preset_name(self) -> str | None:
        """The name of the preset that is meant; None for a pipeline of your own.

        >>> PipelineSpec().preset_name, PipelineSpec(pipeline="raw").preset_name, PipelineSpec(pipeline="my.toml").preset_name
        ('light', 'raw', None)
        """
        if self.pipeline is None:
            return DEFAULT_PRESET if self.preset is None else self.preset
        return self.pipeline if isinstance(self.pipeline, str) and not _is_file(self.pipeline) else None

    def check(self) -> Self:
        """Raises what is wrong with the parts that are given; returns the specification itself.

        Reads a pipeline's file and opens every component, but loads no model and looks for no default model.
        """
        self.opened()
        return self

    def opened(self) -> Self:
        """The same specification with components in place of names, tables and files."""
        given = {name: getattr(self, name) for name in _OPENERS}
        update = {name: _OPENERS[name](value, allow=self.allow) for name, value in given.items() if value is not None}
        if self.preset_name is None:
            update["pipeline"] = _opened_pipeline(self.pipeline, self.allow)
        return self.model_copy(update=update)

    def resolve(self) -> Pipeline:
        """The pipeline that is meant. Models are loaded at their first use, so keep the pipeline for many questions.

        >>> [type(step).__name__ for step in PipelineSpec().resolve().steps]
        ['DropEmpty', 'MarkSuspicious', 'DropDuplicates', 'KeepEvidence']
        """
        spec = self.opened()
        counter = spec.backend if spec.counter is None else spec.counter
        if spec.preset_name is None:
            counter = spec.pipeline.counter if counter is None else counter
            made = Pipeline(spec.pipeline, *budget_steps(spec.budget, counter))
        else:
            options = PresetOptions(spec.embedder, spec.reranker, spec.budget, counter, spec.backend)
            made = PRESETS[spec.preset_name](options)
        steps = made.steps if spec.seed is None else (_seeded(step, spec.seed) for step in made.steps)
        return Pipeline(*steps, counter=counter)

    def with_backend(self, backend: BackendLike) -> Self:
        """The same specification for the model that will answer."""
        return self.model_copy(update={"backend": backend})

    def to_config(self) -> dict[str, Any]:
        """The specification as JSON and YAML can hold it, without the options that are not set and without `allow`.

        Raises ConfigError for a component that no entry point names.

        >>> from ctxshape import Reorder
        >>> PipelineSpec(pipeline=[Reorder()], budget=800).to_config()
        {'pipeline': {'step': [{'use': 'reorder'}]}, 'budget': 800}
        """
        config: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is None or name == "allow":  # a configuration does not give itself permissions
                continue
            if name == "pipeline":
                config[name] = _pipeline_config(value)
            else:
                config[name] = _model_config(value, _GROUPS[name]) if name in _GROUPS else value
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any], *, allow: Allow = ()) -> Self:
        """The specification that `to_config` wrote.

        Its names, paths and addresses are restricted like tables, because the mapping may be another's. Raises
        ConfigError naming an unknown option and those there are, or what a model or a pipeline's file reaches.

        >>> PipelineSpec.from_config({"preset": "raw", "budget": 800}) == PipelineSpec(preset="raw", budget=800)
        True
        >>> PipelineSpec.from_config({"backend": "http://127.0.0.1:8080/v1"})
        Traceback (most recent call last):
            ...
        ctxshape.errors.ConfigError: backend 'http://127.0.0.1:8080/v1' reaches the network, which a configuration may ...
        """
        if "allow" in checked_names(config, "the specification"):
            raise ConfigError("a configuration cannot have 'allow'; give allow= where it is loaded")
        made = cls(**config, allow=allow)
        for name in _OPENERS:
            given = getattr(made, name)
            if isinstance(given, str | os.PathLike):
                check_reach(reach_of_name(name, os.fspath(given)), f"{name} {_shown(given)}", allow)
        if isinstance(made.pipeline, str | os.PathLike) and made.preset_name is None:
            check_reach(("reads",), f"pipeline {_shown(made.pipeline)}", allow)
        return made

    def _check_choice(self) -> None:
        if self.preset is not None and self.pipeline is not None:
            raise ConfigError(f"preset is {self.preset!r} and pipeline is {_shown(self.pipeline)}; give one of them")
        name = self.preset_name
        if name is not None and name not in PRESETS:
            remedy = "" if self.pipeline is None else "; a pipeline file's name ends in .toml"
            close = meant(name, PRESETS)
            question = "; presets" if close is None else f"; did you mean {close!r}? Presets"
            raise ConfigError(f"there is no preset {name!r:.100}{question} are: {', '.join(PRESETS)}{remedy}")
        for option, value, users in (
            ("embedder", self.embedder, USE_EMBEDDER),
            ("reranker", self.reranker, USE_RERANKER),
        ):
            if value is None or name in users:
                continue
            if name is None:
                raise ConfigError(f"{option} is {_shown(value)}, but a pipeline of your own is given; {_REMEDIES[option]}")
            raise ConfigError(
                f"{option} is {_shown(value)}, but the preset {name!r} uses none; leave it out, or choose {' or '.join(users)}"
            )


_REMEDIES = {
    "embedder": "name it in the step that uses it, such as KeepEvidence(scorers=(Bm25(), Similarity(embedder=…)))",
    "reranker": "add it as a step, such as RankByRelevance(scorers=(…,), rerank_depth=4)",
}


def _is_file(name: str) -> bool:
    return name.lower().endswith(".toml")


def _shown(value: object) -> str:
    """A value for a message: an object by its type alone, since another library's repr may hold a key."""
    return f"{masked(repr(os.fspath(value))):.100}" if isinstance(value, str | os.PathLike) else type(value).__name__


def _opened_pipeline(given: object, allow: Allow) -> Pipeline:
    if isinstance(given, str | os.PathLike | Mapping):
        return Pipeline.from_config(given if isinstance(given, Mapping) else Path(given), allow=allow)
    if isinstance(given, list | tuple):
        return Pipeline(*(_opened_step(step, place, allow) for place, step in enumerate(given, 1)))
    if isinstance(given, Pipeline):
        return given
    if callable(given):
        return Pipeline(given)
    raise ConfigError(
        f"pipeline is {given!r:.100}; give a Pipeline, a list of steps, a function from Context to Context, the path of a "
        "TOML file, its mapping, or a preset's name"
    )


def _opened_step(step: Any, place: int, allow: Allow) -> Transform:  # noqa: ANN401  Pipeline refuses what is no transform
    made: Transform = build(step, "transforms", f"pipeline, step {place}", allow) if isinstance(step, Mapping) else step
    return made


def _check_address(given: object) -> None:
    """Raises ConfigError for an address that a model cannot have, such as one with a password, before anything shows it."""
    if isinstance(given, str) and given[:8].lower().startswith(("http://", "https://")):
        checked_url(given.partition("#")[0])


def _pipeline_config(given: Any) -> str | dict[str, Any]:  # noqa: ANN401  any PipelineLike
    if isinstance(given, os.PathLike) and not _is_file(os.fspath(given)):
        return dict(read_config(Path(given))[0])  # its name alone would be read as a preset's
    if isinstance(given, str | os.PathLike):
        return os.fspath(given)
    return dict(given) if isinstance(given, Mapping) else _steps_config(given)


def _steps_config(given: object) -> dict[str, Any]:
    """The table of steps; those that are tables already stay as they are, and nothing is made."""
    if isinstance(given, list | tuple):
        return {"step": [dict(step) if isinstance(step, Mapping) else config_of(step, "transforms") for step in given]}
    return _opened_pipeline(given, ()).to_config()


def _model_config(given: object, group: str) -> str | dict[str, Any]:
    if isinstance(given, str | os.PathLike):
        return os.fspath(given)
    return dict(given) if isinstance(given, Mapping) else config_of(given, group)


def _seeded(value: Any, seed: int) -> Any:  # noqa: ANN401  a transform, or what one of its fields holds
    """A component with the seed, and so the components in its fields; anything without a seed as it is."""
    if isinstance(value, tuple):
        made = tuple(_seeded(item, seed) for item in value)
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    if not isinstance(value, Component):
        return value
    fields = {name: getattr(value, name) for name in type(value).model_fields}
    update = {name: new for name, old in fields.items() if (new := _seeded(old, seed)) is not old}
    update |= {"seed": seed} if "seed" in fields else {}
    return value.model_copy(update=update) if update else value

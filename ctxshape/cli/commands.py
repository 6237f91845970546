"""What each command does, in an order that finds mistakes before a model is loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import typer

from ctxshape import shaping
from ctxshape.cli import demo as demos
from ctxshape.cli import record, show
from ctxshape.cli.passages import read_passages
from ctxshape.cli.screen import one_line, output, working
from ctxshape.core import registry
from ctxshape.core.component import Component
from ctxshape.core.messages import Answer
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Backend, Reader
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError, ContextTooLong, CtxshapeError
from ctxshape.presets import EMBEDDING, PRESETS, RERANKING
from ctxshape.presets import preset as preset_of
from ctxshape.readers._answering import SHORT_ANSWER
from ctxshape.readers.once import ReadOnce
from ctxshape.readers.voting import PermutationVote
from ctxshape.transforms.budget import limit

DEMO_CONTEXT = 8192


class Plan(NamedTuple):
    """How to shape: a preset or a pipeline file, a budget, and a seed."""

    preset: str | None
    file: Path | None
    budget: int | None
    seed: int | None
    embedder: str | None = None
    reranker: str | None = None

    def pipeline(self, backend: Backend | None = None) -> Pipeline:
        """The pipeline, every step that draws at random with the seed. Raises ConfigError for a wrong name or file."""
        if self.preset is not None and self.file is not None:
            raise ConfigError("--preset and --pipeline were both given; give one of them")
        if self.file is not None and self.embedder is not None:
            raise ConfigError("--embedder is for --preset; name the embedder inside the pipeline file")
        if self.file is not None and self.reranker is not None:
            raise ConfigError("--reranker is for --preset thorough; name a scorer inside the pipeline file")
        if self.file is None:
            name = self.preset or "light"
            for option, value, users in (("--embedder", self.embedder, EMBEDDING), ("--reranker", self.reranker, RERANKING)):
                if value is not None and name in PRESETS and name not in users:
                    raise ConfigError(f"{option} is for --preset {' or '.join(users)}; the preset here is {name}")
            made = preset_of(name, embedder=self.embedder, reranker=self.reranker, tokens=self.budget, backend=backend)
        else:
            made = Pipeline(Pipeline.from_config(self.file), *limit(self.budget, backend))
        if self.seed is None:
            return made
        return Pipeline(*(_seeded(step, self.seed) for step in made.steps))


class Reading(NamedTuple):
    """How to answer: the model, the votes, and the model's settings."""

    model: Path
    votes: int
    n_ctx: int
    gpu_layers: int
    threads: int | None
    max_tokens: int

    def reader(self, backend: Backend, seed: int | None) -> Reader:
        """One reading, or a vote over several."""
        options = SHORT_ANSWER.model_copy(update={"max_tokens": self.max_tokens})
        if self.votes == 1:
            return ReadOnce(backend=backend, options=options)
        return PermutationVote(backend=backend, votes=self.votes, seed=seed or 0, options=options)


def shape(question: str, docs: str, plan: Plan, *, as_json: bool) -> None:
    """Shape the passages of a file and show what became of them."""
    pipeline = plan.pipeline()
    context = shaping.shape(question, read_passages(docs), pipeline=pipeline)
    if as_json:
        return emit(record.shaped_record(context))
    console = output()
    show.heading(console, one_line(question), _incoming(context))
    show.show_shaped(console, context)


def ask(question: str, docs: str, plan: Plan, reading: Reading, *, as_json: bool) -> None:
    """Shape the passages of a file, let a model answer, and show both."""
    passages = read_passages(docs)
    plan.pipeline()  # a wrong preset, question or passage is found before a model is loaded
    Context.of(question, passages)
    with _loaded(reading, quiet=as_json) as backend:
        with working("Reading the passages …", quiet=as_json):
            context = shaping.shape(question, passages, pipeline=plan.pipeline(backend), counter=backend)
            answer = reading.reader(backend, plan.seed)(context)
    if as_json:
        return emit({**record.shaped_record(context), "answer": record.answer_record(answer, context.sources)})
    console = output()
    show.heading(console, one_line(question), _incoming(context))
    show.show_shaped(console, context)
    show.show_answer(console, answer, context.sources)


def demo(language: str, model: Path | None, preset: str, *, as_json: bool) -> None:
    """Answer the demo question from its passages as retrieved and as shaped."""
    story = demos.demo_case(language)
    preset_of(preset)  # a wrong name is found before a model is loaded
    reading = Reading(model or demos.demo_model(), 1, DEMO_CONTEXT, 0, None, SHORT_ANSWER.max_tokens)
    with _loaded(reading, quiet=as_json) as backend:
        with working("Reading the shaped passages …", quiet=as_json):
            pipeline = preset_of(preset, backend=backend)
            context = shaping.shape(story.question, story.documents, pipeline=pipeline, counter=backend)
            shaped = _try(reading.reader(backend, None), context)
        with working("Reading all passages as they were retrieved …", quiet=as_json):
            raw = _try(reading.reader(backend, None), Context.of(story.question, story.documents))
    if as_json:
        told = {"model": str(reading.model), "expected": story.answer, "gold": story.gold, **record.shaped_record(context)}
        return emit({**told, "raw": _side(raw, context), "shaped": _side(shaped, context)})
    console = output()
    show.heading(console, story.question, f"{_incoming(context)} · {one_line(reading.model.name)} · {preset}")
    show.show_shaped(console, context)
    show.heading(console, "Answers", f"right is: {story.answer}, in {story.gold}")
    show.show_comparison(console, raw, shaped)
    if isinstance(shaped, Answer):
        show.show_citations(console, shaped, context.sources)


def components(*, as_json: bool) -> None:
    """List what is installed, by group; a component that cannot be loaded says why."""
    found = {group: {name: _described(group, name) for name in registry.component_names(group)} for group in registry.GROUPS}
    if as_json:
        return emit(found)
    show.show_components(output(), found)


def emit(made: object) -> None:
    """Print one JSON object; escaped where standard output is not UTF-8."""
    encoding = (sys.stdout.encoding or "utf-8").lower().replace("-", "").replace("_", "")
    typer.echo(record.to_json(made, ascii_only=encoding != "utf8"))


@contextmanager
def _loaded(reading: Reading, *, quiet: bool) -> Iterator[Backend]:
    from ctxshape.backends.llama.backend import LlamaCpp  # here: `shape` should not pay for it

    backend = LlamaCpp(reading.model, n_ctx=reading.n_ctx, n_gpu_layers=reading.gpu_layers, n_threads=reading.threads)
    with backend:
        with working(f"Loading {one_line(reading.model.name)} …", quiet=quiet):
            backend.context_length()  # it loads at its first use
        yield backend


def _try(reader: Reader, context: Context) -> Answer | str:
    """The answer, or why the passages do not fit the model: that is what the demo is there to show."""
    try:
        return reader(context)
    except ContextTooLong as error:
        return str(error)


def _side(answer: Answer | str, context: Context) -> record.Record:
    return {"error": answer} if isinstance(answer, str) else record.answer_record(answer, context.sources)


def _seeded(value: Any, seed: int) -> Any:  # noqa: ANN401  a transform, and any callable is one; or what a field holds
    """A component, and the components in its fields, with the seed; what draws nothing at random as it is."""
    if isinstance(value, tuple):
        made = tuple(_seeded(item, seed) for item in value)
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    if not isinstance(value, Component):
        return value
    fields = {name: getattr(value, name) for name in type(value).model_fields}
    update = {name: new for name, old in fields.items() if (new := _seeded(old, seed)) is not old}
    update |= {"seed": seed} if "seed" in fields else {}
    return value.model_copy(update=update) if update else value


def _described(group: str, name: str) -> str:
    try:
        made = registry.load_component(group, name)
    except (ImportError, AttributeError, CtxshapeError) as error:
        return f"(cannot be loaded: {error})"
    lines: Sequence[str] = (made.__doc__ or "").strip().splitlines()
    return lines[0] if lines else ""


def _incoming(context: Context) -> str:
    steps = context.trace.steps
    tokens = f", {steps[0].tokens_before:,} tokens" if steps else ""
    return f"{len(context.sources)} passage{'s' * (len(context.sources) != 1)}{tokens}"

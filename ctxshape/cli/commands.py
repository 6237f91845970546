"""The work of each command, in an order that finds mistakes before a model is loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from ctxshape.cli import demo as demos
from ctxshape.cli import show
from ctxshape.cli.json_output import JsonObject, answer_json, context_json, to_json
from ctxshape.cli.passages import read_passages
from ctxshape.cli.screen import one_line, output, working
from ctxshape.core import registry
from ctxshape.core.messages import Answer
from ctxshape.core.protocols import Backend, Reader
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError, ContextTooLong, CtxshapeError
from ctxshape.readers._answering import SHORT_ANSWER
from ctxshape.readers.once import ReadOnce
from ctxshape.readers.voting import PermutationVote
from ctxshape.spec import PipelineSpec

if TYPE_CHECKING:
    from ctxshape.backends.llama.backend import LlamaCpp

DEMO_CONTEXT = 8192  # tokens: the twenty passages as they were retrieved fit


class AnswerOptions(NamedTuple):
    """The options of an answer: the model with its settings, and the number of votes."""

    model: Path
    votes: int
    n_ctx: int
    gpu_layers: int
    threads: int | None
    max_tokens: int

    def backend(self) -> LlamaCpp:
        """Returns the model, which is loaded at its first use. Raises ModelError for a file that is no model."""
        from ctxshape.backends.llama.backend import LlamaCpp  # here: `shape` should not pay for it

        return LlamaCpp(self.model, n_ctx=self.n_ctx, n_gpu_layers=self.gpu_layers, n_threads=self.threads)

    def reader(self, backend: Backend, seed: int | None) -> Reader:
        """Returns a reader that reads once, or one that votes over several orders."""
        options = SHORT_ANSWER.model_copy(update={"max_tokens": self.max_tokens})
        if self.votes == 1:
            return ReadOnce(backend=backend, options=options)
        return PermutationVote(backend=backend, votes=self.votes, seed=seed or 0, options=options)


def run_shape(question: str, docs: str, spec: PipelineSpec, *, as_json: bool) -> None:
    """Shapes the passages of a file and prints the result."""
    pipeline = spec.resolve()
    context = pipeline(_asked(question, docs))
    if as_json:
        return emit(context_json(context))
    console = output()
    show.heading(console, one_line(question), _incoming(context))
    show.show_shaped(console, context)


def run_ask(question: str, docs: str, spec: PipelineSpec, answering: AnswerOptions, *, as_json: bool) -> None:
    """Shapes the passages of a file, lets a model answer, and prints both."""
    asked = _asked(question, docs)
    spec.check()
    with answering.backend() as backend:
        pipeline = spec.with_backend(backend).resolve()
        _load(backend, answering.model, quiet=as_json)
        with working("Reading the passages …", quiet=as_json):
            context = pipeline(asked)
            answer = answering.reader(backend, spec.seed)(context)
    if as_json:
        return emit({**context_json(context), "answer": answer_json(answer, context.sources)})
    console = output()
    show.heading(console, one_line(question), _incoming(context))
    show.show_shaped(console, context)
    show.show_answer(console, answer, context.sources)


def run_demo(language: str, model: Path | None, spec: PipelineSpec, *, as_json: bool) -> None:
    """Answers the demo question from its passages as retrieved and as shaped."""
    story = demos.demo_case(language)
    asked = Context.of(story.question, story.documents)
    spec.check()
    if model is None and language == "zh" and not as_json:
        typer.echo("SmolLM2-135M hardly knows Chinese; give a model that does: --model FILE.gguf", err=True)
    answering = AnswerOptions(model or demos.demo_model(), 1, DEMO_CONTEXT, 0, None, SHORT_ANSWER.max_tokens)
    with answering.backend() as backend:
        pipeline = spec.with_backend(backend).resolve()
        _load(backend, answering.model, quiet=as_json)
        with working("Reading the shaped passages …", quiet=as_json):
            context = pipeline(asked)
            shaped = _try(answering.reader(backend, None), context)
        with working("Reading all passages as they were retrieved …", quiet=as_json):
            raw = _try(answering.reader(backend, None), asked)
    if as_json:
        facts = {"model": str(answering.model), "expected": story.answer, "gold": story.gold, **context_json(context)}
        return emit({**facts, "raw": _side(raw, context), "shaped": _side(shaped, context)})
    console = output()
    show.heading(console, story.question, f"{_incoming(context)} · {one_line(answering.model.name)} · {spec.preset_name}")
    show.show_shaped(console, context)
    show.heading(console, "Answers", f"right is: {story.answer}, in {story.gold}")
    show.show_comparison(console, raw, shaped)
    if isinstance(shaped, Answer):
        show.show_citations(console, shaped, context.sources)


def list_components(*, as_json: bool) -> None:
    """Prints the installed components by group; one that cannot be loaded gets the reason."""
    found = {group: {name: _described(group, name) for name in registry.component_names(group)} for group in registry.GROUPS}
    if as_json:
        return emit(found)
    show.show_components(output(), found)


def emit(value: object) -> None:
    """Prints one JSON object; escaped if standard output is not UTF-8."""
    encoding = (sys.stdout.encoding or "utf-8").lower().replace("-", "").replace("_", "")
    typer.echo(to_json(value, ascii_only=encoding != "utf8"))


def _asked(question: str, docs: str) -> Context:
    """The question with the passages of a file. Raises InvalidInput for either, and ConfigError if they are swapped."""
    if docs != "-" and not os.path.exists(docs) and os.path.isfile(question):
        raise ConfigError(
            f"--docs is {docs!r}, which is no file, and the question is {question!r}, which is one; they are swapped"
        )
    return Context.of(question, read_passages(docs))


def _load(backend: LlamaCpp, model: Path, *, quiet: bool) -> None:
    with working(f"Loading {one_line(model.name)} …", quiet=quiet):
        backend.context_length()  # the first use loads it


def _try(reader: Reader, context: Context) -> Answer | str:
    """The answer, or the reason why the passages do not fit the model: the demo shows that, too."""
    try:
        return reader(context)
    except ContextTooLong as error:
        return str(error)


def _side(answer: Answer | str, context: Context) -> JsonObject:
    return {"error": answer} if isinstance(answer, str) else answer_json(answer, context.sources)


def _described(group: str, name: str) -> str:
    try:
        component: Any = registry.load_component(group, name)
    except (ImportError, AttributeError, CtxshapeError) as error:
        return f"(cannot be loaded: {error})"
    lines: Sequence[str] = (component.__doc__ or "").strip().splitlines()
    return lines[0] if lines else ""


def _incoming(context: Context) -> str:
    steps = context.trace.steps
    tokens = f", {steps[0].tokens_before:,} tokens" if steps else ""
    return f"{len(context.sources)} passage{'s' * (len(context.sources) != 1)}{tokens}"

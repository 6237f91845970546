"""The command `tune`: measures presets, budgets and orders on the user's questions, and writes the best as a file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ctxshape.cli.commands import emit
from ctxshape.cli.options import (
    CaseSplit,
    EmbedderName,
    GpuLayers,
    Json,
    Model,
    Threads,
    example,
    split_commas,
)
from ctxshape.cli.screen import one_line, output
from ctxshape.core.registry import component_names
from ctxshape.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from ctxshape.evaluation.tuning import Tuning


class TuneOptions(NamedTuple):
    """The options of the command."""

    data: str
    model: Path
    out: Path
    presets: Sequence[str] | None
    budgets: Sequence[int | None]
    orders: Sequence[str]
    embedder: str | None
    reranker: str | None
    documents: int | None
    limit: int | None
    minutes: float | None
    split: CaseSplit
    margin: float
    even_if_raw: bool
    force: bool
    answers: Path
    seed: int
    max_tokens: int | None
    n_ctx: int
    gpu_layers: int
    threads: int | None


def add_tune(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    line = "ctxshape tune --data questions.jsonl --model model.gguf --minutes 20"

    @app.command("tune", epilog=example(line))
    def command(
        data: Annotated[
            str, typer.Option(help="Your questions, with passages and answers (forms: examples/guides/measuring.md).")
        ],
        model: Model,
        out: Annotated[Path, typer.Option(help="The pipeline file to write.")] = Path("pipeline.toml"),
        presets: Annotated[
            str | None, typer.Option(help="Presets to compare with raw, by commas. [default: those whose models are there]")
        ] = None,
        budgets: Annotated[str, typer.Option(help="Budgets in tokens, by commas; none is the preset's own.")] = "none,256,512",
        orders: Annotated[
            str, typer.Option(help="Orders to try for the chosen setting: front (best first), back, edges.")
        ] = "front,back",
        embedder: EmbedderName = None,
        reranker: Annotated[
            str | None, typer.Option(help="Also compare thorough: a cross-encoder, or a larger embedder's folder.")
        ] = None,
        documents: Annotated[
            int | None, typer.Option(min=1, help="The most passages of a list. [default: all of them]")
        ] = None,
        limit: Annotated[int | None, typer.Option(min=1, help="The most questions to ask. [default: all of a file]")] = None,
        minutes: Annotated[float | None, typer.Option(help="Stop in this time, with what is known then.")] = None,
        split: Annotated[CaseSplit, typer.Option(help="Which lines of a file to use, so that the others can test.")] = "all",
        margin: Annotated[
            float, typer.Option(help="How much less than the best score counts as just as good, so that tokens decide.")
        ] = 0.02,
        even_if_raw: Annotated[
            bool, typer.Option("--even-if-raw", help="Write the best setting even if raw beats it.")
        ] = False,
        force: Annotated[bool, typer.Option("--force", help="Replace the file --out.")] = False,
        answers: Annotated[
            Path | None, typer.Option(help="A file that keeps all answers for a further run. [default: beside --out]")
        ] = None,
        seed: Annotated[int, typer.Option(min=0, help="The seed of the order of questions.")] = 0,
        max_tokens: Annotated[
            int | None, typer.Option(min=1, help="The longest answer, in tokens. [default: 64; 256 for long answers]")
        ] = None,
        n_ctx: Annotated[int, typer.Option(min=64, help="The model's context length, in tokens.")] = 16384,
        gpu_layers: GpuLayers = 0,
        threads: Threads = None,
        as_json: Json = False,
    ) -> None:
        """Find the preset, budget and order that answer your questions best with your model, and write them as a file."""
        options = TuneOptions(
            data=data,
            model=model,
            out=out,
            presets=None if presets is None else split_commas(presets),
            budgets=budgets_of(budgets),
            orders=split_commas(orders),
            embedder=whole_path(embedder),
            reranker=whole_path(reranker),
            documents=documents,
            limit=limit,
            minutes=minutes,
            split=split,
            margin=margin,
            even_if_raw=even_if_raw,
            force=force,
            answers=answers or out.with_suffix(".answers.sqlite"),
            seed=seed,
            max_tokens=max_tokens,
            n_ctx=n_ctx,
            gpu_layers=gpu_layers,
            threads=threads,
        )
        run_tune(options, as_json=as_json)


def run_tune(options: TuneOptions, *, as_json: bool) -> None:
    """Measures the settings, writes the file, and prints what was found."""
    check_new_file(options.out, force=options.force)
    for library in ("regex", "rouge_score"):
        if find_spec(library) is None:
            raise MissingExtra.of("ctxshape tune", library.replace("_", "-"), "bench")
    # Imported here, since they need an extra or are slow to import.
    from ctxshape.cli.tuned import show_tuning, tuning_json
    from ctxshape.evaluation.pipeline_file import write_new
    from ctxshape.evaluation.tuning_report import tuned_toml

    try:
        found = _measured(options, quiet=as_json)
    except KeyboardInterrupt:
        typer.echo(f"interrupted; the answers so far are kept in {one_line(str(options.answers))}: run it again", err=True)
        raise
    written = None
    if found.verdict in ("better", "cheaper") or (found.verdict == "raw" and options.even_if_raw):
        written = options.out
        data = Path(options.data).name + ("" if options.split == "all" else f", {options.split} lines")
        write_new(written, tuned_toml(found, str(written), data=data, model=options.model.name))
    if as_json:
        return emit(tuning_json(found, written))
    show_tuning(output(), found, written, options.answers)


def _measured(options: TuneOptions, *, quiet: bool) -> Tuning:
    from ctxshape.backends.llama.backend import LlamaCpp
    from ctxshape.cli.bench import progress_bar
    from ctxshape.evaluation.choices import checked_orders, default_presets
    from ctxshape.evaluation.datasets import load_cases
    from ctxshape.evaluation.questions import check_cases
    from ctxshape.evaluation.tuning import tune

    cases = load_cases(options.data, split=options.split, seed=options.seed, gold=False)
    check_cases(cases, options.limit)
    presets = options.presets or default_presets(options.embedder, options.reranker)
    orders = checked_orders(options.orders)
    backend = LlamaCpp(options.model, n_ctx=options.n_ctx, n_gpu_layers=options.gpu_layers, n_threads=options.threads)
    if options.presets is None and "balanced" not in presets and not quiet:
        typer.echo("balanced is left out, since no embedder is installed; give --embedder to compare it", err=True)
    with backend, progress_bar(f"{Path(options.data).name} · {options.model.name}", quiet=quiet) as progress:
        return tune(
            cases,
            backend,
            presets=presets,
            budgets=options.budgets,
            orders=orders,
            embedder=options.embedder,
            reranker=options.reranker,
            documents=options.documents,
            limit=options.limit,
            answers=options.answers,
            margin=options.margin,
            even_if_raw=options.even_if_raw,
            minutes=options.minutes,
            seed=options.seed,
            max_tokens=options.max_tokens,
            progress=progress,
        )


def whole_path(model: str | None) -> str | None:
    """Returns the absolute path of a folder, so that the file loads wherever it is used; any other name as it is."""
    if model is None or model in component_names("embedders"):
        return model
    folder = Path(model).expanduser()
    return str(folder.absolute()) if folder.is_dir() else model


def check_new_file(out: Path, *, force: bool) -> None:
    """Raises ConfigError for a file that exists or cannot be written, before anything is measured."""
    if out.suffix.lower() != ".toml":
        raise ConfigError(f"--out is {str(out)!r}; give a file that ends in .toml, as a pipeline file's name does")
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"the folder {str(out.parent)!r} of {out.name!r} does not exist; make it first")
    if out.exists() and not force:
        raise ConfigError(f"{str(out)!r} exists; give another name with --out, or --force to replace it")


def budgets_of(given: str) -> list[int | None]:
    """Returns the budgets between commas; none is the preset's own. Raises ConfigError.

    >>> budgets_of("none, 256")
    [None, 256]
    """
    found = split_commas(given)
    if not found or not all(name == "none" or name.isdecimal() for name in found):
        raise ConfigError(f"--budgets is {given!r}; give numbers of tokens by commas, and none for the preset's own budget")
    return [None if name == "none" else int(name) for name in found]

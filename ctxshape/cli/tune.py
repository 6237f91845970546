"""The command `tune`: measures presets, budgets and orders on the user's questions, and writes the best as a file."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

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
from ctxshape.cli.screen import count, one_line, output, plain_table, put
from ctxshape.cli.show import heading
from ctxshape.errors import ConfigError, MissingExtra


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
        check_new_file(out, force=force)
        for library in ("regex", "rouge_score"):
            if find_spec(library) is None:
                raise MissingExtra.of("ctxshape tune", library.replace("_", "-"), "bench")
        # Imported here, since they need an extra or are slow to import.
        from ctxshape.backends.llama.backend import LlamaCpp
        from ctxshape.cli.bench import progress_bar
        from ctxshape.evaluation import tuning
        from ctxshape.evaluation.choices import ORDERS, default_presets
        from ctxshape.evaluation.datasets import load_cases
        from ctxshape.evaluation.questions import check_cases
        from ctxshape.evaluation.tuning_report import tuned_toml

        cases = load_cases(data, split=split, seed=seed, gold=False)[:limit]
        check_cases(cases)
        chosen = split_commas(presets) if presets is not None else list(default_presets(embedder, reranker))
        wanted = [order for name in split_commas(orders) for order in ORDERS if order == name]
        if wanted != split_commas(orders):
            raise ConfigError(f"--orders is {orders!r}; give some of {', '.join(ORDERS)}, by commas")
        numbers = budgets_of(budgets)
        kept = answers or out.with_suffix(".answers.sqlite")
        backend = LlamaCpp(model, n_ctx=n_ctx, n_gpu_layers=gpu_layers, n_threads=threads)
        if presets is None and "balanced" not in chosen and not as_json:
            typer.echo("balanced is left out, since no embedder is installed; give --embedder to compare it", err=True)
        with backend, progress_bar(f"{Path(data).name} · {model.name}", quiet=as_json) as progress:
            found = tuning.tune(
                cases,
                backend,
                presets=chosen,
                budgets=numbers,
                orders=wanted,
                embedder=embedder,
                reranker=reranker,
                documents=documents,
                answers=kept,
                margin=margin,
                even_if_raw=even_if_raw,
                minutes=minutes,
                seed=seed,
                max_tokens=max_tokens,
                progress=progress,
            )
        written = found.verdict in ("better", "cheaper") or (found.verdict == "raw" and even_if_raw)
        if written:
            from ctxshape.evaluation.pipeline_file import write_new

            lines = Path(data).name if split == "all" else f"{Path(data).name}, {split} lines"
            write_new(out, tuned_toml(found, str(out), data=lines, model=model.name))
        if as_json:
            return emit(tuning_json(found, out if written else None))
        show_tuning(output(), found, out if written else None, kept)


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


def tuning_json(found: Any, out: Path | None) -> dict[str, Any]:  # noqa: ANN401  a Tuning, which is slow to import
    """Returns the result as plain values; `out` is the file that was written."""
    from ctxshape.evaluation.tuning_report import call_of, verdict_of

    return {
        "verdict": found.verdict,
        "sentence": verdict_of(found),
        "n": found.n,
        "stop": found.stop,
        "metric": found.metric,
        "error": found.error,
        "margin": found.margin,
        "shuffled": found.shuffled,
        "chosen": found.chosen.setting.name,
        "settings": [_setting_json(result) for result in found.results],
        "pipeline": found.pipeline.to_config(),
        "out": None if out is None else str(out),
        "call": None if out is None else call_of(found, str(out)),
        "computed": found.computed,
    }


def _setting_json(result: Any) -> dict[str, Any]:  # noqa: ANN401  a SettingResult
    shown = {"name": result.setting.name, **result.setting._asdict(), **result._asdict()}
    return {**shown, "setting": None, "difference": result.difference._asdict()} | {"setting": result.setting.name}


def show_tuning(console: Console, found: Any, out: Path | None, kept: Path) -> None:  # noqa: ANN401  a Tuning
    """Prints the table of settings, the verdict, and how to use the file."""
    from ctxshape.evaluation.tuning_report import call_of, how_it_ended, share_of_tokens, signed, verdict_of

    heading(console, f"{count(found.n)} questions", how_it_ended(found))
    table = plain_table(headed=True)
    table.add_column("setting", style="cyan", overflow="fold")
    for name in ("score", "vs raw", "tokens", "of raw", "n"):
        table.add_column(name, justify="right")
    table.add_column("")
    for result in found.results:
        raw = result.setting.preset == "raw"
        note = "chosen" if result is found.chosen else f"dropped: {result.lost_to} wins" if result.lost_to else ""
        if result.unread:
            note = f"{note}{'; ' * bool(note)}{count(result.unread)} did not fit"
        table.add_row(
            Text(result.setting.name),
            f"{result.score:.2f}",
            "" if raw else signed(result.difference),
            count(round(result.tokens)),
            "" if raw else share_of_tokens(result, found.raw),
            count(result.n),
            Text(note, style="bold green" if result is found.chosen else "dim"),
        )
    put(console, table)
    put(console, Text(f"score: {found.metric}; tokens: those of a prompt", style="dim"))
    level = f"{1 - found.error:.0%}"
    put(
        console,
        Text(f"intervals: {level} for all of them together, at any number of questions, paired by question", style="dim"),
    )
    if found.shuffled:
        put(console, Text("lists were shuffled, since the data does not tell in which order they were retrieved", style="dim"))
    heading(console, "Verdict")
    put(console, Text(one_line(verdict_of(found))))
    if out is None:
        nothing = "Nothing is written." + ("" if found.verdict != "raw" else " --even-if-raw writes the best setting.")
        put(console, Text(nothing))
    else:
        put(console, Text(f"Written to {one_line(str(out))}. Use it:"))
        put(console, Text(one_line(call_of(found, str(out)))), 4)
    put(console, Text(f"{count(found.computed)} answers computed; all are kept in {one_line(str(kept))}", style="dim"))

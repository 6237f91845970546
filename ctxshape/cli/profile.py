"""The command `profile`: measures how well a model reads each slot of a list, and stores the result as JSON."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ctxshape.cli.commands import emit
from ctxshape.cli.options import ContextLength, GpuLayers, Json, Model, Threads, example, lengths_of
from ctxshape.cli.screen import duration, output, plain_table, put
from ctxshape.cli.show import heading
from ctxshape.core.measurements import fingerprint, read_measurements, write_measurements
from ctxshape.core.position_profile import CASES, LENGTHS, SLOTS
from ctxshape.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from ctxshape.attention.position_profile import MeasuredProfile


def add_profile(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    line = "ctxshape profile --model model.gguf --out profiles.json --plot profile.png"

    @app.command("profile", epilog=example(line))
    def command(
        model: Model,
        out: Annotated[Path, typer.Option(help="The JSON file; profiles of other models in it are kept.")],
        plot: Annotated[Path | None, typer.Option(help="Also draw the profile as a PNG file.")] = None,
        lengths: Annotated[str, typer.Option(help="List lengths, by commas.")] = ",".join(map(str, LENGTHS)),
        slots: Annotated[int, typer.Option(min=2, help="Slots to measure in each list, spread from first to last.")] = SLOTS,
        cases: Annotated[int, typer.Option(min=1, help="Facts for each slot, and as many key-value pairs.")] = CASES,
        language: Annotated[str, typer.Option(help="The language of the facts: en or zh.")] = "en",
        seed: Annotated[int, typer.Option(min=0, help="The seed of the generated questions.")] = 0,
        n_ctx: ContextLength = 8192,
        gpu_layers: GpuLayers = 0,
        threads: Threads = None,
        as_json: Json = False,
    ) -> None:
        """Measure how well a model reads each slot of a list, for the order by profile; this takes minutes on a laptop."""
        if find_spec("regex") is None:
            raise MissingExtra.of("ctxshape profile", "regex", "bench")
        from ctxshape.attention.position_profile import measure_profile  # imported here, since it is slow to import
        from ctxshape.backends.llama.backend import LlamaCpp

        numbers = lengths_of("--lengths", lengths)
        check_files(out, plot)
        started = perf_counter()
        with LlamaCpp(model, n_ctx=n_ctx, n_gpu_layers=gpu_layers, n_threads=threads) as backend:
            key = fingerprint(backend)
            with Console(stderr=True, markup=False).status(Text("Measuring …")) as status:
                found = measure_profile(
                    backend,
                    model=model.name,
                    lengths=numbers,
                    slots=slots,
                    cases=cases,
                    language=language,
                    seed=seed,
                    progress=lambda done, of: status.update(Text(f"Measuring … {done} of {of} cases")),
                )
        entry = profile_entry(found, perf_counter() - started, f"slots={slots} cases={cases} language={language} seed={seed}")
        write_measurements(out, key, entry)
        if plot is not None:
            from ctxshape.attention.profile_plots import draw_profile

            draw_profile(found.profile, plot)
        if as_json:
            return emit({"fingerprint": key, **entry})
        show_profile(output(), found, entry, out)


def check_files(out: Path, plot: Path | None) -> None:
    """Raises ConfigError before the measurement for a file that cannot be written or a plot that cannot be drawn."""
    for file in (out, plot):
        if file is not None and not file.absolute().parent.is_dir():
            raise ConfigError(f"the folder {str(file.parent)!r} of {file.name!r} does not exist; make it first")
    if out.exists():
        read_measurements(out)
    if plot is not None:
        if plot.suffix.lower() != ".png":
            raise ConfigError(f"--plot is {str(plot)!r}; give a file that ends in .png")
        from ctxshape.attention.figures import check_matplotlib  # imported here: it needs an extra

        check_matplotlib("ctxshape profile --plot")


def profile_entry(found: MeasuredProfile, seconds: float, settings: str) -> dict[str, object]:
    """Returns the entry of the model in the file."""
    return {
        "model": found.profile.model,
        "profile": found.profile.model_dump(mode="json"),
        "heads": [list(head) for head in found.heads],
        "settings": settings,
        "seconds": round(seconds, 1),
    }


def show_profile(console: Console, found: MeasuredProfile, entry: dict[str, object], out: Path) -> None:
    """Prints a table for each list length: slot, right answers, likelihood and attention."""
    for table in found.profile.tables:
        heading(console, f"{table.documents} passages", f"{table.prompts} questions for each slot")
        lines = plain_table(headed=True)
        for name in ("slot", "right", "log-probability", "attention"):
            lines.add_column(name, justify="right")
        for place, slot in enumerate(table.slots):
            likelihood = f"{table.likelihood[place]:.2f}" if table.likelihood else "–"
            mass = f"{table.mass[slot]:.1%}" if table.mass else "–"
            lines.add_row(str(slot + 1), f"{table.accuracy[place]:.0%}", likelihood, mass)
        put(console, lines)
    seconds = entry["seconds"]
    took = duration(seconds) if isinstance(seconds, float) else ""
    heading(console, f"Written to {out}", f"in {took}; use it with Reorder(strategy='profile', profile={str(out)!r})")

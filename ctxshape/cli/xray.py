"""The command `xray`: a model's attention over the passages, as retrieved and as shaped, drawn as a picture or a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ctxshape.attention.xray import CAUTION, XRay, xray
from ctxshape.attention.xray_page import xray_page
from ctxshape.cli.commands import emit
from ctxshape.cli.options import (
    Allow,
    Budget,
    ContextLength,
    Docs,
    EmbedderName,
    GpuLayers,
    Json,
    Model,
    PipelineFile,
    Preset,
    Question,
    Threads,
    example,
    split_commas,
)
from ctxshape.cli.passages import read_passages
from ctxshape.cli.screen import one_line, output, plain_table, put, working
from ctxshape.cli.show import heading
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError
from ctxshape.spec import PipelineSpec

ENDINGS = (".png", ".html")


def add_xray(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    line = 'ctxshape xray "Where is Paris?" --docs passages.jsonl --model model.gguf --out xray.png'

    @app.command("xray", epilog=example(line))
    def command(
        question: Question,
        docs: Docs,
        model: Model,
        out: Annotated[Path, typer.Option(help="The output file, which ends in .png or .html.")],
        preset: Preset = None,
        embedder: EmbedderName = None,
        pipeline: PipelineFile = None,
        allow: Allow = "",
        budget: Budget = None,
        n_ctx: ContextLength = 4096,
        gpu_layers: GpuLayers = 0,
        threads: Threads = None,
        as_json: Json = False,
    ) -> None:
        """Show a model's attention to passages, layers and sentences while it reads the question, before and after shaping."""
        spec = PipelineSpec(preset=preset, pipeline=pipeline, budget=budget, embedder=embedder, allow=split_commas(allow))
        show(question, docs, spec, model, out, (n_ctx, gpu_layers, threads), as_json=as_json)


def show(
    question: str,
    docs: str,
    spec: PipelineSpec,
    model: Path,
    out: Path,
    settings: tuple[int, int, int | None],
    *,
    as_json: bool,
) -> None:
    """Shapes the passages, reads both lists with the model, and writes the picture; checks all arguments before loading it."""
    check_out(out)
    passages = read_passages(docs)
    raw = Context.of(question, passages)
    if not raw.documents:
        raise ConfigError(f"{docs} has no passages; give at least one")
    spec.check()
    from ctxshape.backends.llama.backend import LlamaCpp  # here: other commands should not pay for it

    n_ctx, gpu_layers, threads = settings
    with LlamaCpp(model, n_ctx=n_ctx, n_gpu_layers=gpu_layers, n_threads=threads) as backend:
        with working("Reading the passages …", quiet=as_json):
            shaped = spec.with_backend(backend).resolve()(raw)
            name = spec.preset_name or Path(spec.pipeline).name
            found = xray(backend, raw, shaped, model=model.name, shaping=name)
    write_picture(found, out)
    if as_json:
        return emit(xray_json(found, out))
    show_xray(found, out)


def check_out(out: Path) -> None:
    """Raises ConfigError for an unknown format or a missing folder, and MissingExtra for a format without its library."""
    if out.suffix.lower() not in ENDINGS:
        raise ConfigError(f"--out is {str(out)!r}; give a file that ends in {' or '.join(ENDINGS)}")
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"--out is {str(out)!r}, but the folder {str(out.parent)!r} does not exist; make it first")
    if out.suffix.lower() == ".png":
        from ctxshape.attention.figures import check_matplotlib  # imported here: it needs an extra

        check_matplotlib()


def write_picture(found: XRay, out: Path) -> None:
    """Writes the picture in the format that its file name ends in."""
    if out.suffix.lower() == ".html":
        out.write_text(xray_page(found), "utf-8", errors="replace")
    else:
        from ctxshape.attention.xray_plots import draw_xray

        draw_xray(found, out)


def show_xray(found: XRay, out: Path) -> None:
    """Prints the attention mass of each passage, before and after shaping."""
    console = output()
    for name, side in found.sides:
        heading(console, name.capitalize(), side.rest)
        lines = plain_table()
        lines.add_column(style="cyan", overflow="fold")
        lines.add_column(justify="right")
        for number, mass in enumerate(side.masses):
            lines.add_row(Text(one_line(side.label(number))), f"{mass:.2%}")
        put(console, lines)
    heading(console, f"Written to {out}", CAUTION)


def xray_json(found: XRay, out: Path) -> dict[str, object]:
    """Returns the output of `--json`."""
    sides = {name: side for name, (_, side) in zip(("before", "after"), found.sides, strict=True)}
    return {
        "question": found.question,
        "model": found.model,
        "out": str(out),
        "caution": CAUTION,
        **{
            name: {
                "documents": [
                    {"id": document.id, "mass": mass} for document, mass in zip(side.documents, side.masses, strict=True)
                ],
                "lead": side.map.lead if side.map else 0.0,
                "sink": side.map.sink if side.map else 0.0,
                "tail": side.map.tail if side.map else 0.0,
                "layers": {
                    str(layer): [float(mass) for mass in masses]
                    for layer, masses in zip(side.map.layers, side.map.by_layer(), strict=True)
                }
                if side.map
                else {},
                "sentences": [
                    {"document": side.documents[one.document].id, "text": side.text(one), "mass": one.mass}
                    for one in side.sentences()
                ],
            }
            for name, side in sides.items()
        },
    }

"""The command `new-plugin`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ctxshape.cli.options import example
from ctxshape.cli.scaffold import write_plugin

Kind = Literal["transform", "reader", "backend", "embedder", "scorer", "dataset"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("new-plugin", epilog=example("ctxshape new-plugin drop-ads --kind transform"))(new_plugin)


def new_plugin(
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens, such as drop-ads.")],
    kind: Annotated[Kind, typer.Option(help="What the plugin adds.")] = "transform",
    out: Annotated[Path, typer.Option(help="The folder to put it into.")] = Path("."),
) -> None:
    """Write a package for a component of your own, with a test that passes."""
    folder = write_plugin(name, kind, out)
    typer.echo(f"{folder}\nnext: cd {folder} && pip install -e '.[test]' && pytest")

"""The command `new-plugin`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ctxshape.cli.options import example
from ctxshape.cli.scaffold import write_plugin

PluginKind = Literal["transform", "reader", "backend", "embedder", "scorer", "dataset"]


def add_new_plugin(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command("new-plugin", epilog=example("ctxshape new-plugin drop-ads --kind transform"))(new_plugin)


def new_plugin(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens, such as drop-ads.")],
    kind: Annotated[PluginKind, typer.Option(help="The kind of component that the plugin adds.")] = "transform",
    out: Annotated[Path, typer.Option(help="The parent folder of the new package.")] = Path("."),
) -> None:
    """Write a package for your own component, with tests that pass."""
    folder = write_plugin(name, kind, out)
    typer.echo(f"{folder}\nnext: cd {folder} && pip install -e '.[test]' && pytest")

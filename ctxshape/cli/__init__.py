"""The command line; `main` is what the script `ctxshape` runs."""

from __future__ import annotations

import sys

from ctxshape.errors import MissingExtra


def main() -> None:
    """Run the command line and exit with its code; without typer or rich, say in one line how to install them."""
    try:
        from ctxshape.cli.app import run
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("click", "rich", "typer"):
            raise
        sys.stderr.write(f"ctxshape: {MissingExtra.of('the command line', error.name or 'typer', 'cli')}\n")
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))

"""The command line. The script `ctxshape` runs `main`."""

from __future__ import annotations

import sys

from ctxshape.errors import MissingExtra


def main() -> None:
    """Runs the command line and exits with its code. Without typer or rich, prints how to install them and exits with 2."""
    try:
        from ctxshape.cli.app import run
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("click", "rich", "typer"):
            raise
        sys.stderr.write(f"ctxshape: {MissingExtra.of('the command line', error.name or 'typer', 'cli')}\n")
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))

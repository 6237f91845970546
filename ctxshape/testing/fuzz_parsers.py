"""Fuzzes a parser by coverage, with atheris: `python -m ctxshape.testing.fuzz_parsers gguf -runs=100000`.

The first argument names the parser; the rest go to libFuzzer. It stops at the first error that is not of ctxshape, and
writes the input that causes it. Needs `pip install atheris`.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ctxshape.claims.dates import dates
from ctxshape.core.analysis import analysis_of
from ctxshape.core.jsonlines import records
from ctxshape.core.types import Context
from ctxshape.errors import CtxshapeError, MissingExtra
from ctxshape.inspection import read_model_facts


def parse_units(data: bytes) -> None:
    """Cuts a text into sentences and finds what each depends on; a kept sentence is its original."""
    text = data.decode("utf-8", "replace")
    context = Context.of("q", [text])
    analysis = analysis_of(context)
    for document in context.documents:
        found = analysis.pieces(document)
        assert all(text[piece.start : piece.end] == piece.text for piece in found)
        assert all(place != index for index, needed in enumerate(analysis.dependencies(document)) for place in needed)


def parse_dates(data: bytes) -> None:
    """Finds the dates of a text."""
    dates(data.decode("utf-8", "replace"))


def parse_json_lines(data: bytes) -> None:
    """Reads the records of a file of passages."""
    deque(records(data, "file"), maxlen=0)


def parse_gguf(data: bytes) -> None:
    """Reads the header of a model file."""
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        Path(file.name).write_bytes(data)
        read_model_facts(file.name)


PARSERS: dict[str, Callable[[bytes], None]] = {
    "units": parse_units,
    "dates": parse_dates,
    "jsonlines": parse_json_lines,
    "gguf": parse_gguf,
}


def fuzz_parser(arguments: list[str]) -> None:
    """Runs libFuzzer over the parser that the first argument names, until it ends or finds an error."""
    if not arguments or arguments[0] not in PARSERS:
        raise SystemExit(f"give one of {', '.join(PARSERS)}, then options of libFuzzer such as -runs=100000")
    try:
        import atheris
    except ImportError:
        raise MissingExtra("fuzzing needs atheris. Install it with: pip install atheris") from None
    parse = PARSERS[arguments[0]]

    def try_input(data: bytes) -> None:
        with contextlib.suppress(CtxshapeError):
            parse(data)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *arguments[1:]], try_input)
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz_parser(sys.argv[1:])

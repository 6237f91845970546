"""Converts a model's weights to another number format, and measures how fast both files read and write on this machine.

    python examples/measure/rewrite_weights.py model.gguf model-bf16.gguf

Retrieval makes prompts long and answers short, so the speed of reading matters most. A CPU that computes in bfloat16
(`ctxshape inspect` shows it) reads BF16 weights faster than Q4 weights, but needs more memory. The quality stays the same:
precision that Q4 lost does not come back. llama.cpp's own quantizer converts the file. The prompt has ten generated
passages, and the speeds are medians of --times runs.
"""

from __future__ import annotations

import argparse
import ctypes
import statistics
from pathlib import Path

from ctxshape import Generation, LlamaCpp, render, shape
from ctxshape.core.messages import Prompt, Usage

TYPES = {"bf16": 32, "f16": 1, "q8_0": 7}  # llama.cpp's numbers of file types
OPTIONS = Generation(max_tokens=24)


def rewrite(source: Path, target: Path, to: str, threads: int | None) -> None:
    """Writes the converted file. Raises SystemExit if llama.cpp fails."""
    import llama_cpp

    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype, settings.allow_requantize, settings.nthread = TYPES[to], True, threads or 0
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(settings)):
        raise SystemExit(f"llama.cpp could not write {target}; see its messages above")


def prompt(passages: int = 10) -> Prompt:
    """Returns a prompt of about a thousand tokens."""
    line = "The mill of Arden {} was built in {} by a family from Velm, and its wheel has been still since the flood of {}. "
    texts = ["".join(line.format(10 * i + k, 1700 + 10 * i + k, 1800 + 10 * i + k) for k in range(3)) for i in range(passages)]
    return render(shape("When was the mill of Arden 42 built?", texts, preset="raw"))


def speeds(model: Path, times: int, threads: int | None) -> tuple[float, float]:
    """Returns the tokens read and the tokens written per second."""
    read, written = [], []
    for _ in range(times):
        with LlamaCpp(model, n_ctx=4096, n_threads=threads) as backend:  # a new backend each time, so that nothing is cached
            usage = Usage.of(backend.generate([prompt()], OPTIONS))
            read.append(usage.prompt_tokens / usage.prefill_seconds)
            written.append(usage.completion_tokens / usage.decode_seconds)
    return statistics.median(read), statistics.median(written)


def main() -> None:
    """Converts the file, measures both files, and prints their speeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a GGUF file")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--to", choices=sorted(TYPES), default="bf16")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    if given.out.exists():
        raise SystemExit(f"{given.out} already exists; give another path")
    rewrite(given.model, given.out, given.to, given.threads)
    first = None
    for path in (given.model, given.out):
        read, written = speeds(path, given.times, given.threads)
        first = first or (read, written)
        print(
            f"{path.name:40} {path.stat().st_size / 2**20:7,.0f} MiB   reads {read:6.0f} tokens/s ({read / first[0]:.2f})   "
            f"writes {written:5.0f} tokens/s ({written / first[1]:.2f})"
        )


if __name__ == "__main__":
    main()

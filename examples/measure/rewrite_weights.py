"""Write a model's weights in another form, and measure what that is worth on this machine.

Run it with:  python examples/measure/rewrite_weights.py model.gguf model-bf16.gguf

Retrieval makes long prompts and short answers, so what counts is how fast a model *reads*. A CPU that computes in bfloat16
(`ctxshape inspect` says so) reads the same weights faster as BF16 than as Q4, in more memory. Nothing is gained in quality:
what Q4 lost stays lost. llama.cpp's own quantizer does the writing. The prompt is ten generated passages; medians of --times.
"""

from __future__ import annotations

import argparse
import ctypes
import statistics
from pathlib import Path

from ctxshape import Generation, LlamaCpp, render, shape
from ctxshape.core.messages import Prompt, Usage

TYPES = {"bf16": 32, "f16": 1, "q8_0": 7}  # llama.cpp's numbers for types of files
WRITTEN = Generation(max_tokens=24)


def rewrite(source: Path, target: Path, to: str, threads: int | None) -> None:
    """Write the file anew. Raises SystemExit if llama.cpp cannot."""
    import llama_cpp

    how = llama_cpp.llama_model_quantize_default_params()
    how.ftype, how.allow_requantize, how.nthread = TYPES[to], True, threads or 0
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(how)):
        raise SystemExit(f"llama.cpp could not write {target}: see what it says above")


def prompt(passages: int = 10) -> Prompt:
    """A prompt of about a thousand tokens."""
    line = "The mill of Arden {} was built in {} by a family from Velm, and its wheel has been still since the flood of {}. "
    texts = ["".join(line.format(10 * i + k, 1700 + 10 * i + k, 1800 + 10 * i + k) for k in range(3)) for i in range(passages)]
    return render(shape("When was the mill of Arden 42 built?", texts, preset="raw"))


def speeds(model: Path, times: int, threads: int | None) -> tuple[float, float]:
    """Tokens read and tokens written in a second."""
    read, written = [], []
    for _ in range(times):
        with LlamaCpp(model, n_ctx=4096, n_threads=threads) as backend:  # anew each time, so that nothing is known
            usage = Usage.of(backend.generate([prompt()], WRITTEN))
            read.append(usage.prompt_tokens / usage.prefill_seconds)
            written.append(usage.completion_tokens / usage.decode_seconds)
    return statistics.median(read), statistics.median(written)


def main() -> None:
    """Write, measure both, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a GGUF file")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--to", choices=sorted(TYPES), default="bf16")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    if given.out.exists():
        raise SystemExit(f"{given.out} is there already; name another file")
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

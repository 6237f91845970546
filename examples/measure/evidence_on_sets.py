"""Measures how much supporting evidence the presets keep on public evaluation sets, beside what is easily done by hand.

    python examples/measure/evidence_on_sets.py FILE.jsonl.gz … --embedder FOLDER --vectors FOLDER [--half report]
        [--presets light,balanced] [--budgets none,256,512] [--limit 60] [--json after.json] [--compare before.json]

`real_cases.py` describes the files and the columns. Tune on one half of a file and report the other; the id of a case says
to which half it belongs. The baselines are whole passages by the embedder (three, or all that fit into the budget) and
single sentences by the embedder, in each case as many tokens as the last preset took. Intervals are 95 %, by bootstrap
over cases. Tokens are those of cl100k_base, of the documents as the prompt shows them.

--json keeps the values of every case. To compare two versions of the library, run the script with the older one (its folder
first in PYTHONPATH), then with the newer one and --compare: the differences are paired by case. With --vectors, the vectors
of all texts stay in a folder, so that a second run needs no model.

`evidence_kept.py`, beside this script, ranks the one gold passage of a question and measures the time of shaping.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from by_hand import BestPassages, BestSentences
from real_cases import HALVES, RealCase, evidence, read_cases

from ctxshape import Context, PipelineSpec
from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import Embedder
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.embedding.cache import CachedEmbedder
from ctxshape.evaluation.metrics.statistics import Estimate, difference, estimate
from ctxshape.inputs.models import embedder_from

Values = dict[str, dict[str, dict[str, float | None]]]  # method -> id of the case -> column -> value
Method = Callable[[Context], Context]


class Options(NamedTuple):
    """The arms of a comparison: presets, budgets (None: without one), and the models that they need."""

    presets: tuple[str, ...]
    budgets: tuple[int | None, ...]
    embedder: Embedder | None
    reranker: str | None
    counter: CountOnce
    by_hand: tuple[str, ...]


def presets(options: Options) -> Iterator[tuple[str, Method]]:
    """Yields each preset with each budget."""
    for preset in options.presets:
        models = {} if preset == "light" else {"embedder": options.embedder}
        if preset == "thorough":
            models["reranker"] = options.reranker  # type: ignore[assignment]
        for budget in options.budgets:
            spec = PipelineSpec(preset=preset, budget=budget, counter=options.counter, **models)
            yield _named(preset, budget), spec.resolve()


def measured(case: RealCase, shaped: Context, counter: CountOnce) -> dict[str, float | None]:
    """Returns the columns of one case for one method."""
    tokens = counter.total(document_texts(shaped.query, shaped.documents))
    return {**evidence(case, shaped.documents), "tokens": tokens}


def measure(cases: Sequence[RealCase], options: Options) -> Values:
    """Returns the values of every method and case."""
    values: Values = {}
    for name, method in presets(options):
        values[name] = {case.id: measured(case, method(case.context), options.counter) for case in cases}
        print(f"  {name}", flush=True)
    if options.embedder is None:
        return values
    for budget in options.budgets:
        if "passages" in options.by_hand:
            passages = BestPassages(options.embedder, options.counter, None if budget else 3, budget)
            title = f"passages by embeddings, {budget}" if budget else "3 passages by embeddings"
            values[title] = {case.id: measured(case, passages(case.context), options.counter) for case in cases}
        if "sentences" in options.by_hand:
            like = _named(options.presets[-1], budget)
            values[f"sentences by embeddings, as {like}"] = dict(_like(cases, values[like], options.embedder, options.counter))
    return values


def _like(
    cases: Sequence[RealCase], model: dict[str, dict[str, float | None]], embedder: Embedder, counter: CountOnce
) -> Iterator[tuple[str, dict[str, float | None]]]:
    """Yields the columns of single sentences by the embedder, in each case as many tokens as another method took."""
    for case in cases:
        limit = int(model[case.id]["tokens"] or 0)
        yield case.id, measured(case, BestSentences(embedder, counter, limit)(case.context), counter)


def _named(preset: str, budget: int | None) -> str:
    return f"{preset}, {budget}" if budget else preset


def shares(values: Values) -> list[str]:
    """Returns the columns that at least one case has, without the tokens."""
    found = {name for cases in values.values() for columns in cases.values() for name, v in columns.items() if v is not None}
    order = ("supporting", "with head", "answer", "reference", "gold")
    return [name for name in order if name in found]


def column(cases: dict[str, dict[str, float | None]], name: str) -> dict[str, float]:
    """Returns one column by case, without the cases that do not have it."""
    return {id: float(value) for id, columns in cases.items() if (value := columns.get(name)) is not None}


def table(values: Values) -> list[str]:
    """Returns the lines of a Markdown table: one for each method."""
    names = shares(values)
    lines = [f"| method | {' | '.join(names)} | tokens | n |", "|---" * (len(names) + 3) + "|"]
    for method, cases in values.items():
        cells = [shown(estimate([[value] for value in column(cases, name).values()])) for name in names]
        tokens = list(column(cases, "tokens").values())
        lines.append(f"| {method} | {' | '.join(cells)} | {sum(tokens) / len(tokens):.0f} | {len(tokens)} |")
    return lines


def comparison(before: Values, after: Values) -> list[str]:
    """Returns the lines of a Markdown table: before, after and the paired difference, for each method and column."""
    lines = ["| method | column | before | after | difference | fell / rose | n |", "|---|---|---|---|---|---|---|"]
    for method in after:
        for name in [*shares(after), "tokens"]:
            new, old = column(after[method], name), column(before.get(method, {}), name)
            both = [id for id in new if id in old]
            if not both:
                continue
            means = [sum(side[id] for id in both) / len(both) for side in (old, new)]
            change = difference([[new[id]] for id in both], [[old[id]] for id in both])
            moved = f"{sum(new[id] < old[id] for id in both)} / {sum(new[id] > old[id] for id in both)}"
            digits = 0 if name == "tokens" else 3
            shown_means = " | ".join(f"{mean:.{digits}f}" for mean in means)
            lines.append(f"| {method} | {name} | {shown_means} | {signed(change, digits)} | {moved} | {len(both)} |")
    return lines


def shown(value: Estimate) -> str:
    """Formats a mean with its interval."""
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def signed(value: Estimate, digits: int = 3) -> str:
    """Formats a difference with its interval; the sign is always there."""
    return f"{value.mean:+.{digits}f} [{value.low:+.{digits}f}, {value.high:+.{digits}f}]"


def _budget(text: str) -> int | None:
    return None if text == "none" else int(text)


def main() -> None:
    """Prints the tables of each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--limit", type=int, help="cases of each file; all of the half if not given")
    parser.add_argument("--passages", type=int, default=20)
    parser.add_argument("--presets", default="light,balanced")
    parser.add_argument("--budgets", default="none,128,256,512,1024", help="such as none,512")
    parser.add_argument("--embedder", help="a folder, a hub name, or universal")
    parser.add_argument("--dtype", help="the number format of a sentence-transformers model, such as bfloat16")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps the vectors of all texts")
    parser.add_argument("--reranker", help="of `thorough`: a folder, a hub name, or a GGUF")
    parser.add_argument("--baselines", default="passages,sentences", help="some of passages,sentences; or none")
    parser.add_argument("--json", type=Path, help="a file for the values of every case")
    parser.add_argument("--compare", type=Path, help="a file that --json wrote with another version of the library")
    arguments = parser.parse_args()
    embedder = embedder_from(arguments.embedder, arguments.dtype) if arguments.embedder else None
    if embedder is not None and arguments.vectors:
        named = f"{arguments.embedder} {arguments.dtype or ''}".strip()
        embedder = CachedEmbedder(embedder=embedder, folder=arguments.vectors, name=named)
    options = Options(
        tuple(name for name in arguments.presets.split(",") if name == "light" or embedder is not None),
        tuple(map(_budget, arguments.budgets.split(","))),
        embedder,
        arguments.reranker,
        CountOnce(default_counter()),
        tuple(arguments.baselines.split(",")),
    )
    before = json.loads(arguments.compare.read_text()) if arguments.compare else {}
    results: dict[str, Values] = {}
    for path in arguments.files:
        name = path.name.partition(".")[0]
        cases = read_cases(path, arguments.half, arguments.limit, arguments.passages)
        print(f"\n{name}, half: {arguments.half}, n = {len(cases)}", flush=True)
        results[name] = measure(cases, options)
        if arguments.json:
            arguments.json.write_text(json.dumps(results))
        print("\n".join(["", *table(results[name])]), flush=True)
        if name in before:
            print("\n".join(["", *comparison(before[name], results[name])]), flush=True)


if __name__ == "__main__":
    main()

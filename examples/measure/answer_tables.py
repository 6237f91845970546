"""Tables of the answers that `answers_on_sets.py --results FILE.jsonl` wrote, also while it still runs.

    python examples/measure/answer_tables.py FILE.jsonl … [--arms raw,balanced] [--at-least 20]

One table for each set and model: means with 95 % intervals by bootstrap over cases, and paired differences to the raw list and
to the best arm by hand, which is chosen by the mean of the same column on the same cases. An arm's own n is that of the cases
that it answered; a difference counts the cases of both arms. Where a file has a case twice, the later line counts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from answer_arms import by_hand

from ctxshape.evaluation.metrics.statistics import Estimate, difference, estimate

Results = dict[str, dict[str, dict[str, float]]]  # arm -> id of the case -> column -> value
_MEASURES = {"answer": "best subspan EM", "computed answer": "computed answers", "f1": "token F1", "rouge": "ROUGE-L"}


def shown(value: Estimate) -> str:
    """Formats a mean with its interval."""
    return f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}]"


def signed(value: Estimate) -> str:
    """Formats a difference with its interval; the sign is always there."""
    return f"{value.mean:+.2f} [{value.low:+.2f}, {value.high:+.2f}]"


def read_results(paths: Iterable[Path]) -> dict[tuple[str, str, str], Results]:
    """Returns the results by set, half and model."""
    found: dict[tuple[str, str, str], Results] = {}
    for path in paths:
        for line in path.read_text().splitlines():
            row: dict[str, Any] = json.loads(line)
            results = found.setdefault((row["set"], row["half"], row["model"]), {})
            results.setdefault(row["arm"], {})[row["id"]] = row["columns"]
    return found


def column(cases: dict[str, dict[str, float]], name: str) -> dict[str, float]:
    """Returns one column by case, without the cases that do not have it."""
    return {id: columns[name] for id, columns in cases.items() if name in columns}


def paired(own: dict[str, float], other: dict[str, float]) -> str:
    """Returns the difference over the cases of both, with n where it is not that of `own`."""
    both = [id for id in own if id in other]
    if not both:
        return ""
    change = signed(difference([[own[id]] for id in both], [[other[id]] for id in both]))
    return change if len(both) == len(own) else f"{change}, n = {len(both)}"


def table(results: Results, arms: Sequence[str] | None = None, base: str = "raw") -> list[str]:
    """Returns the lines of a Markdown table: one for each measure and arm."""
    lines = [f"| arm | measure | mean | against {base} | against the best by hand | n | tokens | seconds |", "|---" * 8 + "|"]
    chosen = [arm for arm in arms or results if arm in results]
    for name, title in _MEASURES.items():
        values = {arm: column(results[arm], name) for arm in results}
        hands = {arm: sum(own.values()) / len(own) for arm, own in values.items() if by_hand(arm) and own}
        best = max(hands, key=lambda arm: hands[arm], default="")
        for arm in chosen:
            own = values[arm]
            if not own:
                continue
            against = [paired(own, values[other]) if other in values and other != arm else "" for other in (base, best)]
            mark = " (best by hand)" if arm == best else ""
            mean = shown(estimate([[value] for value in own.values()]))
            lines.append(f"| {arm}{mark} | {title} | {mean} | {' | '.join(against)} | {len(own)} | {_costs(results[arm])} |")
    return lines


def _costs(cases: dict[str, dict[str, float]]) -> str:
    tokens, seconds = ([*column(cases, name).values()] for name in ("tokens", "seconds"))
    return f"{sum(tokens) / len(tokens):,.0f} | {f'{median(seconds):.1f} (n = {len(seconds)})' if seconds else ''}"


def main() -> None:
    """Prints a table for each set and model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--arms", help="such as raw,balanced; all if not given, in the order of the file")
    parser.add_argument("--at-least", type=int, default=1, help="leave out arms with fewer cases")
    arguments = parser.parse_args()
    for (name, half, model), results in read_results(arguments.files).items():
        results = {arm: cases for arm, cases in results.items() if len(cases) >= arguments.at_least}
        lines = table(results, arguments.arms.split(",") if arguments.arms else None)
        print("\n".join([f"\n{name}, half: {half}, {model}", "", *lines]))


if __name__ == "__main__":
    main()

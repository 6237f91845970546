"""The arms of `answers_on_sets.py`: from a case with its passages to the context that a model reads.

- `raw`: all passages; `gold`: the gold passages alone;
- `passages-3`: the three best passages by the embedder, best first; `passages@512`: all of them that fit into 512 tokens;
- `light`, `balanced`, `thorough`: the presets; `balanced@512`: with a budget of 512 tokens.

A reranker of `thorough` is the answering model, by the likelihood of the question, as in `shape(…, backend=model)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from by_hand import BestPassages
from real_cases import RealCase

from ctxshape import Context, PipelineSpec
from ctxshape.core.protocols import Backend, Embedder
from ctxshape.core.tokens import CountOnce

Arm = Callable[[RealCase], Context]
_NAME = re.compile(r"(raw|gold|passages|light|balanced|thorough)(?:-(\d+))?(?:@(\d+))?")


class Models(NamedTuple):
    """The models that arms use. `budget` is that of presets, and of whole passages, whose name has none."""

    embedder: Embedder | None
    counter: CountOnce
    backend: Backend | None = None
    budget: int | None = None


def arms_of(names: Iterable[str], models: Models) -> dict[str, Arm]:
    """Returns the arms by their names, with the budget that they have."""
    return dict(_arm(name, models) for name in names)


def by_hand(name: str) -> bool:
    """Returns whether an arm is what can easily be done by hand."""
    return name.startswith("passages")


def _arm(name: str, models: Models) -> tuple[str, Arm]:
    match = _NAME.fullmatch(name)
    if match is None or (match[2] and match[1] != "passages") or (match[3] and match[1] in ("raw", "gold")):
        raise SystemExit(f"there is no arm {name!r}; arms are such as raw, gold, passages-3, passages@512, light, balanced@512")
    kind, most = match[1], match[2] and int(match[2])
    if kind == "raw":
        return name, lambda case: case.context
    if kind == "gold":
        return name, lambda case: case.context.keep([d for d in case.context.documents if d.id in case.gold])
    budget = int(match[3]) if match[3] else None if most else models.budget
    if kind == "passages":
        if not most and not budget:
            raise SystemExit("'passages' needs a number or a budget: passages-3 or passages@512")
        shaping: Callable[[Context], Context] = BestPassages(_embedder(models, name), models.counter, most or None, budget)
    else:
        shaping = _preset(kind, budget, models)
    return name if match[3] or not budget else f"{name}@{budget}", partial(_shaped, shaping)


def _preset(name: str, budget: int | None, models: Models) -> Callable[[Context], Context]:
    given: dict[str, Any] = {} if name == "light" else {"embedder": _embedder(models, name)}
    if name == "thorough":
        given["backend"] = models.backend
    return PipelineSpec(preset=name, budget=budget, counter=models.counter, **given).resolve()


def _shaped(shaping: Callable[[Context], Context], case: RealCase) -> Context:
    return shaping(case.context)


def _embedder(models: Models, name: str) -> Embedder:
    if models.embedder is None:
        raise SystemExit(f"{name!r} needs an embedder; give --embedder")
    return models.embedder

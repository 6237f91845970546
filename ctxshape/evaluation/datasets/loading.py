"""Loads cases from a file, or from a data set by its name.

A data set is one function that takes `n` and `seed` by name and returns an iterable of Case. An entry point in the group
`ctxshape.datasets` registers it; the built-in data sets are registered in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import Literal

from ctxshape.core import registry
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.datasets.forms import check_case, read_cases

_DEFAULT_N = 100  # cases of a data set if n is not given
_GROUP = "datasets"
_SLICES = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}


def load_cases(
    data: str,
    *,
    n: int | None = None,
    seed: int = 0,
    split: Literal["all", "even", "odd"] = "all",
    gold: bool = True,
) -> list[Case]:
    """Returns the first `n` cases of a file, or `n` cases (by default 100) that a data set generates from `seed`.

    For a file (see `read_cases` for the forms), `split` selects the even or odd records, counted from 0 without blank
    lines, so that one half can be used for tuning and the other for reporting; `n` counts the selected ones. With `gold`
    False, a file need not mark the gold passages. A file takes precedence over a data set of the same name. Raises
    InvalidInput for a faulty file or data set, and for fewer cases than requested; ConfigError for a name that is neither
    a file nor a data set.
    """
    if n is not None and n < 1:
        raise InvalidInput(f"n is {n}; give at least 1")
    if split not in _SLICES:
        raise ConfigError(f"split is {split!r}; give all, even or odd")
    if (not os.path.exists(data) or os.path.isdir(data)) and data in registry.component_names(_GROUP):
        if split != "all":
            raise ConfigError(f"split is {split!r}, but {data!r} is a data set, not a file; use another seed for other cases")
        return _first(_generate(data, n or _DEFAULT_N, seed), n, f"data set {data!r}")
    if not os.path.exists(data):
        named = ", ".join(registry.component_names(_GROUP)) or "none"
        raise ConfigError(f"no file or data set is named {data!r}; installed data sets are: {named}")
    return _first(read_cases(data, gold=gold)[_SLICES[split]], n, data if split == "all" else f"{data}, {split} lines,")


def _first(cases: list[Case], n: int | None, source: str) -> list[Case]:
    if not cases:
        raise InvalidInput(f"{source} has 0 cases; give one with at least 1")
    if len(cases) < (n or 1):
        raise InvalidInput(f"{source} has {len(cases)} cases, but n is {n}; give at most {len(cases)}")
    return cases[:n]


def _generate(name: str, n: int, seed: int) -> list[Case]:
    """Returns at most `n` cases of a data set, each of them checked."""
    generated: object = registry.load_component(_GROUP, name)(n=n, seed=seed)
    if not isinstance(generated, Iterable):
        raise InvalidInput(f"data set {name!r} returned {type(generated).__name__}; return an iterable of Case")
    cases: list[Case] = []
    places: dict[str, int] = {}
    for number, case in enumerate(islice(generated, n), 1):
        place = f"data set {name!r}, case {number}"
        if not isinstance(case, Case):
            raise InvalidInput(f"{place} is {type(case).__name__}; give a Case")
        check_case(case, place)
        if places.setdefault(case.id, number) != number:
            raise InvalidInput(f"{place} has the same id {case.id!r} as case {places[case.id]}; ids must be unique")
        cases.append(case)
    return cases

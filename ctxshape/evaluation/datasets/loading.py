"""Cases by the path of a file or by the name of a data set. A data set of one's own is one function.

The function takes `n` and `seed` by name and gives cases; an entry point of the group `ctxshape.datasets` names it.
The built-in ones come in by the same door.
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

COUNT = 100  # cases of a data set for which no number is asked
_GROUP = "datasets"
_SLICES = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}


def load(data: str, *, n: int | None = None, seed: int = 0, split: Literal["all", "even", "odd"] = "all") -> list[Case]:
    """The first `n` cases of a file, or `n` of a named data set (100 if not given), which `seed` decides.

    Of a file (see `read_cases` for the forms) `split` takes the even or odd records, counted from 0 without blank
    lines, so that one half can be tuned on and the other reported; `n` counts what is left. A file wins over a data
    set of the same name. Raises InvalidInput for a faulty file or function, for a name that is neither, and for more
    cases than there are.
    """
    if n is not None and n < 1:
        raise InvalidInput(f"n is {n}; give at least 1")
    if split not in _SLICES:
        raise ConfigError(f"split is {split!r}; give all, even or odd")
    if (not os.path.exists(data) or os.path.isdir(data)) and data in registry.component_names(_GROUP):
        if split != "all":
            raise ConfigError(f"split is {split!r}, and {data!r} is no file; another seed gives other cases")
        return _first(_made(data, n or COUNT, seed), n, f"data set {data!r}")
    if not os.path.exists(data):
        named = ", ".join(registry.component_names(_GROUP)) or "none"
        raise ConfigError(f"there is neither a file nor a data set named {data!r}; installed data sets are: {named}")
    return _first(read_cases(data)[_SLICES[split]], n, data if split == "all" else f"{data}, {split} lines,")


def _first(cases: list[Case], n: int | None, what: str) -> list[Case]:
    if len(cases) < (n or 1):
        raise InvalidInput(f"{what} has {len(cases)} cases and should have {n or 1}; ask for no more than there are")
    return cases[:n]


def _made(name: str, n: int, seed: int) -> list[Case]:
    """At most `n` cases of a data set's function, checked."""
    made: object = registry.load_component(_GROUP, name)(n=n, seed=seed)
    if not isinstance(made, Iterable):
        raise InvalidInput(f"data set {name!r} gave {type(made).__name__}; its function gives an iterable of Case")
    cases: list[Case] = []
    places: dict[str, int] = {}
    for number, case in enumerate(islice(made, n), 1):
        place = f"data set {name!r}, case {number}"
        if not isinstance(case, Case):
            raise InvalidInput(f"{place} is {type(case).__name__}; give a Case")
        check_case(case, place)
        if places.setdefault(case.id, number) != number:
            raise InvalidInput(f"{place} has the id {case.id!r} of case {places[case.id]}; ids must be unique")
        cases.append(case)
    return cases

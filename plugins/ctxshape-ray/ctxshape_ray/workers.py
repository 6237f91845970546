"""The number of workers of a job, and the resources of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from ctxshape import ConfigError
from ctxshape.core.component import Component


class Workers(Component):
    """From `least` to `most` actors (None: as many as the cluster has room for), each of which loads its models once.

    Ray reserves `num_cpus` cores, `num_gpus` GPUs and `memory` bytes for each; None is Ray's default, one core without a
    GPU. A llama.cpp model without `n_threads` gets one thread for each whole core. A worker takes `batch_size` rows out of
    Ray's store at a time, and works on `at_once` of them; more than one helps only if rows wait for a server.

    Ray retries a row whose process dies, of too little memory or in a library; after `tries` deaths it gets an error
    instead of a result. `options` are further named arguments of Ray's `map_batches`, such as `accelerator_type`,
    `resources`, `label_selector` and `runtime_env`. Raises ConfigError if `most` is below `least`.

    >>> Workers.of(2) == Workers(least=2, most=2), Workers.of((1, 8)) == Workers(least=1, most=8)
    (True, True)
    """

    least: Annotated[int, Field(ge=1)] = 1
    most: Annotated[int, Field(ge=1)] | None = None
    num_cpus: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    num_gpus: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    memory: Annotated[int, Field(ge=1)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 32
    at_once: Annotated[int, Field(ge=1)] = 1
    tries: Annotated[int, Field(ge=1)] = 3
    options: Mapping[str, Any] = {}

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  as in Component
        super().__init__(**fields)
        if self.most is not None and self.most < self.least:
            raise ConfigError(f"Workers: most is {self.most}, and least is {self.least}; give most >= least, or None")

    @classmethod
    def of(cls, given: Workers | int | tuple[int, int | None]) -> Workers:
        """Returns the workers that are meant: as they are, a fixed number, or (least, most). Raises ConfigError."""
        if isinstance(given, Workers):
            return given
        if isinstance(given, int):
            return cls(least=given, most=given)
        if isinstance(given, tuple) and len(given) == 2:
            return cls(least=given[0], most=given[1])
        raise ConfigError(f"workers is {given!r:.200}; give a number, (least, most), or Workers(...)")

    @property
    def threads(self) -> int:
        """The threads of a model in one worker."""
        return max(1, int(self.num_cpus or 1))

"""Finds methods by name; a method is a name, a pipeline and a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ctxshape.core import registry
from ctxshape.core.component import Component
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Backend, Reader, Transform
from ctxshape.core.reach import Allow
from ctxshape.errors import ConfigError
from ctxshape.evaluation.baselines import HintToMiddle, KeepGold, KeepNothing, MoveGold, ReadNothing, Shuffle
from ctxshape.presets import PRESETS, USE_EMBEDDER, USE_RERANKER
from ctxshape.readers.once import ReadOnce
from ctxshape.readers.voting import PermutationVote
from ctxshape.spec import EmbedderLike, PipelineSpec, RerankerLike
from ctxshape.transforms.duplicates import DropDuplicates
from ctxshape.transforms.extract import KeepKeySentences
from ctxshape.transforms.rank import RankByRelevance
from ctxshape.transforms.reorder import Reorder
from ctxshape.transforms.summarize import SummarizeBlocks

SEED_VOTES = 4


class Method(NamedTuple):
    """A pipeline with a reader, under the name that the report shows."""

    name: str
    pipeline: Transform
    reader: Reader


Maker = Callable[[Backend, int], tuple[Transform, Reader]]  # takes a backend and a seed


def _shaped(*steps: Transform) -> Maker:
    return lambda backend, seed: (Pipeline(*steps), ReadOnce(backend=backend))


def _vote(backend: Backend, seed: int) -> Reader:
    return PermutationVote(backend=backend, votes=SEED_VOTES, seed=seed)


def _all_together(backend: Backend, seed: int) -> tuple[Transform, Reader]:
    pipeline = Pipeline(
        DropDuplicates(),
        RankByRelevance(),
        KeepKeySentences(),
        SummarizeBlocks(backend=backend),
        Reorder(),
        HintToMiddle(),
    )
    return pipeline, _vote(backend, seed)


BASELINES: Mapping[str, Maker] = MappingProxyType(
    {
        "raw": _shaped(),
        "shuffle": lambda backend, seed: (Pipeline(Shuffle(seed=seed)), ReadOnce(backend=backend)),
        "gold-first": _shaped(MoveGold(to="first")),
        "gold-last": _shaped(MoveGold(to="last")),
        "oracle": _shaped(KeepGold()),
        "closed-book": lambda backend, seed: (Pipeline(KeepNothing()), ReadNothing(backend=backend)),
        "top-3": _shaped(RankByRelevance(top=3)),
        "top-5": _shaped(RankByRelevance(top=5)),
    }
)
SEED: Mapping[str, Maker] = MappingProxyType(
    {
        "raw": BASELINES["raw"],
        "hint": _shaped(HintToMiddle()),
        "edges": _shaped(RankByRelevance(), Reorder()),
        "summaries": lambda backend, seed: (Pipeline(SummarizeBlocks(backend=backend)), ReadOnce(backend=backend)),
        "dedup": _shaped(DropDuplicates()),
        "key-sentences": _shaped(KeepKeySentences()),
        "vote": lambda backend, seed: (Pipeline(), _vote(backend, seed)),
        "all-together": _all_together,
    }
)
# Values for fields that have no default; a field named "backend" gets the backend.
_NEEDED: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {"fit_budget": {"tokens": 512}, "when": {"min_documents": 7, "then": RankByRelevance()}}
)


def method_groups() -> dict[str, tuple[str, ...]]:
    """Returns the names that stand for several methods, with those methods."""
    return {
        "baselines": tuple(BASELINES),
        "presets": tuple(PRESETS),
        "transforms": registry.component_names("transforms"),
        "readers": registry.component_names("readers"),
        "seed": tuple(SEED),
    }


def ungrouped(names: Sequence[str]) -> list[str]:
    """Returns the names with each group replaced by its methods, each once."""
    known = method_groups()
    return list(dict.fromkeys(name for given in names for name in known.get(given, (given,))))


def methods(
    names: Sequence[str],
    backend: Backend,
    seed: int = 0,
    embedder: EmbedderLike | None = None,
    reranker: RerankerLike | None = None,
    allow: Allow = (),
) -> list[Method]:
    """Returns the methods of these names, each once.

    A name is a baseline (`raw`, `oracle`, …), a preset, a transform alone, a reader over the list as it is, the path
    of a TOML pipeline, or a group of them (see `method_groups`). `light+permutation_vote` is a pipeline with a reader.
    A group leaves out methods that the backend cannot run, such as those that read attention. `embedder` and `reranker`
    are for the presets that use them, and `allow` is what pipeline files may reach. Raises ConfigError naming the methods
    there are, and for a model that no method uses.
    """
    wanted = ungrouped(names)
    if not wanted:
        raise ConfigError(f"no method was named; give some of: {_all_names()}")
    _check_used(wanted, "embedder", embedder, USE_EMBEDDER)
    _check_used(wanted, "reranker", reranker, USE_RERANKER)

    def shaping(name: str) -> Pipeline:
        if name not in PRESETS:
            return PipelineSpec(pipeline=name, backend=backend, allow=allow).resolve()
        models = {
            "embedder": embedder if name in USE_EMBEDDER else None,
            "reranker": reranker if name in USE_RERANKER else None,
        }
        return PipelineSpec(preset=name, backend=backend, **models).resolve()

    found = []
    for name in wanted:
        try:
            found.append(_method(name, backend, seed, shaping))
        except ConfigError:
            if name in names:
                raise  # a group leaves out the methods that this backend cannot run
    return found


def _check_used(names: Sequence[str], option: str, model: object, presets: Sequence[str]) -> None:
    """Raises ConfigError for a model that none of the methods uses."""
    shaped_by = {*names} | {name.rpartition("+")[0] for name in names}  # of light+permutation_vote the first
    if model is not None and shaped_by.isdisjoint(presets):
        raise ConfigError(
            f"{option} is given, but the methods {', '.join(names)} use none; leave it out, or add {' or '.join(presets)}"
        )


def _method(name: str, backend: Backend, seed: int, shaping: Callable[[str], Pipeline]) -> Method:
    if name in BASELINES or name in SEED:
        return Method(name, *{**SEED, **BASELINES}[name](backend, seed))
    first, plus, second = name.rpartition("+")
    if plus and second in registry.component_names("readers"):
        return Method(name, _method(first, backend, seed, shaping).pipeline, _component("readers", second, backend, seed))
    if name in registry.component_names("readers"):
        return Method(name, Pipeline(), _component("readers", name, backend, seed))
    return Method(name, _pipeline(name, backend, seed, shaping), ReadOnce(backend=backend))


def _pipeline(name: str, backend: Backend, seed: int, shaping: Callable[[str], Pipeline]) -> Transform:
    if name in PRESETS or name.endswith(".toml"):
        return shaping(name)
    if name in registry.component_names("transforms"):
        return Pipeline(_component("transforms", name, backend, seed))
    raise ConfigError(
        f"there is no method {name!r}; methods are: {_all_names()}, a pipeline with a reader as in light+read_once"
    )


def _component(group: str, name: str, backend: Backend, seed: int) -> Any:  # noqa: ANN401  a transform or a reader
    made = registry.load_component(group, name)
    if not (isinstance(made, type) and issubclass(made, Component)):
        return made() if isinstance(made, type) else made
    given: dict[str, object] = {"backend": backend, "counter": backend, "seed": seed, **_NEEDED.get(name, {})}
    fields = {field: value for field, value in given.items() if field in made.model_fields}
    try:
        return made(**fields)
    except ConfigError as error:
        raise ConfigError(f"method {name!r}: {error}; write a pipeline file with its fields and name that") from None


def _all_names() -> str:
    single = dict.fromkeys(
        [*BASELINES, *SEED, *PRESETS, *registry.component_names("transforms"), *registry.component_names("readers")]
    )
    return f"{', '.join(single)}; the groups {', '.join(method_groups())}; the path of a pipeline as .toml"

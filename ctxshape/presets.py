"""Named pipelines. Each is a few lines; copy one and change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ctxshape.errors import ConfigError
from ctxshape.pipeline import Pipeline
from ctxshape.transforms.dedup import DropDuplicates
from ctxshape.transforms.denoise import DropEmpty
from ctxshape.transforms.extract import KeepKeySentences
from ctxshape.transforms.order import OrderToEdges
from ctxshape.transforms.rank import RankByRelevance


def raw() -> Pipeline:
    """Nothing: the list as it was retrieved, for comparison."""
    return Pipeline()


def light() -> Pipeline:
    """No model: copies out, BM25 over documents and their sentences, the best at the edges."""
    return Pipeline(DropEmpty(), DropDuplicates(), RankByRelevance(), KeepKeySentences(ratio=0.2), OrderToEdges())


PRESETS: Mapping[str, Callable[[], Pipeline]] = MappingProxyType({"raw": raw, "light": light})


def preset(name: str) -> Pipeline:
    """The preset of a name. Raises ConfigError naming those there are.

    >>> [type(step).__name__ for step in preset("light").steps][:2]
    ['DropEmpty', 'DropDuplicates']
    """
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; presets are: {', '.join(PRESETS)}")
    return PRESETS[name]()

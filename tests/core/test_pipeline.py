from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from ctxshape import (
    ConfigError,
    Context,
    DropDuplicates,
    FitBudget,
    InvalidInput,
    KeepKeySentences,
    Pipeline,
    RankByRelevance,
    Reorder,
    SummarizeBlocks,
)
from ctxshape.core.tokens import EstimateCounter
from ctxshape.testing import ScriptedBackend


def drop_first(context: Context) -> Context:
    """A plain function is a transform."""
    return context.keep(context.documents[1:], {d.id: "it was first" for d in context.documents[:1]})


def test_the_trace_says_what_each_step_did() -> None:
    context = Context.of("q", ["same text", "same text", "other text"])
    shaped = Pipeline(DropDuplicates(threshold=0.9), drop_first, counter=EstimateCounter())(context)
    first, second = shaped.trace.steps
    assert (first.name, second.name) == ("DropDuplicates", "drop_first")
    assert first.params["threshold"] == 0.9
    assert (first.before, first.after) == (("d1", "d2", "d3"), ("d1", "d3"))
    assert (first.dropped, second.dropped) == ({"d2": "exact duplicate of 'd1'"}, {"d1": "it was first"})
    # "Document [1] same text\n": Document 2, [ ] 1 3, same 1, text 1, line end 1
    assert (first.tokens_before, first.tokens_after, second.tokens_after) == (24, 16, 8)
    assert shaped.trace.counter == "EstimateCounter()"
    assert shaped.trace.dropped == {"d2": "DropDuplicates: exact duplicate of 'd1'", "d1": "drop_first: it was first"}
    assert first.seconds >= 0
    assert (context.trace.steps, shaped.dropped, shaped.notes) == ((), {}, {})


def test_pipelines_nest_flat() -> None:
    inner = Pipeline(drop_first, Reorder())
    assert Pipeline(DropDuplicates(), inner, Pipeline(Pipeline(drop_first))).steps == (
        DropDuplicates(),
        drop_first,
        Reorder(),
        drop_first,
    )


def test_an_empty_pipeline_is_the_identity() -> None:
    context = Context.of("q", ["a"])
    assert Pipeline()(context) == context


def test_a_second_pipeline_adds_to_the_trace() -> None:
    once = Pipeline(drop_first)(Context.of("q", ["a", "b", "c"]))
    assert [step.before for step in Pipeline(drop_first)(once).trace.steps] == [("d1", "d2", "d3"), ("d2", "d3")]


def test_a_reason_that_was_not_given_is_shown_as_such() -> None:
    shaped = Pipeline(lambda context: context.keep([]))(Context.of("q", ["a"]))
    assert shaped.trace.steps[0].dropped == {"d1": "no reason given"}


@pytest.mark.parametrize("step", [5, "drop_first", DropDuplicates, None])
def test_what_is_no_transform_is_refused(step: Any) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match=r"step 2 .*(Context|DropDuplicates\(\))"):
        Pipeline(drop_first, step)


def test_a_transform_must_return_a_context() -> None:
    with pytest.raises(InvalidInput, match="NoneType"):
        Pipeline(lambda context: None)(Context.of("q", ["a"]))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="d1.*d1"):
        Pipeline(lambda context: context.keep(context.documents * 2))(Context.of("q", ["a"]))


FULL = Pipeline(
    DropDuplicates(threshold=0.9),
    RankByRelevance(top=5),
    KeepKeySentences(top_k=3),
    SummarizeBlocks(backend=ScriptedBackend(reply="NONE", n_ctx=999), documents_per_block=2),
    Reorder(strategy="weights", weights=(1.0, 0.5)),
    FitBudget(tokens=100),
)


def test_a_configuration_goes_there_and_back() -> None:
    config = FULL.to_config()
    assert config["step"][0] == {"use": "drop_duplicates", "threshold": 0.9}
    assert config["step"][3]["backend"] == {"use": "scripted", "reply": "NONE", "n_ctx": 999}
    assert Pipeline.from_config(config) == FULL


def test_a_pipeline_pickles_and_shows_itself() -> None:
    assert pickle.loads(pickle.dumps(FULL)) == FULL
    assert "DropDuplicates(threshold=0.9" in repr(FULL)


def test_a_toml_file(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text('[[step]]\nuse = "keep_key_sentences"\ntop_k = 2\n[[step]]\nuse = "reorder"\nstrategy = "front"\n')
    assert Pipeline.from_config(file).steps == (KeepKeySentences(top_k=2), Reorder(strategy="front"))
    assert Pipeline.from_config(str(file)) == Pipeline.from_config(file)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"step": [{"use": "drop_dupes"}]},
            "step 1: there is no transform named 'drop_dupes'; did you mean 'drop_duplicates'? Installed are: ",
        ),
        (
            {"step": [{"use": "drop_duplicates", "treshold": 1}]},
            "step 1: DropDuplicates has no field 'treshold'; its fields are: threshold, containment",
        ),
        (
            {"step": [{"use": "drop_duplicates", "threshold": 7}]},
            "field 'threshold': Input should be less than or equal to 1; it was 7",
        ),
        ({"step": [{"use": "fit_budget"}]}, "FitBudget needs the field 'tokens'; its fields are: tokens, counter"),
        ({"step": [{"threshold": 1}]}, "step 1 is {'threshold': 1}; give a table with use = \"name\""),
        (
            {"step": [{"use": "fit_budget", "tokens": 9, "counter": {"use": "nobody"}}]},
            "field 'counter': there is no component named 'nobody'",
        ),
        ({"step": [{"use": "fit_budget", "tokens": 9, "counter": {"use": "drop_empty"}}]}, "field 'counter'"),
        ({"steps": []}, "the configuration needs one field, 'step', a list of tables; it has ['steps']"),
        ({}, "it has []"),
    ],
)
def test_a_wrong_configuration_is_named(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Pipeline.from_config(config)
    assert message in str(caught.value)


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="missing.toml"):
        Pipeline.from_config(tmp_path / "missing.toml")
    (tmp_path / "bad.toml").write_text("[[step")
    with pytest.raises(ConfigError, match="bad.toml.*TOML"):
        Pipeline.from_config(tmp_path / "bad.toml")


def test_what_has_no_name_has_no_configuration() -> None:
    with pytest.raises(ConfigError, match="drop_first.*ctxshape.transforms"):
        Pipeline(drop_first).to_config()

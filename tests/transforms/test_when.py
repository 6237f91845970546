from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from ctxshape import ConfigError, Context, DropDuplicates, DropEmpty, Pipeline, RankByRelevance, Reorder
from ctxshape.core.tokens import EstimateCounter
from ctxshape.core.types import Document
from ctxshape.testing import check_transform
from ctxshape.transforms.when import When


def drop_last(context: Context) -> Context:
    """A plain function is a step."""
    last = context.documents[-1:]
    return context.keep(
        context.documents[:-1], {d.id: "it was last" for d in last}, {d.id: "kept" for d in context.documents[:-1]}
    )


def texts(n: int) -> Context:
    return Context.of("q", [f"text {i}" for i in range(n)])


def ids(context: Context) -> list[str]:
    return [document.id for document in context.documents]


@pytest.mark.parametrize(("n", "left"), [(1, 1), (2, 1), (4, 3), (5, 5)])
def test_bounds_are_included(n: int, left: int) -> None:
    assert len(When(min_documents=2, max_documents=4, then=drop_last)(texts(n)).documents) == left


def test_tokens_are_counted_as_the_prompt_shows_them() -> None:
    counter = EstimateCounter()
    # "Document [1] text 0\n": Document 2, [ ] 1 3, text 1, 0 1, line end 1
    assert len(When(min_tokens=16, counter=counter, then=drop_last)(texts(2)).documents) == 1
    assert len(When(min_tokens=17, counter=counter, then=drop_last)(texts(2)).documents) == 2


def test_all_conditions_must_hold() -> None:
    step = When(min_documents=2, min_tokens=10_000, then=drop_last, otherwise=[drop_last, drop_last])
    assert ids(step(texts(4))) == ["d1", "d2"]
    assert ids(step(texts(1))) == []


def test_reasons_and_notes_of_all_steps_come_together() -> None:
    def make(context: Context) -> Context:
        new = Document(id="new", text="t", kind="rewrite")
        return context.keep([new, *context.documents], notes={"d1": "seen"})

    def drop_new(context: Context) -> Context:
        return context.keep(context.documents[1:], {"new": "no use"})

    shaped = When(min_documents=1, then=[make, drop_last, drop_new])(texts(3))
    assert ids(shaped) == ["d1", "d2"]
    assert shaped.dropped == {"d3": "it was last"}
    assert shaped.notes == {"d1": "seen; kept", "d2": "kept"}


def test_the_trace_has_the_decision_and_the_inner_steps() -> None:
    step = When(min_documents=3, then=Pipeline(drop_last, Reorder(strategy="given")), otherwise=Reorder())
    shaped = Pipeline(step, drop_last, counter=EstimateCounter())(texts(3))
    assert [entry.name for entry in shaped.trace.steps] == ["When", "drop_last", "Reorder", "drop_last"]
    decision, inner, _, last = shaped.trace.steps
    assert (decision.before, decision.after, decision.dropped) == (("d1", "d2", "d3"), ("d1", "d2", "d3"), {})
    assert decision.params["taken"] == "then: 3 documents"
    assert decision.params["min_documents"] == 3
    assert (decision.tokens_before, decision.tokens_after, inner.tokens_after, last.tokens_after) == (24, 24, 16, 8)
    assert shaped.trace.dropped == {"d3": "drop_last: it was last", "d2": "drop_last: it was last"}


@pytest.mark.parametrize(
    ("step", "taken", "names"),
    [
        (When(min_documents=3, then=drop_last), "nothing: 2 documents, below 3", ["When"]),
        (When(max_documents=1, then=drop_last), "nothing: 2 documents, above 1", ["When"]),
        (
            When(min_tokens=17, counter=EstimateCounter(), then=drop_last, otherwise=Reorder()),
            "otherwise: 16 tokens, below 17",
            ["When", "Reorder"],
        ),
        (
            When(max_documents=2, then=When(min_documents=2, then=drop_last)),
            "then: 2 documents",
            ["When", "When", "drop_last"],
        ),
    ],
)
def test_what_was_taken_and_why(step: When, taken: str, names: list[str]) -> None:
    trace = Pipeline(step)(texts(2)).trace
    assert trace.steps[0].params["taken"] == taken
    assert [entry.name for entry in trace.steps] == names


def test_alone_or_in_a_pipeline_it_does_the_same() -> None:
    step = When(min_documents=2, then=[RankByRelevance(top=2), When(min_documents=2, then=drop_last)])
    context = Context.of("old mill", ["a mouse", "a mill", "an old mill"])
    alone, piped = step(context), Pipeline(step)(context)
    assert alone.documents == piped.documents
    assert ids(alone) == ["d3"]
    assert alone.dropped == {"d1": "rank 3 of 3, below the best 2", "d2": "it was last"}
    assert alone.trace.steps == ()


def test_the_contract() -> None:
    check_transform(When(min_documents=2, then=RankByRelevance(top=1), otherwise=Reorder()))
    check_transform(When(min_tokens=5, then=[DropDuplicates(), Reorder()]))
    check_transform(When(min_documents=2, then=Pipeline(DropDuplicates(), Reorder())))


def test_one_line_of_a_configuration(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(
        '[[step]]\nuse = "when"\nmin_documents = 7\nthen = { use = "rank_by_relevance" }\n'
        '[[step]]\nuse = "when"\nmin_tokens = 9\notherwise = { use = "reorder" }\n'
        'then = [{ use = "rank_by_relevance", top = 5 }, { use = "when", max_documents = 3, then = { use = "drop_empty" } }]\n'
    )
    pipeline = Pipeline.from_config(file)
    assert pipeline.steps == (
        When(min_documents=7, then=RankByRelevance()),
        When(
            min_tokens=9,
            then=[RankByRelevance(top=5), When(max_documents=3, then=DropEmpty())],
            otherwise=Reorder(),
        ),
    )
    assert pipeline.to_config()["step"][0] == {"use": "when", "min_documents": 7, "then": {"use": "rank_by_relevance"}}
    assert Pipeline.from_config(pipeline.to_config()) == pipeline


def test_a_mistake_inside_is_named() -> None:
    config = {"step": [{"use": "when", "min_documents": 7, "then": {"use": "rank_by_relevance", "topp": 1}}]}
    with pytest.raises(ConfigError, match=r"step 1, .*'then'.*RankByRelevance .*'topp'.* top, "):
        Pipeline.from_config(config)


def test_it_pickles_and_shows_itself() -> None:
    step = When(min_documents=7, then=RankByRelevance(top=5))
    assert pickle.loads(pickle.dumps(step)) == step
    assert repr(step) == (
        "When(min_documents=7, max_documents=None, min_tokens=None, then=RankByRelevance(top=5, scorers=(Bm25(),), "
        "fusion='standard', rerank_depth=None), otherwise=None, counter=None)"
    )
    then = {"type": "RankByRelevance", "top": 5, "scorers": [{"type": "Bm25"}], "fusion": "standard", "rerank_depth": None}
    assert step.parameters()["then"] == then


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"then": drop_last}, "min_documents, max_documents or min_tokens"),
        ({"min_documents": 3, "max_documents": 2, "then": drop_last}, "min_documents 3 .* max_documents 2"),
        ({"min_documents": 3}, "'then'"),
        ({"min_documents": 3, "then": "rank"}, "'then'.*'rank'"),
        ({"min_documents": 3, "then": [RankByRelevance]}, "'then'.*RankByRelevance"),
        ({"min_documents": 3, "then": []}, r"'then'.*\[\]"),
        ({"min_documents": -1, "then": drop_last}, "'min_documents'.*-1"),
    ],
)
def test_a_wrong_configuration_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        When(**fields)

from __future__ import annotations

import asyncio

import pytest

import ctxshape
from ctxshape import (
    BudgetTooSmall,
    ConfigError,
    ContextTooLong,
    InvalidInput,
    KeepKeySentences,
    Passage,
    PermutationVote,
    Pipeline,
    aask,
    ashape,
    ask,
    shape,
)
from ctxshape.core.prompts import document_texts
from ctxshape.core.tokens import TiktokenCounter
from ctxshape.testing import ScriptedBackend

QUERY = "Who invented the telephone?"
PASSAGES: list[Passage] = [
    "Trains were fast. Rails were laid across the country in the 1870s.",
    "The telegraph came first. Morse sent a message in 1844.",
    {
        "title": "Telephone",
        "text": "The telephone was invented by Alexander Graham Bell. He was born in Edinburgh. Weather was fine.",
    },
    "Radio followed later. Marconi worked on it.",
    {
        "title": "Telephone",
        "text": "The telephone was invented by Alexander Graham Bell. He was born in Edinburgh. Weather was fine.",
    },
    "",
]


def test_the_light_preset_keeps_the_evidence_and_explains_the_rest() -> None:
    context = shape(QUERY, PASSAGES)
    assert context.documents[0].text.startswith("The telephone was invented by Alexander Graham Bell.")
    assert context.documents[0].duplicates == ("d5",)
    assert set(context.trace.dropped) | {d.id for d in context.documents} == {f"d{i}" for i in range(1, 7)}
    assert context.trace.steps[-1].tokens_after < context.trace.steps[0].tokens_before


def test_a_budget_holds_in_the_tokens_of_the_backend() -> None:
    for counter in (None, ScriptedBackend()):
        context = shape(QUERY, PASSAGES, preset="raw", budget=40, counter=counter)
        count = (counter or TiktokenCounter()).count_tokens
        assert 0 < sum(map(count, document_texts(QUERY, context.documents))) <= 40


def test_a_pipeline_takes_the_place_of_the_preset() -> None:
    context = shape(QUERY, PASSAGES, pipeline=KeepKeySentences(top_k=1))
    assert [step.name for step in context.trace.steps] == ["KeepKeySentences"]
    assert shape(QUERY, PASSAGES, pipeline=Pipeline()).documents == shape(QUERY, PASSAGES, preset="raw").documents


def test_ask_answers_with_citations_and_cost() -> None:
    backend = ScriptedBackend(reply=lambda prompt: "Alexander Graham Bell" if "Bell" in prompt else "I don't know")
    answer = ask(QUERY, PASSAGES, backend=backend)
    assert (answer.text, answer.abstained) == ("Alexander Graham Bell", False)
    assert [(s.document, s.start, s.end) for s in answer.citations] == [("d3", 0, 52)]
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.shape_seconds > 0
    assert answer.trace.counter == repr(backend)


def test_a_reader_of_your_own() -> None:
    backend = ScriptedBackend(reply="Bell")
    answer = ask(QUERY, PASSAGES, backend=backend, preset="raw", reader=PermutationVote(backend=backend, votes=4))
    assert (len(answer.votes), answer.agreement) == (4, 1.0)


def test_no_documents_abstain_without_a_call() -> None:
    def never(_: str) -> str:
        raise AssertionError("the model was asked")

    answer = ask(QUERY, [], backend=ScriptedBackend(reply=never))
    assert (answer.text, answer.abstained) == ("", True)
    assert shape(QUERY, ["", "\n"]).trace.dropped == {
        "d1": "DropEmpty: its text is empty",
        "d2": "DropEmpty: its text is empty",
    }


def test_async_twins() -> None:
    async def both() -> tuple[ctxshape.Context, ctxshape.Answer]:
        return await asyncio.gather(
            ashape(QUERY, PASSAGES, budget=50), aask(QUERY, PASSAGES, backend=ScriptedBackend(reply="Bell"))
        )

    context, answer = asyncio.run(both())
    assert context.documents == shape(QUERY, PASSAGES, budget=50).documents
    assert answer.text == "Bell"


def test_bad_input_is_named_before_the_model_is_asked() -> None:
    backend = ScriptedBackend(n_ctx=80)
    with pytest.raises(InvalidInput, match="the query is ''"):
        ask("", PASSAGES, backend=backend)
    with pytest.raises(ConfigError, match="'lite'.*raw, light, balanced, thorough"):
        shape(QUERY, PASSAGES, preset="lite")
    with pytest.raises(ConfigError, match="'budget'.* 1.* 0"):
        shape(QUERY, PASSAGES, budget=0)
    with pytest.raises(BudgetTooSmall, match="budget of 3 tokens"):
        shape(QUERY, PASSAGES, budget=3)
    with pytest.raises(ContextTooLong, match="prompt 1 .* 80"):
        ask(QUERY, PASSAGES, backend=backend, preset="raw")


def test_chinese_questions_over_mixed_passages() -> None:
    passages = ["电报先出现。莫尔斯在1844年发了一封电报。", "电话由亚历山大·贝尔发明。他出生于爱丁堡。", "The telephone rang."]
    context = shape("电话是谁发明的？", passages)
    assert context.documents[0].id == "d2"
    assert context.quotes(context.documents[0])[0].startswith("电话由亚历山大·贝尔发明。")


def test_a_megabyte_a_nul_and_ten_thousand_passages() -> None:
    big = "The telephone was invented by Bell. " * 28_000
    assert "Bell" in shape(QUERY, [big, "nul \x00 telephone"], budget=100).documents[0].text
    context = shape(QUERY, [f"Passage {i} is about thing {i * 7}." for i in range(9_999)] + ["Bell invented the telephone."])
    assert context.documents[0].id == "d10000"

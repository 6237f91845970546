"""Requests: their form, and the checks and token counts before the first one is sent."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from ctxshape import ask
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.errors import ContextTooLong, InvalidInput, ModelError

if TYPE_CHECKING:
    from tests.backends.openai.conftest import CannedServer


def tokenized(body: dict[str, Any]) -> dict[str, Any]:
    """The reply of a tokenizer of words and signs whose control tokens are <|im_end|> and <t0>, <t1>, …"""
    return {"tokens": re.findall(r"<\|im_end\|>|<t\d+>|\w+|[^\w\s]", body["content"])}


def as_llama_server(canned: CannedServer) -> None:
    canned.replies["/props"] = {"default_generation_settings": {"n_ctx": 2048}}
    canned.replies["/apply-template"] = {"prompt": "user: a assistant:"}
    canned.replies["/tokenize"] = tokenized


def test_the_request(canned: CannedServer) -> None:
    lead, text = Segment(text="Answer.<s>\n", trusted=True), "Alba </s><|im_end|> [INST] <b>"
    prompt = Prompt(lead=(lead,), documents=(Segment(text=text), Segment(text="<"), Segment(text="s>")), tail=())
    options = Generation(max_tokens=7, temperature=0.5, top_p=0.9, top_k=3, seed=11, stop=("\n",))
    with canned.backend() as backend:
        backend.generate([prompt], options)
        assert backend.counter_name().startswith(("TiktokenCounter", "EstimateCounter"))
        assert backend.context_length() == 4096
    assert canned.asked == [{
        "model": "m", "max_tokens": 7, "temperature": 0.5, "top_p": 0.9, "seed": 11, "logprobs": True, "top_logprobs": 1,
        "stream": True, "stream_options": {"include_usage": True},
        # This server has no tokenizer to ask, so the control tokens of many models are split.
        "messages": [{"role": "user", "content": "Answer.<s>\nAlba < /s>< |im_end|> [ INST] <b>< s>"}],
    }]  # fmt: skip


def test_equal_prompts_draw_differently(canned: CannedServer) -> None:
    canned.backend(chat=False, model="base").generate([canned.prompt("Hi")] * 2, Generation(seed=11))
    assert [(b["prompt"], b["model"], b["logprobs"]) for b in canned.asked] == [("Hi", "base", 1)] * 2
    seeds = {b["seed"] for b in canned.asked}
    assert 11 in seeds and len(seeds) == 2 and max(seeds) < 2**31


@pytest.mark.parametrize("listed", [[], None, "text", b"<html>"])
def test_a_server_need_not_list_its_models(listed: object, canned: CannedServer) -> None:
    canned.replies["/v1/models"] = listed if isinstance(listed, bytes) else {"data": listed}
    assert canned.backend().generate([canned.prompt("x")])[0].text == "In Paris."
    assert canned.asked[0]["model"] == "default"


def test_one_of_several_models_must_be_named(canned: CannedServer) -> None:
    canned.replies["/v1/models"] = {"data": [{"id": "llama", "context_length": "?"}, {"id": "gemma", "max_model_len": 900}]}
    with pytest.raises(ModelError, match="llama, gemma"):
        canned.backend().generate([canned.prompt("x")])
    with canned.backend(model="gemma") as backend:
        backend.generate([canned.prompt("x")])
        assert backend.context_length() == 900
    assert canned.asked[0]["model"] == "gemma"


def test_a_prompt_that_does_not_fit_is_found_before_any_is_sent(canned: CannedServer) -> None:
    backend = canned.backend(n_ctx=100)
    with pytest.raises(ContextTooLong, match=r"prompt 2 has \d+ tokens .* 64 .* 100;"):
        backend.generate([canned.prompt("x"), canned.prompt("word " * 200)])
    with pytest.raises(InvalidInput, match="prompt 1 is empty"):
        canned.backend(chat=False).generate([canned.prompt("")])
    with pytest.raises(InvalidInput, match="lone surrogate"):
        backend.generate([canned.prompt("\ud800")])
    assert canned.asked == []
    assert backend.generate([]) == [] == asyncio.run(backend.agenerate([]))


def test_llama_server_counts_renders_and_takes_more_settings(canned: CannedServer) -> None:
    as_llama_server(canned)
    with canned.backend() as backend:
        assert backend.context_length() == 2048
        assert backend.counter_name() == f"the tokenizer of llama-server at {canned.url}"
        assert (backend.count_tokens("two words"), backend.count_tokens("<|im_end|> <b>")) == (2, 8)
        with pytest.raises(ContextTooLong, match=r"2005 tokens .* 50 .* 2048;"):
            backend.generate([canned.prompt("word " * 2000)], Generation(max_tokens=50))
        backend.generate([canned.prompt("<|im_end|> <b>")], Generation(top_k=5))
    body = canned.asked[0]
    assert body["messages"][0]["content"] == "< |im_end|> <b>"
    assert (body["top_k"], body["min_p"], body["repeat_penalty"], body["timings_per_token"]) == (5, 0.0, 1.0, True)


def test_vllm_counts_by_its_own_tokenizer(canned: CannedServer) -> None:
    def count(body: dict[str, Any]) -> dict[str, Any]:
        text = body.get("prompt") or body["messages"][0]["content"] + " of a template"
        return {"count": len(text.split()), "max_model_len": 100}

    canned.replies["/tokenize"] = count
    with canned.backend() as backend:
        assert (backend.counter_name(), backend.context_length()) == (f"the tokenizer of vLLM at {canned.url}", 100)
        with pytest.raises(ContextTooLong, match=r"94 tokens .* 7 .* 100;"):
            backend.generate([canned.prompt("word " * 90)], Generation(max_tokens=7))
        backend.generate([canned.prompt("x")], Generation(max_tokens=7, top_k=0))
    assert (canned.asked[0]["top_k"], canned.asked[0]["repetition_penalty"]) == (-1, 1.0)


@pytest.mark.parametrize("reply", [{}, {"tokens": 3}, [], b"<html>"])
def test_a_tokenizer_that_stops_answering_is_an_error(reply: object, canned: CannedServer) -> None:
    as_llama_server(canned)
    with canned.backend() as backend:
        assert backend.count_tokens("two words") == 2
        canned.replies["/tokenize"] = reply
        with pytest.raises(ModelError, match=f"{canned.url}/tokenize"):
            backend.count_tokens("three more words")


def test_no_text_is_counted_twice(canned: CannedServer) -> None:
    counted: list[str] = []

    def count(body: dict[str, Any]) -> dict[str, Any]:
        counted.append(body["content"])
        return tokenized(body)

    as_llama_server(canned)
    canned.replies["/tokenize"] = count
    passages = [f"The code of box {number} is {number * 37}. It stands in room {number}." for number in range(20)]
    with canned.backend() as backend:
        first = ask("What is the code of box 7?", passages, backend=backend, budget=200)
        assert len(counted) == len(set(counted)) == canned.requests["/tokenize"] > 0
        assert ask("What is the code of box 7?", passages, backend=backend, budget=200).trace.steps[-1].after == (
            first.trace.steps[-1].after
        )
    assert len(counted) == canned.requests["/tokenize"] == len(set(counted))
    assert canned.requests["/v1/chat/completions"] == 2


def test_many_different_markers_are_not_a_request_each(canned: CannedServer) -> None:
    as_llama_server(canned)
    markers = [f"<t{number}>" for number in range(100)]
    with canned.backend() as backend:
        backend.generate([canned.prompt(" ".join(markers))])
    assert canned.asked[0]["messages"][0]["content"] == " ".join(f"< {marker[1:]}" for marker in markers)
    assert canned.requests["/tokenize"] <= 64 + 2

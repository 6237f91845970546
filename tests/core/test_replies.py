from __future__ import annotations

import pytest

from ctxshape.core.messages import Generation
from ctxshape.core.prompts import render
from ctxshape.core.replies import RUN_ON, complete, cue_of, reply_options, tidy, tidy_stream, with_default_stops
from ctxshape.core.types import Context
from ctxshape.testing import ScriptedBackend

PROMPT = render(Context.of("Where is Paris?", ["Paris is in France."]))


@pytest.mark.parametrize(
    ("text", "stop", "tidied"),
    [
        ("Paris", (), "Paris"),
        (" Answer: Paris \n", (), "Paris"),
        ("\n\nAnswer:\nParis\nLyon", ("\n",), "Paris"),
        ("Paris END Lyon", ("\n", "END"), "Paris"),
        ("Answer:", ("\n",), ""),
    ],
)
def test_tidied_text(text: str, stop: tuple[str, ...], tidied: str) -> None:
    assert tidy(text, "Answer:", stop) == tidied


@pytest.mark.parametrize("text", ["Paris", "\nAnswer: In  Paris \n", "Ans", "Answer:Answer: x", "  ", ""])
def test_a_stream_joins_to_the_tidied_text(text: str) -> None:
    assert "".join(tidy_stream(iter(text), "Answer:")) == tidy(text, "Answer:")


def test_options_know_the_cue_and_where_a_base_model_runs_on() -> None:
    assert cue_of(PROMPT) == "Answer:"
    options = reply_options(PROMPT, Generation(stop=("\n",)))
    assert (options.opening, options.stop) == ("Answer:", ("\n", *RUN_ON))
    assert reply_options(PROMPT, Generation(opening="A:")).opening == "A:"
    assert reply_options(PROMPT, Generation()).stop == ()


def test_default_stops_give_way_to_a_callers_own() -> None:
    assert with_default_stops(Generation(), "a", "b").stop == ("a", "b")
    assert with_default_stops(Generation(stop=("x",)), "a").stop == ("x",)


def test_all_prompts_are_completed_and_tidied() -> None:
    backend = ScriptedBackend(reply="Answer: France\nQuestion: and Lyon?")
    completions = complete(backend, [PROMPT, PROMPT], Generation(stop=("\n",)))
    assert [completion.text for completion in completions] == ["France", "France"]
    assert complete(backend, [], Generation()) == []

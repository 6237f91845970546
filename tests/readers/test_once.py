"""Reading once: what is asked, what is kept of the reply, what is never asked."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.prompts import CHINESE, ENGLISH
from ctxshape.core.replies import RUN_ON
from ctxshape.core.types import Context, Span
from ctxshape.errors import ConfigError, ContextTooLong
from ctxshape.readers.once import ReadOnce
from ctxshape.testing.contracts import check_reader
from ctxshape.testing.scripted import ScriptedBackend

CONTEXT = Context.of("Who wrote Emma?", ["Jane Austen wrote Emma.", "It rained."])


class Recorder(ScriptedBackend):
    """Keeps the number of prompts and the stops of each call."""

    calls: list[tuple[int, tuple[str, ...]]]

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        self.calls.append((len(prompts), options.stop))
        return super().generate(prompts, options)


def recorder(reply: str | Callable[[str], str]) -> Recorder:
    return Recorder(reply=reply, calls=[])


def test_an_answer_has_text_citations_cost_and_trace() -> None:
    shaped = Pipeline(counter=ScriptedBackend())(CONTEXT)
    answer = ReadOnce(backend=ScriptedBackend(reply=" Jane Austen \nQuestion: Who?"))(shaped)
    assert answer.text == "Jane Austen"
    assert answer.citations == (Span(document="d1", start=0, end=23),)
    assert (answer.abstained, answer.agreement, answer.votes) == (False, 1.0, ())
    assert answer.usage.completion_tokens == 2
    assert answer.usage.prompt_tokens == ScriptedBackend().count_tokens(
        ENGLISH.instruction
        + "Document [1] Jane Austen wrote Emma.\nDocument [2] It rained.\n\nQuestion: Who wrote Emma?\nAnswer:"
    )
    assert answer.trace == shaped.trace


def test_shaping_seconds_are_part_of_the_cost() -> None:
    shaped = Pipeline(lambda context: context, lambda context: context, counter=ScriptedBackend())(CONTEXT)
    answer = ReadOnce(backend=ScriptedBackend())(shaped)
    assert answer.usage.shape_seconds == sum(step.seconds for step in shaped.trace.steps) > 0


@pytest.mark.parametrize("documents", [[], ["", " \n"]])
def test_without_text_to_read_it_abstains_and_asks_no_model(documents: list[str]) -> None:
    backend = recorder("Jane Austen")
    answer = ReadOnce(backend=backend)(Context.of("Who wrote Emma?", documents))
    assert (answer.text, answer.abstained, answer.citations, answer.usage.prompt_tokens) == ("", True, (), 0)
    assert list(ReadOnce(backend=backend).stream(Context.of("Who?", documents))) == []
    assert backend.calls == []


@pytest.mark.parametrize("reply", ["I don't know.", "无法回答", "", "  "])
def test_an_abstention_keeps_its_words_and_cites_nothing(reply: str) -> None:
    answer = ReadOnce(backend=ScriptedBackend(reply=reply))(CONTEXT)
    assert (answer.text, answer.abstained, answer.citations) == (reply.strip(), True, ())


def test_the_answer_is_one_line_without_the_cue_repeated() -> None:
    backend = recorder("Answer: Jane Austen\nDocument [3]")
    assert ReadOnce(backend=backend)(CONTEXT).text == "Jane Austen"
    assert backend.calls == [(1, ("\n", *RUN_ON))]


def test_newlines_before_the_answer_cost_nothing() -> None:
    backend = ScriptedBackend(reply="\n\nJane Austen\nQuestion: Who?")
    answer = ReadOnce(backend=backend)(CONTEXT)
    assert answer.text == "Jane Austen"
    assert answer.usage.prompt_tokens == ReadOnce(backend=ScriptedBackend())(CONTEXT).usage.prompt_tokens


def test_a_cue_on_a_line_of_its_own_is_not_the_answer() -> None:
    backend = recorder("Answer:\nJane Austen\nQuestion: Who?")
    assert ReadOnce(backend=backend)(CONTEXT).text == "Jane Austen"
    assert len(backend.calls) == 1


def test_a_base_model_that_only_repeats_the_prompt_gave_no_answer() -> None:
    answer = ReadOnce(backend=recorder("\nQuestion: Who wrote Emma?\nAnswer:"))(CONTEXT)
    assert (answer.text, answer.abstained) == ("", True)


def test_an_empty_reply_is_not_asked_for_again() -> None:
    backend = recorder("")
    assert ReadOnce(backend=backend)(CONTEXT).abstained
    assert len(backend.calls) == 1


def test_a_shorter_answer_is_one_line_too() -> None:
    reader = ReadOnce(backend=ScriptedBackend(reply="Jane Austen\nmore"), options=Generation(max_tokens=9))
    assert reader(CONTEXT).text == "".join(reader.stream(CONTEXT)) == "Jane Austen"


def test_stops_of_ones_own_hold() -> None:
    options = Generation(max_tokens=9, stop=("END",))
    assert ReadOnce(backend=ScriptedBackend(reply="one\ntwo END three"), options=options)(CONTEXT).text == "one\ntwo"


@pytest.mark.parametrize(
    "reply", [" Jane Austen \n", "Answer: Jane  Austen, 1815", "\n\nJane Austen\nmore", "Ans", "Answer", "", "Answer:Answer: x"]
)
def test_the_stream_joined_is_the_text(reply: str) -> None:
    reader = ReadOnce(backend=recorder(reply))
    assert "".join(reader.stream(CONTEXT)) == reader(CONTEXT).text
    assert asyncio.run(read_on_a_loop(reader)) == list(reader.stream(CONTEXT))


async def read_on_a_loop(reader: ReadOnce) -> list[str]:
    return [piece async for piece in reader.astream(CONTEXT)]


def test_the_template_follows_the_question_unless_given() -> None:
    seen: list[str] = []
    backend = ScriptedBackend(reply=lambda text: seen.append(text) or "简·奥斯汀")  # type: ignore[func-returns-value]
    chinese = Context.of("《爱玛》是谁写的？", ["《爱玛》是简·奥斯汀写的。下雨了。"])
    answer = ReadOnce(backend=backend)(chinese)
    assert seen[0].startswith(CHINESE.instruction)
    assert answer.citations == (Span(document="d1", start=0, end=13),)
    ReadOnce(backend=backend, template=ENGLISH)(chinese)
    assert seen[1].startswith(ENGLISH.instruction)


def test_a_context_that_is_too_long_is_the_backends_error() -> None:
    with pytest.raises(ContextTooLong, match="80"):
        ReadOnce(backend=ScriptedBackend(n_ctx=80))(CONTEXT)


def test_what_is_no_backend_is_refused() -> None:
    with pytest.raises(ConfigError, match="ReadOnce.*'backend'.*Backend.*'model.gguf'"):
        ReadOnce(backend="model.gguf")  # type: ignore[arg-type]


def test_contract() -> None:
    check_reader(ReadOnce(backend=ScriptedBackend(reply="Jane Austen [1]")))

"""Streams that are interrupted, left, cancelled or closed: they free the model and continue with the same text."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator

import pytest

from ctxshape.backends.llama._generation import streaming
from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.messages import Generation, Prompt, Segment
from ctxshape.core.types import Context
from ctxshape.errors import ContextTooLong, ModelError
from ctxshape.readers.once import ReadOnce

pytestmark = pytest.mark.model

OPTIONS = Generation(max_tokens=6)
TOWNS = ["Arden", "Brin", "Cort", "Dale"]


def prompt(town: str) -> Prompt:
    return Prompt(
        lead=(),
        documents=(Segment(text=f"{town} is a town by the river. Its old mill was built in 1770.\n", document="a"),),
        tail=(Segment(text=f"Tell me about {town}."), Segment(text="\nAnswer:", trusted=True)),
    )


PROMPTS = [prompt(town) for town in TOWNS]


@pytest.fixture(scope="module")
def texts(smollm2: LlamaCpp) -> list[str]:
    return [smollm2.generate([one], OPTIONS)[0].text for one in PROMPTS]


def in_turns(streams: list[Iterator[str]]) -> list[str]:
    """Reads one piece of each stream in turn."""
    read, live = [""] * len(streams), set(range(len(streams)))
    while live:
        for number in sorted(live):
            piece = next(streams[number], None)
            if piece is None:
                live.remove(number)
            else:
                read[number] += piece
    return read


def test_streams_that_are_read_in_turns_have_the_same_texts(smollm2: LlamaCpp, texts: list[str]) -> None:
    assert in_turns([smollm2.stream(one, OPTIONS) for one in PROMPTS]) == texts


def test_a_stream_continues_after_other_calls_changed_the_cache(smollm2: LlamaCpp, texts: list[str]) -> None:
    stream = smollm2.stream(PROMPTS[0], OPTIONS)
    read = next(stream)
    smollm2.generate(PROMPTS, Generation(max_tokens=2))  # four sequences
    read += next(stream)
    smollm2.logprobs(PROMPTS[:1], [" yes"])
    read += next(stream)
    with pytest.raises(ContextTooLong):
        smollm2.generate(PROMPTS[:1], Generation(max_tokens=5000))
    smollm2.generate_windows(PROMPTS[1], Generation(max_tokens=1))
    assert read + "".join(stream) == texts[0]


def test_a_saved_sequence_that_was_dropped_is_computed_again(
    smollm2: LlamaCpp, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "restore_first", lambda cache, saved: False)
    assert in_turns([smollm2.stream(one, OPTIONS) for one in PROMPTS[:2]]) == texts[:2]


@pytest.mark.parametrize("settings", [{"flash_attention": False}, {"kv_type": "q8_0"}])
def test_other_caches_return_too(smollm2_path: str, settings: dict[str, object]) -> None:
    with LlamaCpp(smollm2_path, n_ctx=1024, n_threads=1, **settings) as model:  # type: ignore[arg-type]
        expected = [model.generate([one], OPTIONS)[0].text for one in PROMPTS[:2]]
        stream = model.stream(PROMPTS[0], OPTIONS)
        read = next(stream)
        model.generate(PROMPTS[:3], Generation(max_tokens=1))
        assert in_turns([model.stream(PROMPTS[1], OPTIONS), stream]) == [expected[1], expected[0].removeprefix(read)]


def test_a_stream_that_is_never_read_again_holds_nobody_up(smollm2: LlamaCpp, texts: list[str]) -> None:
    left = [smollm2.stream(one, OPTIONS) for one in PROMPTS]
    for stream in left:
        next(stream)
    answered: list[str] = []
    other = threading.Thread(target=lambda: answered.append(smollm2.generate(PROMPTS[:1], OPTIONS)[0].text))
    other.start()
    other.join(60)
    assert answered == texts[:1]
    del left, stream
    gc.collect()
    assert "".join(smollm2.stream(PROMPTS[1], OPTIONS)) == texts[1]


def test_an_error_of_the_consumer_frees_the_model_and_keeps_its_traceback(smollm2: LlamaCpp, texts: list[str]) -> None:
    try:
        for _ in smollm2.stream(PROMPTS[0], OPTIONS):
            raise KeyError("consumer")
    except KeyError:  # its traceback still holds the stream
        assert smollm2.generate(PROMPTS[:1], OPTIONS)[0].text == texts[0]


def test_leaving_the_context_closes_the_model_and_lets_the_error_through(smollm2_path: str) -> None:
    model = LlamaCpp(smollm2_path, n_ctx=256, n_threads=1)
    with pytest.raises(KeyError, match="caller"), model:
        stream = model.stream(PROMPTS[0], OPTIONS)
        next(stream)
        raise KeyError("caller")
    with pytest.raises(ModelError, match="closed"):
        next(stream)
    with pytest.raises(ModelError, match="closed"):
        model.generate(PROMPTS[:1], OPTIONS)


def test_many_threads_stream_and_half_of_them_leave(smollm2: LlamaCpp, texts: list[str]) -> None:
    found: dict[int, str] = {}

    def work(number: int) -> None:
        stream = smollm2.stream(PROMPTS[number % 4], OPTIONS)
        found[number] = next(stream) if number % 2 else "".join(stream)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert {number: found[number] for number in range(0, 8, 2)} == {number: texts[number % 4] for number in range(0, 8, 2)}
    assert all(texts[number % 4].startswith(found[number]) for number in range(1, 8, 2))


def test_astream_yields_the_same_and_ends_with_its_task(smollm2: LlamaCpp, texts: list[str]) -> None:
    async def read(one: Prompt) -> str:
        return "".join([piece async for piece in smollm2.astream(one, OPTIONS)])

    async def cancel() -> str:
        begun = asyncio.Event()

        async def endless() -> None:
            async for _ in smollm2.astream(PROMPTS[1], Generation(max_tokens=1500)):
                begun.set()

        task = asyncio.create_task(endless())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await read(PROMPTS[2])

    async def together() -> list[str]:
        return await asyncio.gather(*map(read, PROMPTS))

    assert asyncio.run(together()) == texts
    assert asyncio.run(asyncio.wait_for(cancel(), 60)) == texts[2]


def test_a_reader_streams_on_an_event_loop(smollm2: LlamaCpp) -> None:
    reader = ReadOnce(backend=smollm2, options=OPTIONS)
    context = Context.of("When was the mill built?", ["The old mill was built in 1770."])

    async def read() -> str:
        return "".join([piece async for piece in reader.astream(context)])

    assert asyncio.run(read()) == "".join(reader.stream(context)) == reader(context).text

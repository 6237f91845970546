"""A hundred chains at once, shaping and answering, over one real llama-server that the test starts."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest
from ctxshape_langchain import CtxshapeCompressor, answerer
from langchain_core.documents import Document
from langchain_core.runnables import Runnable, RunnablePassthrough

from ctxshape import Answer, Context, Generation, OpenAICompatible, ReadOnce, SummarizeBlocks, Template, render
from ctxshape.cli.demo import demo_model
from ctxshape.testing.memory import resident_mib
from ctxshape.testing.servers import llama_server

httpx = pytest.importorskip("httpx")
Chain: TypeAlias = Runnable[dict[str, Any], dict[str, Any]]
SLOTS, AT_ONCE, LONG = 4, 8, 900  # one long answer takes 15 seconds at the least, where nothing else runs
PLAIN = Template(instruction="", document="{text}\n", untitled="{text}\n", hint="{text}\n", question="{query}", answer="")
CODES = random.Random(6).sample(range(1000, 10_000), 100)
ENDLESS = "10, 11, 12, 13, 14, 15, 16, 17, 18, 19,"


class Server(NamedTuple):
    """A running llama-server, and a client to look at it with."""

    url: str
    client: Any

    def busy(self) -> list[int]:
        """For each slot that computes, the most tokens of its answer."""
        slots = self.client.get(f"{self.url}/slots").json()
        return [slot["params"]["n_predict"] for slot in slots if slot["is_processing"]]

    def connections(self) -> int:
        """Open TCP connections to it, by Linux's table: the other side's port, and state 01."""
        rows = (line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:])
        port = int(self.url.rpartition(":")[2])
        return sum(row[2].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if find_spec("xllamacpp") is None:
        pytest.skip("needs xllamacpp, of ctxshape's extra `test`")
    model = os.environ.get("CTXSHAPE_TEST_GGUF") or str(demo_model())
    log = tmp_path_factory.mktemp("llama-server") / "log"
    with httpx.Client(trust_env=False) as client, llama_server(model, log, n_ctx=4096, slots=SLOTS) as url:
        yield Server(url, client)


async def until(reached: Callable[[], bool], seconds: float = 120.0) -> float:
    """Seconds until something about the server is so; fails after as many as are given."""
    started = time.perf_counter()
    while not await asyncio.to_thread(reached):
        assert time.perf_counter() - started < seconds, f"not after {seconds} s"
        await asyncio.sleep(0.05)
    return time.perf_counter() - started


def asked(box: int) -> dict[str, Any]:
    """A question that only its own passages answer, which say it twice; prompts are of several lengths."""
    said = f"The code of the{' old' * (box % 5)} box {box} is"
    texts = {"fact": f"{said} {CODES[box]}.", "copy": f"{said} {CODES[box]}.", "rain": "Rain fell on the hills all day long."}
    return {"question": said, "documents": [Document(text, id=f"{box}/{name}") for name, text in texts.items()]}


def prompt_of(one: dict[str, Any]) -> str:
    """Returns the text that the model was to read, by the question and the shaped documents of a result."""
    return render(Context.of(one["question"], [document.page_content for document in one["documents"]]), PLAIN).text


def shown_and_read(one: dict[str, Any]) -> tuple[list[Document], int]:
    """Returns the parts of a result that do not depend on the model: the shaped documents, and its count of prompt tokens."""
    return one["documents"], one["answer"].usage.prompt_tokens


def chain_of(backend: OpenAICompatible, max_tokens: int) -> Chain:
    reader = ReadOnce(backend=backend, template=PLAIN, options=Generation(max_tokens=max_tokens))
    shaping = RunnablePassthrough.assign(documents=CtxshapeCompressor("light", budget=30, counter=backend))
    return shaping | RunnablePassthrough.assign(answer=answerer(reader))


class Run(NamedTuple):
    """The outcome of a hundred requests at once."""

    found: dict[int, dict[str, Any]]
    seconds_to_free: float
    most_connections: int
    most_mib: float


async def hundred(server: Server, short: Chain, endless: Chain) -> Run:
    """A hundred tasks at once, of which every fifth, a long one, is cancelled when such ones have taken all slots."""
    most_connections, most_mib = 0, 0.0

    async def watch() -> None:
        nonlocal most_connections, most_mib
        while True:
            most_connections, most_mib = max(most_connections, server.connections()), max(most_mib, resident_mib())
            await asyncio.sleep(0.1)

    async def one(box: int) -> dict[str, Any]:
        chain, given = (short, asked(box)) if box % 5 else (endless, asked(box) | {"question": ENDLESS})
        found: dict[str, Any] = await chain.ainvoke(given)
        return found

    watching = asyncio.create_task(watch())
    tasks = {box: asyncio.create_task(one(box)) for box in range(100)}
    await until(lambda: server.busy() == [LONG] * SLOTS)
    gone = [task for box, task in tasks.items() if box % 5 == 0 and task.cancel()]
    ends = await asyncio.gather(*gone, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 20
    seconds = await until(lambda: LONG not in server.busy())
    found = {box: await task for box, task in tasks.items() if box % 5}
    watching.cancel()
    await asyncio.wait([watching])
    return Run(found, seconds, most_connections, most_mib)


def test_answers_wait_in_threads_of_their_own_and_others_find_one_free() -> None:
    going, lock, busy, most = threading.Event(), threading.Lock(), 0, 0

    def read(context: Context) -> Answer:
        nonlocal busy, most
        with lock:
            busy, most = busy + 1, max(most, busy + 1)
        assert going.wait(30)
        with lock:
            busy -= 1
        return Answer(text=context.query)

    async def all_of_them() -> list[str]:
        reading = [asyncio.create_task(answerer_of_all.ainvoke(asked(box))) for box in range(40)]
        await until(lambda: busy == 4)
        shaped = await CtxshapeCompressor().ainvoke(asked(1))  # though 36 answers are waiting for a thread
        assert [document.id for document in shaped] == ["1/fact"]
        going.set()
        return [answer.text for answer in await asyncio.gather(*reading)]

    answerer_of_all = answerer(read)
    assert asyncio.run(all_of_them()) == [asked(box)["question"] for box in range(40)]
    assert (busy, most) == (0, 4)


@pytest.mark.model
def test_a_hundred_chains_on_one_server_do_not_mix_and_a_cancelled_one_frees_its_slot(server: Server) -> None:
    with OpenAICompatible(server.url, chat=False, concurrency=AT_ONCE) as backend:
        short, endless = chain_of(backend, 6), chain_of(backend, LONG)
        alone = {box: short.invoke(asked(box)) for box in (1, 22, 43, 64, 86, 99)}
        # At least the one by which this test looks at the slots: after some idle seconds it is closed, and opened again.
        connections, mib, threads = max(1, server.connections()), resident_mib(), threading.active_count()

        async def run() -> Run:
            done = await hundred(server, short, endless)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            await until(lambda: server.busy() == [], 10.0)
            again = await short.abatch([asked(box) for box in alone], {"max_concurrency": 3})
            assert [shown_and_read(one) for one in again] == [shown_and_read(one) for one in alone.values()]
            return done

        done = asyncio.run(run())
        lengths = {box: backend.count_tokens(prompt_of(one)) for box, one in done.found.items()}

    # Every answer came from its own prompt, as the server counted it, was read from its own passages and cites them.
    answers: dict[int, Answer] = {box: one["answer"] for box, one in done.found.items()}
    assert len(answers) == 80 and len(set(lengths.values())) >= 4
    assert {box: answer.usage.prompt_tokens for box, answer in answers.items()} == lengths
    for box, one in done.found.items():
        assert one["question"] == asked(box)["question"]
        assert [document.id for document in one["documents"]] == [f"{box}/fact"]
        assert {span.document for span in answers[box].citations} <= {f"{box}/fact"}
        assert not any(str(CODES[other]) in answers[box].text for other in range(100) if other != box)
    # A small model miscopies a digit now and then (alone, 2 of these 80), and a near tie may go another way in a batch.
    assert sum(str(CODES[box]) in answer.text for box, answer in answers.items()) >= 72
    assert sum(alone[box]["answer"].text == answers[box].text for box in alone) >= len(alone) - 1

    assert done.seconds_to_free < 30  # the eight that were under way would take more than a minute
    # Answers under way have AT_ONCE. Who counts tokens takes one of those that are kept: the threads that shape, and those
    # that answer, before their turn; the two meet seldom, so 14 is the usual sum, and far from one for each of the hundred.
    assert done.most_connections - connections <= AT_ONCE + AT_ONCE + min(32, (os.cpu_count() or 1) + 4)
    assert server.connections() <= connections and threading.active_count() - threads <= 2 * AT_ONCE
    assert done.most_mib - mib < 64


@pytest.mark.model
def test_a_cancelled_shaping_that_asks_the_model_frees_its_slot(server: Server) -> None:
    async def cancel(compressor: CtxshapeCompressor) -> float:
        question = "Count from one to one thousand, one number a line, and do not stop."
        task = asyncio.create_task(compressor.ainvoke(asked(1) | {"question": question}))
        await until(lambda: LONG in server.busy())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await until(lambda: server.busy() == [])

    with OpenAICompatible(server.url) as backend:
        # With a stop string a summary may have lines, and this model counts until it is stopped.
        summarize = SummarizeBlocks(backend=backend, options=Generation(max_tokens=LONG, stop=("@@@",)))
        assert asyncio.run(cancel(CtxshapeCompressor(summarize))) < 10


@pytest.mark.model
def test_the_example_runs(server: Server) -> None:
    example = Path(__file__).parents[1] / "example" / "concurrent_requests.py"
    done = subprocess.run([sys.executable, str(example), server.url, "10"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "requests: 10, answered 8, cancelled 2"
    assert lines[2] == "mixed up: 0" and lines[4] == "slots busy afterwards: 0; tasks left: 0"

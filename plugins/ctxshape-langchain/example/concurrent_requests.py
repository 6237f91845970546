"""Many RAG chains at once over one model server, every fifth cancelled on its way: what it costs, and whether any mix.

Start a server first, for example:  llama-server -m model.gguf --port 8080 -c 8192 --parallel 4
Run it with:  python concurrent_requests.py  [http://127.0.0.1:8080]  [100]
It needs: pip install 'ctxshape[openai]' ./plugins/ctxshape-langchain
"""

# ruff: noqa: T201

import asyncio
import random
import resource
import sys
import time
from typing import Any

import httpx
from ctxshape_langchain import CtxshapeCompressor, answerer
from langchain_core.documents import Document
from langchain_core.runnables import Runnable, RunnablePassthrough

from ctxshape import Generation, OpenAICompatible, ReadOnce, Template

address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
codes = random.Random(6).sample(range(1000, 10_000), count)
facts = [f"The code of box {box} is {code}." for box, code in enumerate(codes)]
STORY = "Tell a long story of a ship that sails around the world, with every harbour on its way."
QUESTION_ALONE = Template(instruction="", document="", untitled="", hint="", question="{query}", answer="")


def asked(box: int) -> dict[str, Any]:
    """Its own question with its own passages: the fact twice, and another box's."""
    texts = {"fact": facts[box], "copy": facts[box], "other": facts[(box + 1) % count]}
    question = f"What is the code of box {box}?" if box % 5 else STORY
    return {"question": question, "documents": [Document(text, id=f"{box}/{name}") for name, text in texts.items()]}


def chain_of(reader: ReadOnce) -> Runnable[dict[str, Any], dict[str, Any]]:
    """Shaping with a budget in the model's tokens, then its answer."""
    shaping = RunnablePassthrough.assign(documents=CtxshapeCompressor(budget=60, counter=reader.backend))
    return shaping | RunnablePassthrough.assign(answer=answerer(reader))


def is_mixed(box: int, found: dict[str, Any]) -> bool:
    """Returns whether a result has another request's question, passages or citations, or a code that its own passages lack."""
    ids = [document.id for document in found["documents"]] + [span.document for span in found["answer"].citations]
    own = " ".join(document.page_content for document in asked(box)["documents"])
    strange = [code for code in map(str, codes) if code in found["answer"].text and code not in own]
    return found["question"] != asked(box)["question"] or any(not id.startswith(f"{box}/") for id in ids) or bool(strange)


async def busy_slots() -> int | None:
    """Returns how many slots of a llama-server compute; None for a server that does not tell."""
    async with httpx.AsyncClient() as client:
        reply = await client.get(f"{address.rstrip('/').removesuffix('/v1')}/slots")
    return sum(slot["is_processing"] for slot in reply.json()) if reply.status_code == 200 else None


async def main() -> None:
    """Start all, cancel every fifth when the first is answered, wait for the others."""
    with OpenAICompatible(address, concurrency=8) as model:
        short = chain_of(ReadOnce(backend=model, options=Generation(max_tokens=24)))
        long_answer = Generation(max_tokens=400, stop=("@@@",))  # with a stop string an answer is more than a line
        telling = chain_of(ReadOnce(backend=model, template=QUESTION_ALONE, options=long_answer))
        started = time.perf_counter()
        tasks = {box: asyncio.create_task((short if box % 5 else telling).ainvoke(asked(box))) for box in range(count)}
        await asyncio.wait([task for box, task in tasks.items() if box % 5], return_when=asyncio.FIRST_COMPLETED)
        gone = [task for box, task in tasks.items() if box % 5 == 0 and task.cancel()]
        ends = await asyncio.gather(*gone, return_exceptions=True)
        found = {box: await task for box, task in tasks.items() if box % 5}
        seconds = time.perf_counter() - started
        freed = time.perf_counter()
        while await busy_slots():
            await asyncio.sleep(0.05)
        print(f"requests: {count}, answered {len(found)}, cancelled {sum(isinstance(e, asyncio.CancelledError) for e in ends)}")
        print(f"seconds: {seconds:.1f}, until no slot was busy {time.perf_counter() - freed:.1f} more")
        print(f"mixed up: {sum(is_mixed(box, one) for box, one in found.items())}")
        print(f"answers with their own code: {sum(str(codes[box]) in one['answer'].text for box, one in found.items())}")
        print(f"slots busy afterwards: {await busy_slots()}; tasks left: {len(asyncio.all_tasks()) - 1}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(f"peak memory of this program: {peak:.0f} MiB")


asyncio.run(main())

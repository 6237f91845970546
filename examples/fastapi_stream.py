"""Serves streamed answers to many clients from one local model. Clients may leave at any time.

Run it with:  python examples/fastapi_stream.py model.gguf  [--port 8000] [--max-tokens 64] [--threads 4]
Then:         curl -N 'http://127.0.0.1:8000/stream?question=When+was+the+mill+built%3F'
It needs: pip install 'ctxshape[llama]' fastapi uvicorn

A stream holds the model only while it computes a token. A client that leaves, stops reading or is cut off holds up nobody,
and Ctrl-C or SIGTERM ends the server within about two seconds.
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from ctxshape import Generation, LlamaCpp, PipelineSpec, ReadOnce, aask, ashape, shape

PASSAGES = [  # your retriever's result
    {"id": "mill", "text": "The old mill stands by the river Arden. It was built in 1770 by Ida Holwick."},
    {"id": "bridge", "text": "The stone bridge was opened in 1931. It is 120 metres long."},
    {"id": "market", "text": "The market is held on Saturdays, in front of the town hall."},
]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("model", help="a GGUF file")
parser.add_argument("--port", type=int, default=8000)
parser.add_argument("--max-tokens", type=int, default=64)
parser.add_argument("--threads", type=int)
given = parser.parse_args()

model = LlamaCpp(given.model, n_ctx=2048, n_threads=given.threads)
pipeline = PipelineSpec(budget=400, backend=model).resolve()
reader = ReadOnce(backend=model, options=Generation(max_tokens=given.max_tokens))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Loads the model before the first request, and frees it at the end."""
    with model:
        model.context_length()
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/answer")
async def answer(question: str) -> dict[str, object]:
    """Returns the whole answer."""
    found = await aask(question, PASSAGES, backend=model, pipeline=pipeline, reader=reader)
    return {"answer": found.text, "citations": [span.document for span in found.citations]}


@app.get("/stream")
async def stream(question: str) -> StreamingResponse:
    """Streams the answer on the event loop. When the client leaves, its task is cancelled and the model stops."""
    context = await ashape(question, PASSAGES, pipeline=pipeline)
    return StreamingResponse(reader.astream(context), media_type="text/plain")


@app.get("/stream-in-threads")
def stream_in_threads(question: str) -> StreamingResponse:
    """Streams the answer from an ordinary iterator, which FastAPI reads in threads."""
    context = shape(question, PASSAGES, pipeline=pipeline)
    return StreamingResponse(reader.stream(context), media_type="text/plain")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=given.port, timeout_graceful_shutdown=1)

"""Embedding servers that misbehave: each call ends within its bounds, with rows or a BackendError, and shows no key."""

from __future__ import annotations

import logging
import os
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from ctxshape.embedding.endpoint import OpenAIEmbedder
from ctxshape.errors import BackendError, CtxshapeError
from ctxshape.testing.answer_behaviours import BROKEN_VECTORS
from ctxshape.testing.behaviours import ECHOES, HARMLESS, WIRE, sends
from ctxshape.testing.hostile import Behaviour, at, exposures, hostile_server, response, well_behaved
from ctxshape.testing.random_behaviour import random_behaviour

pytest.importorskip("openai")

KEY = "sk-hostile-0123456789abcdef"
GUARD = 60  # seconds after which a call counts as one that never ends

# Two texts are asked for.
EXPECTED = {
    "too few": "1 vectors for 2 texts",
    "too many": "3 vectors for 2 texts",
    "no data": "0 vectors for 2 texts",
    "object for the data": "'data' is no array",
    "list for the reply": "'reply' is no object",
    "numbers for the entries": "'data' is no object",
    "different widths": r"different widths, \[1, 2\]",
    "empty vectors": "a vector is empty",
    "text for a vector": "'embedding' is no array",
    "text in a vector": "finite numbers up to 1e\\+12",
    "true in a vector": "finite numbers",
    "null in a vector": "finite numbers",
    "NaN": "finite numbers",
    "infinity": "finite numbers",
    "too large": "finite numbers",
    "number of 400 digits": "finite numbers",
    "nested": "finite numbers",
    "index twice": "indices are not 0 to 1",
    "index missing": "indices are not 0 to 1",
    "index of text": "'index'",
    "negative index": "'index'",
    "several megabytes": "more than 589,824 bytes",
}


def outcome(behaviour: Behaviour, *, model: str | None = "m", seconds: float = 20.0) -> Any:  # noqa: ANN401
    """The rows of two texts, or the error that is raised."""
    with hostile_server(behaviour) as url:
        embedder = OpenAIEmbedder(url, model=model, api_key=KEY, timeout=seconds, total_timeout=seconds, retries=0)
        assert KEY not in f"{embedder!r} {embedder.parameters()} {pickle.dumps(embedder)!r}"
        return ended(lambda: embedder.embed(["a", "b"]))


def ended(call: Callable[[], Any]) -> Any:  # noqa: ANN401
    with ThreadPoolExecutor(1) as pool:
        try:
            return pool.submit(call).result(GUARD)
        except CtxshapeError as error:
            return error


@pytest.mark.parametrize("name", [*WIRE, *ECHOES])
@pytest.mark.parametrize("model", ["m", None])
def test_misbehaviour_becomes_an_error(name: str, model: str | None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    error = outcome({**WIRE, **ECHOES}[name], model=model, seconds=0.4)
    assert isinstance(error, BackendError) and len(str(error)) < 1500
    assert exposures(KEY[:12], error) == [] and KEY[:12] not in caplog.text.lower()


@pytest.mark.parametrize("name", BROKEN_VECTORS)
def test_wrong_vectors_are_an_error(name: str) -> None:
    error = outcome(BROKEN_VECTORS[name])
    assert isinstance(error, BackendError) and re.search(EXPECTED[name], str(error))


@pytest.mark.parametrize("name", HARMLESS)
def test_odd_replies_are_understood(name: str) -> None:
    assert np.allclose(outcome(HARMLESS[name]), 2 * [[0.6, 0.8]])


def test_rows_without_an_index_stand_in_their_order() -> None:
    rows = outcome(sends(response(b'{"data": [{"embedding": [3, 4]}, {"embedding": [0, 2.5]}]}')))
    assert np.allclose(rows, [[0.6, 0.8], [0.0, 1.0]])


def test_batches_of_different_widths_are_an_error() -> None:
    widths = iter([1, 2])

    def replies(_: object) -> bytes:
        return response(b'{"data": [{"embedding": [%s]}]}' % b", ".join([b"1"] * next(widths)))

    with hostile_server(lambda request: iter([replies(request)])) as url:
        error = ended(lambda: OpenAIEmbedder(url, model="m", batch_size=1).embed(["a", "b"]))
    assert isinstance(error, BackendError) and "[1, 2]" in str(error)


@pytest.mark.parametrize(
    "models",
    [b"{}", b"[]", b'{"data": 3}', b'{"data": [1]}', b'{"data": [{"id": 7}]}', b'{"data": [{"id": "%s"}]}' % (b"m" * 2000)],
)
def test_a_strange_list_of_models_is_an_error(models: bytes) -> None:
    error = outcome(at(["/models"], sends(response(models))), model=None)
    assert isinstance(error, BackendError) and "/v1" in str(error)


def test_a_text_that_is_too_long_for_the_model_is_named() -> None:
    words = b'{"error": {"message": "input exceeds the context length of 512 tokens"}}'
    error = outcome(sends(response(words, status="400 Bad")))
    assert isinstance(error, BackendError) and error.status == 400 and "512 tokens" in str(error)


def test_random_misbehaviour_ends_well() -> None:
    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(outcome, random_behaviour(seed), model=None, seconds=0.5) for seed in range(150)]
        found = [call.result(GUARD) for call in running]
    rows = [one for one in found if not isinstance(one, CtxshapeError)]
    assert 0 < len(rows) < 150 and all(np.shape(one)[0] == 2 for one in rows)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_opens_its_own_connection() -> None:
    with hostile_server(well_behaved) as url:
        embedder = OpenAIEmbedder(url, model="m")
        embedder.embed(["a"])
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = int(embedder.embed(["a"]).shape != (1, 2))
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

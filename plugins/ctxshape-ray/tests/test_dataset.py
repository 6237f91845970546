"""`shape_dataset` on a local cluster of two cores; the rows and their errors are what test_rows.py tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ctxshape_ray import Workers, output_schema, shape_dataset
from ray import cloudpickle
from ray.data import Dataset

from ctxshape import ConfigError, Context, LlamaCpp, ask, shape
from ctxshape.cli.demo import demo_model
from ctxshape.core.protocols import Matrix
from ctxshape.testing import ScriptedBackend

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers cannot import a test

QUESTION = "Who wrote Emma?"
AUSTEN = "Emma is a novel by Jane Austen. It came out in 1815."
RAIN = "Rain fell in Bath."
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class LetterEmbedder:
    """Counts letters. Each process that uses it leaves a file in the folder when it loads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loaded = False

    def embed(self, texts: Sequence[str], /) -> Matrix:
        if not self.loaded:
            with (self.folder / f"{os.getpid()}").open("a") as file:
                file.write("loaded\n")
            self.loaded = True
        rows = np.array([[1e-3, *map(text.lower().count, LETTERS)] for text in texts], np.float32)
        made: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return made


def questions(number: int, blocks: int) -> Dataset:
    rows = [{"id": n, "question": f"Who wrote book {n}?", "documents": [f"Book {n} is by author {n}."]} for n in range(number)]
    return ray.data.from_items(rows, override_num_blocks=blocks)


GOOD: dict[str, Any] = {"question": QUESTION, "documents": [{"text": AUSTEN}, {"text": RAIN}], "gold": "Jane Austen"}
CHINESE: dict[str, Any] = {
    "question": "《爱玛》的作者是谁？",
    "documents": [{"text": "《爱玛》的作者是简·奥斯汀。"}, {"text": "巴斯下了雨。"}],
    "gold": "简·奥斯汀",
}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"question": None}, "InvalidInput: the query is None"),
    ({"documents": []}, "InvalidInput: column 'documents' is an empty list"),
    ({"question": 7}, "InvalidInput: the query is 7"),
    ({"documents": "Emma is by Austen."}, "InvalidInput: column 'documents' is str"),
]


def test_rows_errors_order_and_loads_are_the_same_with_one_worker_and_with_two(cluster: str, tmp_path: Path) -> None:
    rows = [GOOD, *(GOOD | wrong for wrong, _ in BAD), CHINESE, *[GOOD] * 6]
    given = ray.data.from_items(rows, override_num_blocks=6)
    made: list[list[dict[str, Any]]] = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        shaped = shape_dataset(
            given,
            preset="balanced",
            embedder=LetterEmbedder(folder),
            backend=ScriptedBackend(reply="Jane Austen"),
            workers=Workers(least=number, most=number, batch_size=2),
        )
        assert not any(folder.iterdir())  # nothing has run
        made.append(shaped.take_all())
        loads = [path.read_text() for path in folder.iterdir()]
        assert 1 <= len(loads) <= number and set(loads) == {"loaded\n"}  # once in each process
    assert made[0] == made[1]
    assert [{name: row[name] for name in GOOD} for row in made[0]] == rows
    assert list(made[0][0]) == [*GOOD, *output_schema(answers=True).names]
    assert [row["error"] and row["error"].split(";")[0] for row in made[0]] == [None, *(error for _, error in BAD), *[None] * 7]
    assert [row["answer"] for row in made[0]] == ["Jane Austen", *[None] * 4, *["Jane Austen"] * 7]
    for row in (GOOD, CHINESE):
        ours = shape(row["question"], row["documents"], preset="balanced", embedder=LetterEmbedder(tmp_path))
        texts = [document["text"] for document in made[0][rows.index(row)]["shaped"]]
        assert texts == [document.text for document in ours.documents]


def test_a_model_that_is_not_there_ends_the_job_at_its_start(cluster: str) -> None:
    shaped = shape_dataset(
        questions(4, blocks=1), backend={"use": "llama_cpp", "model": "no/such.gguf"}, allow="reads", workers=1
    )
    with pytest.raises(ray.exceptions.ActorDiedError, match=r"ModelError: there is no model file 'no/such.gguf'"):
        shaped.take_all()


def test_a_row_that_kills_its_process_is_given_up_and_the_others_are_done(cluster: str) -> None:
    def deadly(context: Context) -> Context:
        if context.query == "Who wrote book 3?":
            os._exit(1)
        return context.keep(context.documents)

    made = shape_dataset(questions(6, blocks=2), pipeline=deadly, workers=Workers(most=1, tries=1)).take_all()
    assert [row["id"] for row in made] == [0, 1, 2, 3, 4, 5]
    errors = [row["error"] for row in made]
    assert errors[3].startswith("ProcessDied: 1 process") and errors[:3] + errors[4:] == [None] * 5


@pytest.mark.model
def test_answers_of_a_model_that_is_opened_in_the_worker(cluster: str) -> None:
    path = str(demo_model())
    table = {"use": "llama_cpp", "model": path, "n_ctx": 1024}
    rows = ray.data.from_items([{"question": QUESTION, "documents": [AUSTEN, RAIN]}, {"question": "", "documents": [RAIN]}])
    first, second = shape_dataset(rows, backend=table, allow="reads", workers=1).take_all()
    with LlamaCpp(path, n_ctx=1024, n_threads=1) as backend:
        assert first["answer"] == ask(QUESTION, [AUSTEN, RAIN], backend=backend).text != ""
    assert first["counter"].startswith("LlamaCpp(") and "n_threads=1" in first["counter"]
    assert first["error"] is None and second["error"].startswith("InvalidInput")


def test_mistakes_are_named_before_the_job_starts(cluster: str, tmp_path: Path) -> None:
    rows = ray.data.from_items([{"question": QUESTION, "documents": [AUSTEN], "answer": "Austen", "counter": 1}])
    with pytest.raises(ConfigError, match=r"the dataset has no column 'query'; name one of \['question', 'documents'"):
        shape_dataset(rows, question="query")
    with pytest.raises(
        ConfigError, match=r"the dataset has columns \['counter'\] already; drop or rename them, or give a prefix="
    ):
        shape_dataset(rows)
    with pytest.raises(ConfigError, match=r"columns \['counter', 'answer'\]"):
        shape_dataset(rows, backend=ScriptedBackend())
    shape_dataset(rows, backend=ScriptedBackend(), prefix="ctx_")
    with pytest.raises(ConfigError, match=r"dataset is list; give a ray.data.Dataset"):
        shape_dataset([])
    with pytest.raises(ConfigError, match="there is no preset 'lite'"):
        shape_dataset(rows, preset="lite", prefix="ctx_")
    with pytest.raises(ConfigError, match=r"cannot be sent to the workers: cannot pickle '_thread.lock' object"):
        shape_dataset(rows, pipeline=_Locked(), prefix="ctx_")
    with pytest.raises(ConfigError, match="Workers, field 'batch_size'"):
        Workers(batch_size=0)
    with pytest.raises(ConfigError, match="most is 1, and least is 2"):
        shape_dataset(rows, prefix="ctx_", workers=(2, 1))
    with pytest.raises(ConfigError, match="workers is 'many'"):
        Workers.of("many")  # type: ignore[arg-type]


class _Locked:
    def __init__(self) -> None:
        import threading

        self.lock = threading.Lock()

    def __call__(self, context: Context) -> Context:
        return context


def test_workers_are_what_ray_is_told(cluster: str) -> None:
    workers = Workers(least=1, most=4, num_cpus=2, num_gpus=0.5, memory=10**9, batch_size=7, options={"accelerator_type": "L4"})
    operator = shape_dataset(questions(1, blocks=1), workers=workers)._logical_plan.dag
    assert operator.ray_remote_args["num_cpus"] == 2 and operator.ray_remote_args["num_gpus"] == 0.5
    assert operator.ray_remote_args["memory"] == 10**9 and operator.ray_remote_args["accelerator_type"] == "L4"
    assert (operator.compute.min_size, operator.compute.max_size) == (1, 4) and operator.batch_size == 7
    assert workers.threads == 2

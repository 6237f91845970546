"""Mistakes that people make in their first hour: each gets an error with the value and the remedy, before a model loads."""

# mypy: disable-error-code="arg-type,call-arg,list-item"
from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctxshape import (
    ConfigError,
    DropDuplicates,
    InvalidInput,
    KeepKeySentences,
    ModelError,
    Pipeline,
    ReadOnce,
    Reorder,
    ask,
    shape,
)
from ctxshape.inputs.foreign import ForeignEmbedder
from ctxshape.testing import ScriptedBackend

PASSAGES = ["Tea is hot.", "Ice is cold."]


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        ("read_onc", ["'read_onc'", "did you mean 'read_once'?"]),
        (ReadOnce, ["class ReadOnce", "ReadOnce(backend=…)"]),
        (5, ["reader is 5", "read_once"]),
        ({"use": "read_once"}, ["'use'", "ReadOnce(backend=…)"]),
    ],
)
def test_a_reader_is_checked_before_the_backend(reader: Any, told: list[str]) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError) as caught:
        ask("What is hot?", PASSAGES, backend="missing.gguf", reader=reader)
    assert all(part in str(caught.value) for part in told), str(caught.value)


def test_a_reader_by_name_gets_the_backend() -> None:
    assert ask("What is hot?", PASSAGES, backend=ScriptedBackend(reply="Tea"), reader="read_once").text == "Tea"


async def _embed_later(texts: list[str]) -> list[list[float]]:
    return [[1.0, 2.0] for _ in texts]


@pytest.mark.filterwarnings("error")  # a coroutine that was never awaited
@pytest.mark.parametrize(
    ("embedder", "told"),
    [
        (lambda texts: None, "for 1 texts"),
        (lambda texts: [], "for 1 texts"),
        (lambda texts: {}, "list of vectors"),
        (_embed_later, "asynchronous"),
    ],
)
def test_an_embedder_that_gives_no_vectors(embedder: Any, told: str) -> None:  # noqa: ANN401
    for query in ("What is hot?", "Who?"):
        with pytest.raises(ModelError, match=r"ForeignEmbedder.*"):
            shape(query, PASSAGES, preset="balanced", embedder=embedder)
    with pytest.raises(ModelError, match=told):
        ForeignEmbedder(given=embedder).embed_query("Who?")


@pytest.mark.filterwarnings("error")
def test_an_asynchronous_reranker() -> None:
    async def later(query: str, texts: list[str]) -> list[float]:
        return [1.0 for _ in texts]

    with pytest.raises(ModelError, match=r"asynchronous.*one number for each text"):
        shape("What is hot?", PASSAGES, preset="thorough", embedder=lambda texts: [[1.0]] * len(texts), reranker=later)


@pytest.mark.parametrize("budget", [True, "200", np.True_, b"200"])
def test_a_budget_is_a_number(budget: Any) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match=r"'budget': give a whole number.*it was "):
        shape("What is hot?", PASSAGES, budget=budget)
    with pytest.raises(ConfigError, match=r"'tokens': give a whole number"):
        KeepKeySentences(tokens=budget)


def test_numbers_of_numpy_are_numbers() -> None:
    assert KeepKeySentences(tokens=np.int64(30)).tokens == 30
    assert shape("What is hot?", PASSAGES, budget=np.uint8(30)).documents


@pytest.mark.parametrize(
    ("pipeline", "told"),
    [
        ([DropDuplicates], ["step 1", "DropDuplicates()"]),
        (DropDuplicates, ["step 1", "DropDuplicates()"]),
        (["drop_duplicates"], ["step 1", "{'use': 'drop_duplicates'}"]),
        ({"step": ["reorder"]}, ["step 1", '{ use = "reorder" }']),
        ({"step": {"use": "reorder"}}, ["'step'", "[[step]]"]),
        ({"step": [{"use": "keep_evidence", "scorers": ["bm25"]}]}, ["'scorers'", '[{ use = "bm25" }]']),
        (
            {"step": [{"use": "when", "min_documents": 1, "then": [{"use": "order_to_edges"}]}]},
            ["'then'", "'order_to_edges'", 'strategy = "edges"'],
        ),
        ([{"use": "reoder"}], ["'reoder'", "did you mean 'reorder'?", "drop_noise"]),
        ("ligth", ["'ligth'", "did you mean 'light'?", ".toml"]),
    ],
)
def test_steps_that_are_nearly_right(pipeline: Any, told: list[str]) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError) as caught:
        shape("What is hot?", PASSAGES, pipeline=pipeline)
    assert all(part in str(caught.value) for part in told), str(caught.value)


def test_one_table_in_a_pipeline_file(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('[step]\nuse = "reorder"\n')
    with pytest.raises(ConfigError, match=r"one\.toml.*\[\[step\]\]"):
        Pipeline.from_config(tmp_path / "one.toml")


def test_a_misspelt_embedder_is_named_before_a_library_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # importing it would fail
    with pytest.raises(ConfigError, match=r"'univeral'.*did you mean 'universal'\?"):
        shape("What is hot?", PASSAGES, preset="balanced", embedder="univeral")
    with pytest.raises(ConfigError, match=r"'univeral'.*did you mean 'universal'\?"):
        shape("What is hot?", PASSAGES, preset="thorough", embedder=len, reranker="univeral")


def test_messages_have_no_prefix_and_repeat_no_mapping() -> None:
    for make, told in (
        (lambda: Reorder(strategy="profile"), "strategy is 'profile', profile is None"),
        (lambda: KeepKeySentences(top_k=1, tokens=3), "top_k is 1, ratio is None and tokens is 3"),
    ):
        with pytest.raises(ConfigError, match=told) as caught:
            make()
        assert "Value error" not in str(caught.value) and "it was" not in str(caught.value)


def test_a_passage_without_its_text() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"id": ["a", "b"], "text": ["Tea is hot.", math.nan]})
    with pytest.raises(InvalidInput, match=r"document 2.*column 'text' has no value"):
        shape("What is hot?", table)
    with pytest.raises(InvalidInput, match=r"document 2, field 'text' is nan, a missing value"):
        shape("What is hot?", table.to_dict("records"))


def test_an_id_given_twice_has_a_remedy() -> None:
    with pytest.raises(InvalidInput, match=r"documents 1 and 2.*'a'.*leave"):
        shape("What is hot?", [{"id": "a", "text": "Tea is hot."}] * 2)

"""A worker on a table of rows, without a cluster."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from ctxshape_ray import output_schema
from ctxshape_ray.journal import Journal, row_key
from ctxshape_ray.recipe import Recipe, with_threads
from ctxshape_ray.worker import ShapeRows, Task, error_text, passages

from ctxshape import (
    ConfigError,
    Context,
    InvalidInput,
    LlamaCpp,
    ModelError,
    PermutationVote,
    Pipeline,
    ReadOnce,
    SummarizeBlocks,
    Transform,
    ask,
    shape,
)
from ctxshape.core.tokens import EstimateCounter
from ctxshape.testing import ScriptedBackend

QUESTION = "Who wrote Emma?"
AUSTEN = "Emma is a novel by Jane Austen. It came out in 1815."
RAIN = "Rain fell in Bath."
STEPS = {"step": [{"use": "drop_duplicates"}, {"use": "keep_key_sentences", "ratio": 0.2}]}
COUNTER = EstimateCounter()


def rows_of(recipe: Recipe, questions: list[Any], documents: list[Any]) -> pa.Table:
    table = pa.table({"id": list(range(len(questions))), "question": questions, "documents": documents})
    task = Task(recipe.prepared(), "question", "documents")
    return ShapeRows(pickle.dumps(task))(table)


def test_columns_of_a_shaped_row() -> None:
    documents = [
        {"id": "emma", "text": AUSTEN, "title": "Emma", "url": "https://a.example", "score": 0.9},
        {"id": "rain", "text": RAIN, "title": None, "url": None, "score": 0.5},
        {"id": "copy", "text": AUSTEN, "title": None, "url": None, "score": None},
    ]
    (row,) = rows_of(Recipe(pipeline=STEPS, counter=COUNTER), [QUESTION], [documents]).to_pylist()
    assert row == {
        "id": 0,
        "question": QUESTION,
        "documents": documents,
        "shaped": [
            {
                "id": "emma",
                "text": "Emma is a novel by Jane Austen.",
                "title": "Emma",
                "source": "https://a.example",
                "score": 0.9,
                "kind": "quote",
                "spans": [{"document": "emma", "start": 0, "end": 31}],
                "duplicates": ["copy"],
                "notes": [{"step": "KeepKeySentences", "note": "kept 1 of 2 sentences"}],
                "meta": None,
            }
        ],
        "dropped": [
            {"id": "copy", "reason": "DropDuplicates: exact duplicate of 'emma'"},
            {"id": "rain", "reason": "KeepKeySentences: its only sentence is not a key sentence"},
        ],
        "hints": [],
        "tokens_before": row["tokens_before"],
        "tokens_after": row["tokens_after"],
        "counter": "EstimateCounter()",
        "error": None,
    }
    assert row["tokens_before"] == sum(
        COUNTER.count_tokens(line)
        for line in (f"Document [1](Title: Emma) {AUSTEN}\n", f"Document [2] {RAIN}\n", f"Document [3] {AUSTEN}\n")
    )
    assert row["tokens_after"] < row["tokens_before"] / 2


def test_types_hang_on_nothing_that_is_in_the_rows() -> None:
    reader = Recipe(backend=ScriptedBackend(reply="Jane Austen"))
    tables = [
        rows_of(reader, questions, documents)
        for questions, documents in (([QUESTION], [[AUSTEN]]), ([None], [None]), (["q"], [[]]), ([""], [[{"text": "x"}]]))
    ]
    schema = output_schema(answers=True)
    for table in tables:
        assert pa.schema([table.schema.field(name) for name in schema.names]) == schema
        assert table.column_names[:3] == ["id", "question", "documents"]


def test_a_row_that_cannot_be_shaped_has_an_error_and_nothing_else() -> None:
    bad: list[tuple[Any, Any, str]] = [
        (None, [AUSTEN], "InvalidInput: the query is None"),
        ("  ", [AUSTEN], "InvalidInput: the query is '  '"),
        (QUESTION, None, "InvalidInput: column 'documents' is null; give a list"),
        (QUESTION, [], "InvalidInput: column 'documents' is an empty list"),
        (QUESTION, ["x", None], "InvalidInput: document 2 is NoneType"),
    ]
    questions, documents, errors = zip(*bad, strict=True)
    table = rows_of(Recipe(backend=ScriptedBackend()), [*questions, QUESTION], [*documents, [AUSTEN]])
    for row, error in zip(table.to_pylist(), [*errors, None], strict=True):
        made = {name: row[name] for name in output_schema(answers=True).names}
        if error is None:
            assert made.pop("error") is None and None not in made.values()
        else:
            assert made.pop("error").startswith(error) and set(made.values()) == {None}


def test_what_has_no_type_in_arrow_is_an_error_of_its_row() -> None:
    with pytest.raises(InvalidInput, match="column 'documents' is int"):
        passages(5, "documents")
    with pytest.raises(InvalidInput, match="column 'documents' is str"):
        passages("one passage", "documents")
    with pytest.raises(InvalidInput, match="column 'documents' is dict"):
        passages({"text": "one"}, "documents")


def test_a_struct_has_the_fields_of_all_and_a_passage_only_its_own() -> None:
    # Arrow gives every struct of a column all fields: here "text" and "content", one of them null.
    table = rows_of(Recipe(preset="raw"), [QUESTION], [[{"text": AUSTEN}, {"content": RAIN}]])
    assert [document["text"] for document in table["shaped"][0].as_py()] == [AUSTEN, RAIN]
    assert table["error"].to_pylist() == [None]


def test_too_small_a_budget_and_a_step_that_fails_are_errors_of_their_rows() -> None:
    def divide(context: Context) -> Context:
        1 / (len(context.documents) - 2)
        return context.keep(context.documents)

    table = rows_of(Recipe(budget=3), [QUESTION], [[AUSTEN]])
    assert table["error"][0].as_py().startswith("BudgetTooSmall: ")
    table = rows_of_unpickled(divide, [QUESTION, QUESTION], [[AUSTEN], [AUSTEN, RAIN]])
    assert table["error"].to_pylist() == [None, "ZeroDivisionError: division by zero"]


def rows_of_unpickled(step: Transform, questions: list[Any], documents: list[Any]) -> pa.Table:
    from ray import cloudpickle

    task = Task(Recipe(pipeline=step), "question", "documents")
    return ShapeRows(cloudpickle.dumps(task))(pa.table({"question": questions, "documents": documents}))


def test_what_would_befall_every_row_ends_the_job() -> None:
    def unplugged(context: Context) -> Context:
        if context.query != "Who wrote Emma?":
            raise ModelError("the server at http://127.0.0.1:1 is gone")
        return context.keep(context.documents)

    with pytest.raises(ModelError, match="is gone"):
        rows_of_unpickled(unplugged, ["Why?"], [[AUSTEN]])


def test_answers_are_those_of_ask() -> None:
    backend = ScriptedBackend(reply="Jane Austen\nQuestion: and?")
    ours = ask(QUESTION, [AUSTEN, RAIN], backend=backend)
    (row,) = rows_of(Recipe(backend=backend), [QUESTION], [[AUSTEN, RAIN]]).to_pylist()
    assert row["answer"] == ours.text == "Jane Austen"
    assert row["citations"] == [{"document": "d1", "start": 0, "end": 31}] == [span.model_dump() for span in ours.citations]
    assert (row["abstained"], row["agreement"]) == (False, 1.0)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (ours.usage.prompt_tokens, ours.usage.completion_tokens)
    assert row["counter"] == repr(backend)


def test_a_prompt_that_is_too_long_is_an_error_of_its_row() -> None:
    table = rows_of(Recipe(backend=ScriptedBackend(n_ctx=150), preset="raw"), [QUESTION] * 2, [[AUSTEN], [RAIN] * 50])
    assert table["answer"].to_pylist() == ["answer", None]
    assert table["error"][1].as_py().startswith("ContextTooLong: prompt 1 has ")
    assert table["shaped"][1].as_py() is None


def test_a_reader_may_be_a_component_or_a_table_with_the_backend_of_the_job() -> None:
    backend = {"use": "scripted", "reply": "Jane Austen"}
    by_table = rows_of(Recipe(backend=backend, reader={"use": "permutation_vote", "votes": 2}), [QUESTION], [[AUSTEN, RAIN]])
    vote = PermutationVote(backend=ScriptedBackend(reply="Jane Austen"), votes=2)
    by_component = rows_of(Recipe(reader=vote, counter=ScriptedBackend()), [QUESTION], [[AUSTEN, RAIN]])
    assert by_table["answer"].to_pylist() == by_component["answer"].to_pylist() == ["Jane Austen"]


def test_steps_may_write_and_note() -> None:
    pipeline = Pipeline(SummarizeBlocks(backend=ScriptedBackend(reply="Austen wrote Emma.")))
    (row,) = rows_of(Recipe(pipeline=pipeline), [QUESTION], [[AUSTEN, RAIN]]).to_pylist()
    (document,) = row["shaped"]
    assert document["kind"] == "rewrite" and document["text"] == "Austen wrote Emma."
    assert [span["document"] for span in document["spans"]] == ["d1", "d2"]
    steps = {"step": [{"use": "weigh_sources"}, {"use": "hint_at_evidence", "most": 1}]}
    scored = [{"text": AUSTEN, "source": "a.example", "score": 1.0}, {"text": RAIN, "source": "b.example", "score": 0.0}]
    (row,) = rows_of(Recipe(pipeline=steps), [QUESTION], [scored]).to_pylist()
    assert [document["source"] for document in row["shaped"]] == ["a.example", "b.example"]
    assert json.loads(row["shaped"][0]["meta"]) == {"weight": 1.0}
    assert row["hints"] and row["shaped"][0]["notes"][-1] == {"step": "HintAtEvidence", "note": "named in the hint"}


def test_chinese() -> None:
    documents = [{"id": "雨", "text": "巴斯下了雨。"}, {"id": "爱玛", "text": "《爱玛》的作者是简·奥斯汀。它于1815年出版。"}]
    (row,) = rows_of(Recipe(pipeline=STEPS), ["《爱玛》的作者是谁？"], [documents]).to_pylist()
    (document,) = row["shaped"]
    assert document["text"] == "《爱玛》的作者是简·奥斯汀。"
    assert document["spans"] == [{"document": "爱玛", "start": 0, "end": 14}]


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(budget=30), Recipe(pipeline="light", budget=30), Recipe(preset="raw")])
def test_texts_are_those_of_shape(recipe: Recipe) -> None:
    table = rows_of(recipe, [QUESTION], [[AUSTEN, RAIN, AUSTEN]])
    ours = shape(QUESTION, [AUSTEN, RAIN, AUSTEN], preset=recipe.preset, budget=recipe.budget)
    assert [d["text"] for d in table["shaped"][0].as_py()] == [d.text for d in ours.documents]
    tokens = (table["tokens_before"][0].as_py(), table["tokens_after"][0].as_py())
    if ours.trace.steps:
        assert tokens == (ours.trace.steps[0].tokens_before, ours.trace.steps[-1].tokens_after)
    else:
        assert tokens[0] == tokens[1] > 0


def test_several_rows_at_once_are_the_same_rows(tmp_path: Path) -> None:
    def wait_for_all(context: Context) -> Context:
        if len(context.documents) > 1:  # the row that a worker makes up to load its models
            return context.keep(context.documents)
        (tmp_path / context.documents[0].text).touch()
        deadline = time.monotonic() + 30
        while len(list(tmp_path.iterdir())) < 8:
            assert time.monotonic() < deadline, "fewer than 8 rows at once"
            time.sleep(0.01)
        return context.keep(context.documents)

    from ray import cloudpickle

    table = pa.table({"question": [f"{n}?" for n in range(8)], "documents": [[f"{n}"] for n in range(8)]})
    task = Task(Recipe(pipeline=wait_for_all), "question", "documents", at_once=8)
    shaped = ShapeRows(cloudpickle.dumps(task))(table)
    assert shaped["error"].to_pylist() == [None] * 8
    assert [documents[0]["text"] for documents in shaped["shaped"].to_pylist()] == [str(n) for n in range(8)]


def test_a_row_at_which_processes_died_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "journal.json"
    task = pickle.dumps(Task(Recipe(), "question", "documents", tries=2))
    key = row_key(QUESTION, [AUSTEN])
    table = pa.table({"question": [QUESTION, QUESTION], "documents": [[AUSTEN], [RAIN]]})
    for deaths, error in ((1, None), (2, "ProcessDied: 2 processes died at this row")):
        Journal(path).at(key).__enter__()
        restarted = Journal(path)
        assert restarted.deaths(key) == deaths
        first, second = ShapeRows(task, restarted)(table)["error"].to_pylist()
        assert second is None and (first is None if error is None else first.startswith(error))
    assert json.loads(path.read_text()) == {"at": [], "deaths": {key: 2}}


def test_mistakes_are_named() -> None:
    with pytest.raises(ConfigError, match="there is no preset 'lite'"):
        Recipe(preset="lite").prepared()
    with pytest.raises(ConfigError, match="there is no preset 'lite'"):
        Recipe(pipeline="lite").prepared()
    with pytest.raises(ConfigError, match="cannot read 'no.toml'"):
        Recipe(pipeline="no.toml").prepared()
    with pytest.raises(ConfigError, match="backend: there is no backend named 'llama'"):
        Recipe(backend={"use": "llama"}).prepared()
    with pytest.raises(ModelError, match="'model.gguf'"):
        Recipe(backend="model.gguf").prepared()
    with pytest.raises(ConfigError, match="reader is 'vote'"):
        Recipe(reader="vote").prepared()
    with pytest.raises(ConfigError, match="reader: ReadOnce needs the field 'backend'"):
        Recipe(reader={"use": "read_once"}).prepared()
    with pytest.raises(ConfigError, match="counter is 3"):
        Recipe(counter=3).prepared()


def test_a_table_names_a_model_of_the_workers() -> None:
    recipe = Recipe(backend={"use": "llama_cpp", "model": "only/there.gguf"}, allow=("reads",))
    assert recipe.prepared() == recipe
    with pytest.raises(ModelError, match=r"there is no model file 'only/there.gguf'"):
        ShapeRows(pickle.dumps(Task(recipe, "question", "documents")))


def test_a_pipeline_file_is_read_where_the_job_starts(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.toml"
    path.write_text('[[step]]\nuse = "drop_duplicates"\n')
    for given in (path, str(path)):
        assert Recipe(pipeline=given, counter=COUNTER).prepared() == Recipe(
            pipeline={"step": [{"use": "drop_duplicates"}]}, counter=COUNTER
        )


def test_the_default_counter_is_that_of_the_machine_where_the_job_starts() -> None:
    from ctxshape.core.tokens import default_counter

    assert Recipe().prepared().counter == default_counter()
    assert Recipe(backend=ScriptedBackend()).prepared().counter is None  # the backend counts


def test_a_model_that_leaves_its_threads_open_gets_the_cores_of_its_worker(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + bytes(64))
    free, bound = LlamaCpp(path), LlamaCpp(path, n_threads=7)
    reader = PermutationVote(backend=free, votes=2)
    one, vote, other, steps = with_threads((free, reader, bound, Pipeline(SummarizeBlocks(backend=free))), 3)
    assert one.n_threads == 3 and other is bound and free.n_threads is None
    assert vote.backend is one is steps.steps[0].backend  # loaded once
    assert with_threads(ReadOnce(backend=bound), 3) == ReadOnce(backend=bound)


def test_errors_are_utf_8_and_no_longer_than_a_note() -> None:
    assert error_text(ValueError("\ud800")) == "ValueError: \\ud800"
    assert len(error_text(ValueError("x" * 5000))) == 1000


def test_a_table_without_a_column_or_with_one_of_ours_ends_the_job() -> None:
    worker = ShapeRows(pickle.dumps(Task(Recipe(), "question", "passages")))
    with pytest.raises(ConfigError, match=r"no column 'passages'; name one of \['question', 'documents'\] with documents="):
        worker(pa.table({"question": [QUESTION], "documents": [[AUSTEN]]}))
    with pytest.raises(ConfigError, match=r"has columns \['error'\] already"):
        worker(pa.table({"question": [QUESTION], "passages": [[AUSTEN]], "error": ["of another job"]}))


def test_importing_needs_no_ray_and_shaping_without_it_names_the_command() -> None:
    code = "import sys; sys.modules['ray'] = None; import ctxshape_ray; print('pyarrow' in sys.modules)\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code + "ctxshape_ray.shape_dataset(None)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "False\n"
    assert done.stderr.splitlines()[-1] == (
        "ctxshape.errors.MissingExtra: shape_dataset needs Ray Data. Install it with: pip install 'ray[data]>=2.60'"
    )

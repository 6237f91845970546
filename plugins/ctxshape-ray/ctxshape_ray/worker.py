"""The actor: it opens the recipe once, and gives every row its result or its error."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxshape import ConfigError, Context, InvalidInput
from ctxshape.core.passages import Passage
from ctxshape_ray.columns import Row, answer_row, output_schema, shaped_row, with_columns
from ctxshape_ray.journal import Journal, row_key
from ctxshape_ray.recipe import FATAL, Recipe

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_ERROR = 1000  # characters


class Task(NamedTuple):
    """The instructions for a worker: the recipe, the columns to read, and the prefix of the new ones."""

    recipe: Recipe
    question: str
    documents: str
    prefix: str = ""
    at_once: int = 1
    tries: int = 3

    def check_columns(self, names: Sequence[str]) -> None:
        """Raises ConfigError if a column is missing, or if a new column's name is taken."""
        for wanted, option in ((self.question, "question"), (self.documents, "documents")):
            if wanted not in names:
                raise ConfigError(f"the dataset has no column {wanted!r}; name one of {list(names)} with {option}=")
        added = output_schema(answers=self.recipe.answers, prefix=self.prefix).names
        taken = [name for name in added if name in names]
        if taken:
            raise ConfigError(f"the dataset has columns {taken} already; drop or rename them, or give a prefix=")


class ShapeRows:
    """Shapes the rows of a table, and answers them if the task says so. `task` is a pickled Task.

    >>> import pyarrow as pa
    >>> rows = pa.table({"question": ["Who wrote Emma?", ""], "documents": [["Emma is by Austen.", "Rain fell."]] * 2})
    >>> shaped = ShapeRows(pickle.dumps(Task(Recipe(), "question", "documents")))(rows)
    >>> [document["text"] for document in shaped["shaped"][0].as_py()], shaped["error"].to_pylist()
    (['Emma is by Austen.'], [None, "InvalidInput: the query is ''; give the question as a str that is not empty"])
    """

    def __init__(self, task: bytes, journal: Journal | None = None) -> None:
        self._task: Task = pickle.loads(task)
        self._opened = self._task.recipe.open()
        self._opened.load()
        self._schema = output_schema(answers=self._task.recipe.answers, prefix=self._task.prefix)
        self._journal = Journal(_journal_path()) if journal is None else journal

    def __call__(self, table: pa.Table) -> pa.Table:
        """Returns the table with the new columns. Raises errors that every row would meet: ConfigError, ModelError, OSError."""
        self._task.check_columns(table.column_names)
        questions, documents = (table.column(name).to_pylist() for name in (self._task.question, self._task.documents))
        rows = self._rows(list(zip(questions, documents, strict=True)))
        return with_columns(table, rows, self._schema, self._task.prefix)

    def _rows(self, given: Sequence[tuple[Any, Any]]) -> list[Row]:
        keys = [row_key(*pair) for pair in given]
        done: dict[int, Row] = {}
        # One by one: among several rows at once, the one that kills the process cannot be identified.
        for place, key in enumerate(keys):
            if self._journal.deaths(key):
                done[place] = self._row(key, given[place])
        rest = [place for place in range(len(given)) if place not in done]
        if self._task.at_once == 1:
            done |= {place: self._row(keys[place], given[place]) for place in rest}
        else:
            with ThreadPoolExecutor(self._task.at_once, "ctxshape-ray") as pool:
                done |= zip(rest, pool.map(lambda place: self._row(keys[place], given[place]), rest), strict=True)
        return [done[place] for place in range(len(given))]

    def _row(self, key: str, given: tuple[Any, Any]) -> Row:
        deaths = self._journal.deaths(key)
        if deaths >= self._task.tries:
            return {"error": f"ProcessDied: {deaths} processes died at this row; see Ray's log for out of memory or a crash"}
        with self._journal.at(key):
            try:
                return self._shaped(*given)
            except FATAL:
                raise
            except Exception as error:  # one row's failure does not stop the others
                return {"error": error_text(error)}

    def _shaped(self, question: Any, documents: Any) -> Row:  # noqa: ANN401  a column may hold anything
        pipeline, counter, reader = self._opened
        context = pipeline(Context.of(question, passages(documents, self._task.documents)))
        shaped = shaped_row(context, counter)
        return shaped if reader is None else shaped | answer_row(reader(context))


def passages(value: object, column: str) -> list[Passage]:
    """Returns the documents of a row without the null fields that Arrow adds. Raises InvalidInput if there are none.

    >>> passages([{"text": "a", "title": None, "lang": "en"}, "b"], "documents")
    [{'text': 'a', 'lang': 'en'}, 'b']
    """
    if value is None or isinstance(value, str | bytes | dict) or not hasattr(value, "__iter__"):
        raise InvalidInput(f"column {column!r} is {_kind(value)}; give a list of texts, or of structs with a text field")
    items = list(value)
    if not items:
        raise InvalidInput(f"column {column!r} is an empty list; give at least one passage")
    return [{k: v for k, v in item.items() if v is not None} if isinstance(item, dict) else item for item in items]


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__


def error_text(error: Exception) -> str:
    r"""Returns the text of a row's error column: type and message, with lone surrogates escaped.

    >>> error_text(KeyError("\ud800"))
    "KeyError: '\\ud800'"
    """
    text = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= LONGEST_ERROR else text[: LONGEST_ERROR - 1] + "…"


def _journal_path() -> Path | None:
    """A file of this actor, which keeps its id when Ray restarts it; None outside an actor."""
    import ray

    if not ray.is_initialized():
        return None
    context = ray.get_runtime_context()
    actor = context.get_actor_id()
    return None if actor is None else Path(context.get_temp_dir()) / context.get_session_name() / f"ctxshape-{actor}.json"

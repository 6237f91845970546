"""The actor: it opens the recipe once, and gives every row its result or its error."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxshape import ConfigError, Context, InvalidInput
from ctxshape.core.passages import Passage
from ctxshape_ray.columns import Record, answer_record, output_schema, shaped_record, with_columns
from ctxshape_ray.journal import Journal, row_key
from ctxshape_ray.recipe import FATAL, Recipe

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_ERROR = 1000  # characters


class Task(NamedTuple):
    """What a worker is told: the recipe, where a row has its question and documents, and what new columns are called."""

    recipe: Recipe
    question: str
    documents: str
    prefix: str = ""
    at_once: int = 1
    tries: int = 3

    def check_columns(self, names: Sequence[str]) -> None:
        """Raise ConfigError if a column is missing, or one is there that would be added."""
        for wanted, said in ((self.question, "question"), (self.documents, "documents")):
            if wanted not in names:
                raise ConfigError(f"the dataset has no column {wanted!r}; name one of {list(names)} with {said}=")
        made = output_schema(answers=self.recipe.answers, prefix=self.prefix).names
        taken = [name for name in made if name in names]
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

    def __init__(self, task: bytes) -> None:
        self._task: Task = pickle.loads(task)
        self._opened = self._task.recipe.open()
        self._opened.load()
        self._schema = output_schema(answers=self._task.recipe.answers, prefix=self._task.prefix)
        self._journal = Journal(_journal_path())

    def __call__(self, table: pa.Table) -> pa.Table:
        """The table with the new columns. Raises what would befall any row: ConfigError, ModelError, OSError."""
        self._task.check_columns(table.column_names)
        questions, documents = (table.column(name).to_pylist() for name in (self._task.question, self._task.documents))
        records = self._records(list(zip(questions, documents, strict=True)))
        return with_columns(table, records, self._schema, self._task.prefix)

    def _records(self, rows: Sequence[tuple[Any, Any]]) -> list[Record]:
        keys = [row_key(*row) for row in rows]
        made: dict[int, Record] = {}
        # One by one: which of several rows would kill the process could not be told.
        for place, key in enumerate(keys):
            if self._journal.deaths(key):
                made[place] = self._record(key, rows[place])
        rest = [place for place in range(len(rows)) if place not in made]
        if self._task.at_once == 1:
            made |= {place: self._record(keys[place], rows[place]) for place in rest}
        else:
            with ThreadPoolExecutor(self._task.at_once, "ctxshape-ray") as pool:
                made |= zip(rest, pool.map(lambda place: self._record(keys[place], rows[place]), rest), strict=True)
        return [made[place] for place in range(len(rows))]

    def _record(self, key: str, row: tuple[Any, Any]) -> Record:
        deaths = self._journal.deaths(key)
        if deaths >= self._task.tries:
            return {"error": f"ProcessDied: {deaths} processes died at this row; see Ray's log for out of memory or a crash"}
        with self._journal.at(key):
            try:
                return self._made(*row)
            except FATAL:
                raise
            except Exception as error:  # whatever a step thinks of a row, the others go on
                return {"error": said(error)}

    def _made(self, question: Any, documents: Any) -> Record:  # noqa: ANN401  whatever the columns hold
        pipeline, counter, reader = self._opened
        context = pipeline(Context.of(question, passages(documents, self._task.documents)))
        shaped = shaped_record(context, counter)
        return shaped if reader is None else shaped | answer_record(reader(context))


def passages(value: object, column: str) -> list[Passage]:
    """The documents of a row, without what Arrow adds: fields that only other documents have. Raises InvalidInput.

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


def said(error: Exception) -> str:
    r"""What a row's error column holds: type and message, as UTF-8 can.

    >>> said(KeyError("\ud800"))
    "KeyError: '\\ud800'"
    """
    text = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= LONGEST_ERROR else text[: LONGEST_ERROR - 1] + "…"


def _journal_path() -> Path | None:
    """A file of this actor, which keeps its id when Ray starts it anew; None outside of one."""
    import ray

    if not ray.is_initialized():
        return None
    context = ray.get_runtime_context()
    actor = context.get_actor_id()
    return None if actor is None else Path(context.get_temp_dir()) / context.get_session_name() / f"ctxshape-{actor}.json"

"""Stores answers on disk, keyed by prompt: an interrupted run resumes, and a new method computes only its own prompts."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ctxshape.core.component import plain
from ctxshape.core.databases import explained_failure
from ctxshape.core.digests import file_digest
from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.protocols import Backend
from ctxshape.errors import ConfigError

# Fields of a backend that change where it runs or what it caches, but not its answers.
_NEUTRAL_FIELDS = ("n_ctx", "n_gpu_layers", "n_threads", "document_cache")

# Raise it when one of our backends starts to answer the same prompt differently: answers stored before are then not used.
_REVISION = 2


def backend_identity(backend: Backend) -> str:
    """Hashes everything that decides a backend's answers: its settings and the content of its model file.

    A backend that is no component is identified by its repr.
    """
    fields = {name: value for name, value in _fields(backend).items() if name not in _NEUTRAL_FIELDS}
    model = fields.get("model")
    if isinstance(model, str) and os.path.isfile(model):
        fields["model"] = file_digest(model)
    return _digest([type(backend).__name__, fields, _REVISION])


def _fields(backend: Backend) -> dict[str, object]:
    described = plain(backend)
    return dict(described) if isinstance(described, Mapping) else {"repr": repr(backend)}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=repr).encode()).hexdigest()


_TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"

T = TypeVar("T")


class Answers:
    """The completions of one model, keyed by prompt and options, in a SQLite file. Thread-safe.

    A `put` is atomic and on disk when it returns. A stored value that cannot be read counts as missing. Raises ConfigError,
    naming the file and the remedy, for one that is damaged, holds something else, cannot be written, or stays locked by
    another process for `patience` seconds. The file is checked before anything is computed, and never removed: it may hold
    the work of hours.
    """

    def __init__(self, path: str | Path, model: str, patience: float = 60.0) -> None:
        self.path, self.model = str(path), model
        self._lock = threading.Lock()
        with self._explained():
            self._database = sqlite3.connect(path, check_same_thread=False, timeout=patience)
        try:
            with self._explained():
                self._check()
        except ConfigError:
            self._database.close()
            raise

    def get(self, prompt: Prompt, options: Generation) -> Completion | None:
        """Returns the stored completion, if any."""
        return self.recall(self.prompt_key(prompt, options), Completion.model_validate_json)

    def put(self, completions: Sequence[tuple[Prompt, Completion]], options: Generation) -> None:
        """Stores completions, all in one transaction."""
        self.remember({self.prompt_key(prompt, options): completion.model_dump_json() for prompt, completion in completions})

    def recall(self, key: str, read: Callable[[str], T]) -> T | None:
        """Returns what `read` makes of the value stored under a key; None if there is none, or if it raises ValueError."""
        with self._lock, self._explained():
            row = self._database.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
        try:
            return None if row is None else read(str(row[0]))
        except ValueError:  # pydantic's, too
            return None

    def remember(self, values: Mapping[str, str]) -> None:
        """Stores values under their keys, all in one transaction."""
        with self._lock, self._explained(), self._database:
            self._database.executemany("INSERT OR REPLACE INTO answers (key, value) VALUES (?, ?)", values.items())

    def _check(self) -> None:
        """Raises sqlite3.Error unless the file is intact, is of answers, and can be written."""
        self._database.execute("BEGIN IMMEDIATE")  # fails for a file that is locked
        self._database.execute(_TABLE)
        columns = {name: (kind, is_key) for _, name, kind, _, _, is_key in self._database.execute("PRAGMA table_info(answers)")}
        if columns != {"key": ("TEXT", 1), "value": ("TEXT", 0)}:
            raise sqlite3.DatabaseError("its table 'answers' has other columns")
        (found,) = self._database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(f"it is damaged: {' '.join(found.split())}")
        self._database.execute("PRAGMA user_version = 1")  # the version of this format; fails for a file that is read-only
        self._database.commit()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the second, if a damaged name is in SQLite's message
            told = explained_failure(error, "the answers in it")
            raise ConfigError(f"cannot store answers in {self.path!r}: {told}") from None

    def key(self, *parts: object) -> str:
        """Returns the key of anything else that was measured with this model, such as a timing."""
        return _digest([self.model, *parts])

    def prompt_key(self, prompt: Prompt, options: Generation) -> str:
        """Returns the key of a prompt's completion; the ids of its documents do not matter, only the text."""
        segments = [(segment.text, segment.trusted) for segment in prompt.segments]
        return self.key(segments, options.model_dump(mode="json"))

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._database.close()

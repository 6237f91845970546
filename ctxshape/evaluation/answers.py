"""Stores answers on disk, keyed by prompt: an interrupted run resumes, and a new method computes only its own prompts."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ctxshape.core.component import plain
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


class Answers:
    """The completions of one model, keyed by prompt and options, in a SQLite file. Thread-safe.

    A `put` is atomic and on disk when it returns. Raises ConfigError for a file that is no SQLite database or that cannot
    be written.
    """

    def __init__(self, path: str | Path, model: str) -> None:
        self.model = model
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(path, check_same_thread=False, timeout=60)
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
            )
            self._database.commit()
        except sqlite3.Error as error:
            raise ConfigError(
                f"cannot store answers in {str(path)!r}: {error}; give another folder, or remove that file"
            ) from None

    def get(self, prompt: Prompt, options: Generation) -> Completion | None:
        """Returns the stored completion, if any."""
        stored = self.recall(self.prompt_key(prompt, options))
        return None if stored is None else Completion.model_validate_json(stored)

    def put(self, completions: Sequence[tuple[Prompt, Completion]], options: Generation) -> None:
        """Stores completions, all in one transaction."""
        self.remember({self.prompt_key(prompt, options): completion.model_dump_json() for prompt, completion in completions})

    def recall(self, key: str) -> str | None:
        """Returns the value stored under a key, if any."""
        with self._lock:
            row = self._database.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, values: Mapping[str, str]) -> None:
        """Stores values under their keys, all in one transaction."""
        with self._lock, self._database:
            self._database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?)", values.items())

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

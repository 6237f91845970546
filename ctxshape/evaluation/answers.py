"""Answers on disk, found by what was asked: a run that was killed goes on, and a new method costs only itself."""

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

# Fields of a backend that say where it runs and what it remembers, not what it answers.
_RUNS_ALIKE = ("n_ctx", "n_gpu_layers", "n_threads", "document_cache")

# Raised whenever a backend of ours answers the same prompt otherwise, so that a folder of before gives no answer of before.
REVISION = 2


def identity(backend: Backend) -> str:
    """What decides a backend's answers: the SHA-256 of its model file and its settings, else how it describes itself."""
    fields = {name: value for name, value in _fields(backend).items() if name not in _RUNS_ALIKE}
    model = fields.get("model")
    if isinstance(model, str) and os.path.isfile(model):
        fields["model"] = file_digest(model)
    return _digest([type(backend).__name__, fields, REVISION])


def _fields(backend: Backend) -> dict[str, object]:
    described = plain(backend)
    return dict(described) if isinstance(described, Mapping) else {"repr": repr(backend)}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=repr).encode()).hexdigest()


class Answers:
    """Completions of one model by prompt and options, in an SQLite file; any thread may use it.

    What `put` was given is on disk when it returns, all or nothing, whatever happens to the process. Raises ConfigError
    for a file that is none or cannot be written.
    """

    def __init__(self, path: str | Path, model: str) -> None:
        self.model = model
        self._lock = threading.Lock()
        try:
            self._base = sqlite3.connect(path, check_same_thread=False, timeout=60)
            self._base.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
            self._base.commit()
        except sqlite3.Error as error:
            raise ConfigError(
                f"cannot keep answers in {str(path)!r}: {error}; give another folder, or remove that file"
            ) from None

    def get(self, prompt: Prompt, options: Generation) -> Completion | None:
        """The completion that was kept, if any."""
        found = self.recall(self.asked(prompt, options))
        return None if found is None else Completion.model_validate_json(found)

    def put(self, asked: Sequence[tuple[Prompt, Completion]], options: Generation) -> None:
        """Keep completions, all at once."""
        self.remember({self.asked(prompt, options): completion.model_dump_json() for prompt, completion in asked})

    def recall(self, key: str) -> str | None:
        """A value by its key."""
        with self._lock:
            row = self._base.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, values: Mapping[str, str]) -> None:
        """Keep values by their keys, all at once."""
        with self._lock, self._base:
            self._base.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?)", values.items())

    def key(self, *parts: object) -> str:
        """The key of something that was measured with this model."""
        return _digest([self.model, *parts])

    def asked(self, prompt: Prompt, options: Generation) -> str:
        """The key of a prompt's completion. The same text is the same prompt, whatever its documents' ids."""
        segments = [(segment.text, segment.trusted) for segment in prompt.segments]
        return self.key(segments, options.model_dump(mode="json"))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

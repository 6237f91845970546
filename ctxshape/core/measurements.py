"""Measurements of models in one JSON file: an entry for each model, under the SHA-256 of its file."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctxshape.core.digests import file_digest
from ctxshape.core.leftovers import is_abandoned, remove_quietly, unfinished_suffix
from ctxshape.errors import ConfigError, InvalidInput

FORMAT = "ctxshape models 1"


def fingerprint(backend: object) -> str:
    """Returns the SHA-256 of a backend's model file in hexadecimal digits.

    Raises ConfigError for a backend without a model file: a server, or a `llama_cpp.Llama` whose file is gone.
    """
    path = model_path(backend)
    if not os.path.isfile(path):
        raise ConfigError(f"{backend!r:.200} has no model file to identify it by; use LlamaCpp with the path of a GGUF file")
    return file_digest(path)


def model_name(backend: object) -> str:
    """Returns the name of a backend's model file, without its folder."""
    return os.path.basename(model_path(backend))


def model_path(backend: object) -> str:
    """Returns the path of a backend's model file; empty for a backend without one, such as a server."""
    model = getattr(backend, "model", None)
    path = model if isinstance(model, str) else getattr(model, "model_path", None)
    return path if isinstance(path, str) else ""


def read_measurements(path: str | Path) -> dict[str, dict[str, Any]]:
    """Returns the entries of a file by fingerprint. Raises InvalidInput, naming the file and its fault."""
    try:
        content = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise InvalidInput(f"cannot read {os.fspath(path)!r}: {error.strerror}; `ctxshape profile` makes such a file") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{os.fspath(path)!r} is not JSON: {error}; `ctxshape profile` makes such a file") from None
    models = content.get("models") if isinstance(content, Mapping) and content.get("format") == FORMAT else None
    if not isinstance(models, Mapping) or not all(isinstance(entry, Mapping) for entry in models.values()):
        raise InvalidInput(f"{os.fspath(path)!r} is not of the format {FORMAT!r}; `ctxshape profile` makes such a file")
    return {str(key): dict(entry) for key, entry in models.items()}


def write_measurements(path: str | Path, key: str, entry: Mapping[str, Any]) -> None:
    """Adds an entry to a file, or its fields to the entry of the same model. Replaces the file atomically.

    Removes what killed processes left unfinished beside it. Raises InvalidInput for a file that cannot be read or written.
    """
    file = Path(path)
    models = read_measurements(file) if file.exists() else {}
    models[key] = {**models.get(key, {}), **entry}
    fresh = file.with_name(file.name + unfinished_suffix())
    try:
        for left in [left for left in file.parent.iterdir() if _is_left_by(left, file)]:
            remove_quietly(left)
        fresh.write_text(json.dumps({"format": FORMAT, "models": models}, ensure_ascii=False, indent=1) + "\n", "utf-8")
        fresh.replace(file)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise InvalidInput(f"cannot write {os.fspath(path)!r}: {error.strerror}; give a file in an existing folder") from None


def _is_left_by(left: Path, file: Path) -> bool:
    if not (left.name.startswith(f"{file.name}.") and left.name.endswith(".tmp")):
        return False
    try:
        return is_abandoned(left.name, time.time() - left.stat().st_mtime)
    except FileNotFoundError:  # it was finished in the meantime
        return False


def read_measurement(path: str | Path, key: str, field: str) -> Any:  # noqa: ANN401  any JSON value
    """Returns one field of a model's entry. Raises InvalidInput, naming the models that have the field."""
    models = read_measurements(path)
    entry = models.get(key, {})
    if field not in entry:
        known = ", ".join(f"{other.get('model', '?')} ({name[:12]})" for name, other in models.items() if field in other)
        raise InvalidInput(
            f"{os.fspath(path)!r} has no {field!r} of the model {key[:12]}…; models with it: {known or 'none'}; "
            "measure it with `ctxshape profile --model …`"
        )
    return entry[field]

"""What a model's folder says of itself, read before any library is loaded."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctxshape.errors import ModelError

CONFIG = "config_sentence_transformers.json"


def local_folder(model: str, what: str) -> Path | None:
    """The folder that `model` names, or None for a name on the hub. Raises ModelError for a path without a folder.

    A path begins with `.`, `~` or `/`, or has more than one separator, which no name on the hub has.

    >>> local_folder("sentence-transformers/all-MiniLM-L6-v2", "a sentence-transformers model") is None
    True
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if model.startswith((".", "~", "/")) or len(folder.parts) > 2 or folder.exists():
        raise ModelError(f"there is no folder {str(Path(model))!r}; give the folder of {what}, or its name on the hub")
    return None


def cached_snapshot(name: str) -> Path | None:
    """Returns the folder that the Hugging Face cache has of a model on the hub, None if it has none.

    Reads the cache's layout, since importing huggingface_hub takes a moment. The folder may lack files.
    """
    variable = next((name for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") if os.environ.get(name)), None)
    home = os.environ.get("HF_HOME") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/huggingface"
    folder = Path(os.environ[variable] if variable else f"{home}/hub").expanduser() / f"models--{name.replace('/', '--')}"
    try:
        snapshot = folder / "snapshots" / (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return snapshot if snapshot.is_dir() else None


def read_json(folder: Path, name: str) -> Any:  # noqa: ANN401  whatever JSON holds
    """The content of a JSON file of the folder, None where there is none. Raises ModelError for a broken one."""
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {str(folder / name)!r}: {error}; fetch the model again") from None


def check_bi_encoder(folder: Path) -> None:
    """Raise ModelError for a folder that is no sentence-transformers bi-encoder.

    A plain transformers model is refused: sentence-transformers would load it and pool by the mean without a word, which
    is wrong for a model that was trained with another pooling, and nothing in its folder says which.
    """
    if read_json(folder, "modules.json") is None:
        if (folder / "config.json").exists():
            raise ModelError(
                f"{str(folder)!r} is a plain transformers model (it has no modules.json), so how its vectors are pooled is "
                "unknown; build it with sentence_transformers.SentenceTransformer(modules=[Transformer, Pooling]) and save() it"
            )
        raise ModelError(
            f"{str(folder)!r} is no sentence-transformers model: it has no modules.json; give the folder that has one"
        )
    kind = _mapping(read_json(folder, CONFIG)).get("model_type", "SentenceTransformer")
    if kind != "SentenceTransformer":
        raise ModelError(f"{str(folder)!r} holds a {kind}, not a SentenceTransformer that embeds texts; give another folder")


def check_cross_encoder(folder: Path) -> None:
    """Raise ModelError for a folder that is no cross-encoder.

    Of an encoder without a trained head sentence-transformers makes a cross-encoder with a random one.
    """
    config = read_json(folder, "config.json")
    if config is None:
        raise ModelError(f"{str(folder)!r} is no cross-encoder: it has no config.json; give the folder that has one")
    known = [str(name) for name in _mapping(config).get("architectures") or []]
    if _mapping(read_json(folder, CONFIG)).get("model_type") == "CrossEncoder":
        return
    if not any(name.endswith("ForSequenceClassification") for name in known):
        raise ModelError(
            f"{str(folder)!r} is no cross-encoder: its architecture is {', '.join(known) or 'not named'}, and that of "
            "one ends in ForSequenceClassification; give the folder of one, or use it as an embedder"
        )


def prompts_of(folder: Path) -> Mapping[str, str]:
    """The model's own prompts by name, as its configuration has them."""
    return _mapping(_mapping(read_json(folder, CONFIG)).get("prompts"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

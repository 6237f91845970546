"""Finds, checks and loads the models of sentence-transformers. A folder is checked before any library is imported."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from ctxshape.core.reach import Reach
from ctxshape.core.telemetry import LOGGER
from ctxshape.errors import ModelError

Dtype = Literal["float32", "bfloat16", "float16"]
CONFIG = "config_sentence_transformers.json"


def local_folder(model: str, what: str) -> Path | None:
    """Returns the folder that `model` names, or None for a name on the hub. Raises ModelError for a path without a folder.

    A path begins with `.`, `~` or `/`, or has more than one separator, unlike any name on the hub.

    >>> local_folder("sentence-transformers/all-MiniLM-L6-v2", "a sentence-transformers model") is None
    True
    """
    folder = Path(model).expanduser()
    if os.path.isdir(folder):  # unlike Path.is_dir, False for a name that no file can have
        return folder
    if _is_path(model) or os.path.exists(folder):
        raise ModelError(f"there is no folder {str(Path(model))!r:.200}; give the folder of {what}, or its name on the hub")
    return None


def hub_reach(model: object) -> tuple[Reach, ...]:
    """Returns what a model reaches: a path is read, and any other name is one on the hub, which may be fetched.

    >>> hub_reach("./models/minilm"), hub_reach("sentence-transformers/all-MiniLM-L6-v2")
    (('reads',), ('network', 'reads', 'writes'))
    """
    is_path = isinstance(model, os.PathLike) or (isinstance(model, str) and _is_path(model))
    return ("reads",) if is_path else ("network", "reads", "writes")


def _is_path(model: str) -> bool:
    return model.startswith((".", "~", "/")) or len(Path(model).parts) > 2


def cached_snapshot(name: str) -> Path | None:
    """Returns the folder of a hub model in the Hugging Face cache, or None if it is not cached.

    It follows the cache's layout, because importing huggingface_hub is slow. The folder may lack files.
    """
    variable = next((name for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") if os.environ.get(name)), None)
    home = os.environ.get("HF_HOME") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/huggingface"
    folder = Path(os.environ[variable] if variable else f"{home}/hub").expanduser() / f"models--{name.replace('/', '--')}"
    try:
        snapshot = folder / "snapshots" / (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return snapshot if snapshot.is_dir() else None


def check_bi_encoder(folder: Path) -> None:
    """Raises ModelError for a folder that is not a sentence-transformers bi-encoder.

    A plain transformers model is refused. sentence-transformers would load it and pool by the mean without a warning, which
    is wrong for a model trained with another pooling, and its folder does not name the pooling.
    """
    if _read_json(folder, "modules.json") is None:
        if (folder / "config.json").exists():
            raise ModelError(
                f"{str(folder)!r} is a plain transformers model (it has no modules.json), so its pooling is unknown; "
                "build it with sentence_transformers.SentenceTransformer(modules=[Transformer, Pooling]) and save() it"
            )
        raise ModelError(
            f"{str(folder)!r} is not a sentence-transformers model: it has no modules.json; give the folder that has one"
        )
    kind = _mapping(_read_json(folder, CONFIG)).get("model_type", "SentenceTransformer")
    if kind != "SentenceTransformer":
        raise ModelError(f"{str(folder)!r} holds a {kind}, not a SentenceTransformer that embeds texts; give another folder")


def check_cross_encoder(folder: Path) -> None:
    """Raises ModelError for a folder that is not a cross-encoder.

    Given an encoder without a trained head, sentence-transformers makes a cross-encoder with a random one.
    """
    config = _read_json(folder, "config.json")
    if config is None:
        raise ModelError(f"{str(folder)!r} is not a cross-encoder: it has no config.json; give the folder that has one")
    known = [str(name) for name in _mapping(config).get("architectures") or []]
    if _mapping(_read_json(folder, CONFIG)).get("model_type") == "CrossEncoder":
        return
    if not any(name.endswith("ForSequenceClassification") for name in known):
        raise ModelError(
            f"{str(folder)!r} is not a cross-encoder: its architecture is {', '.join(known) or 'not named'}, and that of "
            "a cross-encoder ends in ForSequenceClassification; give another folder, or use this one as an embedder"
        )


def own_prompts(folder: Path) -> Mapping[str, str]:
    """Returns the prompts in the model's configuration, by name."""
    return _mapping(_mapping(_read_json(folder, CONFIG)).get("prompts"))


def check_available(model: str, marker: str = "modules.json") -> None:
    """Raises ModelError for a hub model that is not cached and cannot be fetched, before a library is imported for seconds.

    `marker` is as in `load_model`.
    """
    if find_spec("sentence_transformers") is None or local_folder(model, "a model"):
        return  # without the library, the import names the extra
    snapshots = _snapshots(model)
    if not (snapshots if _is_offline() else any((snapshot / marker).exists() for snapshot in snapshots)):
        _check_hub(model)


def load_model(loader: Any, model: str, dtype: Dtype | None, *, marker: str = "modules.json", **options: Any) -> Any:  # noqa: ANN401
    """Loads a model with one of sentence-transformers' classes: from a folder, the hub's cache, or the hub.

    The hub is asked only for a model that is not cached. A cached model must contain the file `marker`, since the library
    replaces a missing modules.json by a guess. Raises ModelError with the likely cause.
    """
    try:
        import torch

        loaded = _load_from(loader, model, marker, options)
        return loaded if dtype is None else loaded.to(getattr(torch, dtype))
    except ModelError:
        raise
    except Exception as error:  # each of the four libraries below has its own errors
        remedy = (
            "its files are broken, or the device does not exist"
            if local_folder(model, "a model")
            else "give the folder of a model on this machine; or fetch this one first where there is a network, log in if it "
            "asks for it (hf auth login), and set HF_HUB_OFFLINE=1 where there is none"
        )
        reason = " ".join(str(error).split())
        device = options.get("device") or "auto"
        raise ModelError(f"cannot load {model!r} on device {device}: {reason:.300}; {remedy}") from error


def batch_size_on(given: int | None, model: Any) -> int:  # noqa: ANN401  sentence-transformers is optional
    """Returns the batch size: the given one, else 8 on a CPU, whose caches hold no more, and 64 elsewhere."""
    return given or (8 if model.device.type == "cpu" else 64)


def is_reachable(address: str, seconds: float = 5.0) -> bool:
    """Returns whether a server answers one request, without retries. The hub's own client retries for a minute.

    >>> is_reachable("http://127.0.0.1:9")
    False
    """
    from ssl import SSLError
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    try:
        urlopen(Request(address, method="HEAD"), timeout=seconds).close()
    except HTTPError:
        return True
    except URLError as error:
        return isinstance(error.reason, SSLError)  # it answers, and the hub's client may know its certificate
    except (OSError, ValueError):
        return False
    return True


def _load_from(loader: Any, model: str, marker: str, options: Mapping[str, Any]) -> Any:  # noqa: ANN401
    folder = local_folder(model, "a model")
    if folder or _is_offline():
        return loader(str(folder or model), **options)
    if any((snapshot / marker).exists() for snapshot in _snapshots(model)):
        try:
            return loader(model, local_files_only=True, **options)
        except Exception:  # some of its files are missing
            LOGGER.debug("the cache of %s is incomplete", model)
            _check_hub(model)
    return loader(model, **options)


def _snapshots(model: str) -> list[Path]:
    names = (model, f"sentence-transformers/{model}")  # the library adds the organisation to a bare name
    return [snapshot for snapshot in map(cached_snapshot, names) if snapshot]


def _is_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def _check_hub(model: str) -> None:
    if _is_offline():
        reason = "HF_HUB_OFFLINE is set"
    elif not is_reachable(os.environ.get("HF_ENDPOINT") or "https://huggingface.co"):
        reason = "the hub cannot be reached"
    else:
        return
    raise ModelError(
        f"{model!r} is neither a folder nor the name of an installed embedder, the Hugging Face cache does not have all of it, "
        f"and {reason}; give the folder of a model on this machine, or fetch this one first where there is a network"
    )


def _read_json(folder: Path, name: str) -> Any:  # noqa: ANN401  any JSON value
    """Returns the content of a JSON file in the folder, or None if it does not exist. Raises ModelError for a broken one."""
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {str(folder / name)!r}: {error}; fetch the model again") from None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

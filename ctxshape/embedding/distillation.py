"""Static embeddings out of a sentence-transformers model: each token of its vocabulary, embedded alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ctxshape.embedding.folders import read_json
from ctxshape.embedding.sentence_transformer import SentenceTransformerEmbedder
from ctxshape.embedding.static import StaticEmbedder, save_static
from ctxshape.errors import ConfigError, ModelError
from ctxshape.protocols import Matrix


def distill(model: str | Path, out: str | Path, *, dimensions: int = 256, device: str | None = None) -> StaticEmbedder:
    """Make a folder of static embeddings of a sentence-transformers folder; gives the embedder that reads it.

    Each token of the vocabulary goes alone through the model; the vectors are centred and turned to their principal
    components, of which `dimensions` stay, and weighted by how rare the token is. For MiniLM (30,522 tokens) it takes
    about 45 seconds of one core and the folder has 16 MB. The folder `out` must be new or empty. Raises
    ConfigError, MissingExtra and ModelError. van Dongen and Tulkens 2024, "Model2Vec".

    >>> distill("./no/such/folder", "out")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no folder 'no/such/folder'; ...
    """
    teacher = SentenceTransformerEmbedder(model=str(model), device=device)
    source, folder = Path(model).expanduser(), Path(out).expanduser()
    if dimensions < 1:
        raise ConfigError(f"dimensions is {dimensions}; it must be at least 1")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{str(folder)!r} exists and is not an empty folder; give a new one")
    size, special = _vocabulary(source)
    vectors = principal_components(teacher.token_vectors(range(size)), dimensions) * rarity(size)[:, None]
    vectors[special] = 0  # a text that spells "[CLS]" says nothing by it
    config = {"model_type": "model2vec", "hidden_dim": int(vectors.shape[1]), "seq_length": 1000000, "apply_pca": dimensions}
    save_static(folder, vectors.astype(np.float16), source / "tokenizer.json", {**config, "tokenizer_name": source.name})
    return StaticEmbedder(model=str(folder))


def rarity(size: int, strength: float = 1e-4) -> NDArray[np.float64]:
    """Weight of each token of a vocabulary, shape (size,), 0 to 1: little for the frequent ones.

    Vocabularies are written with the frequent tokens first, so a token's place stands for its rank, and Zipf's law gives
    its probability p; the weight is smooth inverse frequency, strength / (strength + p), of Arora, Liang and Ma 2017.

    >>> rarity(3, strength=0.5).round(2).tolist()
    [0.52, 0.62, 0.68]
    """
    shares = 1 / np.arange(2, size + 2)
    weights: NDArray[np.float64] = strength / (strength + shares / shares.sum())
    return weights


def principal_components(vectors: Matrix, dimensions: int) -> NDArray[np.float64]:
    """The rows, centred, along the at most `dimensions` directions in which they differ most, shape (n, dimensions).

    >>> principal_components(np.array([[1, 5], [3, 5], [5, 5]], dtype=np.float32), 1).round(6).tolist()
    [[-2.0], [0.0], [2.0]]
    """
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))  # by variance, least first
    kept = directions[:, ::-1][:, :dimensions]
    # A direction has no sign of its own: its largest entry is made positive, so that every machine gives the same.
    kept = kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])])
    turned: NDArray[np.float64] = centred @ kept
    return turned


def _vocabulary(folder: Path) -> tuple[int, list[int]]:
    """How many tokens there are, and the numbers of the special ones."""
    tokenizer = read_json(folder, "tokenizer.json")
    if tokenizer is None:
        raise ModelError(
            f"{str(folder)!r} has no tokenizer.json, whose tokens would be embedded; save it with a fast tokenizer"
        )
    added = {int(token["id"]): bool(token["special"]) for token in tokenizer["added_tokens"]}
    vocabulary = tokenizer["model"]["vocab"]
    known = set(range(len(vocabulary))) if isinstance(vocabulary, list) else set(vocabulary.values())
    ids = known | set(added)
    if ids != set(range(len(ids))):
        raise ModelError(f"the tokens of {str(folder)!r} are not numbered without gaps, so they make no table")
    return len(ids), [token for token, special in added.items() if special]

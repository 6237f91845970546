"""Named pipelines. Each is a few lines; copy one and change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ctxshape.core import registry
from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Backend, Embedder, Likelihood, Scorer, TokenCounter, Transform
from ctxshape.embedding import CachedEmbedder, SentenceTransformerEmbedder
from ctxshape.embedding.sentence_transformer import Dtype
from ctxshape.errors import ConfigError
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.cross_encoder import CrossEncoder
from ctxshape.scorers.likelihood import QueryLikelihood
from ctxshape.scorers.similarity import Similarity
from ctxshape.transforms.budget import limit
from ctxshape.transforms.duplicates import DropDuplicates
from ctxshape.transforms.evidence import READ, KeepEvidence
from ctxshape.transforms.noise import DropEmpty, DropNoise
from ctxshape.transforms.rank import RankByRelevance

TOKENS = 256  # what evidence may take, if nobody says otherwise; a single sentence may take more
RERANK_DEPTH = 4  # passages that a costly reranker reads
# How much of the evidence is enough. On tuning questions small models answered more with 0.8 than with 0.95 or 0.9 (Qwen2.5-
# Coder-0.5B and Gemma-3-270m, English and Chinese): what is added last misleads more often than it answers. Whoever gives a
# budget means to use it.
ENOUGH, ENOUGH_WITHIN = 0.8, 0.995


class PresetOptions(NamedTuple):
    """What a preset may use; None is its default.

    `embedder` makes vectors, `reranker` is a costly scorer that reads a few passages with the question, `backend` is the
    model that will answer, `tokens` is the most that the documents may take as the prompt shows them, and `counter` whose
    tokens they are (`backend`'s if none is given).
    """

    embedder: Embedder | None = None
    reranker: Scorer | None = None
    tokens: int | None = None
    counter: TokenCounter | None = None
    backend: Backend | None = None


def raw(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008  a value
    """Nothing: the list as it was retrieved, for comparison."""
    return Pipeline(*limit(options.tokens, options.counter))


def light(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008
    """No model: copies out, then the sentences that answer by BM25, best document first."""
    return Pipeline(DropEmpty(), DropDuplicates(), _evidence(options, Bm25()))


def balanced(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008
    """The same by BM25 and embeddings."""
    return Pipeline(DropEmpty(), DropDuplicates(), _evidence(options, Bm25(), Similarity(embedder=_embedder(options))))


def thorough(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008
    """Noise out too, and a reranker has a say that reads question and passage together, for the best four passages.

    The reranker is the one given, else the model that answers (how likely it finds the question after the passage), else a
    cross-encoder. One that reads by sentence, such as `Similarity` by a larger embedder, has a say on sentences, too.
    """
    scorers, reranker = (Bm25(), Similarity(embedder=_embedder(options))), _reranker(options)
    clean = (DropEmpty(), DropNoise(), DropDuplicates())
    if getattr(reranker, "by_sentence", False):
        return Pipeline(*clean, _evidence(options, *scorers, reranker, rerank_depth=(READ, RERANK_DEPTH)))
    ranked = (RankByRelevance(scorers=scorers), RankByRelevance(scorers=(reranker,), rerank_depth=RERANK_DEPTH))
    return Pipeline(*clean, *ranked, _evidence(options, *scorers, prior=True))


PRESETS: Mapping[str, Callable[[PresetOptions], Pipeline]] = MappingProxyType(
    {"raw": raw, "light": light, "balanced": balanced, "thorough": thorough}
)
# The presets that use an embedder, and those that use a reranker.
EMBEDDING, RERANKING = (
    ("balanced", "thorough"),
    ("thorough",),
)


def preset(
    name: str,
    *,
    embedder: Embedder | str | None = None,
    reranker: Scorer | str | None = None,
    tokens: int | None = None,
    counter: TokenCounter | None = None,
    backend: Backend | None = None,
) -> Pipeline:
    """The preset of a name, with what it may use (see PresetOptions); those by name are `embedder_of` and `reranker_of` it.

    Raises ConfigError naming the presets there are.

    >>> [type(step).__name__ for step in preset("light").steps]
    ['DropEmpty', 'DropDuplicates', 'KeepEvidence']
    """
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; presets are: {', '.join(PRESETS)}")
    made = _shared(embedder) if isinstance(embedder, str) else embedder
    reads = _shared_reranker(reranker) if isinstance(reranker, str) else reranker
    return PRESETS[name](PresetOptions(made, reads, tokens, counter or backend, backend))


def embedder_of(name: str, dtype: Dtype | None = None) -> Embedder:
    """The embedder of a name: an installed one, such as `universal`, else a sentence-transformers folder or hub name.

    It remembers vectors, so a text is embedded once. `dtype` is that of `SentenceTransformerEmbedder`. Raises ConfigError or
    ModelError for what is none of these, and for a `dtype` of an installed one.
    """
    if name not in registry.names("embedders"):
        return CachedEmbedder(embedder=SentenceTransformerEmbedder(model=name, dtype=dtype))
    if dtype is not None:
        raise ConfigError(f"dtype is {dtype!r}, which is for sentence-transformers models; leave it out for {name!r}")
    made = registry.load("embedders", name)
    needs = [field for field, info in getattr(made, "model_fields", {}).items() if info.is_required()]
    if needs:
        raise ConfigError(f"the embedder {name!r} needs {', '.join(needs)}; make it in Python, or write a pipeline file")
    return CachedEmbedder(embedder=made())


def reranker_of(name: str, dtype: Dtype | None = None) -> Scorer:
    """The reranker of a name: similarity by an installed embedder or a bi-encoder's folder, else a cross-encoder.

    A name on the hub is taken for a cross-encoder's. Raises what `embedder_of` and `CrossEncoder` raise.
    """
    if name in registry.names("embedders") or (Path(name).expanduser() / "modules.json").is_file():
        return Similarity(embedder=embedder_of(name, dtype))
    return CrossEncoder(model=name, dtype=dtype)


def _evidence(options: PresetOptions, *scorers: Scorer, **how: Any) -> Transform:  # noqa: ANN401  fields of KeepEvidence
    tokens, mass = (TOKENS, ENOUGH) if options.tokens is None else (options.tokens, ENOUGH_WITHIN)
    return KeepEvidence(
        scorers=scorers, mass=mass, tokens=tokens, counter=options.counter, at_least_one=options.tokens is None, **how
    )


def _reranker(options: PresetOptions) -> Scorer:
    if options.reranker is not None:
        return options.reranker
    return QueryLikelihood(backend=options.backend) if isinstance(options.backend, Likelihood) else _cross_encoder()


def _embedder(options: PresetOptions) -> Embedder:
    return options.embedder or _shared("sentence-transformers/all-MiniLM-L6-v2")


@lru_cache(maxsize=2)
def _shared(name: str) -> Embedder:
    """One for all calls that give the name, so that a loop over questions loads one model."""
    return embedder_of(name)


@lru_cache(maxsize=2)
def _shared_reranker(name: str) -> Scorer:
    return reranker_of(name)


@lru_cache(maxsize=1)
def _cross_encoder() -> Scorer:
    return CrossEncoder()

"""Named pipelines. Each is a few lines; copy one and change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ctxshape import plugins
from ctxshape.embedding import CachedEmbedder, CrossEncoder, SentenceTransformerEmbedder
from ctxshape.embedding.sentence_transformer import Dtype
from ctxshape.errors import ConfigError
from ctxshape.pipeline import Pipeline
from ctxshape.protocols import Backend, Embedder, Likelihood, Scorer, TokenCounter, Transform
from ctxshape.scorers.model import QueryLikelihood
from ctxshape.scorers.vectors import Similarity
from ctxshape.scorers.words import Bm25
from ctxshape.transforms.budget import limit
from ctxshape.transforms.dedup import DropDuplicates
from ctxshape.transforms.denoise import DropEmpty, DropNoise
from ctxshape.transforms.evidence import READ, KeepEvidence
from ctxshape.transforms.rank import RankByRelevance

TOKENS = 256  # what evidence may take, if nobody says otherwise; a single sentence may take more
AMONG = 4  # passages that a costly ranker reads
# How much of the evidence is enough. On tuning questions small models answered more with 0.8 than with 0.95 or 0.9 (Qwen2.5-
# Coder-0.5B and Gemma-3-270m, English and Chinese): what is added last misleads more often than it answers. Whoever gives a
# budget means to use it.
ENOUGH, ENOUGH_WITHIN = 0.8, 0.995


class Means(NamedTuple):
    """What a preset may use; None is its default.

    `embedder` makes vectors, `ranker` is a costly scorer that reads a few passages with the question, `backend` is the
    model that will answer, `tokens` is the most that the documents may take as the prompt shows them, and `counter` whose
    tokens they are (`backend`'s if none is given).
    """

    embedder: Embedder | None = None
    ranker: Scorer | None = None
    tokens: int | None = None
    counter: TokenCounter | None = None
    backend: Backend | None = None


def raw(means: Means = Means()) -> Pipeline:  # noqa: B008  a value
    """Nothing: the list as it was retrieved, for comparison."""
    return Pipeline(*limit(means.tokens, means.counter))


def light(means: Means = Means()) -> Pipeline:  # noqa: B008
    """No model: copies out, then the sentences that answer by BM25, best document first."""
    return Pipeline(DropEmpty(), DropDuplicates(), _evidence(means, Bm25()))


def balanced(means: Means = Means()) -> Pipeline:  # noqa: B008
    """The same by BM25 and embeddings."""
    return Pipeline(DropEmpty(), DropDuplicates(), _evidence(means, Bm25(), Similarity(embedder=_embedder(means))))


def thorough(means: Means = Means()) -> Pipeline:  # noqa: B008
    """Noise out too, and a ranker has a say that reads question and passage together, for the best four passages.

    The ranker is the one given, else the model that answers (how likely it finds the question after the passage), else a
    cross-encoder. One that reads by sentence, such as `Similarity` by a larger embedder, has a say on sentences, too.
    """
    scorers, ranker = (Bm25(), Similarity(embedder=_embedder(means))), _ranker(means)
    clean = (DropEmpty(), DropNoise(), DropDuplicates())
    if getattr(ranker, "by_sentence", False):
        return Pipeline(*clean, _evidence(means, *scorers, ranker, among=(READ, AMONG)))
    ranked = (RankByRelevance(scorers=scorers), RankByRelevance(scorers=(ranker,), among=AMONG))
    return Pipeline(*clean, *ranked, _evidence(means, *scorers, prior=True))


PRESETS: Mapping[str, Callable[[Means], Pipeline]] = MappingProxyType(
    {"raw": raw, "light": light, "balanced": balanced, "thorough": thorough}
)
EMBEDDING, RANKING = ("balanced", "thorough"), ("thorough",)  # the presets that use an embedder, and those that use a ranker


def preset(
    name: str,
    *,
    embedder: Embedder | str | None = None,
    ranker: Scorer | str | None = None,
    tokens: int | None = None,
    counter: TokenCounter | None = None,
    backend: Backend | None = None,
) -> Pipeline:
    """The preset of a name, with what it may use (see Means); those by name are `embedder_of` and `ranker_of` it.

    Raises ConfigError naming the presets there are.

    >>> [type(step).__name__ for step in preset("light").steps]
    ['DropEmpty', 'DropDuplicates', 'KeepEvidence']
    """
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; presets are: {', '.join(PRESETS)}")
    made = _shared(embedder) if isinstance(embedder, str) else embedder
    reads = _shared_ranker(ranker) if isinstance(ranker, str) else ranker
    return PRESETS[name](Means(made, reads, tokens, counter or backend, backend))


def embedder_of(name: str, dtype: Dtype | None = None) -> Embedder:
    """The embedder of a name: an installed one, such as `universal`, else a sentence-transformers folder or hub name.

    It remembers vectors, so a text is embedded once. `dtype` is that of `SentenceTransformerEmbedder`. Raises ConfigError or
    ModelError for what is none of these, and for a `dtype` of an installed one.
    """
    if name not in plugins.names("embedders"):
        return CachedEmbedder(embedder=SentenceTransformerEmbedder(model=name, dtype=dtype))
    if dtype is not None:
        raise ConfigError(f"dtype is {dtype!r}, which is for sentence-transformers models; leave it out for {name!r}")
    made = plugins.load("embedders", name)
    needs = [field for field, info in getattr(made, "model_fields", {}).items() if info.is_required()]
    if needs:
        raise ConfigError(f"the embedder {name!r} needs {', '.join(needs)}; make it in Python, or write a pipeline file")
    return CachedEmbedder(embedder=made())


def ranker_of(name: str, dtype: Dtype | None = None) -> Scorer:
    """The ranker of a name: similarity by an installed embedder or a bi-encoder's folder, else a cross-encoder.

    A name on the hub is taken for a cross-encoder's. Raises what `embedder_of` and `CrossEncoder` raise.
    """
    if name in plugins.names("embedders") or (Path(name).expanduser() / "modules.json").is_file():
        return Similarity(embedder=embedder_of(name, dtype))
    return CrossEncoder(model=name, dtype=dtype)


def _evidence(means: Means, *scorers: Scorer, **how: Any) -> Transform:  # noqa: ANN401  fields of KeepEvidence
    tokens, mass = (TOKENS, ENOUGH) if means.tokens is None else (means.tokens, ENOUGH_WITHIN)
    return KeepEvidence(
        scorers=scorers, mass=mass, tokens=tokens, counter=means.counter, at_least_one=means.tokens is None, **how
    )


def _ranker(means: Means) -> Scorer:
    if means.ranker is not None:
        return means.ranker
    return QueryLikelihood(backend=means.backend) if isinstance(means.backend, Likelihood) else _cross_encoder()


def _embedder(means: Means) -> Embedder:
    return means.embedder or _shared("sentence-transformers/all-MiniLM-L6-v2")


@lru_cache(maxsize=2)
def _shared(name: str) -> Embedder:
    """One for all calls that give the name, so that a loop over questions loads one model."""
    return embedder_of(name)


@lru_cache(maxsize=2)
def _shared_ranker(name: str) -> Scorer:
    return ranker_of(name)


@lru_cache(maxsize=1)
def _cross_encoder() -> Scorer:
    return CrossEncoder()

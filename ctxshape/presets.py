"""Named pipelines. Each is a few lines; copy one and change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Backend, Embedder, Likelihood, Scorer, TokenCounter, Transform
from ctxshape.errors import ConfigError
from ctxshape.inputs.models import backend_from, counter_from, default_embedder, embedder_from, reranker_from
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
    embedder: Any = None,  # noqa: ANN401  whatever embedder_from takes
    reranker: Any = None,  # noqa: ANN401
    tokens: int | None = None,
    counter: Any = None,  # noqa: ANN401
    backend: Any = None,  # noqa: ANN401
) -> Pipeline:
    """Returns the preset of a name with what it may use (see PresetOptions).

    Models are given in any form that `ctxshape.inputs.models` takes. Raises ConfigError for an unknown name and for a
    model that is none.

    >>> [type(step).__name__ for step in preset("light").steps]
    ['DropEmpty', 'DropDuplicates', 'KeepEvidence']
    """
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; presets are: {', '.join(PRESETS)}")
    model = None if backend is None else backend_from(backend)
    options = PresetOptions(
        embedder=None if embedder is None else embedder_from(embedder),
        reranker=None if reranker is None else reranker_from(reranker),
        tokens=tokens,
        counter=model if counter is None else counter_from(counter),
        backend=model,
    )
    return PRESETS[name](options)


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
    return options.embedder or default_embedder()


@lru_cache(maxsize=1)
def _cross_encoder() -> Scorer:
    return CrossEncoder()

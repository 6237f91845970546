"""Named pipelines. Each is a few lines; copy one and change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Backend, Embedder, Likelihood, Scorer, TokenCounter, Transform
from ctxshape.inputs.models import default_embedder
from ctxshape.inspection import evidence_for
from ctxshape.scorers.bm25 import Bm25
from ctxshape.scorers.cross_encoder import CrossEncoder
from ctxshape.scorers.likelihood import QueryLikelihood
from ctxshape.scorers.similarity import Similarity
from ctxshape.transforms.budget import budget_steps
from ctxshape.transforms.duplicates import DropDuplicates
from ctxshape.transforms.evidence import EMBEDDER_DEPTH, KeepEvidence
from ctxshape.transforms.noise import DropEmpty, DropNoise
from ctxshape.transforms.rank import RankByRelevance
from ctxshape.transforms.suspicious import MarkSuspicious

EVIDENCE_TOKENS = 2048  # the most that the evidence takes if neither a budget nor a model's size is given
RERANK_DEPTH = 4  # passages that a costly reranker reads
# The share of the expected evidence at which selection stops. Without a budget, the model that answers is unknown: evidence
# counts more than tokens, since a stronger model cannot mend what is missing. A budget is a request to fill it.
ENOUGH, ENOUGH_WITHIN = 0.95, 0.995
UNLIKELY = 0.02  # without a budget, sentences less likely than this are left out
DEFAULT_PRESET = "light"


class PresetOptions(NamedTuple):
    """The models and the budget of a preset; None stands for its default.

    `embedder` makes vectors. `reranker` is a costly scorer that reads a few passages with the question. `tokens` is the
    most that the documents may take as the prompt shows them, counted by `counter`. `backend` is the model that will answer.
    """

    embedder: Embedder | None = None
    reranker: Scorer | None = None
    tokens: int | None = None
    counter: TokenCounter | None = None
    backend: Backend | None = None


def raw(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008  a value
    """Returns the list as it was retrieved, for comparison; a budget still holds."""
    return Pipeline(*budget_steps(options.tokens, options.counter))


def light(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008
    """Removes duplicates and what speaks to the model, and keeps the evidence by its words. Uses no model."""
    return Pipeline(*_clean(), _evidence(options, Bm25()))


def balanced(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008
    """Does what `light` does, with sentences judged by words and embeddings."""
    return Pipeline(*_clean(), _evidence(options, Bm25(), Similarity(embedder=_embedder(options))))


def thorough(options: PresetOptions = PresetOptions()) -> Pipeline:  # noqa: B008
    """Removes noise as well, and lets a reranker, which reads question and passage together, score the best four passages.

    The reranker is the one given; else the model that answers, which scores how likely the question is after the passage;
    else a cross-encoder. A reranker with `by_sentence`, such as `Similarity` by a larger embedder, scores sentences.
    """
    scorers, reranker = (Bm25(), Similarity(embedder=_embedder(options))), _reranker(options)
    clean = _clean(DropNoise())
    if getattr(reranker, "by_sentence", False):
        return Pipeline(*clean, _evidence(options, *scorers, reranker, rerank_depth=(EMBEDDER_DEPTH, RERANK_DEPTH)))
    ranked = (RankByRelevance(scorers=scorers), RankByRelevance(scorers=(reranker,), rerank_depth=RERANK_DEPTH))
    return Pipeline(*clean, *ranked, _evidence(options, *scorers, prior=True))


PRESETS: Mapping[str, Callable[[PresetOptions], Pipeline]] = MappingProxyType(
    {"raw": raw, "light": light, "balanced": balanced, "thorough": thorough}
)
USE_EMBEDDER = ("balanced", "thorough")
USE_RERANKER = ("thorough",)


def _clean(*more: Transform) -> tuple[Transform, ...]:
    """Returns the steps that remove what is no evidence for any question."""
    return (DropEmpty(), MarkSuspicious(), *more, DropDuplicates())


def _evidence(options: PresetOptions, *scorers: Scorer, **how: Any) -> Transform:  # noqa: ANN401  fields of KeepEvidence
    if options.tokens is not None:
        how |= {"mass": ENOUGH_WITHIN, "least": 0.0, "tokens": options.tokens}
        return KeepEvidence(scorers=scorers, counter=options.counter, **how)
    wanted = evidence_for(options.backend) if options.backend is not None else None
    mass, tokens = (ENOUGH, EVIDENCE_TOKENS) if wanted is None else (wanted.mass, wanted.tokens or EVIDENCE_TOKENS)
    return KeepEvidence(
        scorers=scorers, mass=mass, least=UNLIKELY, tokens=tokens, counter=options.counter, at_least_one=True, **how
    )


def _reranker(options: PresetOptions) -> Scorer:
    if options.reranker is not None:
        return options.reranker
    return QueryLikelihood(backend=options.backend) if isinstance(options.backend, Likelihood) else _cross_encoder()


def _embedder(options: PresetOptions) -> Embedder:
    return default_embedder() if options.embedder is None else options.embedder


@lru_cache(maxsize=1)
def _cross_encoder() -> Scorer:
    """One for all calls, so that a loop over questions loads one model."""
    return CrossEncoder()

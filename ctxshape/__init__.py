"""ctxshape: restructure retrieved passages before a local LLM reads them.

The public names. Each is loaded when it is first used, so importing this takes milliseconds and loads no model library.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxshape.backends.document_cache import DocumentCache
    from ctxshape.backends.llamacpp import LlamaCpp
    from ctxshape.backends.openai import OpenAICompatible
    from ctxshape.backends.reuse import ExactFallback
    from ctxshape.embedding import (
        CachedEmbedder,
        CrossEncoder,
        SentenceTransformerEmbedder,
        StaticEmbedder,
        UniversalSentenceEmbedder,
    )
    from ctxshape.errors import (
        BudgetTooSmall,
        ConfigError,
        ContextTooLong,
        CtxshapeError,
        InvalidInput,
        MissingExtra,
        ModelError,
    )
    from ctxshape.exchange import Answer, Completion, Generation, Prompt, Segment, Usage, Vote
    from ctxshape.pipeline import Pipeline
    from ctxshape.prompts import Template, render
    from ctxshape.protocols import Backend, Embedder, Reader, Retriever, Scorer, TokenCounter, Transform
    from ctxshape.readers.parallel import ParallelWindows
    from ctxshape.readers.permutation import PermutationVote
    from ctxshape.readers.single import ReadOnce
    from ctxshape.scorers.model import QueryLikelihood, YesNoRelevance
    from ctxshape.scorers.vectors import Similarity
    from ctxshape.scorers.words import Bm25
    from ctxshape.shaping import aask, ashape, ask, shape
    from ctxshape.transforms.attention import RankByAttention
    from ctxshape.transforms.budget import FitBudget
    from ctxshape.transforms.conflict import MarkConflicts
    from ctxshape.transforms.dedup import DropDuplicates
    from ctxshape.transforms.denoise import DropEmpty, DropNoise
    from ctxshape.transforms.evidence import KeepEvidence
    from ctxshape.transforms.extract import KeepKeySentences
    from ctxshape.transforms.hint import HintAtEvidence
    from ctxshape.transforms.order import OrderToEdges
    from ctxshape.transforms.profile import OrderToProfile
    from ctxshape.transforms.rank import RankByRelevance
    from ctxshape.transforms.summarize import SummarizeBlocks
    from ctxshape.transforms.trust import Recency, TrustRule, WeighSources
    from ctxshape.transforms.when import When
    from ctxshape.types import Context, Document, Passage, Span, Step, Trace

__version__ = "0.1.0"

_HOMES = {
    "ctxshape.backends.document_cache": ("DocumentCache",),
    "ctxshape.backends.llamacpp": ("LlamaCpp",),
    "ctxshape.backends.reuse": ("ExactFallback",),
    "ctxshape.backends.openai": ("OpenAICompatible",),
    "ctxshape.embedding": (
        "CachedEmbedder",
        "CrossEncoder",
        "SentenceTransformerEmbedder",
        "StaticEmbedder",
        "UniversalSentenceEmbedder",
    ),
    "ctxshape.errors": (
        "BudgetTooSmall",
        "ConfigError",
        "ContextTooLong",
        "CtxshapeError",
        "InvalidInput",
        "MissingExtra",
        "ModelError",
    ),
    "ctxshape.exchange": ("Answer", "Completion", "Generation", "Prompt", "Segment", "Usage", "Vote"),
    "ctxshape.pipeline": ("Pipeline",),
    "ctxshape.prompts": ("Template", "render"),
    "ctxshape.protocols": ("Backend", "Embedder", "Reader", "Retriever", "Scorer", "TokenCounter", "Transform"),
    "ctxshape.readers.parallel": ("ParallelWindows",),
    "ctxshape.readers.permutation": ("PermutationVote",),
    "ctxshape.readers.single": ("ReadOnce",),
    "ctxshape.scorers.model": ("QueryLikelihood", "YesNoRelevance"),
    "ctxshape.scorers.vectors": ("Similarity",),
    "ctxshape.scorers.words": ("Bm25",),
    "ctxshape.shaping": ("aask", "ashape", "ask", "shape"),
    "ctxshape.transforms.attention": ("RankByAttention",),
    "ctxshape.transforms.budget": ("FitBudget",),
    "ctxshape.transforms.conflict": ("MarkConflicts",),
    "ctxshape.transforms.dedup": ("DropDuplicates",),
    "ctxshape.transforms.denoise": ("DropEmpty", "DropNoise"),
    "ctxshape.transforms.evidence": ("KeepEvidence",),
    "ctxshape.transforms.extract": ("KeepKeySentences",),
    "ctxshape.transforms.hint": ("HintAtEvidence",),
    "ctxshape.transforms.order": ("OrderToEdges",),
    "ctxshape.transforms.profile": ("OrderToProfile",),
    "ctxshape.transforms.rank": ("RankByRelevance",),
    "ctxshape.transforms.summarize": ("SummarizeBlocks",),
    "ctxshape.transforms.trust": ("Recency", "TrustRule", "WeighSources"),
    "ctxshape.transforms.when": ("When",),
    "ctxshape.types": ("Context", "Document", "Passage", "Span", "Step", "Trace"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ctxshape' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


__all__ = [
    "Answer",
    "Backend",
    "Bm25",
    "BudgetTooSmall",
    "CachedEmbedder",
    "Completion",
    "ConfigError",
    "Context",
    "ContextTooLong",
    "CrossEncoder",
    "CtxshapeError",
    "Document",
    "DocumentCache",
    "DropDuplicates",
    "DropEmpty",
    "DropNoise",
    "Embedder",
    "ExactFallback",
    "FitBudget",
    "Generation",
    "HintAtEvidence",
    "InvalidInput",
    "KeepEvidence",
    "KeepKeySentences",
    "LlamaCpp",
    "MarkConflicts",
    "MissingExtra",
    "ModelError",
    "OpenAICompatible",
    "OrderToEdges",
    "OrderToProfile",
    "ParallelWindows",
    "Passage",
    "PermutationVote",
    "Pipeline",
    "Prompt",
    "QueryLikelihood",
    "RankByAttention",
    "RankByRelevance",
    "ReadOnce",
    "Reader",
    "Recency",
    "Retriever",
    "Scorer",
    "Segment",
    "SentenceTransformerEmbedder",
    "Similarity",
    "Span",
    "StaticEmbedder",
    "Step",
    "SummarizeBlocks",
    "Template",
    "TokenCounter",
    "Trace",
    "Transform",
    "TrustRule",
    "UniversalSentenceEmbedder",
    "Usage",
    "Vote",
    "WeighSources",
    "When",
    "YesNoRelevance",
    "aask",
    "ashape",
    "ask",
    "render",
    "shape",
]

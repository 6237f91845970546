"""ctxshape: restructure retrieved passages before a local LLM reads them.

The public names. Each is loaded when it is first used, so importing this takes milliseconds and loads no model library.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxshape.backends.llama.backend import LlamaCpp
    from ctxshape.backends.llama.documents.cache import DocumentCache
    from ctxshape.backends.llama.documents.reuse import ExactFallback
    from ctxshape.backends.openai.backend import OpenAICompatible
    from ctxshape.core.messages import Answer, Completion, Generation, Prompt, Segment, Usage, Vote
    from ctxshape.core.passages import Passage
    from ctxshape.core.pipeline import Pipeline
    from ctxshape.core.prompts import Template, render
    from ctxshape.core.protocols import Backend, Embedder, Reader, Retriever, Scorer, TokenCounter, Transform
    from ctxshape.core.types import Context, Document, Span, Step, Trace
    from ctxshape.embedding import (
        CachedEmbedder,
        OpenAIEmbedder,
        SentenceTransformerEmbedder,
        StaticEmbedder,
        UniversalSentenceEmbedder,
    )
    from ctxshape.errors import (
        BackendError,
        BudgetTooSmall,
        ConfigError,
        ContextTooLong,
        CtxshapeError,
        InvalidInput,
        MissingExtra,
        ModelError,
    )
    from ctxshape.readers.once import ReadOnce
    from ctxshape.readers.voting import PermutationVote
    from ctxshape.readers.windows import ParallelWindows
    from ctxshape.scorers.bm25 import Bm25
    from ctxshape.scorers.cross_encoder import CrossEncoder
    from ctxshape.scorers.likelihood import QueryLikelihood, YesNoRelevance
    from ctxshape.scorers.similarity import Similarity
    from ctxshape.shaping import aask, ashape, ask, shape
    from ctxshape.spec import PipelineSpec
    from ctxshape.transforms.attention import RankByAttention
    from ctxshape.transforms.budget import FitBudget
    from ctxshape.transforms.conflicts import MarkConflicts
    from ctxshape.transforms.duplicates import DropDuplicates
    from ctxshape.transforms.evidence import KeepEvidence
    from ctxshape.transforms.extract import KeepKeySentences
    from ctxshape.transforms.hint import HintAtEvidence
    from ctxshape.transforms.noise import DropEmpty, DropNoise
    from ctxshape.transforms.rank import RankByRelevance
    from ctxshape.transforms.reorder import Reorder
    from ctxshape.transforms.summarize import SummarizeBlocks
    from ctxshape.transforms.suspicious import MarkSuspicious
    from ctxshape.transforms.trust import Recency, TrustRule, WeighSources
    from ctxshape.transforms.when import When

__version__ = "0.1.0"

_HOMES = {
    "ctxshape.backends.llama.documents.cache": ("DocumentCache",),
    "ctxshape.backends.llama.backend": ("LlamaCpp",),
    "ctxshape.backends.llama.documents.reuse": ("ExactFallback",),
    "ctxshape.backends.openai.backend": ("OpenAICompatible",),
    "ctxshape.embedding": (
        "CachedEmbedder",
        "OpenAIEmbedder",
        "SentenceTransformerEmbedder",
        "StaticEmbedder",
        "UniversalSentenceEmbedder",
    ),
    "ctxshape.errors": (
        "BackendError",
        "BudgetTooSmall",
        "ConfigError",
        "ContextTooLong",
        "CtxshapeError",
        "InvalidInput",
        "MissingExtra",
        "ModelError",
    ),
    "ctxshape.core.messages": ("Answer", "Completion", "Generation", "Prompt", "Segment", "Usage", "Vote"),
    "ctxshape.core.pipeline": ("Pipeline",),
    "ctxshape.core.prompts": ("Template", "render"),
    "ctxshape.core.protocols": ("Backend", "Embedder", "Reader", "Retriever", "Scorer", "TokenCounter", "Transform"),
    "ctxshape.readers.windows": ("ParallelWindows",),
    "ctxshape.readers.voting": ("PermutationVote",),
    "ctxshape.readers.once": ("ReadOnce",),
    "ctxshape.scorers.cross_encoder": ("CrossEncoder",),
    "ctxshape.scorers.likelihood": ("QueryLikelihood", "YesNoRelevance"),
    "ctxshape.scorers.similarity": ("Similarity",),
    "ctxshape.scorers.bm25": ("Bm25",),
    "ctxshape.shaping": ("aask", "ashape", "ask", "shape"),
    "ctxshape.spec": ("PipelineSpec",),
    "ctxshape.transforms.attention": ("RankByAttention",),
    "ctxshape.transforms.budget": ("FitBudget",),
    "ctxshape.transforms.conflicts": ("MarkConflicts",),
    "ctxshape.transforms.duplicates": ("DropDuplicates",),
    "ctxshape.transforms.noise": ("DropEmpty", "DropNoise"),
    "ctxshape.transforms.evidence": ("KeepEvidence",),
    "ctxshape.transforms.extract": ("KeepKeySentences",),
    "ctxshape.transforms.hint": ("HintAtEvidence",),
    "ctxshape.transforms.reorder": ("Reorder",),
    "ctxshape.transforms.rank": ("RankByRelevance",),
    "ctxshape.transforms.summarize": ("SummarizeBlocks",),
    "ctxshape.transforms.suspicious": ("MarkSuspicious",),
    "ctxshape.transforms.trust": ("Recency", "TrustRule", "WeighSources"),
    "ctxshape.transforms.when": ("When",),
    "ctxshape.core.passages": ("Passage",),
    "ctxshape.core.types": ("Context", "Document", "Span", "Step", "Trace"),
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
    "BackendError",
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
    "MarkSuspicious",
    "MissingExtra",
    "ModelError",
    "OpenAICompatible",
    "OpenAIEmbedder",
    "ParallelWindows",
    "Passage",
    "PermutationVote",
    "Pipeline",
    "PipelineSpec",
    "Prompt",
    "QueryLikelihood",
    "RankByAttention",
    "RankByRelevance",
    "ReadOnce",
    "Reader",
    "Recency",
    "Reorder",
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

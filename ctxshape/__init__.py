"""ctxshape: restructure retrieved passages before a local LLM reads them.

The public names. Importing this loads no model library.
"""

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
from ctxshape.protocols import Backend, Embedder, Reader, Retriever, TokenCounter, Transform
from ctxshape.transforms.budget import FitBudget
from ctxshape.transforms.dedup import DropDuplicates
from ctxshape.transforms.denoise import DropEmpty
from ctxshape.transforms.extract import KeepKeySentences
from ctxshape.transforms.order import OrderToEdges
from ctxshape.transforms.rank import RankByRelevance
from ctxshape.types import Context, Document, Span, Step, Trace

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Backend",
    "BudgetTooSmall",
    "Completion",
    "ConfigError",
    "Context",
    "ContextTooLong",
    "CtxshapeError",
    "Document",
    "DropDuplicates",
    "DropEmpty",
    "Embedder",
    "FitBudget",
    "Generation",
    "InvalidInput",
    "KeepKeySentences",
    "MissingExtra",
    "ModelError",
    "OrderToEdges",
    "Pipeline",
    "Prompt",
    "RankByRelevance",
    "Reader",
    "Retriever",
    "Segment",
    "Span",
    "Step",
    "Template",
    "TokenCounter",
    "Trace",
    "Transform",
    "Usage",
    "Vote",
    "render",
]

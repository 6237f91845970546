"""What turns texts into vectors, by a model or by tables, and what remembers them. Importing it loads no model library."""

from ctxshape.embedding.cache import CachedEmbedder
from ctxshape.embedding.sentence_transformer import SentenceTransformerEmbedder
from ctxshape.embedding.static import StaticEmbedder
from ctxshape.embedding.universal import UniversalSentenceEmbedder

__all__ = [
    "CachedEmbedder",
    "SentenceTransformerEmbedder",
    "StaticEmbedder",
    "UniversalSentenceEmbedder",
]

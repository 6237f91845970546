"""Embedders, which turn texts into vectors, and a cache for their vectors. Importing it loads no model library."""

from ctxshape.embedding.cache import CachedEmbedder
from ctxshape.embedding.endpoint import OpenAIEmbedder
from ctxshape.embedding.sentence_transformer import SentenceTransformerEmbedder
from ctxshape.embedding.static import StaticEmbedder
from ctxshape.embedding.universal import UniversalSentenceEmbedder

__all__ = [
    "CachedEmbedder",
    "OpenAIEmbedder",
    "SentenceTransformerEmbedder",
    "StaticEmbedder",
    "UniversalSentenceEmbedder",
]

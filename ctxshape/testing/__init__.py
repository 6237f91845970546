"""For tests of your own components: a scripted backend, and contract checks that need no framework."""

from ctxshape.testing.contracts import (
    ContractError,
    check_backend,
    check_embedder,
    check_reader,
    check_scorer,
    check_transform,
)
from ctxshape.testing.samples import sample_contexts
from ctxshape.testing.scripted import ScriptedBackend, ScriptedSegments

__all__ = [
    "ContractError",
    "ScriptedBackend",
    "ScriptedSegments",
    "check_backend",
    "check_embedder",
    "check_reader",
    "check_scorer",
    "check_transform",
    "sample_contexts",
]

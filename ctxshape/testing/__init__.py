"""For tests of your own components: scripted backends, and contract checks that need no test framework."""

from ctxshape.testing.contracts import (
    ContractError,
    check_backend,
    check_embedder,
    check_reader,
    check_scorer,
    check_transform,
)
from ctxshape.testing.samples import sample_contexts
from ctxshape.testing.scripted import ScriptedBackend, ScriptedProbe, ScriptedSegments

__all__ = [
    "ContractError",
    "ScriptedBackend",
    "ScriptedProbe",
    "ScriptedSegments",
    "check_backend",
    "check_embedder",
    "check_reader",
    "check_scorer",
    "check_transform",
    "sample_contexts",
]

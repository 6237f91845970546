"""Checks that a backend can compute documents by themselves."""

from __future__ import annotations

from ctxshape.core.protocols import SegmentCache
from ctxshape.errors import ConfigError


def require_segment_cache(backend: object, reader: str) -> SegmentCache:
    """Returns the backend if it can compute documents by themselves.

    Raises ConfigError for any other, naming the `reader` that needs it and a backend that can.

    >>> from ctxshape.testing import ScriptedBackend
    >>> require_segment_cache(ScriptedBackend(), "ParallelWindows")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: ParallelWindows needs a backend that computes documents by themselves, ...
    """
    if isinstance(backend, SegmentCache):
        return backend
    raise ConfigError(
        f"{reader} needs a backend that computes documents by themselves; LlamaCpp does and {type(backend).__name__} does not; "
        "give a LlamaCpp, or read with PermutationVote(reuse='exact')"
    )

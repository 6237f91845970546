"""Asking a backend that reuses documents: who can, and what it says, tidied."""

from __future__ import annotations

from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.protocols import SegmentCache
from ctxshape.core.replies import cue_of, tidy
from ctxshape.errors import ConfigError


def segment_cache(backend: object, who: str) -> SegmentCache:
    """The backend, if it can compute documents by themselves. Raises ConfigError, naming one that can.

    >>> from ctxshape.testing import ScriptedBackend
    >>> segment_cache(ScriptedBackend(), "ParallelWindows")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: ParallelWindows needs a backend that computes documents by themselves, ...
    """
    if isinstance(backend, SegmentCache):
        return backend
    raise ConfigError(
        f"{who} needs a backend that computes documents by themselves, which LlamaCpp does and {type(backend).__name__} does "
        "not; give a LlamaCpp, or read with PermutationVote(reuse='exact')"
    )


def tidied(completion: Completion, prompt: Prompt, options: Generation) -> Completion:
    """The completion with its text tidied, as `replies.ask` does it."""
    return completion.model_copy(update={"text": tidy(completion.text, cue_of(prompt), options.stop)})

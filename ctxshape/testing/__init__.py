"""For tests of your own components: a scripted backend, and contract checks that need no framework."""

from ctxshape.testing.scripted import ScriptedBackend

__all__ = ["ScriptedBackend"]

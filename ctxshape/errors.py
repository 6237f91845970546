"""The errors of ctxshape. Each message names the value, the limit and the remedy."""

from __future__ import annotations


class CtxshapeError(Exception):
    """The base class of every error that ctxshape raises."""


class InvalidInput(CtxshapeError, ValueError):
    """A query, a document or a parameter for which no result is defined."""


class ConfigError(InvalidInput):
    """A configuration with a wrong field, value or component name."""


class BudgetTooSmall(InvalidInput):
    """A token budget that is too small for even one sentence."""


class ContextTooLong(InvalidInput):
    """A prompt that leaves no room for the answer in the model's context."""


class ModelError(CtxshapeError):
    """A model file that is missing or broken, or a model that cannot do what a call needs."""


class BackendError(ModelError):
    """A model server that does not answer, refuses, or breaks its protocol. `status` is the HTTP status, if there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class MissingExtra(CtxshapeError, ImportError):
    """An optional library that is not installed; the message holds the pip command."""

    @classmethod
    def of(cls, component: str, library: str, extra: str) -> MissingExtra:
        """Returns the error that names a component, the library it needs, and the extra that installs it.

        >>> print(MissingExtra.of("LlamaCpp", "llama-cpp-python", "llama"))
        LlamaCpp needs llama-cpp-python. Install it with: pip install 'ctxshape[llama]'
        """
        return cls(f"{component} needs {library}. Install it with: pip install 'ctxshape[{extra}]'")

"""The errors ctxshape raises: each says which value, which limit, and what to do."""

from __future__ import annotations


class CtxshapeError(Exception):
    """Any error that ctxshape itself raises."""


class InvalidInput(CtxshapeError, ValueError):
    """A query, a document or a parameter that has no defined result."""


class ConfigError(InvalidInput):
    """A configuration with a wrong field, value or component name."""


class BudgetTooSmall(InvalidInput):
    """A token budget in which not even the shortest kept sentence fits."""


class ContextTooLong(InvalidInput):
    """A prompt that leaves no room for the answer in the model's context."""


class ModelError(CtxshapeError):
    """A model file that is missing, broken, or lacks what a call needs."""


class MissingExtra(CtxshapeError, ImportError):
    """An optional library that is not installed; the message holds the pip command."""

    @classmethod
    def of(cls, what: str, library: str, extra: str) -> MissingExtra:
        """Say that `what` needs `library`, and which extra brings it.

        >>> print(MissingExtra.of("LlamaCpp", "llama-cpp-python", "llama"))
        LlamaCpp needs llama-cpp-python. Install it with: pip install 'ctxshape[llama]'
        """
        return cls(f"{what} needs {library}. Install it with: pip install 'ctxshape[{extra}]'")

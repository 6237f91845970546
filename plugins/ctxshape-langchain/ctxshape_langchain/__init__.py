"""ctxshape in LangChain: a document compressor that is a Runnable, too, an answerer, and agent middleware."""

from typing import TYPE_CHECKING

from ctxshape import MissingExtra
from ctxshape.adapting import Shaped
from ctxshape_langchain.compressor import CtxshapeCompressor, answerer

if TYPE_CHECKING:
    from ctxshape_langchain.middleware import CtxshapeMiddleware

__all__ = ["CtxshapeCompressor", "CtxshapeMiddleware", "Shaped", "answerer"]


def __getattr__(name: str) -> object:
    """Load the middleware when it is first used: it alone needs `langchain`, the rest `langchain-core`."""
    if name != "CtxshapeMiddleware":
        raise AttributeError(f"module 'ctxshape_langchain' has no attribute {name!r}")
    try:
        from ctxshape_langchain.middleware import CtxshapeMiddleware
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "langchain":
            raise
        remedy = "Install it with: pip install 'ctxshape-langchain[agents]'"
        raise MissingExtra(f"CtxshapeMiddleware needs langchain 1.x. {remedy}") from None
    return CtxshapeMiddleware

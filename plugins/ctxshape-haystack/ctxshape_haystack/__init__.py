"""ctxshape in Haystack: one component."""

from ctxshape.adapting import Shaped
from ctxshape_haystack.shaper import CtxshapeShaper

__all__ = ["CtxshapeShaper", "Shaped"]

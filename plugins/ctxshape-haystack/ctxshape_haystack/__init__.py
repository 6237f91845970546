"""ctxshape in Haystack: one component."""

from ctxshape.inputs.frameworks import Shaped
from ctxshape_haystack.shaper import CtxshapeShaper

__all__ = ["CtxshapeShaper", "Shaped"]

"""ctxshape in LlamaIndex: one node postprocessor."""

from ctxshape.adapting import Shaped
from ctxshape_llamaindex.postprocessor import CtxshapePostprocessor, ShapeEvent

__all__ = ["CtxshapePostprocessor", "ShapeEvent", "Shaped"]

"""Cases from files and generators."""

from ctxshape.evaluation.datasets.loading import load

__all__ = ["load"]

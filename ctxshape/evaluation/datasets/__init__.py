"""Loads cases from files and from generators."""

from ctxshape.evaluation.datasets.loading import load_cases

__all__ = ["load_cases"]

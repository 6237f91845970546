"""Measuring what shaping does to a model's answers: cases, methods, metrics, an experiment that resumes, a report."""

from ctxshape.evaluation.cases import Case, Layout, arrange
from ctxshape.evaluation.experiment import Experiment
from ctxshape.evaluation.methods import Method, methods
from ctxshape.evaluation.records import Record, Results, Score, Timing
from ctxshape.evaluation.run import Measured, measure

__all__ = [
    "Case",
    "Experiment",
    "Layout",
    "Measured",
    "Method",
    "Record",
    "Results",
    "Score",
    "Timing",
    "arrange",
    "measure",
    "methods",
]

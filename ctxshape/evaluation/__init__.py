"""Measures how shaping changes a model's answers: cases, methods, metrics, experiments that resume, reports."""

from ctxshape.evaluation.cases import Arrangement, Case, arrange
from ctxshape.evaluation.experiment import Experiment
from ctxshape.evaluation.methods import Method, methods
from ctxshape.evaluation.records import Record, Results, Score, Timing
from ctxshape.evaluation.run import Evaluation, evaluate
from ctxshape.evaluation.tuning import Tuning, tune

__all__ = [
    "Arrangement",
    "Case",
    "Evaluation",
    "Experiment",
    "Method",
    "Record",
    "Results",
    "Score",
    "Timing",
    "Tuning",
    "arrange",
    "evaluate",
    "methods",
    "tune",
]

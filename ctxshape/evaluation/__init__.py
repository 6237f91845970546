"""Measuring what shaping does to a model's answers: cases, methods, metrics, an experiment that resumes, a report."""

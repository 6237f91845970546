"""Metrics of answers and of shaped contexts, and their confidence intervals."""

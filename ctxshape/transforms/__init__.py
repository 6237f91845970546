"""Transforms: pure functions from context to context, one family in each file."""

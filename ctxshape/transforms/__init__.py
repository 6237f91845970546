"""Transforms: pure functions from context to context, one family a file."""

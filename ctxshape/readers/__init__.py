"""Readers: from a context to an answer."""

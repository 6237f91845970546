"""Readers: each turns a context into an answer."""

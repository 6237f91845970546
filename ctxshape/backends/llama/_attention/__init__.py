"""Attention weights of a prompt, read while llama.cpp computes it."""

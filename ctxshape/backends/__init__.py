"""Backends: language models behind one interface, one third-party library a file."""

"""The figures of an answer, and their intervals."""

"""Finds the sentences that answer a question: features, probabilities, selection, packing into a budget."""

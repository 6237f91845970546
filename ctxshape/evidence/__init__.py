"""Which sentences answer: probabilities, selection, packing into a budget."""

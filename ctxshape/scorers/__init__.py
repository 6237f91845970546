"""Scorers of relevance: by words, by vectors, by cross-encoders, and by the model that answers."""

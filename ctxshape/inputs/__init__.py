"""Turns the models that callers pass into components of ctxshape, or refuses them by name."""

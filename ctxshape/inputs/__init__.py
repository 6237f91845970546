"""What a caller may pass, turned into the objects of ctxshape, or refused by name."""

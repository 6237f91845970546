"""Features of a context's units for the evidence model, in units that mean the same for every list."""

"""Units: the pieces of a document that are kept or left out as a whole, each fitting its block of text."""

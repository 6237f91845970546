"""ctxshape: restructure retrieved passages before a local LLM reads them."""

"""Documents whose keys and values are computed once and reused in other orders, windows and questions."""

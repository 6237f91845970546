"""What says how relevant a text is to a query: by words, by vectors, by the model that will answer."""

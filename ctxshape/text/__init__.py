"""Pure functions over strings and numbers, for every language: no document, no context, no model."""

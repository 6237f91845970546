"""Connections to model servers that are not trusted: bounded in time and size, with the API key masked in every error."""

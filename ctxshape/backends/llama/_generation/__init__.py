"""Generation and scoring of texts for many prompts at once."""

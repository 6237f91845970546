"""What passages say about a question: values, dates, names, the statements that hold them, and where they disagree."""

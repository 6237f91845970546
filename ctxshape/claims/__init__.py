"""The claims of passages about a question: values, dates, names, the statements that hold them, and their conflicts."""

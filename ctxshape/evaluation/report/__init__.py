"""What a run leaves to read: rows, tables, plots, files."""

from ctxshape.evaluation.report.folder import as_plain, read, report, seed_table, write

__all__ = ["as_plain", "read", "report", "seed_table", "write"]

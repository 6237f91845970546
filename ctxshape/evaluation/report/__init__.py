"""What a run leaves to read: rows, tables, plots, files."""

from ctxshape.evaluation.report.folder import RESULTS, read, report, seed_table, write

__all__ = ["RESULTS", "read", "report", "seed_table", "write"]

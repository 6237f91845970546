"""The report of a run: rows, tables, plots and files."""

from ctxshape.evaluation.report._folder import as_plain, read_results, report_markdown, write_report

__all__ = ["as_plain", "read_results", "report_markdown", "write_report"]

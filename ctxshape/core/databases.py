"""Explains the errors of SQLite files that keep what can be computed again."""

from __future__ import annotations

import sqlite3


def explained_failure(error: Exception, contents: str) -> str:
    r"""Returns the reason of a failure of a SQLite file in one line, with the remedy; `contents` are computed again.

    >>> explained_failure(sqlite3.DatabaseError("it is\ndamaged"), "the vectors")
    'it is damaged; give another folder, or remove that file, and the vectors are computed again'
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        remedy = "another process uses it: wait for that one, or give another folder"
    elif code == sqlite3.SQLITE_READONLY:
        remedy = "make it writable, or give another folder"
    else:
        remedy = f"give another folder, or remove that file, and {contents} are computed again"
    reason = " ".join(str(error).split())
    return f"{reason:.200}; {remedy}"

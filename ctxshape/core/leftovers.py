"""Names of unfinished files, by which a later process finds those whose writer was killed."""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

ABANDONED = 3600.0  # seconds after which an unfinished file is taken for that of a killed process on another machine


def unfinished_suffix() -> str:
    """Returns the end of the name of a file that this process has not finished."""
    return f".{_machine()}-{os.getpid()}.tmp"


def is_abandoned(name: str, age: float) -> bool:
    """Returns whether the writer of an unfinished file has ended.

    On this machine its process shows that; on another, an `age` in seconds of more than an hour.

    >>> is_abandoned("a" + unfinished_suffix(), 0.0), is_abandoned("a.tmp", 0.0), is_abandoned("a.tmp", 4000.0)
    (False, False, True)
    """
    if age > ABANDONED:
        return True
    machine, _, number = name.removesuffix(".tmp").rpartition(".")[2].partition("-")
    if machine != _machine() or not number.isdecimal() or os.name != "posix":
        return False
    try:
        os.kill(int(number), 0)  # sends nothing
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:  # it is another user's
        return False
    return False


def remove_quietly(path: Path) -> None:
    """Removes a file that is not used any more, if it may be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        pass


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]

"""The memory of this process, for tests that it stays flat."""

from __future__ import annotations

import os
from pathlib import Path


def resident_mib() -> float:
    """Returns the resident memory of this process in MiB. It reads Linux's /proc, which other systems lack."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

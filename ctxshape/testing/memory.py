"""For tests that memory stays flat: what this program has of it."""

from __future__ import annotations

import os
from pathlib import Path


def resident_mib() -> float:
    """Memory of this program that is in RAM, in MiB, by Linux's /proc; other systems have no such file."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

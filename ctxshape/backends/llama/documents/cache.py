"""Limits of the document cache: how much KV `LlamaCpp` keeps for later questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ctxshape.core.types import Frozen


class DocumentCache(Frozen):
    """Limits, in MiB, of the documents' keys and values that `LlamaCpp` keeps, the most recently used first.

    `memory_mib` limits what stays in memory between calls; a call also holds the documents that it reads. 0 keeps nothing.
    With a `folder`, documents are also kept on disk, at most `disk_mib`, under a hash of their content. A later process with
    the same passages and the same model file starts with them. Anyone who can read the folder can read the documents.
    Anyone who can write to it decides what the model takes for its documents. So give a folder that only you can use; it is
    created with mode 0700.

    >>> DocumentCache(memory_mib=64)
    DocumentCache(memory_mib=64, folder=None, disk_mib=1024)
    """

    memory_mib: Annotated[int, Field(ge=0)] = 256
    folder: Path | None = None
    disk_mib: Annotated[int, Field(ge=1)] = 1024

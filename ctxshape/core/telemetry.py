"""The `ctxshape` logger."""

from __future__ import annotations

import logging

LOGGER = logging.getLogger("ctxshape")
LOGGER.addHandler(logging.NullHandler())

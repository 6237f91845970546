"""llama.cpp through llama-cpp-python.

`backend` holds the class that users construct and `documents` the reuse of documents. Private parts: `_native` calls the
library, `_generation` writes and scores texts, `_attention` reads attention weights, `_engine` ties them together.
"""

from __future__ import annotations

import sys


def is_llama(model: object) -> bool:
    """Returns whether `model` is a `llama_cpp.Llama`, without importing the library.

    >>> is_llama("model.gguf")
    False
    """
    module = sys.modules.get("llama_cpp")
    return module is not None and isinstance(model, module.Llama)

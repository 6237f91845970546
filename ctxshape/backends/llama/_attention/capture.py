"""Reads attention weights from llama.cpp's compute graph, through the callback that sees each tensor of a batch."""

from __future__ import annotations

import ctypes
import re
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ctxshape.backends.llama._native.bindings import bindings, library_folder
from ctxshape.errors import ModelError

FLOAT32 = 0  # a value of ggml_type
# The name of the softmax of a layer's attention in llama.cpp's graph. Flash attention does not compute it.
_NAME = re.compile(rb"kq_soft_max-(\d+)")


class _Tensor(ctypes.Structure):
    """The head of `struct ggml_tensor`, which is all that is read of it."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("ne", ctypes.c_int64 * 4),
        ("nb", ctypes.c_size_t * 4),
    )


class AttentionCapture:
    """The callback of one context. It sums the selected rows of each layer's attention from `begin` on.

    A tensor has the shape (1, heads, tokens, cells). Cells that hold no token of the context have no weight.
    """

    def __init__(self) -> None:
        self.callback = bindings().ggml_backend_sched_eval_callback(self._see)
        self._rows: NDArray[np.bool_] | None = None
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._error: Exception | None = None

    def begin(self) -> None:
        """Forgets earlier rows and errors."""
        self._sums, self._error = {}, None

    def select(self, rows: NDArray[np.bool_] | None) -> None:
        """Selects the tokens of the next batch whose rows are taken; None takes no row."""
        self._rows = rows

    def result(self, cells: int, asking: int) -> tuple[tuple[int, ...], tuple[int, ...], NDArray[np.float32]]:
        """Returns the layers, the heads of each, and the mean rows, shape (layers, heads, cells).

        Raises the error, if one happened in the callback.
        """
        if self._error is not None:
            raise self._error
        layers = tuple(sorted(self._sums))
        heads = tuple(self._sums[layer].shape[0] for layer in layers)
        weights = np.zeros((len(layers), max(heads, default=0), cells), np.float32)
        for place, layer in enumerate(layers):
            found = self._sums[layer][:, :cells]
            weights[place, : found.shape[0], : found.shape[1]] = found / asking
        return layers, heads, weights

    def _see(self, tensor: int, ask: bool, _data: object) -> bool:
        """Answers llama.cpp, which first asks whether a tensor is wanted and then hands it over when it is computed."""
        if self._rows is None or self._error is not None:
            return not ask
        match = _NAME.fullmatch(_ggml().ggml_get_name(tensor))
        if match is None:
            return not ask
        if not ask:
            try:
                self._take(int(match[1]), _read(tensor))
            except Exception as error:  # an exception cannot cross C: `result` raises it
                self._error = error
        return True

    def _take(self, layer: int, weights: NDArray[np.float32]) -> None:
        rows = self._rows
        if rows is None or weights.shape[0] != 1 or weights.shape[2] != len(rows):
            raise ModelError(
                f"llama.cpp gave attention weights of shape {weights.shape} for {0 if rows is None else len(rows)} tokens; "
                "ctxshape does not know this version: install llama-cpp-python 0.3.36"
            )
        found = weights[0][:, rows].sum(axis=1, dtype=np.float64)
        before = self._sums.get(layer)
        if before is not None:  # an earlier batch, which attended to fewer cells
            found[:, : before.shape[1]] += before
        self._sums[layer] = found


def _read(address: int) -> NDArray[np.float32]:
    """Returns a tensor's values, wherever they are stored."""
    ggml, tensor = _ggml(), _Tensor.from_address(address)
    shape = tuple(tensor.ne[::-1])
    size = int(np.prod(shape))
    if tensor.type != FLOAT32 or ggml.ggml_nbytes(address) != 4 * size:
        raise ModelError(
            f"llama.cpp keeps attention weights as type {tensor.type}, shape {shape}, and ctxshape reads float32; "
            "install llama-cpp-python 0.3.36"
        )
    values = np.empty(shape, np.float32)
    ggml.ggml_backend_tensor_get(address, values.ctypes.data, 0, values.nbytes)
    return values


@lru_cache(maxsize=1)
def _ggml() -> Any:  # noqa: ANN401  a shared library
    """Returns the library of ggml's tensors. The linker finds it through libllama, except on Windows."""
    found = getattr(bindings().llama_cpp, "_lib", None)
    if not hasattr(found, "ggml_backend_tensor_get"):
        files = sorted(library_folder().glob("*ggml-base*"))
        if not files:
            raise ModelError("llama.cpp's libggml-base is not beside llama_cpp; install llama-cpp-python as pip builds it")
        found = ctypes.CDLL(str(files[0]))
    made: Any = found
    made.ggml_get_name.restype, made.ggml_get_name.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    made.ggml_nbytes.restype, made.ggml_nbytes.argtypes = ctypes.c_size_t, [ctypes.c_void_p]
    made.ggml_backend_tensor_get.restype = None
    made.ggml_backend_tensor_get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
    return made

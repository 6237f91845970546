"""The imported `llama_cpp` module, and a way to collect its errors without printing its log."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from ctxshape.errors import MissingExtra

ERROR, CONTINUED = 4, 5  # values of ggml_log_level

_listener = threading.local()
_guard = threading.Lock()
_depth = 0
_previous: tuple[Any, Any] = (None, None)


@lru_cache(maxsize=1)
def bindings() -> Any:  # noqa: ANN401  a module
    """Returns the module `llama_cpp`, imported at the first call. Raises MissingExtra if it is not installed."""
    try:
        import llama_cpp
    except ImportError:
        raise MissingExtra.of("LlamaCpp", "llama-cpp-python", "llama") from None
    return llama_cpp


def library_folder() -> Path:
    """Returns the folder with llama.cpp's shared libraries: that of the loaded one, else the one that pip fills."""
    llama = bindings()
    loaded = getattr(getattr(llama.llama_cpp, "_lib", None), "_name", None)
    return Path(loaded).parent if loaded else Path(llama.__file__).parent / "lib"


@contextmanager
def captured_errors() -> Iterator[list[str]]:
    """Collects the error messages that llama.cpp logs in this thread, and keeps its log off the terminal.

    The log callback belongs to the whole process. Ours is installed only inside the block and passes on what other threads
    log. The previous callback is restored, so a `llama_cpp.Llama` that the caller owns logs as before.
    """
    outer = getattr(_listener, "errors", None)
    heard: list[str] = []
    _listener.errors = heard
    _install()
    try:
        yield heard
    finally:
        _restore()
        _listener.errors = outer


def _install() -> None:
    global _depth, _previous
    llama = bindings()
    with _guard:
        _depth += 1
        if _depth == 1:
            callback, data = llama.llama_log_callback(), ctypes.c_void_p()
            llama.llama_log_get(ctypes.byref(callback), ctypes.byref(data))
            _previous = (callback, data)
            llama.llama_log_set(_callback(), ctypes.c_void_p(0))


def _restore() -> None:
    global _depth
    with _guard:
        _depth -= 1
        if _depth == 0:
            bindings().llama_log_set(*_previous)


@lru_cache(maxsize=1)
def _callback() -> Any:  # noqa: ANN401  a ctypes function pointer, which must outlive its use
    return bindings().llama_log_callback(_hear)


def _hear(level: int, text: bytes, _data: object) -> None:
    errors: list[str] | None = getattr(_listener, "errors", None)
    if errors is None:
        callback, data = _previous
        if callback:
            callback(level, text, data)
    elif level == ERROR:
        errors.append(text.decode("utf-8", "replace").strip())
    elif level == CONTINUED and errors:
        errors[-1] += text.decode("utf-8", "replace").rstrip()

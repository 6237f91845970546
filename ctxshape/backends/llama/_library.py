"""llama.cpp itself: imported late, and its log kept from the terminal while we call it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from ctxshape.errors import MissingExtra

ERROR, CONTINUED = 4, 5  # of ggml_log_level

_listener = threading.local()
_guard = threading.Lock()
_depth = 0
_previous: tuple[Any, Any] = (None, None)


@lru_cache(maxsize=1)
def library() -> Any:  # noqa: ANN401  a module
    """The module `llama_cpp`. Raises MissingExtra where it is not installed."""
    try:
        import llama_cpp
    except ImportError:
        raise MissingExtra.of("LlamaCpp", "llama-cpp-python", "llama") from None
    return llama_cpp


def folder() -> Path:
    """Where llama.cpp's shared libraries lie: where the loaded one is, else where pip puts them."""
    llama = library()
    loaded = getattr(getattr(llama.llama_cpp, "_lib", None), "_name", None)
    return Path(loaded).parent if loaded else Path(llama.__file__).parent / "lib"


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect llama.cpp's error messages of this thread; nothing of its log reaches the terminal.

    The log callback is one for the whole process. Ours is set only meanwhile, hands on what other threads log,
    and the one found is put back, so a `llama_cpp.Llama` of the caller's own logs as before.
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
    llama = library()
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
            library().llama_log_set(*_previous)


@lru_cache(maxsize=1)
def _callback() -> Any:  # noqa: ANN401  a ctypes function pointer, which must outlive its use
    return library().llama_log_callback(_hear)


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

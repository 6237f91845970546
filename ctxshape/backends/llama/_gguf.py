"""The weights of a GGUF file, or those of a ready `llama_cpp.Llama`."""

from __future__ import annotations

import ctypes
import sys
import weakref
from typing import Any

from ctxshape.backends.llama._amx import CRASHES, amx_faults
from ctxshape.backends.llama._library import library, listening
from ctxshape.errors import ModelError
from ctxshape.inspection.gguf import check_file


def is_ready(model: object) -> bool:
    """Whether `model` is a `llama_cpp.Llama`; tells without importing the library."""
    module = sys.modules.get("llama_cpp")
    return module is not None and isinstance(model, module.Llama)


class Weights:
    """Tensors and metadata of a model, loaded from a path or lent by a ready `Llama`, which is never changed.

    Freed when nothing refers to them any more; lent ones stay the lender's.
    Raises ModelError for a file that llama.cpp refuses and for a model that cannot generate text.
    """

    def __init__(self, model: Any, n_gpu_layers: int = 0) -> None:  # noqa: ANN401
        self._lender = model if is_ready(model) else None
        self.name = f"the ready Llama of {model.model_path!r}" if self._lender else repr(model)
        if self._lender is None:
            self._pointer = _load(str(model), n_gpu_layers)
            weakref.finalize(self, _free_model, self._pointer)
        elif amx_faults():
            raise ModelError(f"{self.name} cannot be used: {CRASHES}; or give LlamaCpp the file's path, which does without AMX")
        self._check()

    @property
    def pointer(self) -> Any:  # noqa: ANN401
        """The `llama_model *`. Raises ModelError where the lender was closed."""
        if self._lender is None:
            return self._pointer
        pointer = getattr(self._lender._model, "model", None)
        if not pointer:
            raise ModelError(f"{self.name} was closed; keep it open as long as LlamaCpp uses its weights")
        return pointer

    def metadata(self) -> dict[str, str]:
        """The GGUF metadata that are not arrays, as text."""
        llama, found = library(), {}
        for index in range(llama.llama_model_meta_count(self.pointer)):
            key = _text(llama.llama_model_meta_key_by_index, self.pointer, index)
            found[key] = _text(llama.llama_model_meta_val_str_by_index, self.pointer, index)
        return found

    def chat_template(self) -> str | None:
        """The default chat template in the metadata."""
        template: bytes | None = library().llama_model_chat_template(self.pointer, None)
        return template.decode("utf-8", "replace") if template else None

    def trained_context(self) -> int:
        """How many tokens the model was trained to see."""
        return int(library().llama_model_n_ctx_train(self.pointer))

    def has_state(self) -> bool:
        """Whether the memory is a running state (Mamba, RWKV and hybrids), which cannot be shared by parts."""
        llama = library()
        return bool(llama.llama_model_is_recurrent(self.pointer) or llama.llama_model_is_hybrid(self.pointer))

    def _check(self) -> None:
        llama = library()
        vocab = llama.llama_model_get_vocab(self.pointer)
        if llama.llama_vocab_type(vocab) == llama.LLAMA_VOCAB_TYPE_NONE:
            raise ModelError(f"{self.name} has no vocabulary; LlamaCpp needs a text model")
        if llama.llama_model_has_encoder(self.pointer) or not llama.llama_model_has_decoder(self.pointer):
            raise ModelError(f"{self.name} has an encoder; LlamaCpp needs a decoder-only model")
        if llama.llama_model_is_diffusion(self.pointer):
            raise ModelError(f"{self.name} is a diffusion model; LlamaCpp needs one that writes token by token")


def _load(path: str, n_gpu_layers: int) -> Any:  # noqa: ANN401
    check_file(path)
    llama = library()
    with listening() as errors:
        llama.llama_backend_init()
        parameters = llama.llama_model_default_params()
        parameters.n_gpu_layers = n_gpu_layers
        parameters.use_extra_bufts = not amx_faults()  # weights laid out for AMX, among others
        pointer = llama.llama_model_load_from_file(str(path).encode(), parameters)
    if not pointer:
        raise ModelError(f"llama.cpp cannot load {path!r}: {'; '.join(errors) or 'it gives no reason'}; fetch the file again")
    return pointer


def _free_model(pointer: Any) -> None:  # noqa: ANN401
    with listening():
        library().llama_model_free(pointer)


def _text(read: Any, pointer: Any, index: int) -> str:  # noqa: ANN401
    """What one of llama.cpp's functions writes into a buffer, however long."""
    size = read(pointer, index, None, 0)
    buffer = ctypes.create_string_buffer(max(size, 0) + 1)
    read(pointer, index, buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")

"""The weights of a model: loaded from a GGUF file, or shared with a `llama_cpp.Llama` that the caller owns."""

from __future__ import annotations

import weakref
from typing import Any

from ctxshape.backends.llama import is_llama
from ctxshape.backends.llama._native.amx import AMX_CRASH, amx_faults
from ctxshape.backends.llama._native.bindings import bindings, captured_errors
from ctxshape.errors import ModelError
from ctxshape.inspection import check_gguf


class Weights:
    """The tensors of a model, loaded from a path or shared with a `Llama`, which is never changed.

    They are freed with the last reference to them; shared ones stay with their owner.
    Raises ModelError for a file that llama.cpp refuses and for a model that cannot generate text.
    """

    def __init__(self, model: Any, n_gpu_layers: int = 0) -> None:  # noqa: ANN401
        self._owner = model if is_llama(model) else None
        self.name = f"the Llama of {model.model_path!r}" if self._owner else repr(model)
        if self._owner is None:
            self._pointer = _load(str(model), n_gpu_layers)
            weakref.finalize(self, _free_model, self._pointer)
        elif amx_faults():
            raise ModelError(f"{self.name} cannot be used: {AMX_CRASH}; or give LlamaCpp the file's path: it then avoids AMX")
        self._check()

    @property
    def pointer(self) -> Any:  # noqa: ANN401
        """The `llama_model *`. Raises ModelError after the owner has closed the model."""
        if self._owner is None:
            return self._pointer
        pointer = getattr(self._owner._model, "model", None)
        if not pointer:
            raise ModelError(f"{self.name} was closed; keep it open as long as LlamaCpp uses its weights")
        return pointer

    def chat_template(self) -> str | None:
        """Returns the model's default chat template, or None if it has none."""
        template: bytes | None = bindings().llama_model_chat_template(self.pointer, None)
        return template.decode("utf-8", "replace") if template else None

    def trained_context(self) -> int:
        """Returns the context length, in tokens, that the model was trained with."""
        return int(bindings().llama_model_n_ctx_train(self.pointer))

    def has_state(self) -> bool:
        """Returns whether the model keeps a running state (Mamba, RWKV, hybrids), which cannot be shared in parts."""
        llama = bindings()
        return bool(llama.llama_model_is_recurrent(self.pointer) or llama.llama_model_is_hybrid(self.pointer))

    def _check(self) -> None:
        llama = bindings()
        vocab = llama.llama_model_get_vocab(self.pointer)
        if llama.llama_vocab_type(vocab) == llama.LLAMA_VOCAB_TYPE_NONE:
            raise ModelError(f"{self.name} has no vocabulary; LlamaCpp needs a text model")
        if llama.llama_model_has_encoder(self.pointer) or not llama.llama_model_has_decoder(self.pointer):
            raise ModelError(f"{self.name} has an encoder; LlamaCpp needs a decoder-only model")
        if llama.llama_model_is_diffusion(self.pointer):
            raise ModelError(f"{self.name} is a diffusion model; LlamaCpp needs one that writes token by token")


def _load(path: str, n_gpu_layers: int) -> Any:  # noqa: ANN401
    check_gguf(path)
    llama = bindings()
    with captured_errors() as errors:
        llama.llama_backend_init()
        parameters = llama.llama_model_default_params()
        parameters.n_gpu_layers = n_gpu_layers
        parameters.use_extra_bufts = not amx_faults()  # these buffers include the weights in AMX's layout
        pointer = llama.llama_model_load_from_file(str(path).encode(), parameters)
    if not pointer:
        raise ModelError(f"llama.cpp cannot load {path!r}: {'; '.join(errors) or 'no reason given'}; fetch the file again")
    return pointer


def _free_model(pointer: Any) -> None:  # noqa: ANN401
    with captured_errors():
        bindings().llama_model_free(pointer)

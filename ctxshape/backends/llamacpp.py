"""A local model through llama.cpp: batches of prompts over shared prefixes, streams, and safe tokens."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from ctxshape.backends.engine import Engine
from ctxshape.backends.gguf import check_file, is_ready
from ctxshape.backends.lock import FairLock
from ctxshape.component import Component
from ctxshape.errors import ConfigError, ModelError
from ctxshape.exchange import Completion, Generation, Prompt, Segment


class _State:
    """What is not configuration: the loaded model, and who may use it."""

    def __init__(self) -> None:
        self.turn = FairLock()
        self.loading = threading.Lock()
        self.engine: Engine | None = None
        self.closed = False


class LlamaCpp(Component):
    """A GGUF model on this machine. `model` is a path, or a ready `llama_cpp.Llama` whose weights it shares.

    The model is loaded at its first use. One batch answers several prompts: what they have in common at the
    beginning is computed once, and the answers grow together, a token each a step. Retrieved text never becomes a
    control token. Threads take turns, first come first served. Greedy answers are the same for the same batch; in
    another batch the last bits of the logits differ, so a near tie may fall the other way.

    `n_ctx`: cells for all prompts of a pass, by default the trained context, at most 8,192; prompts that do not fit
    together run in several passes. `n_gpu_layers`: -1 for all. `n_threads`: by default the usable cores, half of
    them beyond four. `flash_attention`: None lets llama.cpp decide. `chat_template`: Jinja in place of the model's;
    "" for a plain prompt. A plain prompt, which a base model gets, is answered in one line.

    Raises ModelError for a file that is no model, MissingExtra without llama-cpp-python, and ContextTooLong, before
    anything is computed, for a prompt that leaves no room for `max_tokens`. Models with a running state (Mamba,
    RWKV, hybrids) share no prefixes: their prompts run one by one.

    >>> LlamaCpp("no/such/model.gguf")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no model file 'no/such/model.gguf'; give the path of a GGUF file
    """

    model: Any
    n_ctx: Annotated[int, Field(ge=16)] | None = None
    n_gpu_layers: Annotated[int, Field(ge=-1)] = 0
    n_threads: Annotated[int, Field(ge=1)] | None = None
    flash_attention: bool | None = None
    kv_type: Literal["f32", "f16", "bf16", "q8_0", "q4_0"] = "f16"
    chat_template: str | None = None
    _state: _State = PrivateAttr(default_factory=_State)

    def __init__(
        self,
        model: Any,  # noqa: ANN401  a path, or a Llama of a library that may not be installed
        *,
        n_ctx: int | None = None,
        n_gpu_layers: int = 0,
        n_threads: int | None = None,
        flash_attention: bool | None = None,
        kv_type: str = "f16",
        chat_template: str | None = None,
    ) -> None:
        if not isinstance(model, str | os.PathLike) and not is_ready(model):
            raise ConfigError(
                f"LlamaCpp, field 'model' is {type(model).__name__}; give the path of a GGUF file or a llama_cpp.Llama"
            )
        super().__init__(
            model=os.fspath(model) if isinstance(model, os.PathLike) else model,
            n_ctx=n_ctx,
            n_gpu_layers=n_gpu_layers,
            n_threads=n_threads,
            flash_attention=flash_attention,
            kv_type=kv_type,
            chat_template=chat_template,
        )
        if self.kv_type.startswith("q") and self.flash_attention is False:
            raise ConfigError(
                f"kv_type={self.kv_type!r} needs flash attention; leave flash_attention out or choose kv_type='f16'"
            )
        if isinstance(self.model, str):
            check_file(self.model)

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """The completion of each prompt, in their order."""
        if not prompts:
            return []
        with self._state.turn:
            return self._engine().complete(prompts, options)

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """The same text as `generate` gives, in pieces of whole characters.

        Other calls wait until it is read to its end or closed.
        """
        with self._state.turn:
            yield from self._engine().write(prompt, options)

    def count_tokens(self, text: str, /) -> int:
        """Tokens of `text` as untrusted text."""
        return len(self._engine().vocabulary.untrusted(text))

    def context_length(self) -> int:
        """The most tokens that a prompt and its answer may have together."""
        return self._engine().context_length

    def tokenize(self, segment: Segment) -> list[int]:
        """The tokens of a segment inside a prompt."""
        return self._engine().tokenize(segment)

    def encode(self, prompt: Prompt) -> list[int]:
        """All tokens of a prompt, with the chat template around it."""
        return [int(token) for token in self._engine().encode(prompt)]

    def detokenize(self, tokens: Sequence[int]) -> str:
        """The text that tokens spell, control tokens included."""
        return self._engine().vocabulary.detokenize(list(tokens)).decode("utf-8", "replace")

    def metadata(self) -> dict[str, str]:
        """The GGUF metadata, such as `general.name`."""
        return self._engine().weights.metadata()

    def close(self) -> None:
        """Free the model's memory, after the calls that run; a ready Llama stays open."""
        with self._state.turn:
            self._state.closed = True
            engine, self._state.engine = self._state.engine, None
            if engine is not None:
                engine.close()

    def _engine(self) -> Engine:
        with self._state.loading:
            if self._state.closed:
                raise ModelError(f"{self!r} was closed; make a new one")
            if self._state.engine is None:
                self._state.engine = Engine(
                    self.model,
                    n_ctx=self.n_ctx,
                    n_gpu_layers=self.n_gpu_layers,
                    n_threads=self.n_threads or _threads(),
                    flash_attention=self.flash_attention,
                    kv_type=self.kv_type,
                    chat_template=self.chat_template,
                )
            return self._state.engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # The configuration alone is the value: two backends are equal, copied and pickled by it, loaded or not.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LlamaCpp) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(sorted((name, repr(value)) for name, value in self.__dict__.items())))

    def __copy__(self) -> Self:
        return type(self)(**self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        if not isinstance(self.model, str):
            raise ConfigError("a LlamaCpp with a ready Llama cannot be pickled; make it from the model's path")
        return _remake, (type(self), dict(self.__dict__))


def _remake(cls: type[LlamaCpp], fields: dict[str, Any]) -> LlamaCpp:
    return cls(**fields)


def _threads() -> int:
    """Threads that help: all cores of a small machine; of a larger one half, since the rest are mostly hyper-threads."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return usable if usable <= 4 else usable // 2

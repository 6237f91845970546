"""The backend for local GGUF models through llama.cpp."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from ctxshape.backends.llama import is_llama
from ctxshape.backends.llama._attention.probe import LlamaProbe, check_attention
from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._loaded_model import LoadedModel
from ctxshape.backends.llama._native.kv_cache import needs_flash_attention
from ctxshape.backends.llama.documents.cache import DocumentCache
from ctxshape.backends.llama.documents.reuse import DocumentReuse, check_orders
from ctxshape.core.attention import AttentionMap
from ctxshape.core.cancellation import iterate_in_thread
from ctxshape.core.component import Stateful
from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.core.protocols import Scores
from ctxshape.core.reach import Reach
from ctxshape.core.validation import WholeNumber
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.inspection import check_gguf


class LlamaCpp(Stateful):
    """A GGUF model on this machine. `model` is a path, or a `llama_cpp.Llama` whose weights are shared.

    The model is loaded at its first use. One batch answers several prompts: their common beginning is computed once, and
    each step adds one token to every answer. Retrieved text never becomes a control token. Threads take turns in the order
    of their arrival. A thread of `ctxshape.core.cancellation.in_thread` whose task is cancelled stops before its next
    batch. Greedy answers are the same for the same batch. In another batch the last bits of the logits differ, so two
    nearly equal tokens may swap.

    `n_ctx`: cells for all prompts of a pass, by default the trained context, at most 8,192. Prompts that do not fit
    together run in several passes. `n_gpu_layers`: -1 for all. `n_threads`: by default the usable cores, and half of them
    if there are more than four. `flash_attention`: None lets llama.cpp decide, except for reused documents on a CPU, which
    are read faster without it. `chat_template`: Jinja in place of the model's; "" for a plain prompt. A plain prompt, which
    base models get, is answered in one line: line breaks before the first word are skipped, and the first one after it
    ends the answer. `document_cache` limits what `generate_orders` and `generate_windows` keep of the documents.

    Raises ModelError for a file that is not a model and MissingExtra without llama-cpp-python. Raises ContextTooLong,
    before anything is computed, for a prompt that leaves no room for `max_tokens`. Models with a running state (Mamba, RWKV,
    hybrids) share no prefixes: their prompts run one by one.

    >>> LlamaCpp("no/such/model.gguf")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no model file 'no/such/model.gguf'; give the path of a GGUF file
    """

    model: Any
    n_ctx: Annotated[WholeNumber, Field(ge=16)] | None = None
    n_gpu_layers: Annotated[WholeNumber, Field(ge=-1)] = 0
    n_threads: Annotated[WholeNumber, Field(ge=1)] | None = None
    flash_attention: bool | None = None
    kv_type: Literal["f32", "f16", "bf16", "q8_0", "q4_0"] = "f16"
    chat_template: str | None = None
    document_cache: DocumentCache = DocumentCache()
    _loaded: LoadedModel = PrivateAttr(default_factory=LoadedModel)

    @classmethod
    def reaches(cls, fields: Mapping[str, Any]) -> tuple[Reach, ...]:
        """Returns what the fields reach: the model's file, and the folder of the document cache."""
        cache = fields.get("document_cache")
        folder = cache.get("folder") if isinstance(cache, Mapping) else getattr(cache, "folder", None)
        return ("reads",) if folder is None else ("reads", "writes")

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
        document_cache: DocumentCache = DocumentCache(),  # noqa: B008
    ) -> None:
        if not isinstance(model, str | os.PathLike) and not is_llama(model):
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
            document_cache=document_cache,
        )
        if self.document_cache.folder and not isinstance(self.model, str):
            raise ConfigError(
                "document_cache has a folder, which finds KV by the model's file, and a llama_cpp.Llama may differ from its "
                "file; give the model's path, or a cache without a folder"
            )
        if self.flash_attention is False and needs_flash_attention(self.kv_type):
            raise ConfigError(
                f"kv_type={self.kv_type!r} needs flash attention; leave flash_attention out or choose kv_type='f16'"
            )
        if isinstance(self.model, str):
            check_gguf(self.model)

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """Returns the completion of each prompt, in the order of the prompts."""
        if not prompts:
            return []
        with self._loaded.turn:
            return self._engine().complete(prompts, options)

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """Yields the text that `generate` returns in pieces of whole characters.

        The model is free between two pieces: other calls go first, and then the stream continues where it was, with the
        same text. A stream that is left early, closed or not, holds nobody up. After `close` it raises ModelError.
        """
        turn, reply = self._loaded.turn, None
        while reply is None or not reply.done:
            with turn if reply is None else turn.continuing():
                engine = self._engine()  # raises after close()
                reply = reply or engine.stream(prompt, options)
                pieces = reply.pieces(turn)
            yield from pieces

    async def astream(self, prompt: Prompt, /, options: Generation = Generation()) -> AsyncIterator[str]:  # noqa: B008
        """`stream` for an event loop, computed in threads. It ends before its next batch when its task is cancelled."""
        async with aclosing(iterate_in_thread(self.stream(prompt, options))) as pieces:
            async for piece in pieces:
                yield piece

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str], /) -> list[Scores]:
        """Returns the natural log-probabilities of each continuation's tokens, a float64 array of shape (tokens,) per pair.

        A continuation begins the assistant's turn, or follows a plain prompt. It is tokenized by itself, as untrusted text,
        so it needs its own blank: after a plain prompt that ends in "Answer:" give " Yes", after one that ends in a new
        line, or in a chat, "Yes". The end of the text is not scored, and an empty continuation has no tokens. The
        distribution is untempered. The common beginning of the prompts is computed once, so several continuations of one
        prompt cost little more than one. In another batch a quantized model rounds differently: by up to 0.004 for
        SmolLM2-135M on CPU with flash_attention=False, by up to 0.2 with flash attention.
        Raises ContextTooLong, before anything is computed, for a pair that is longer than the context.
        """
        if len(prompts) != len(continuations):
            raise InvalidInput(f"{len(prompts)} prompts and {len(continuations)} continuations; give one for each prompt")
        if not prompts:
            return []
        with self._loaded.turn:
            return self._engine().logprobs(prompts, continuations)

    def generate_orders(
        self,
        prompt: Prompt,
        orders: Sequence[Sequence[int]],
        /,
        options: Generation = Generation(),  # noqa: B008
    ) -> list[Completion]:
        """Returns the completion for each order of the prompt's documents, given as document numbers from 0.

        Each document is computed once, after the lead. It attends to the lead and itself but to no other document, and is
        moved to its place in each order (K-shift). This approximates full attention and is exact for one document.
        If the model does not support it, full prompts are read, with an `ExactFallback` warning. A later call with the same
        lead finds its documents in `document_cache`; `computed_tokens` counts what was computed. Raises ContextTooLong, and
        InvalidInput for an order that names a document twice or a number without a document.
        """
        check_orders(orders, len(prompt.documents))
        if not orders:
            return []
        with self._loaded.turn:
            return self._reuse().orders(prompt, orders, options)

    def generate_windows(self, prompt: Prompt, /, options: Generation = Generation()) -> Completion:  # noqa: B008
        """Returns the completion over documents that share one position. It is bit-identical for every document order.

        Documents and cache are as in `generate_orders`. Together the documents may be longer than the context that the
        model was trained with, as long as `n_ctx` has cells for them. If the model does not support it, they are read as
        one full prompt, sorted by their text, with an `ExactFallback` warning.
        """
        with self._loaded.turn:
            return self._reuse().windows(prompt, options)

    def attend(self, prompt: Prompt, /) -> AttentionMap:
        """Returns how much attention the tokens of the question pay to each token of the prompt, by layer and head.

        It is computed in a separate context without flash attention. That context shares the weights and needs memory for
        another KV cache (f16). A question about exactly the same documents as the last one costs only its own tokens.
        Raises ModelError, before a model is loaded, if the model's attention cannot be read. Raises ContextTooLong.
        """
        with self._loaded.turn:
            return self._loaded.probe(self._new_probe).attend(prompt)

    def count_tokens(self, text: str, /) -> int:
        """Returns the number of tokens of `text` as untrusted text."""
        return len(self._engine().tokenizer.untrusted(text))

    def context_length(self) -> int:
        """Returns the maximum number of tokens of a prompt and its answer together."""
        return self._engine().context_length

    def tokenize(self, segment: Segment) -> list[int]:
        """Returns the tokens of a segment inside a prompt."""
        return self._engine().tokenize(segment)

    def encode(self, prompt: Prompt) -> list[int]:
        """Returns all tokens of a prompt, with the chat template around it."""
        return [int(token) for token in self._engine().encode(prompt)]

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Returns the text that tokens spell, control tokens included."""
        return self._engine().tokenizer.detokenize(list(tokens)).decode("utf-8", "replace")

    def close(self) -> None:
        """Frees the model's memory after the running call, or the token of a stream. A shared `llama_cpp.Llama` stays open.

        Calls that wait for their turn, and streams that continue later, raise ModelError.
        """
        self._loaded.close()

    def _reuse(self) -> DocumentReuse:
        if isinstance(self.model, str):
            path, layers = self.model, self.n_gpu_layers
        else:
            path, layers = self.model.model_path, self.model.model_params.n_gpu_layers
        return self._loaded.reuse(lambda: DocumentReuse(self._engine(), path, layers, self.document_cache))

    def _engine(self) -> Engine:
        return self._loaded.engine(self, self._new_engine)

    def _new_engine(self) -> Engine:
        return Engine(
            self.model,
            n_ctx=self.n_ctx,
            n_gpu_layers=self.n_gpu_layers,
            n_threads=self.n_threads,
            flash_attention=self.flash_attention,
            kv_type=self.kv_type,
            chat_template=self.chat_template,
        )

    def _new_probe(self) -> LlamaProbe:
        check_attention(self.model)
        return LlamaProbe(self._engine())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # Copies share a llama_cpp.Llama, and it is never pickled.

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        if not isinstance(self.model, str):
            raise ConfigError("a LlamaCpp that shares a llama_cpp.Llama cannot be pickled; make it from the model's path")
        return super().__reduce__()

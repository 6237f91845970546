"""A local model through llama.cpp: batches of prompts over shared prefixes, streams, and safe tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from ctxshape.backends.llama._attention import ANSWER_TOKENS, Asker, Probe, check_model
from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._gguf import is_ready
from ctxshape.backends.llama._loaded import Loaded, usable_threads
from ctxshape.backends.llama._sequences import needs_flash_attention
from ctxshape.backends.llama.document_cache import DocumentCache
from ctxshape.backends.llama.reuse import Reuse, check_orders
from ctxshape.core.attention import AttentionMap
from ctxshape.core.component import Stateful
from ctxshape.core.messages import Completion, Generation, Prompt, Segment
from ctxshape.core.protocols import Scores
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.inspection.gguf import check_file


class LlamaCpp(Stateful):
    """A GGUF model on this machine. `model` is a path, or a ready `llama_cpp.Llama` whose weights it shares.

    The model is loaded at its first use. One batch answers several prompts: what they have in common at the
    beginning is computed once, and the answers grow together, a token each a step. Retrieved text never becomes a
    control token. Threads take turns, first come first served; one of
    `ctxshape.core.cancellation.in_thread` whose task is cancelled stops before its next batch. Greedy answers are the same for
    the same batch; in another batch the last bits of the logits differ, so a near tie may fall the other way.

    `n_ctx`: cells for all prompts of a pass, by default the trained context, at most 8,192; prompts that do not fit
    together run in several passes. `n_gpu_layers`: -1 for all. `n_threads`: by default the usable cores, half of
    them beyond four. `flash_attention`: None lets llama.cpp decide, but for documents that are reused on a CPU, which are
    read faster without. `chat_template`: Jinja in place of the model's; "" for a plain prompt. A plain prompt, which a base
    model gets, is answered in one line: no line break comes before the first word, and the first one behind it is the end.
    `document_cache` bounds what `generate_orders` and `generate_windows` keep of the documents they have read.

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
    document_cache: DocumentCache = DocumentCache()
    _loaded: Loaded = PrivateAttr(default_factory=Loaded)

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
            document_cache=document_cache,
        )
        if self.document_cache.folder and not isinstance(self.model, str):
            raise ConfigError(
                "document_cache has a folder, where KV is found by the model's file, and a ready Llama may be made of more "
                "than that; give the model's path, or a cache without a folder"
            )
        if self.flash_attention is False and needs_flash_attention(self.kv_type):
            raise ConfigError(
                f"kv_type={self.kv_type!r} needs flash attention; leave flash_attention out or choose kv_type='f16'"
            )
        if isinstance(self.model, str):
            check_file(self.model)

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """The completion of each prompt, in their order."""
        if not prompts:
            return []
        with self._loaded.turn:
            return self._engine().complete(prompts, options)

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """The same text as `generate` gives, in pieces of whole characters.

        Other calls wait until it is read to its end or closed.
        """
        with self._loaded.turn:
            yield from self._engine().write(prompt, options)

    def logprobs(self, prompts: Sequence[Prompt], continuations: Sequence[str], /) -> list[Scores]:
        """The natural log-probabilities of each continuation's tokens: one float64 array, shape (tokens,), for each pair.

        A continuation is the beginning of the assistant's turn, or of what follows a plain prompt. It is tokenized by
        itself and as untrusted text, so it takes its own blank: after a plain prompt that ends in "Answer:" give " Yes",
        after one that ends in a new line, or in a chat, "Yes". Nothing says that the text ends there; an empty one has no
        tokens. The distribution is untempered. What prompts have in common at the beginning is computed once, so that
        several continuations of one prompt cost little more than one. In another batch a quantized model rounds
        otherwise: by up to 0.004 for SmolLM2-135M on CPU with flash_attention=False, by up to 0.2 with flash attention.
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
        """The completion for each order of the prompt's documents, given as their numbers from 0.

        Each document is computed once, behind the lead, attending to the lead and itself but to no other document, and is
        moved to its place in each order (K-shift). That is an approximation of full attention, exact for one document.
        Where the model cannot, full prompts are read, with an `ExactFallback` warning. A later call with the same lead
        finds its documents in `document_cache`; what it computed is in `computed_tokens`. Raises ContextTooLong, and
        InvalidInput for an order that names a document twice or one that there is not.
        """
        check_orders(orders, len(prompt.documents))
        if not orders:
            return []
        with self._loaded.turn:
            return self._reuse().orders(prompt, orders, options)

    def generate_windows(self, prompt: Prompt, /, options: Generation = Generation()) -> Completion:  # noqa: B008
        """The completion over documents that all stand at the same position: the same, bit for bit, in whatever order.

        Documents and cache are as in `generate_orders`; together they may be longer than what the model was trained to
        see, as long as `n_ctx` has cells for them. Where the model cannot, they are read as one full prompt, sorted by
        their text, with an `ExactFallback` warning.
        """
        with self._loaded.turn:
            return self._reuse().windows(prompt, options)

    def attend(
        self,
        prompt: Prompt,
        /,
        *,
        of: Asker = "question",
        layers: Sequence[int] | None = None,
        answer_tokens: int = ANSWER_TOKENS,
    ) -> AttentionMap:
        """How much attention each token of the prompt gets from those of its question, by layer and head.

        With `of="answer"` those ask that write the first `answer_tokens` of the greedy answer. `layers` are counted from
        0; all by default. It runs in a context of its own without flash attention, on the same weights, which takes memory
        for another KV cache (f16). Questions that follow the very same documents pay for themselves alone. Raises
        ModelError, before a model is loaded, for one whose attention cannot be read, and ContextTooLong.
        """
        with self._loaded.turn:
            return self._loaded.probe(self._new_probe).attend(prompt, of, layers, answer_tokens)

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
        self._loaded.close()

    def _reuse(self) -> Reuse:
        if isinstance(self.model, str):
            path, layers = self.model, self.n_gpu_layers
        else:
            path, layers = self.model.model_path, self.model.model_params.n_gpu_layers
        return self._loaded.reuse(lambda: Reuse(self._engine(), path, layers, self.document_cache))

    def _engine(self) -> Engine:
        return self._loaded.engine(self, self._new_engine)

    def _new_engine(self) -> Engine:
        return Engine(
            self.model,
            n_ctx=self.n_ctx,
            n_gpu_layers=self.n_gpu_layers,
            n_threads=self.n_threads or usable_threads(),
            flash_attention=self.flash_attention,
            kv_type=self.kv_type,
            chat_template=self.chat_template,
        )

    def _new_probe(self) -> Probe:
        check_model(self.model)
        return Probe(self._engine(), self.n_threads or usable_threads())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # A ready Llama is shared by copies, and in no pickle.

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        if not isinstance(self.model, str):
            raise ConfigError("a LlamaCpp with a ready Llama cannot be pickled; make it from the model's path")
        return super().__reduce__()

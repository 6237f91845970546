"""The server at an address: which program it is, how much fits into its context, and how its tokenizer splits a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from ctxshape.core.messages import Generation
from ctxshape.core.tokens import counter_name, default_counter
from ctxshape.errors import BackendError, ModelError
from ctxshape.remote.connection import REPLY_BYTES, Connection
from ctxshape.remote.failures import UnusableReply

ServerKind = Literal["llama-server", "llama_cpp.server", "vLLM", "other"]
COUNTS_KEPT, LONGEST_KEPT = 4096, 8000  # texts, and characters in each: at most some 32 MB
MOST_MARKERS_ASKED = 64
# A string that may be a control token: <|im_end|>, <｜User｜>, <start_of_turn>, </s>, [INST]. It holds no other one.
_MARKER = re.compile(r"<[|｜]?[^\s<>]{1,64}>|\[/?[A-Za-z_]{1,32}\]")
# Those that are control tokens of many models, for servers whose tokenizer cannot be asked.
_KNOWN = re.compile(
    r"<[|｜].*>|</?s>|<(?:bos|eos|pad|unk|eot|EOT|start_of_turn|end_of_turn|start_of_image|think|/think)>|\[/?(?:INST|SYS|gMASK)\]"
)
# The path of each tokenizer, the name of the text in its request, and the other fields.
_TOKENIZERS: dict[ServerKind, tuple[str, str, dict[str, object]]] = {
    "llama-server": ("/tokenize", "content", {"add_special": False, "parse_special": True}),
    "llama_cpp.server": ("/extras/tokenize/count", "input", {}),
    "vLLM": ("/tokenize", "prompt", {"add_special_tokens": False}),
}
LARGEST_CONTEXT = 2**31
# Tokens that a tokenizer may add to a text, or make of a byte (NFKC makes 11 characters of one), and the bytes of a token
# in a reply: "128000, ".
MOST_ADDED, MOST_PER_BYTE, REPLY_TOKEN_BYTES = 8, 16, 12
_Size = Annotated[int | None, BeforeValidator(lambda size: size if type(size) is int and 0 < size <= LARGEST_CONTEXT else None)]
_Count = Annotated[int, Field(strict=True, ge=0)]


class _Reply(BaseModel):
    """A reply to any question about a server; a path that does not exist gives an empty one."""

    id: Annotated[str, Field(max_length=1000)] = ""
    prompt: str | None = None
    tokens: list[Any] | None = None
    count: _Count | None = None
    n_ctx: _Size = None
    max_model_len: _Size = None
    context_length: _Size = None
    meta: _Reply | None = None
    data: list[_Reply] | None = None
    default_generation_settings: _Reply | None = None


class Server:
    """A model server, identified by the paths that it answers. It is asked about itself once.

    llama-server has /props, /tokenize and /apply-template; llama_cpp.server has /extras/tokenize/count; vLLM has a
    /tokenize of its own. Others (Ollama, OpenAI) expose no tokenizer, so tiktoken counts their tokens.
    `frame` is the number of tokens that the chat template adds to a message, as far as the server tells.
    """

    def __init__(self, connection: Connection, model: str | None, *, chat: bool) -> None:
        self._connection = connection
        self.model = model or self._only_model()
        self._begin = 0  # the begin-of-sequence token, where the model has one and the server counts it
        self._remembered = lru_cache(COUNTS_KEPT)(self._count)
        self.kind, self.n_ctx = self._probe()
        self.frame = self._frame() if chat else 1

    @property
    def streams(self) -> bool:
        """False for llama_cpp.server, which breaks off a stream for the next request."""
        return self.kind != "llama_cpp.server"

    @property
    def counter(self) -> str:
        """The name of the token counter: the server's own tokenizer, or the default counter."""
        if self.kind == "other":
            return counter_name(default_counter())
        return f"the tokenizer of {self.kind} at {self._connection.root}"

    def extras(self, options: Generation) -> dict[str, object]:
        """Returns the settings beyond OpenAI's that this server takes; its own defaults would apply without them."""
        if self.kind == "other":
            return {}
        if self.kind == "vLLM":
            return {"top_k": options.top_k or -1, "min_p": 0.0, "repetition_penalty": 1.0}
        timings = {"timings_per_token": True} if self.kind == "llama-server" else {}
        return {"top_k": options.top_k, "min_p": 0.0, "repeat_penalty": 1.0, **timings}

    def count(self, text: str) -> int:
        """Returns the number of tokens of a text as it stands, control tokens included."""
        return self._remembered(text) if len(text) <= LONGEST_KEPT else self._count(text)

    def defused(self, text: str) -> str:
        """Returns the text with a blank inside every string that the server's tokenizer would make a control token.

        Of more than 64 different candidates, the rest is split without asking.
        """
        found = list(dict.fromkeys(_MARKER.findall(text)))
        control = {marker for at, marker in enumerate(found) if at >= MOST_MARKERS_ASKED or self._is_control(marker)}
        return _MARKER.sub(lambda place: f"{place[0][0]} {place[0][1:]}" if place[0] in control else place[0], text)

    def _is_control(self, marker: str) -> bool:
        return _KNOWN.fullmatch(marker) is not None if self.kind == "other" else self.count(marker * 3) <= 3

    def _count(self, text: str) -> int:
        if not text:
            return 0
        if self.kind == "other":
            return default_counter().count_tokens(text)
        path, name, fields = _TOKENIZERS[self.kind]
        size = len(text.encode("utf-8", "replace"))
        reply = self._ask(path, REPLY_BYTES + REPLY_TOKEN_BYTES * size, **{name: text}, **fields)
        count = reply.count if reply.tokens is None else len(reply.tokens)
        if count is None or not 0 <= count - self._begin <= MOST_PER_BYTE * size + MOST_ADDED:
            said = "no count" if count is None else f"{count} tokens for {size} bytes"
            raise BackendError(
                f"{self._connection.root}{path} gives {said}, unlike before; check the server's log, or its address"
            )
        return count - self._begin

    def _probe(self) -> tuple[ServerKind, int | None]:
        entry = next((model for model in self._models if model.id == self.model), _Reply())
        listed = entry.max_model_len or entry.context_length or (entry.meta or entry).n_ctx
        if settings := self._asked(f"{self._connection.root}/props").default_generation_settings:
            return "llama-server", settings.n_ctx or listed
        begin = self._ask("/extras/tokenize/count", input="").count
        if begin is not None and begin <= MOST_ADDED:
            self._begin = begin
            return "llama_cpp.server", listed
        counted = self._ask("/tokenize", prompt="a", add_special_tokens=False)
        return ("other", listed) if counted.count is None else ("vLLM", counted.max_model_len or listed)

    def _frame(self) -> int:
        # The "a" stays counted, in place of a begin-of-sequence token that the server may add.
        messages = [{"role": "user", "content": "a"}]
        if self.kind == "llama-server":
            return self.count(self._ask("/apply-template", messages=messages).prompt or "")
        return (self._ask("/tokenize", messages=messages).count or 0) if self.kind == "vLLM" else 0

    @cached_property
    def _models(self) -> list[_Reply]:
        return self._asked(f"{self._connection.base}/models").data or []

    def _only_model(self) -> str:
        names = [model.id for model in self._models]
        if len(names) > 1:
            some = self._connection.shown(", ".join(names[:20]), 1000)
            raise ModelError(f"{self._connection.base} has several models; give model=… one of: {some}")
        return names[0] if names else "default"

    def _ask(self, path: str, limit: int = REPLY_BYTES, **fields: object) -> _Reply:
        return self._asked(self._connection.root + path, {"model": self.model, **fields}, limit)

    def _asked(self, url: str, body: Mapping[str, object] | None = None, limit: int = REPLY_BYTES) -> _Reply:
        """Returns the reply, or an empty one if the server has no such path or gives a page for people."""
        try:
            return _Reply.model_validate(self._connection.ask(url, body, limit=limit))
        except (ValidationError, UnusableReply):
            return _Reply()
        except BackendError as error:
            status = error.status or 0
            if status == 501 or (400 <= status < 500 and status not in (408, 409, 429)):
                return _Reply()
            raise

"""Which model server answers at an address, what fits into its context, and what its tokenizer makes of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from ctxshape.backends.openai._http import Http
from ctxshape.core.messages import Generation
from ctxshape.core.tokens import counter_name, default_counter
from ctxshape.errors import ModelError

Kind = Literal["llama-server", "llama_cpp.server", "vLLM", "other"]
DEFAULT_CONTEXT = 4096
# What may be a control token: <|im_end|>, <｜User｜>, <start_of_turn>, </s>, [INST]. Nothing that holds another one.
_MARKER = re.compile(r"<[|｜]?[^\s<>]{1,64}>|\[/?[A-Za-z_]{1,32}\]")
# Of these, what is one for many models; for servers whose tokenizer cannot be asked.
_KNOWN = re.compile(
    r"<[|｜].*>|</?s>|<(?:bos|eos|pad|unk|eot|EOT|start_of_turn|end_of_turn|start_of_image|think|/think)>|\[/?(?:INST|SYS|gMASK)\]"
)
_MOST_ASKED = 64


class Server:
    """A model server, told apart by the paths it answers. Its answers are asked for once.

    llama-server has /props, /tokenize and /apply-template; llama_cpp.server has /extras/tokenize/count; vLLM has a
    /tokenize of its own. Others (Ollama, OpenAI) have no tokenizer to ask: tokens are counted by tiktoken.
    """

    def __init__(self, http: Http, model: str | None, *, chat: bool) -> None:
        self._http = http
        self.model = model or self._only_model()
        self._markers: dict[str, bool] = {}
        self._begin = 0  # the begin-of-sequence token, where the model has one and the server counts it
        self.kind, self.n_ctx = self._probe()
        self.frame = self._frame() if chat else 1

    @property
    def streams(self) -> bool:
        """Whether every answer is best streamed: not by llama_cpp.server, which breaks a stream off for another request."""
        return self.kind != "llama_cpp.server"

    @property
    def counted_by(self) -> str:
        """What counts tokens: the server's own tokenizer, or the default counter."""
        return counter_name(default_counter()) if self.kind == "other" else f"the tokenizer of {self.kind} at {self._http.root}"

    def extras(self, options: Generation) -> dict[str, object]:
        """Settings beyond OpenAI's, as far as this server takes them: without them its own defaults would count."""
        if self.kind == "other":
            return {}
        known: dict[str, object] = {"top_k": options.top_k, "min_p": 0.0}
        if self.kind == "vLLM":
            return known | {"repetition_penalty": 1.0, "top_k": options.top_k or -1}
        return known | {"repeat_penalty": 1.0} | ({"timings_per_token": True} if self.kind == "llama-server" else {})

    def count(self, text: str) -> int:
        """Tokens of a text as it stands, control tokens among them."""
        if self.kind == "other" or not text:
            return default_counter().count_tokens(text)
        if self.kind == "llama-server":
            body: dict[str, object] = {"content": text, "add_special": False, "parse_special": True}
            tokens: list[int] = self._must("/tokenize", body)["tokens"]
            return len(tokens)
        if self.kind == "llama_cpp.server":
            return int(self._must("/extras/tokenize/count", {"input": text})["count"]) - self._begin
        return int(self._must("/tokenize", {"model": self.model, "prompt": text, "add_special_tokens": False})["count"])

    def defused(self, text: str) -> str:
        """The text with a blank inside every string that the server's tokenizer would make a control token."""
        found = dict.fromkeys(_MARKER.findall(text))
        asked = [marker for marker in found if marker not in self._markers]
        # A page full of made-up markers must not become a request for each.
        known = self._markers | {m: self._is_token(m) for m in asked[:_MOST_ASKED]} | dict.fromkeys(asked[_MOST_ASKED:], True)
        if len(self._markers) < 10_000:
            self._markers.update({m: known[m] for m in asked[:_MOST_ASKED]})
        return _MARKER.sub(lambda place: f"{place[0][0]} {place[0][1:]}" if known[place[0]] else place[0], text)

    def _is_token(self, marker: str) -> bool:
        if self.kind == "other":
            return _KNOWN.fullmatch(marker) is not None
        return self.count(marker * 3) <= 3

    def _probe(self) -> tuple[Kind, int | None]:
        root = self._http.root
        props = self._http.ask(f"{root}/props")
        if isinstance(props, Mapping) and isinstance(props.get("default_generation_settings"), Mapping):
            return "llama-server", _number(props["default_generation_settings"], "n_ctx") or self._listed()
        counted = self._http.ask(f"{root}/extras/tokenize/count", {"input": ""})
        if isinstance(counted, Mapping) and isinstance(counted.get("count"), int):
            self._begin = counted["count"]
            return "llama_cpp.server", self._listed()
        counted = self._http.ask(f"{root}/tokenize", {"model": self.model, "prompt": "a", "add_special_tokens": False})
        if isinstance(counted, Mapping) and isinstance(counted.get("count"), int):
            return "vLLM", _number(counted, "max_model_len") or self._listed()
        return "other", self._listed()

    def _frame(self) -> int:
        """Tokens that the chat template adds to a message, as far as the server tells; 0 otherwise.

        The "a" of the message tried stays counted, in place of a begin-of-sequence token that the server may add.
        """
        messages = [{"role": "user", "content": "a"}]
        if self.kind == "llama-server":
            made = self._http.ask(f"{self._http.root}/apply-template", {"messages": messages})
            return self.count(made["prompt"]) if isinstance(made, Mapping) and "prompt" in made else 0
        if self.kind == "vLLM":
            made = self._http.ask(f"{self._http.root}/tokenize", {"model": self.model, "messages": messages})
            return int(made["count"]) if isinstance(made, Mapping) and "count" in made else 0
        return 0

    def _only_model(self) -> str:
        names = [str(model.get("id")) for model in self._models]
        if len(names) > 1:
            raise ModelError(f"{self._http.base} has several models; give model=… one of: {', '.join(names[:20])}")
        return names[0] if names else "default"

    def _listed(self) -> int | None:
        """The model's context by /models, under the names that servers give it."""
        entry = next((model for model in self._models if model.get("id") == self.model), {})
        meta = entry.get("meta") if isinstance(entry.get("meta"), Mapping) else {}
        for place, name in ((entry, "max_model_len"), (entry, "context_length"), (meta, "n_ctx")):
            if found := _number(place or {}, name):
                return found
        return None

    @cached_property
    def _models(self) -> list[Mapping[str, Any]]:
        listed = self._http.ask(f"{self._http.base}/models")
        models = listed.get("data") if isinstance(listed, Mapping) else None
        return [model for model in models or () if isinstance(model, Mapping)]

    def _must(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401  JSON
        made = self._http.ask(self._http.root + path, body)
        if made is None:
            raise ModelError(f"{self._http.root}{path} answered before and does not now; check the server's log")
        return made


def _number(values: Mapping[str, Any], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) and value > 0 else None

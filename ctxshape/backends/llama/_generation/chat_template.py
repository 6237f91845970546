"""The chat template around one user message, split into the text before it and the text after it."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import NamedTuple, NoReturn

from ctxshape.errors import MissingExtra, ModelError

# Takes the message's place while the template is rendered. Letters only: templates do not trim, escape or split it.
PLACEHOLDER = "CtxshapeMessageGoesHere"
# A tag of Hugging Face's that marks training targets and has no meaning here.
GENERATION_TAG = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")
# The date that templates are given, so that the prompt and the answer are the same on every day.
_TODAY = date(2026, 1, 1)
REMEDY = "give chat_template='' for a plain prompt, or a template of your own"


class ChatFrame(NamedTuple):
    """The text before and after the message. Without `chat`, the bare message is the prompt, as for a base model."""

    before: str = ""
    after: str = ""
    chat: bool = False


def chat_frame(template: str | None, bos: str = "", eos: str = "") -> ChatFrame:
    """Splits a rendered chat template at its one user message. Returns the bare frame if there is no template.

    The template comes with the model, from an unknown author. It is rendered in Jinja's sandbox, without documents.
    Raises ModelError for a template that fails, tries to leave the sandbox, or does not show the message exactly once.

    >>> chat_frame("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}<|assistant|>")
    ChatFrame(before='<|user|>', after='<|end|><|assistant|>', chat=True)
    """
    if not template:
        return ChatFrame()
    parts: list[str] = []
    # Some templates expect the content as text, others as a list of parts.
    for content in (PLACEHOLDER, [{"type": "text", "text": PLACEHOLDER}]):
        parts = _render(template, content, bos, eos).split(PLACEHOLDER)
        if len(parts) == 2:
            return ChatFrame(parts[0], parts[1], chat=True)
    raise ModelError(f"the model's chat template shows the user's message {len(parts) - 1} times instead of once; {REMEDY}")


def _render(template: str, content: object, bos: str, eos: str) -> str:
    try:
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError:
        raise MissingExtra.of("a chat template", "jinja2", "llama") from None

    # The settings and names of Hugging Face's renderer, for which templates are written.
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    environment.globals |= {"raise_exception": _raise, "strftime_now": lambda pattern: _TODAY.strftime(str(pattern))}
    try:
        return environment.from_string(GENERATION_TAG.sub("", template)).render(
            messages=[{"role": "user", "content": content}], add_generation_prompt=True, bos_token=bos, eos_token=eos
        )
    except Exception as error:
        raise ModelError(f"the model's chat template fails: {type(error).__name__}: {error}; {REMEDY}") from None


def _raise(message: object) -> NoReturn:
    raise ModelError(str(message))

"""The chat template around one user message, split into the text before it and the text after it."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, NoReturn

from ctxshape.errors import MissingExtra, ModelError

# Takes the message's place while the template is rendered. Letters only: templates do not trim, escape or split it.
PLACEHOLDER = "CtxshapeMessageGoesHere"
# A tag of Hugging Face's that marks training targets and has no meaning here.
GENERATION_TAG = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")
LONGEST_TEMPLATE = 65_536  # characters; the longest that we know has about 25,000
# The date that templates are given, so that the prompt and the answer are the same on every day.
_TODAY = date(2026, 1, 1)
PLAIN_DATE = re.compile(r"(?:[^%]|%-?[A-Za-z%]){0,200}")
REASON = 300  # characters of a template's own error that are shown
REMEDY = "give chat_template='' for a plain prompt, or a template of your own"


class ChatFrame(NamedTuple):
    """The text before and after the message. Without `chat`, the bare message is the prompt, as for a base model."""

    before: str = ""
    after: str = ""
    chat: bool = False


class PlainPrompt(UserWarning):
    """Warns that a model's own chat template cannot be used, and that the model gets plain prompts, like a base model."""


def model_frame(template: str | None, bos: str, eos: str, name: str) -> ChatFrame:
    """Returns the frame of the template in a model's file, or the bare frame, with a PlainPrompt warning, if it fails."""
    try:
        return chat_frame(template, bos, eos)
    except ModelError as error:
        warnings.warn(f"{name} gets plain prompts: {error}", PlainPrompt, stacklevel=2)
        return ChatFrame()


def chat_frame(template: str | None, bos: str = "", eos: str = "") -> ChatFrame:
    """Splits a rendered chat template at its one user message. Returns the bare frame if there is no template.

    The template comes with the model, from an unknown author. It is rendered in Jinja's sandbox, without documents, and
    with bounds on its work and its output. Raises ModelError for a template that fails, exceeds a bound, tries to leave the
    sandbox, or does not show the message exactly once.

    >>> chat_frame("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}<|assistant|>")
    ChatFrame(before='<|user|>', after='<|end|><|assistant|>', chat=True)
    """
    if not template:
        return ChatFrame()
    # Some templates expect the content as text, others as a list of parts.
    contents = (PLACEHOLDER, [{"type": "text", "text": PLACEHOLDER}])
    shown = 0
    for rendered in _rendered(template, contents, bos, eos):
        parts = rendered.split(PLACEHOLDER)
        if len(parts) == 2:
            return ChatFrame(parts[0], parts[1], chat=True)
        shown = len(parts) - 1
    raise ModelError(f"the model's chat template shows the user's message {shown} times instead of once; {REMEDY}")


def _rendered(template: str, contents: Sequence[object], bos: str, eos: str) -> Iterator[str]:
    """Yields the template with each content of the user's message. Raises ModelError with the reason if it fails."""
    try:
        from ctxshape.backends.llama._generation.bounded_jinja import BoundedEnvironment
    except ImportError:
        raise MissingExtra.of("a chat template", "jinja2", "llama") from None

    if len(template) > LONGEST_TEMPLATE:
        raise ModelError(
            f"the model's chat template has {len(template):,} characters, more than {LONGEST_TEMPLATE:,}; {REMEDY}"
        )
    try:
        # The settings and names of Hugging Face's renderer, for which templates are written.
        environment = BoundedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
        environment.filters["tojson"] = _tojson
        environment.globals |= {"raise_exception": _raise, "strftime_now": _strftime_now}
        compiled = environment.compiled(GENERATION_TAG.sub("", template))
        for content in contents:
            messages = [{"role": "user", "content": content}]
            yield compiled.render(messages=messages, add_generation_prompt=True, bos_token=bos, eos_token=eos)
    except Exception as error:
        reason = "".join(char if char.isprintable() else " " for char in str(error)[:REASON])
        raise ModelError(f"the model's chat template fails: {type(error).__name__}: {reason}; {REMEDY}") from None


def _tojson(
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _strftime_now(pattern: object) -> str:
    if not PLAIN_DATE.fullmatch(str(pattern)):  # the C library also takes widths of a thousand million
        raise ModelError(f"strftime_now is given {str(pattern)[:REASON]!r}; it takes at most 200 characters, without widths")
    return _TODAY.strftime(str(pattern))


def _raise(message: object) -> NoReturn:
    raise ModelError(str(message))

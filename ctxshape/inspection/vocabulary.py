"""The tokenizer and the chat template, as a header names them."""

from __future__ import annotations

import re

from ctxshape.inspection.facts import ChatTemplate, Token, Vocabulary
from ctxshape.inspection.gguf import Numbers, Strings
from ctxshape.inspection.metadata import Metadata

# `llama_vocab_type` by `tokenizer.ggml.model`.
TYPES = {
    "llama": "SentencePiece",
    "gemma4": "SentencePiece",
    "gpt2": "byte-level BPE",
    "bert": "WordPiece",
    "t5": "Unigram",
    "rwkv": "RWKV",
    "plamo2": "PLaMo-2",
    "none": "none",
    "no_vocab": "none",
}
ADD_BOS = {"SentencePiece": True, "WordPiece": True, "Unigram": False, "RWKV": False}
ADD_EOS = {"SentencePiece": False, "WordPiece": False, "Unigram": True, "RWKV": False}
CONTROL = 3  # LLAMA_TOKEN_TYPE_CONTROL
RESERVED = re.compile(r"unused|reserved|dummy|placeholder|^\W*extra_id_", re.IGNORECASE)
MOST_CONTROL = 1 << 16
# Role names as templates write them; Gemma calls the assistant "model".
ROLE = re.compile(r"""['"](system|developer|user|assistant|model|tool|ipython|function|observation)['"]""")
# A role that a template writes out as the message gives it. Counts are bounded: the template comes from anybody.
ECHO = re.compile(r"""(?:\+\s{0,4}\(?|\{\{-?)\s{0,4}\w{1,40}(?:\[['"]role['"]\]|\.role\b)""")
REFUSAL = re.compile(r"raise_exception\(\s{0,4}['\"]([^'\"]{0,200})")
LONGEST_TEMPLATE = 1 << 20  # characters that are searched


def vocabulary_of(metadata: Metadata) -> Vocabulary | None:
    """The tokenizer; None where the file has none."""
    model = metadata.text("tokenizer.ggml.model")
    tokens = metadata.find("tokenizer.ggml.tokens")
    if model is None or TYPES.get(model) == "none" or not isinstance(tokens, Strings):
        return None
    kind = TYPES.get(model, model)
    control, reserved = _control(metadata, tokens)
    add_bos, add_eos = metadata.flag("tokenizer.ggml.add_bos_token"), metadata.flag("tokenizer.ggml.add_eos_token")
    return Vocabulary(
        type=kind,
        pre=metadata.text("tokenizer.ggml.pre"),
        size=tokens.count,
        bos=_token(metadata, tokens, "bos"),
        eos=_token(metadata, tokens, "eos"),
        eot=_token(metadata, tokens, "eot"),
        add_bos=ADD_BOS.get(kind) if add_bos is None else add_bos,
        add_eos=ADD_EOS.get(kind) if add_eos is None else add_eos,
        control=control,
        reserved=reserved,
    )


def _token(metadata: Metadata, tokens: Strings, role: str) -> Token | None:
    number = metadata.find(f"tokenizer.ggml.{role}_token_id")
    # -1 or 2**32 - 1 say that there is none.
    if not isinstance(number, int) or not 0 <= number < tokens.count:
        return None
    return Token(id=int(number), text=tokens.take([int(number)])[0])


def _control(metadata: Metadata, tokens: Strings) -> tuple[tuple[Token, ...], int]:
    """The control tokens by their type, without those kept for later, and how many those are."""
    types = metadata.find("tokenizer.ggml.token_type")
    if not isinstance(types, Numbers):
        return (), 0
    if types.count != tokens.count:
        raise metadata.wrong("tokenizer.ggml.token_type", f"an array of {types.count:,}", f"one of {tokens.count:,}")
    numbers = [number for number, kind in enumerate(types.values()) if kind == CONTROL]
    if len(numbers) > MOST_CONTROL:
        raise metadata.wrong("tokenizer.ggml.token_type", f"{len(numbers):,} control tokens", f"at most {MOST_CONTROL:,}")
    texts = zip(numbers, tokens.take(numbers), strict=True)
    named = tuple(Token(id=number, text=text) for number, text in texts if not RESERVED.search(text))
    return named, len(numbers) - len(named)


def template_of(metadata: Metadata) -> ChatTemplate | None:
    """The default chat template; None where the file has none."""
    template = metadata.text("tokenizer.chat_template")
    if template is None:
        return None
    roles, any_role, system = roles_of(template)
    return ChatTemplate(
        characters=len(template),
        roles=roles,
        any_role=any_role,
        system=system,
        tools="tools" in template,
        others=metadata.texts("tokenizer.chat_templates"),
    )


def roles_of(template: str) -> tuple[tuple[str, ...], bool, bool]:
    r"""The roles that a template names, whether it takes any role, and whether a system message. It is searched, never run.

    A template that writes the role as each message gives it takes any; one that raises an error for a system message
    takes none.

    >>> roles_of("{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}<|assistant|>")
    ((), True, True)
    >>> roles_of("{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}")
    ((), False, False)
    """
    template = template[:LONGEST_TEMPLATE]
    refused = any("system" in said.lower() and "support" in said.lower() for said in REFUSAL.findall(template))
    named = tuple(role for role in dict.fromkeys(ROLE.findall(template)) if not (refused and role == "system"))
    any_role = bool(ECHO.search(template))
    return named, any_role, not refused and (any_role or "system" in named or "developer" in named)

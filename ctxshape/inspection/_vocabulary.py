"""Describes the tokenizer and the chat template from a header."""

from __future__ import annotations

import re

from ctxshape.inspection._gguf import Numbers, Strings
from ctxshape.inspection._metadata import Metadata
from ctxshape.inspection.facts import ChatTemplate, Token, Vocabulary

# Tokenizer types (`llama_vocab_type`) by `tokenizer.ggml.model`.
TOKENIZER_TYPES = {
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
# Role names in templates; Gemma calls the assistant "model".
ROLE = re.compile(r"""['"](system|developer|user|assistant|model|tool|ipython|function|observation)['"]""")
# A role copied from the message. Repetitions are bounded because the template is untrusted.
ECHO = re.compile(r"""(?:\+\s{0,4}\(?|\{\{-?)\s{0,4}\w{1,40}(?:\[['"]role['"]\]|\.role\b)""")
REFUSAL = re.compile(r"raise_exception\(\s{0,4}['\"]([^'\"]{0,200})")
LONGEST_TEMPLATE = 1 << 20  # number of characters that are searched


def vocabulary_of(metadata: Metadata) -> Vocabulary | None:
    """Returns the tokenizer, or None if the file has none."""
    model = metadata.text("tokenizer.ggml.model")
    tokens = metadata.find("tokenizer.ggml.tokens")
    if model is None or TOKENIZER_TYPES.get(model) == "none" or not isinstance(tokens, Strings):
        return None
    kind = TOKENIZER_TYPES.get(model, model)
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
    # -1 or 2**32 - 1 mean that there is none.
    if not isinstance(number, int) or not 0 <= number < tokens.count:
        return None
    return Token(id=int(number), text=tokens.take([int(number)])[0])


def _control(metadata: Metadata, tokens: Strings) -> tuple[tuple[Token, ...], int]:
    """Returns the control tokens without the reserved ones, and the number of reserved ones."""
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
    """Returns the default chat template, or None if the file has none."""
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
    r"""Returns the roles that a template names, whether it accepts any role, and whether it accepts a system message.

    The template is searched, never run. One that writes each message's role as given accepts any role. One that raises an error
    for a system message does not accept it.

    >>> roles_of("{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}<|assistant|>")
    ((), True, True)
    >>> roles_of("{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}")
    ((), False, False)
    """
    template = template[:LONGEST_TEMPLATE]
    refused = any("system" in text.lower() and "support" in text.lower() for text in REFUSAL.findall(template))
    named = tuple(role for role in dict.fromkeys(ROLE.findall(template)) if not (refused and role == "system"))
    any_role = bool(ECHO.search(template))
    return named, any_role, not refused and (any_role or "system" in named or "developer" in named)

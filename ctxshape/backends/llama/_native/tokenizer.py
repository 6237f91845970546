"""Text to tokens and back. Only trusted text may yield control tokens, and every text survives the round trip."""

from __future__ import annotations

import ctypes
from typing import Any

from ctxshape.backends.llama._native.bindings import bindings
from ctxshape.backends.llama._native.weights import Weights
from ctxshape.core.passages import check_encodable
from ctxshape.errors import ModelError

# Texts to put in front of a text whose first blank the tokenizer adds; their tokens are removed again.
GUARDS = (b"\n", b"|", b"a")


class Tokenizer:
    """Tokenizes segments. `forbidden` holds the ids that untrusted text must not yield.

    These are control tokens, tokens that end a generation, and user-defined tokens that look like a marker or occur in
    `template`. llama.cpp matches user-defined tokens in any text, and byte pairs may merge into any of them.
    """

    def __init__(self, weights: Weights, template: str = "") -> None:
        self._weights = weights  # keeps the pointer alive
        self._vocab: Any = bindings().llama_model_get_vocab(weights.pointer)
        self.size = int(bindings().llama_vocab_n_tokens(self._vocab))
        self._pieces: dict[tuple[int, bool], bytes] = {}
        self.forbidden = self._find_forbidden(template)
        self._adds_blank = self.detokenize(self._tokenize(b"a", special=False)) == b" a"

    def trusted(self, text: str, *, first: bool = False) -> list[int]:
        """Returns the tokens of our own text. The `first` text of a prompt keeps the blank that some tokenizers add."""
        data = _encode(text)
        return self._tokenize(data, special=True) if first else self._bare(data, special=True)

    def untrusted(self, text: str) -> list[int]:
        """Returns the tokens of text from elsewhere. They spell the text, and no token is forbidden.

        If the tokenizer yields a forbidden token, the text is cut inside that token and both parts are tokenized separately.
        The same happens if it inserts a blank. A vocabulary without a token for some character spells that character
        in its own way. Raises ModelError for a forbidden token of one character, which cannot be cut.
        """
        tokens: list[int] = []
        parts = [_encode(text)]
        while parts:
            part = parts.pop()
            found = self._bare(part, special=False)
            ends = [cut for cut in sorted(set(self._cuts(part, found))) if 0 < cut < len(part)]
            if ends:
                parts += [part[start:end] for start, end in zip([0, *ends], [*ends, len(part)], strict=True)][::-1]
            elif self.forbidden.isdisjoint(found):
                tokens += found
            else:
                raise ModelError(
                    f"the text {part.decode()!r} is a control token of {self._weights.name} and cannot be defused; remove it"
                )
        return tokens

    def with_bos(self, tokens: list[int]) -> list[int]:
        """Returns `tokens` with exactly one begin-of-sequence token in front if they, or the model, want one."""
        bos = self.bos()
        if bos is None:
            return tokens
        rest = tokens
        while rest[:1] == [bos]:
            rest = rest[1:]
        wanted = len(rest) < len(tokens) or bindings().llama_vocab_get_add_bos(self._vocab)
        return [bos, *rest] if wanted else tokens

    def bos(self) -> int | None:
        """Returns the begin-of-sequence token, or None."""
        token = int(bindings().llama_vocab_bos(self._vocab))
        return token if token >= 0 else None

    def eos(self) -> int | None:
        """Returns the end-of-sequence token, or None."""
        token = int(bindings().llama_vocab_eos(self._vocab))
        return token if token >= 0 else None

    def is_end(self, token: int) -> bool:
        """Returns whether the token ends a generation."""
        return bool(bindings().llama_vocab_is_eog(self._vocab, token))

    def is_line_break(self, token: int) -> bool:
        """Returns whether the token is a line break with nothing but white space around it."""
        piece = self.piece(token)
        return piece.isspace() and b"\n" in piece

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Returns the bytes that a token stands for; control tokens have bytes only with `special`."""
        known = self._pieces.get((token, special))
        if known is None:
            known = self._pieces[token, special] = self._read_piece(token, special)
        return known

    def detokenize(self, tokens: list[int]) -> bytes:
        """Returns the bytes that the tokens spell, control tokens included."""
        return b"".join([self.piece(token, special=True) for token in tokens])

    def _cuts(self, data: bytes, tokens: list[int]) -> list[int]:
        """Returns the bytes at which to cut `data`: inside forbidden tokens, and where a token adds text."""
        cuts, at = [], 0
        for token in tokens:
            piece = self.piece(token, special=True)
            if not data.startswith(piece, at):
                cuts.append(_blanks_start(data, at))
                piece = piece.removeprefix(b" ")
                if not data.startswith(piece, at):
                    return cuts
            elif token in self.forbidden:
                cuts.append(_character_end(data, at))
            at += len(piece)
        return cuts if at == len(data) else [*cuts, _blanks_start(data, at)]

    def _bare(self, data: bytes, *, special: bool) -> list[int]:
        """Returns the tokens of `data` without the blank that some tokenizers put before any text."""
        tokens = self._tokenize(data, special=special)
        if not self._adds_blank:
            return tokens
        flaws = len(self._cuts(data, tokens))
        for guard in GUARDS:
            head, whole = (self._tokenize(text, special=special) for text in (guard, guard + data))
            rest = whole[len(head) :]
            if flaws and whole[: len(head)] == head and len(self._cuts(data, rest)) < flaws:
                tokens, flaws = rest, len(self._cuts(data, rest))
        return tokens

    def _tokenize(self, data: bytes, *, special: bool) -> list[int]:
        llama, size = bindings(), len(data) + 8
        buffer = (llama.llama_token * size)()
        count = llama.llama_tokenize(self._vocab, data, len(data), buffer, size, False, special)
        if count < 0:
            buffer = (llama.llama_token * -count)()
            count = llama.llama_tokenize(self._vocab, data, len(data), buffer, -count, False, special)
        return list(buffer[:count])

    def _read_piece(self, token: int, special: bool) -> bytes:
        llama, buffer = bindings(), ctypes.create_string_buffer(64)
        count = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, special)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, special)
        return buffer.raw[:count]

    def _find_forbidden(self, template: str) -> frozenset[int]:
        llama, vocab = bindings(), self._vocab
        attribute, ends = llama.llama_vocab_get_attr, llama.llama_vocab_is_eog
        control, user = llama.LLAMA_TOKEN_ATTR_CONTROL, llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        attributes = [attribute(vocab, token) for token in range(self.size)]
        chosen = {token for token, flags in enumerate(attributes) if flags & control or ends(vocab, token)}
        texts = {
            token: self.piece(token, special=True).decode("utf-8", "replace")
            for token, flags in enumerate(attributes)
            if flags & user
        }
        return frozenset(chosen | {token for token, text in texts.items() if is_marker(text, template)})


def is_marker(text: str, template: str) -> bool:
    """Returns whether a user-defined token is a marker: enclosed in brackets or the like, or used by the chat template.

    >>> [is_marker(text, "") for text in ("<tool_call>", "[INST]", "</b>", "    ", "ü", "covid", "==")]
    [True, True, True, False, False, False, False]
    """
    text = text.strip()
    if len(text) < 2 or text.isalnum() or not any(map(str.isalnum, text)):
        return False
    return not (text[0].isalnum() or text[-1].isalnum()) or text in template


def _encode(text: str) -> bytes:
    check_encodable(text, "the prompt")
    return text.encode()


def _blanks_start(data: bytes, at: int) -> int:
    """Returns the start of the blanks before byte `at`, or of its character: an inserted blank is noticed late."""
    while 0 < at < len(data) and data[at] & 0xC0 == 0x80:
        at -= 1
    return len(data[:at].rstrip(b" ")) or at


def _character_end(data: bytes, at: int) -> int:
    """Returns the byte after the character that begins at byte `at`."""
    at += 1
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at

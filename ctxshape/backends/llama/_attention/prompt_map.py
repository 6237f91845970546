"""Positions of a prompt's documents and question among its tokens, and of each token in its text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._native.tokenizer import Tokenizer
from ctxshape.core.attention import DocumentCells
from ctxshape.core.messages import Prompt
from ctxshape.errors import InvalidInput
from ctxshape.text.sentences import sentences


class PromptMap:
    """The tokens of a prompt and the positions of its parts.

    `body` is the position after the last document. `asking` holds the first position of the question and the one after it.
    Raises InvalidInput for a prompt without documents or without a question.
    """

    def __init__(self, engine: Engine, prompt: Prompt) -> None:
        if not prompt.documents:
            raise InvalidInput("the prompt has no documents to attend to; give at least one")
        if not any(segment.text.strip() for segment in prompt.tail):
            raise InvalidInput("the prompt has no question after its documents; give a tail with one")
        self.tokens = engine.encode(prompt)
        pieces = [engine.tokenize(segment) for segment in prompt.segments]
        inner = sum(map(len, pieces))
        before = engine.lead_tokens
        edges = [before, *(before + int(end) for end in np.cumsum([len(piece) for piece in pieces]))]
        places = list(pairwise(edges))
        lead, count = len(prompt.lead), len(prompt.documents)
        self.body = places[lead + count - 1][1]
        self.asking = (_question_start(prompt, places[lead + count :]), before + inner)
        self.documents = tuple(
            DocumentCells(
                document=segment.document,
                text=segment.text,
                start=start,
                stop=stop,
                offsets=token_offsets(engine.tokenizer, pieces[lead + number], segment.text),
                sentences=tuple(sentences(segment.text)),
            )
            for number, (segment, (start, stop)) in enumerate(zip(prompt.documents, places[lead : lead + count], strict=True))
        )


def _question_start(prompt: Prompt, places: Sequence[tuple[int, int]]) -> int:
    """Returns the start of the question: the last untrusted segment of the tail, since hints come first; else the tail."""
    untrusted = [start for segment, (start, _) in zip(prompt.tail, places, strict=True) if not segment.trusted]
    return untrusted[-1] if untrusted else places[0][0]


def token_offsets(tokenizer: Tokenizer, tokens: Sequence[int], text: str) -> tuple[int, ...]:
    """Returns the character of `text` at which each of its tokens begins, without the blanks before a word."""
    data, found, at = text.encode(), [], 0
    characters = np.cumsum([byte & 0xC0 != 0x80 for byte in data]) - 1  # the character that each byte belongs to
    for token in tokens:
        piece = tokenizer.piece(token, special=True)
        if not data.startswith(piece, at) and data.startswith(piece.removeprefix(b" "), at):
            piece = piece.removeprefix(b" ")  # a blank that the tokenizer inserted
        begin = at + len(piece) - len(piece.lstrip()) if piece.strip() else at
        found.append(int(characters[min(begin, len(data) - 1)]) if data else 0)
        at += len(piece)
    return tuple(found)

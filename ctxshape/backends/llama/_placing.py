"""Where the parts of a prompt are among its tokens, and where each token is in its text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ctxshape.backends.llama._engine import Engine
from ctxshape.backends.llama._vocabulary import Vocabulary
from ctxshape.core.attention import Part
from ctxshape.core.messages import Prompt
from ctxshape.errors import InvalidInput
from ctxshape.text.sentences import sentences


class Placed:
    """The tokens of a prompt and where its parts are: the `body` ends with the last document, `asking` is the question."""

    def __init__(self, engine: Engine, prompt: Prompt) -> None:
        if not prompt.documents:
            raise InvalidInput("the prompt has no documents to attend to; give at least one")
        if not any(segment.text.strip() for segment in prompt.tail):
            raise InvalidInput("the prompt has no question after its documents; give a tail with one")
        self.tokens = engine.encode(prompt)
        pieces = [engine.tokenize(segment) for segment in prompt.segments]
        inner = sum(map(len, pieces))
        # A template's own tokens stand before and after, as many as with no segment at all.
        before = len(engine._before)
        edges = [before, *(before + int(end) for end in np.cumsum([len(piece) for piece in pieces]))]
        places = list(pairwise(edges))
        lead, count = len(prompt.lead), len(prompt.documents)
        self.body = places[lead + count - 1][1]
        self.asking = (_question_start(prompt, places[lead + count :]), before + inner)
        self.documents = tuple(
            Part(
                document=segment.document,
                text=segment.text,
                start=start,
                stop=stop,
                offsets=offsets(engine.vocabulary, pieces[lead + number], segment.text),
                sentences=tuple(sentences(segment.text)),
            )
            for number, (segment, (start, stop)) in enumerate(zip(prompt.documents, places[lead : lead + count], strict=True))
        )


def _question_start(prompt: Prompt, places: Sequence[tuple[int, int]]) -> int:
    """Where the question begins: the last untrusted segment of the tail, since hints come before it; else the tail."""
    untrusted = [start for segment, (start, _) in zip(prompt.tail, places, strict=True) if not segment.trusted]
    return untrusted[-1] if untrusted else places[0][0]


def offsets(vocabulary: Vocabulary, tokens: Sequence[int], text: str) -> tuple[int, ...]:
    """The character of `text` at which each of its tokens begins, blanks before a word not counted."""
    data, found, at = text.encode(), [], 0
    characters = np.cumsum([byte & 0xC0 != 0x80 for byte in data]) - 1  # the character that each byte belongs to
    for token in tokens:
        piece = vocabulary.piece(token, special=True)
        if not data.startswith(piece, at) and data.startswith(piece.removeprefix(b" "), at):
            piece = piece.removeprefix(b" ")  # a blank that the tokenizer slipped in
        begin = at + len(piece) - len(piece.lstrip()) if piece.strip() else at
        found.append(int(characters[min(begin, len(data) - 1)]) if data else 0)
        at += len(piece)
    return tuple(found)

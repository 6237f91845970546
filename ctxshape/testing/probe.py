"""An attention probe without a model, for tests: it looks at the words that the question shares."""

from __future__ import annotations

import re
from typing import Annotated

import numpy as np
from pydantic import Field

from ctxshape.core.attention import AttentionMap, Part
from ctxshape.core.component import Component
from ctxshape.core.messages import Prompt, Segment
from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK, FUNCTION_WORDS, tokens

_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+|[^\w\s]")


class ScriptedProbe(Component):
    """Gives every word 1 part of attention, one that the question has, too, `match` parts, and half of all to the lead.

    Two layers of two heads, all alike but the last, which looks at every word alike.

    >>> question = (Segment(text="Where is Paris?"),)
    >>> prompt = Prompt(lead=(), documents=(Segment(text="Rome"), Segment(text="Paris")), tail=question)
    >>> ScriptedProbe(match=3).attend(prompt).by_document([(0, 0)]).round(3).tolist()
    [0.125, 0.375]
    """

    match: Annotated[float, Field(ge=1)] = 4.0

    def attend(self, prompt: Prompt, /) -> AttentionMap:
        """The map; the lead is one cell, and so is the question."""
        asked = [segment.text for segment in prompt.tail if not segment.trusted]
        wanted = set(tokens(asked[-1] if asked else "")) - FUNCTION_WORDS
        documents: list[Part] = []
        parts: list[float] = []
        for segment in prompt.documents:
            found = list(_WORD.finditer(segment.text))
            documents.append(_part(segment, [match.start() for match in found], 1 + len(parts)))
            parts += [self.match if set(tokens(match[0])) & wanted else 1.0 for match in found]
        rows = [_row(parts)] * 3 + [_row([1.0] * len(parts))]
        weights = np.array(rows, np.float32).reshape(2, 2, len(parts) + 2)
        return AttentionMap(weights=weights, layers=(0, 1), heads=(2, 2), documents=tuple(documents), of="question", asking=1)


def _part(segment: Segment, offsets: list[int], start: int) -> Part:
    return Part(
        document=segment.document,
        text=segment.text,
        start=start,
        stop=start + len(offsets),
        offsets=tuple(offsets),
        sentences=tuple(sentences(segment.text)),
    )


def _row(parts: list[float]) -> list[float]:
    rest = 0.5 if parts else 1.0
    return [rest, *(part / sum(parts) * 0.5 for part in parts), 0.0]

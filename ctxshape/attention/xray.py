"""An X-ray: where a model looks in the passages as they were retrieved, and in those that shaping left."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.core.attention import AttentionMap, SentenceMass
from ctxshape.core.prompts import render
from ctxshape.core.protocols import AttentionProbe
from ctxshape.core.types import Context, Document
from ctxshape.text.words import asks_in_cjk

CAUTION = (
    "Attention mass says where the model looks, not what its answer comes from: it is not proof that a passage was used. "
    "Each number is the share of all attention that the question's tokens pay, mean of all layers and heads."
)
CAUTION_ZH = "注意：注意力只说明模型看了哪里，并不证明答案就来自那里。"


class Side(NamedTuple):
    """Passages and the attention they get; None where there are none."""

    context: Context
    map: AttentionMap | None

    @property
    def documents(self) -> tuple[Document, ...]:
        """The passages in the order of the prompt."""
        return self.context.documents

    @property
    def masses(self) -> list[float]:
        """The mass of each passage, of 1."""
        return [] if self.map is None else [float(mass) for mass in self.map.by_document()]

    @property
    def rest(self) -> str:
        """Where the attention goes that no passage gets, in words."""
        if self.map is None:
            return "no passage is left"
        return (
            f"passages {sum(self.masses):.1%}, question {self.map.tail:.1%}, instruction {self.map.lead:.1%} "
            f"(of it the first token, a sink: {self.map.sink:.1%})"
        )

    def sentences(self, most: int | None = None) -> list[SentenceMass]:
        """The sentences in reading order; of more than `most` those with the largest mass."""
        found = [] if self.map is None else list(self.map.by_sentence())
        if most is not None and len(found) > most:
            kept = sorted(range(len(found)), key=lambda at: -found[at].mass)[:most]
            found = [found[at] for at in sorted(kept)]
        return found

    def text(self, sentence: SentenceMass) -> str:
        """A sentence as the model reads it."""
        return "" if self.map is None else self.map.documents[sentence.part].text[sentence.start : sentence.end]

    def label(self, number: int) -> str:
        """How a passage is named in a picture: its place, id and title."""
        document = self.documents[number]
        return f"[{number + 1}] {document.id}" + (f" {document.title}" if document.title else "")


class XRay(NamedTuple):
    """Both sides, and what they are of."""

    question: str
    model: str
    shaping: str
    before: Side
    after: Side

    @property
    def sides(self) -> tuple[tuple[str, Side], tuple[str, Side]]:
        """Each side under its name."""
        return ("as retrieved", self.before), (f"shaped by {self.shaping}", self.after)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must stand in every picture, also in Chinese for a question in Chinese."""
        return (CAUTION, CAUTION_ZH) if asks_in_cjk(self.question) else (CAUTION,)

    @property
    def kept(self) -> frozenset[str]:
        """The ids of the passages that shaping left."""
        return frozenset(document.id for document in self.after.documents)


def xray(backend: AttentionProbe, raw: Context, shaped: Context, *, model: str, shaping: str) -> XRay:
    """Let a model read a question over both lists of passages, and take its attention.

    >>> from ctxshape.testing.probe import ScriptedProbe
    >>> raw = Context.of("Where is Paris?", ["Rome is in Italy.", "Paris is in France."])
    >>> found = xray(ScriptedProbe(), raw, raw.keep(raw.documents[1:]), model="m.gguf", shaping="light")
    >>> found.after.label(0), [round(mass, 3) for mass in found.before.masses], sorted(found.kept)
    ('[1] d2', [0.223, 0.277], ['d2'])
    """
    return XRay(raw.query, model, shaping, _side(backend, raw), _side(backend, shaped))


def _side(backend: AttentionProbe, context: Context) -> Side:
    return Side(context, backend.attend(render(context)) if context.documents else None)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, of which a full-width character takes two; broken at blanks and in CJK text.

    >>> wrapped("one two three", 8), wrapped("灯塔很高。abc", 8)
    (['one two', 'three'], ['灯塔很', '高。abc'])
    """
    lines, line, used = [], "", 0
    for word in _words(text):
        size = columns(word)
        if used + size > width and line.strip():
            lines.append(line.rstrip())
            line, used = "", 0
            word = word.lstrip()
            size = columns(word)
        while size > width:  # a word longer than a line
            cut = next(at for at in range(len(word), 0, -1) if columns(word[:at]) <= width or at == 1)
            lines.append(word[:cut])
            word = word[cut:]
            size = columns(word)
        line, used = line + word, used + size
    return [*lines, line.rstrip()] if line.strip() else lines


def columns(text: str) -> int:
    """The width of a text in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


_CLOSING = "。，、；：！？）」』】》”’"  # marks that no line begins with


def _words(text: str) -> Sequence[str]:
    """Pieces that a line may begin with: words with the blank before them, and single full-width characters."""
    pieces: list[str] = []
    for char in " ".join(text.split()):
        wide = unicodedata.east_asian_width(char) in "WF" and char not in _CLOSING
        after_wide = bool(pieces) and unicodedata.east_asian_width(pieces[-1][-1]) in "WF" and char not in _CLOSING
        if wide or char == " " or not pieces or after_wide:
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces

"""An X-ray: the attention that a question pays to its passages, as retrieved and as shaped."""

from __future__ import annotations

from typing import NamedTuple

from ctxshape.core.attention import AttentionMap, SentenceMass
from ctxshape.core.prompts import render
from ctxshape.core.protocols import AttentionProbe
from ctxshape.core.types import Context, Document
from ctxshape.text.words import asks_in_cjk

CAUTION = (
    "Attention mass tells where the model looks, not what its answer is based on: it does not prove that a passage was used. "
    "Each number is a share of the attention that the question's tokens pay, averaged over all layers and heads."
)
CAUTION_ZH = "注意：注意力只说明模型看了哪里，并不证明答案就来自那里。"


class XRaySide(NamedTuple):
    """One side of an X-ray: the passages, and the attention that they get. `map` is None if there is no passage."""

    context: Context
    map: AttentionMap | None

    @property
    def documents(self) -> tuple[Document, ...]:
        """The passages in prompt order."""
        return self.context.documents

    @property
    def masses(self) -> list[float]:
        """The share of all attention that each passage gets."""
        return [] if self.map is None else [float(mass) for mass in self.map.by_document()]

    @property
    def rest(self) -> str:
        """A description of the attention that does not go to passages."""
        if self.map is None:
            return "no passage is left"
        return (
            f"passages {sum(self.masses):.1%}, question {self.map.tail:.1%}, instruction {self.map.lead:.1%} "
            f"(of which the first token, a sink: {self.map.sink:.1%})"
        )

    def sentences(self, most: int | None = None) -> list[SentenceMass]:
        """Returns the sentences in reading order: all, or the `most` with the largest mass."""
        found = [] if self.map is None else list(self.map.by_sentence())
        if most is not None and len(found) > most:
            kept = sorted(range(len(found)), key=lambda at: -found[at].mass)[:most]
            found = [found[at] for at in sorted(kept)]
        return found

    def text(self, sentence: SentenceMass) -> str:
        """Returns a sentence as the model reads it."""
        return "" if self.map is None else self.map.documents[sentence.document].text[sentence.start : sentence.end]

    def label(self, number: int) -> str:
        """Returns the label of a passage in a picture: its number, id and title."""
        document = self.documents[number]
        return f"[{number + 1}] {document.id}" + (f" {document.title}" if document.title else "")


class XRay(NamedTuple):
    """Both sides of an X-ray, with the question, the model and the shaping."""

    question: str
    model: str
    shaping: str
    before: XRaySide
    after: XRaySide

    @property
    def sides(self) -> tuple[tuple[str, XRaySide], tuple[str, XRaySide]]:
        """The sides with their titles."""
        return ("as retrieved", self.before), (f"shaped by {self.shaping}", self.after)

    @property
    def cautions(self) -> tuple[str, ...]:
        """The notes that every picture must show. A question in Chinese adds one in Chinese."""
        return (CAUTION, CAUTION_ZH) if asks_in_cjk(self.question) else (CAUTION,)

    @property
    def kept(self) -> frozenset[str]:
        """The ids of the passages that shaping kept."""
        return frozenset(document.id for document in self.after.documents)


def xray(backend: AttentionProbe, raw: Context, shaped: Context, *, model: str, shaping: str) -> XRay:
    """Lets a model read a question over both lists of passages, and returns the attention.

    >>> from ctxshape.testing import ScriptedProbe
    >>> raw = Context.of("Where is Paris?", ["Rome is in Italy.", "Paris is in France."])
    >>> found = xray(ScriptedProbe(), raw, raw.keep(raw.documents[1:]), model="m.gguf", shaping="light")
    >>> found.after.label(0), [round(mass, 3) for mass in found.before.masses], sorted(found.kept)
    ('[1] d2', [0.223, 0.277], ['d2'])
    """
    return XRay(raw.query, model, shaping, _side(backend, raw), _side(backend, shaped))


def _side(backend: AttentionProbe, context: Context) -> XRaySide:
    return XRaySide(context, backend.attend(render(context)) if context.documents else None)

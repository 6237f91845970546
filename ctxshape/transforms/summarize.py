"""Summarizes blocks of documents for the query, one batch for each level of summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.prompts import SUMMARY_CHINESE, SUMMARY_ENGLISH, Template, document_text, document_texts, render
from ctxshape.core.protocols import Backend
from ctxshape.core.reach import Reach
from ctxshape.core.replies import RUN_ON, complete, with_default_stops
from ctxshape.core.types import Context, Document
from ctxshape.core.validation import WholeNumber
from ctxshape.text.abstention import says_nothing
from ctxshape.text.grounding import unsupported
from ctxshape.text.sentences import sentences
from ctxshape.text.words import asks_in_cjk
from ctxshape.transforms._blocks import merge_spans, pack_groups, split_document

_CHAT_MARGIN = 64  # tokens reserved for the words of a chat template
_BARE_PLACE = re.compile(r"(?<!\s)\s*+[\[［【]\s*\d+(?:\s*[,，、]\s*\d+)*\s*[\]］】]")
_PREFACE = re.compile(r"[^\n]{0,80}[:：]\s*\n")
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’」』）)\]]*$")


class _Item(NamedTuple):
    """A document, a part of one or a summary, with the ids it represents, the texts it was written from, and remarks."""

    document: Document
    members: tuple[str, ...]
    sources: tuple[str, ...]
    unsupported: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class SummarizeBlocks(Component):
    """Replaces each block of consecutive documents by a summary of what they say about the query.

    - `backend`: the model that summarizes. All blocks are one batch.
    - `documents_per_block`: how many documents form a block; fewer if the model's context is too short. A document that
      is too long by itself is summarized in parts, so that nothing is cut off silently.
    - `budget`: a limit of tokens for all summaries, as the prompt shows them, counted by the backend. Summaries above it
      are summarized again until they fit or get no shorter, which is noted.
    - `options`: how to generate; by default at most 128 tokens for a summary.

    A block that says nothing about the query is dropped. A summary has the spans of all its documents, and numbers and
    names that its documents do not contain are noted. Errors of the backend pass through. Wu et al. 2021, "Recursively
    Summarizing Books with Human Feedback".

    >>> from ctxshape.testing import ScriptedBackend
    >>> rule = lambda text: "NONE" if "rain" in text else "Emma is by Austen."
    >>> context = Context.of("Who wrote Emma?", ["Austen wrote Emma.", "Emma is a novel.", "It will rain.", "And rain."])
    >>> shaped = SummarizeBlocks(backend=ScriptedBackend(reply=rule), documents_per_block=2)(context)
    >>> [(document.id, document.text) for document in shaped.documents], shaped.dropped["d3"]
    ([('summary1', 'Emma is by Austen.')], 'its block of 2 says nothing about the question')
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    backend: Backend
    documents_per_block: Annotated[WholeNumber, Field(ge=1)] = 4
    budget: Annotated[WholeNumber, Field(ge=1)] | None = None
    options: Generation = Generation(max_tokens=128)

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with summaries in the order of their blocks."""
        dropped = {d.id: "it has no text" for d in context.documents if not d.text.strip()}
        items = [_Item(d, (d.id,), (f"{d.title or ''}\n{d.text}",)) for d in context.documents if d.id not in dropped]
        level: list[_Item] = []
        for block, summary in self._round(context, items):
            ids = list(dict.fromkeys(id for item in block for id in item.members))
            dropped |= {id: f"its block of {len(ids)} says nothing about the question" for id in ids}
            level += [summary] if summary else []
        level, note = self._shrunk(context, level)
        for item in reversed(level):  # a document that was read in parts may be in several summaries
            for id in item.members:
                others = dropped[id].removeprefix("summarized in ") if dropped[id].startswith("summarized") else ""
                dropped[id] = f"summarized in {item.document.id!r}{', ' + others if others else ''}"
        notes = {item.document.id: "; ".join(_noted(item)) for item in level if _noted(item)}
        if note:
            first = level[0].document.id
            notes[first] = f"{notes[first]}; {note}" if first in notes else note
        return context.keep([item.document for item in level], dropped, notes)

    def _shrunk(self, context: Context, level: list[_Item]) -> tuple[list[_Item], str]:
        """Returns summaries within the budget, and a note if they exceed it and get no shorter."""
        while self.budget is not None and (tokens := self._tokens(context, level)) > self.budget:
            higher: list[_Item] = []
            for block, summary in self._round(context, level):
                # An empty summary of summaries would lose content and a longer one saves nothing: the block stays as it is.
                shorter = summary and self._tokens(context, [summary]) < self._tokens(context, block)
                higher += [summary] if summary and shorter else block
            higher = _renamed(context, higher)
            if self._tokens(context, higher) >= tokens:
                return level, f"the summaries take {tokens} tokens, above the budget of {self.budget}, and get no shorter"
            level = higher
        return level, ""

    def _round(self, context: Context, items: Sequence[_Item]) -> list[tuple[list[_Item], _Item | None]]:
        """Returns each block of items with its summary, or None if it says nothing. All are computed in one batch."""
        template = _template_for(context.query)
        blocks = list(self._blocks(context, items, template))
        if not blocks:
            return []
        prompts = [_prompt(context, [item.document for item in block], template) for block in blocks]
        completions = complete(self.backend, prompts, with_default_stops(self.options, *RUN_ON))
        summaries = [self._summary(context, block, completion) for block, completion in zip(blocks, completions, strict=True)]
        named = iter(_renamed(context, [summary for summary in summaries if summary]))
        return [(block, next(named) if summary else None) for block, summary in zip(blocks, summaries, strict=True)]

    def _blocks(self, context: Context, items: Sequence[_Item], template: Template) -> Iterator[list[_Item]]:
        """Yields blocks of items that leave room for their summary in the model's context."""
        count = analysis_of(context).counter(self.backend).count_tokens
        empty = count(_prompt(context, [], template).text)
        room = self.backend.context_length() - self.options.max_tokens - empty - _CHAT_MARGIN
        short: list[_Item] = []
        for item in items:
            # If not even the question fits, the document stays whole, and the backend raises ContextTooLong.
            short += (
                [item]
                if room < 1 or self._length(context, item.document, template) <= room
                else self._parts(context, item, room, template)
            )
        lengths = [self._length(context, item.document, template) for item in short]
        for group in pack_groups(lengths, self.documents_per_block, max(room, 1)):
            yield [short[i] for i in group]

    def _parts(self, context: Context, item: _Item, room: int, template: Template) -> list[_Item]:
        count = analysis_of(context).counter(self.backend).count_tokens
        heading = self._length(context, item.document.model_copy(update={"text": ""}), template) + 1
        parts = split_document(context, item.document, max(room - heading, 2), count)
        return [item._replace(document=part) for part in parts]

    def _length(self, context: Context, document: Document, template: Template) -> int:
        return analysis_of(context).counter(self.backend).count_tokens(document_text(document, 10, template))

    def _tokens(self, context: Context, items: Sequence[_Item]) -> int:
        counter = analysis_of(context).counter(self.backend)
        return counter.total(document_texts(context.query, [item.document for item in items]))

    def _summary(self, context: Context, block: Sequence[_Item], completion: Completion) -> _Item | None:
        text = _clean(completion.text)
        remarks = [remark for item in block for remark in item.remarks]
        if completion.finish == "length":
            text, remark = _whole_sentences(text, self.options.max_tokens)
            remarks.append(remark)
        if says_nothing(text):
            return None
        sources = tuple(dict.fromkeys(source for item in block for source in item.sources))
        flagged = [name for item in block for name in item.unsupported] + unsupported(text, sources)
        return _Item(
            document=_written(context, text, [item.document for item in block]),
            members=tuple(dict.fromkeys(id for item in block for id in item.members)),
            sources=sources,
            unsupported=tuple(dict.fromkeys(flagged)),
            remarks=tuple(dict.fromkeys(remarks)),
        )


def _template_for(query: str) -> Template:
    return SUMMARY_CHINESE if asks_in_cjk(query) else SUMMARY_ENGLISH


def _prompt(context: Context, documents: Sequence[Document], template: Template) -> Prompt:
    return render(context.model_copy(update={"documents": tuple(documents), "hints": ()}), template)


def _written(context: Context, text: str, block: Sequence[Document]) -> Document:
    """Returns the document of a summary, with the title and source that all documents of its block share."""
    scores = [document.score for document in block if document.score is not None]
    titles, origins = ({getattr(document, field) for document in block} for field in ("title", "source"))
    return Document(
        id="summary",
        text=text,
        title=titles.pop() if len(titles) == 1 else None,
        source=origins.pop() if len(origins) == 1 else None,
        score=max(scores) if len(scores) == len(block) else None,
        kind="rewrite",
        spans=merge_spans([span for document in block for span in context.spans_of(document)], context),
    )


def _renamed(context: Context, items: Sequence[_Item]) -> list[_Item]:
    """Returns the items with ids "summary1", "summary2", … that no document has or had."""
    taken = {document.id for document in context.documents} | set(context.sources)
    taken |= {id for step in context.trace.steps for id in (*step.before, *step.after)}
    free = (f"summary{number}" for number in range(1, len(taken) + len(items) + 1) if f"summary{number}" not in taken)
    return [item._replace(document=item.document.model_copy(update={"id": id})) for item, id in zip(items, free, strict=False)]


def _clean(text: str) -> str:
    """Returns a summary without a line such as "Here is a summary:", blank lines, and numbers such as "[2]"."""
    bare = _BARE_PLACE.sub(lambda match: match.group() if _names_document(match) else "", _PREFACE.sub("", text, 1))
    return re.sub(r"(?<!\s)[^\S\n]*+\n\s*+", "\n", bare.strip())


def _names_document(match: re.Match[str]) -> bool:
    """Returns whether the word "document" stands before the match, so that the number is meant."""
    return match.string[max(match.start() - 9, 0) : match.start()].lower().endswith(("document", "documents", "文档"))


def _whole_sentences(text: str, limit: int) -> tuple[str, str]:
    """Returns a summary that was cut off without its unfinished last sentence, if another one remains, and a remark."""
    spans = sentences(text)
    if not spans or _SENTENCE_END.search(text[: spans[-1][1]]):
        return text, f"ended at {limit} tokens"
    if len(spans) == 1:
        return text, f"cut off at {limit} tokens in its only sentence"
    return text[: spans[-2][1]], f"ended at {limit} tokens; its unfinished last sentence was left out"


def _noted(item: _Item) -> list[str]:
    flagged = [f"not in its sources: {', '.join(item.unsupported)}"] if item.unsupported else []
    return [*flagged, *item.remarks]

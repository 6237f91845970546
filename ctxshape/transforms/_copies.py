"""The record of which document stands for which others, and the documents that remain."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from ctxshape.core.analysis import analysis_of
from ctxshape.core.ranking import best_first
from ctxshape.core.types import Context, Document, Span
from ctxshape.text.asked import Asked
from ctxshape.text.similarity import ComparedText
from ctxshape.text.windows import Joined, joined_windows
from ctxshape.text.words import normalize, split_tokens

_TITLES = 300  # characters of the titles of copies beside a document's own
_COPY_MARK = re.compile(r"\s*[(\[](?:archived(?: copy)?|copy|reprint(?:ed)?|mirror|cached|转载|存档|镜像|副本)[)\]]$")
# The dots that show that a text is cut out of a longer one.
_DOTS_BEFORE = re.compile(r"\s*+\[?(?:\.{3}|…)\]?\s*+")
_DOTS_BEHIND = ("[...]", "[…]", "...", "…")
_PLACE_IN_SOURCE = re.compile(r"#.*$|[\s,;:_(\[-]*(?:chunk|page|part|p\.)?[\s_:-]*\d+[)\]]?$", re.IGNORECASE)


class Copies:
    """The documents of a context, each of which stands for itself or is a copy that another one stands for.

    `texts` holds each document's text for comparison; that of joined windows replaces the text of the document that stands
    for them. `asked` holds the words of the question.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._documents = list(context.documents)
        self._order = best_first(context.documents)
        self.asked = Asked(context.query)
        self.texts = [ComparedText(document.text, self.asked) for document in context.documents]
        self.reasons: dict[str, str] = {}
        self._keeper: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._same_text: dict[int, list[int]] = {}  # a document -> its exact copies, whose titles it shows
        self._titles = [_plain_title(document) for document in context.documents]

    def is_kept(self, index: int) -> bool:
        """Returns whether the document stands for itself."""
        return index not in self._keeper

    def kept(self) -> list[int]:
        """Returns the documents that stand for themselves, most relevant first."""
        return [index for index in self._order if self.is_kept(index)]

    def merge(self, copy: int, keeper: int, reason: str) -> None:
        """Makes `keeper` stand for `copy` and for all that `copy` stood for."""
        self._keeper[copy] = keeper
        self._members.setdefault(keeper, []).extend([copy, *self._members.pop(copy, [])])
        self._titles[keeper] = self._titles[keeper] or self._titles[copy]
        self.reasons[self._documents[copy].id] = reason.format(repr(self._documents[keeper].id))

    def merge_exact(self) -> None:
        """Merges the documents with one text. The question chooses by title which of them stays."""
        groups: dict[str, list[int]] = {}
        for index in self._order:
            groups.setdefault(self.texts[index].key, []).append(index)
        for group in groups.values():
            if len(group) > 1:
                keeper = max(group, key=self._named)  # the first of the best
                self._same_text[keeper] = [index for index in group if index != keeper]
                for index in self._same_text[keeper]:
                    self.merge(index, keeper, "exact duplicate of {}")

    def _named(self, index: int) -> int:
        title = self._documents[index].title
        parts = split_tokens(normalize(title)) if title else []
        return len({parts[i] for i in self.asked.named(parts)})

    def join_windows(self) -> None:
        """Joins overlapping windows: the best-scored one stands for the others and gets the text that they make up."""
        analysis = analysis_of(self._context)
        kept = [
            index for index in self.kept() if not self._documents[index].spans and analysis.is_quote(self._documents[index])
        ]

        edges = [_without_dots(self._documents[index].text) for index in kept]

        def cut(place: int) -> list[tuple[int, int]]:
            first, last = edges[place]
            found = ((piece.start, piece.end) for piece in analysis.pieces(self._documents[kept[place]]))
            return [(max(start, first) - first, min(end, last) - first) for start, end in found if start < last and end > first]

        texts = [self._documents[index].text[first:last] for index, (first, last) in zip(kept, edges, strict=True)]
        compared = [
            self.texts[index] if text == self._documents[index].text else ComparedText(text)
            for index, text in zip(kept, texts, strict=True)
        ]
        for joined in joined_windows(texts, compared, [self._origin(index) for index in kept], cut):
            self._join(joined, kept, [first for first, _ in edges])

    def _join(self, joined: Joined, kept: Sequence[int], firsts: Sequence[int]) -> None:
        places = sorted({part.window for part in joined.parts})
        keeper = kept[places[0]]
        ids = {part.window: self._documents[kept[part.window]].id for part in joined.parts}
        parts = [
            part._replace(start=part.start + firsts[part.window], end=part.end + firsts[part.window]) for part in joined.parts
        ]
        spans = tuple(Span(document=ids[part.window], start=part.start, end=part.end) for part in parts)
        self._documents[keeper] = self._documents[keeper].model_copy(update={"text": joined.text, "spans": spans})
        self.texts[keeper] = ComparedText(joined.text, self.asked)
        for place in places[1:]:
            self.merge(kept[place], keeper, "window of the text that {} shows")

    def _origin(self, index: int) -> Hashable:
        """Returns what the windows of one text have in common: the title, and the source apart from the place in it."""
        source = self._documents[index].source
        return self._titles[index], _PLACE_IN_SOURCE.sub("", source) if source else ""

    def may_share_title(self, copy: int, keeper: int) -> bool:
        """Returns whether two documents have the same title, or one has none."""
        mine, theirs = self._titles[copy], self._titles[keeper]
        return mine == theirs or not mine or not theirs

    def shows_title_of(self, large: int, small: int) -> bool:
        """Returns whether the title of a small document, if it has one, is also that of the large one or in its text."""
        title = self._titles[small]
        return title in ("", self._titles[large]) or title in self.texts[large].normalized

    def documents(self) -> list[Document]:
        """Returns the kept documents, each at the first place and with the best score of its group."""
        kept = [index for index in range(len(self._documents)) if self.is_kept(index)]
        return [self._merged(index) for index in sorted(kept, key=lambda i: min([i, *self._members.get(i, [])]))]

    def _merged(self, index: int) -> Document:
        document, members = self._documents[index], [self._documents[i] for i in self._members.get(index, [])]
        if not members:
            return document
        names = (name for member in members for name in (member.id, *member.duplicates))
        scores = [score for score in (document.score, *(member.score for member in members)) if score is not None]
        update = {"duplicates": (*document.duplicates, *names), "score": max(scores, default=None), "title": self._title(index)}
        return document.model_copy(update=update)

    def _title(self, index: int) -> str | None:
        """Returns the title of a document with those of its exact copies, or of a near one if these have none."""
        same = [self._documents[i].title for i in (index, *self._same_text.get(index, []))]
        named: dict[str, str] = {}
        for shown_title in filter(None, same):
            named.setdefault(normalize(shown_title), shown_title)
        titles = list(named.values())
        if not titles:
            return next((title for i in self._members[index] if self._titles[i] and (title := self._documents[i].title)), None)
        shown = titles[:1]
        for title in titles[1:]:
            if sum(map(len, shown[1:])) + len(title) > _TITLES:
                return f"{' / '.join(shown)} / …"
            shown.append(title)
        return " / ".join(shown)


def _without_dots(text: str) -> tuple[int, int]:
    """Returns where a text starts and ends without the dots at its edges."""
    found = _DOTS_BEFORE.match(text)
    bare = text.rstrip()
    dots = next((dots for dots in _DOTS_BEHIND if bare.endswith(dots)), "")
    first = found.end() if found else 0
    return first, max(len(bare) - len(dots), first) if dots else len(text)


def _plain_title(document: Document) -> str:
    """Returns the normalized title without a mark that only says that it is a copy; "" if there is none."""
    return _COPY_MARK.sub("", normalize(document.title)) if document.title else ""

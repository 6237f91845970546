"""Read all documents at the same position: an answer that their order cannot change."""

from __future__ import annotations

import re
from typing import Any

from ctxshape.core.component import Component
from ctxshape.core.messages import Answer, Generation
from ctxshape.core.prompts import Template, render, template_for
from ctxshape.core.protocols import SegmentCache
from ctxshape.core.replies import asking
from ctxshape.core.types import Context, Document
from ctxshape.readers._answering import SHORT_ANSWER, answer_of, one_line, shows_nothing, unread
from ctxshape.readers._reusing import segment_cache, tidied

_NUMBER = re.compile(r"\s?[\[（(【]\{number\}[\]）)】]|\{number\}")


class ParallelWindows(Component):
    """Answers with one completion over documents that each stand right behind the instruction, side by side.

    The answer does not hang on the order of the documents, and neither do its citations: each document is computed alone,
    they are put together sorted by their text, and no number is shown. That costs: documents do not see each other, and a
    model that was not trained so reads several of them worse than one prompt (measure it; few and short documents suit
    it best). Documents are computed once: a later question over some of the same passages, in any order, computes only
    what is new (`LlamaCpp(document_cache=...)`). Where the model cannot (a running state, such as Mamba's), one full
    prompt is read, still in sorted order, with an `ExactFallback` warning.

    `template` and `options` are as in ReadOnce. Raises ConfigError for a backend that cannot compute documents by
    themselves: only LlamaCpp can. Ratner et al. 2023, "Parallel Context Windows for Large Language Models".

    >>> from ctxshape.testing import ScriptedBackend
    >>> ParallelWindows(backend=ScriptedBackend())
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: ParallelWindows needs a backend that computes documents by themselves, ...
    """

    backend: SegmentCache
    template: Template | None = None
    options: Generation = SHORT_ANSWER

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  as in Component
        if "backend" in fields:
            segment_cache(fields["backend"], type(self).__name__)
        super().__init__(**fields)

    def __call__(self, context: Context, /) -> Answer:
        """The answer, with citations, its cost and the context's trace."""
        if shows_nothing(context):
            return unread(context)
        # What is cited, and which of two equal sentences, must not hang on the order either.
        sorted_context = context.model_copy(update={"documents": tuple(sorted(context.documents, key=_key))})
        prompt = render(sorted_context, unnumbered(self.template or template_for(context.query)))
        options = one_line(self.options)
        completion = tidied(self.backend.generate_windows(prompt, asking(prompt, options)), prompt, options)
        return answer_of(completion.text, sorted_context, [completion])


def unnumbered(template: Template) -> Template:
    r"""The template without the documents' numbers: a number says where a document stands among the others.

    >>> from ctxshape.core.prompts import CHINESE, ENGLISH
    >>> unnumbered(ENGLISH).document, unnumbered(CHINESE).untitled
    ('Document(Title: {title}) {text}\n', '文档{text}\n')
    """
    patterns = {name: _NUMBER.sub("", getattr(template, name)) for name in ("document", "untitled")}
    return template.model_copy(update=patterns)


def _key(document: Document) -> tuple[str, str, str]:
    return document.text, document.title or "", document.id

"""Reads all documents at the same position, so that their order cannot change the answer."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from ctxshape.core.component import Component
from ctxshape.core.messages import Answer, Generation
from ctxshape.core.prompts import Template, render, template_for
from ctxshape.core.protocols import SegmentCache
from ctxshape.core.reach import Reach
from ctxshape.core.replies import reply_options, tidy_completion
from ctxshape.core.types import Context, Document
from ctxshape.readers._answering import SHORT_ANSWER, answer_of, empty_answer, has_no_text, one_line_options
from ctxshape.readers._segment_cache import require_segment_cache

_NUMBER = re.compile(r"\s?[\[（(【]\{number\}[\]）)】]|\{number\}")


class ParallelWindows(Component):
    """Answers with one completion over documents that all stand directly after the instruction, side by side.

    Neither the answer nor its citations depend on the order of the documents. Each document is computed alone, the
    documents are joined sorted by their text, and no number is shown.

    The price is quality. Documents do not see each other, and a model that was not trained for this reads several windows
    worse than one prompt. Few and short documents suit it best; measure it on yours. Documents are computed once, so a
    later question over some of the same passages, in any order, computes only the new ones
    (`LlamaCpp(document_cache=...)`).

    - `backend`: a LlamaCpp. Any other backend raises ConfigError, since it cannot compute documents by themselves. If
      the model cannot (for example Mamba, which has a running state), one full prompt is read, still in sorted order,
      with an `ExactFallback` warning.
    - `template`, `options`: as in ReadOnce.

    Ratner et al. 2023, "Parallel Context Windows for Large Language Models".

    >>> from ctxshape.testing import ScriptedBackend
    >>> ParallelWindows(backend=ScriptedBackend())
    Traceback (most recent call last):
        ...
    ctxshape.errors.ConfigError: ParallelWindows needs a backend that computes documents by themselves, ...
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    backend: SegmentCache
    template: Template | None = None
    options: Generation = SHORT_ANSWER

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401  as in Component
        if "backend" in fields:
            require_segment_cache(fields["backend"], type(self).__name__)
        super().__init__(**fields)

    def __call__(self, context: Context, /) -> Answer:
        """Returns the answer with its citations, its cost and the context's trace."""
        if has_no_text(context):
            return empty_answer(context)
        # Citations, and the choice between two equal sentences, must not depend on the order either.
        sorted_context = context.model_copy(update={"documents": tuple(sorted(context.documents, key=_sort_key))})
        prompt = render(sorted_context, unnumbered(self.template or template_for(context.query)))
        options = one_line_options(self.options)
        raw = self.backend.generate_windows(prompt, reply_options(prompt, options))
        completion = tidy_completion(raw, prompt, options)
        return answer_of(completion.text, sorted_context, [completion])


def unnumbered(template: Template) -> Template:
    r"""Returns the template without the documents' numbers, which would show where a document stands among the others.

    >>> from ctxshape.core.prompts import CHINESE, ENGLISH
    >>> unnumbered(ENGLISH).document, unnumbered(CHINESE).untitled
    ('Document(Title: {title}) {text}\n', '文档{text}\n')
    """
    patterns = {name: _NUMBER.sub("", getattr(template, name)) for name in ("document", "untitled")}
    return template.model_copy(update=patterns)


def _sort_key(document: Document) -> tuple[str, str, str]:
    return document.text, document.title or "", document.id

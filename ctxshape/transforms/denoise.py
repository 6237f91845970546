"""Transforms that take out what carries no information."""

from __future__ import annotations

from ctxshape.component import Component
from ctxshape.types import Context


class DropEmpty(Component):
    r"""Drops documents whose text is empty or only white space; a title alone is no evidence.

    >>> DropEmpty()(Context.of("q", ["text", " \n"])).dropped
    {'d2': 'its text is empty'}
    """

    def __call__(self, context: Context, /) -> Context:
        """The context without empty documents."""
        kept = [document for document in context.documents if document.text.strip()]
        empty = {document.id: "its text is empty" for document in context.documents if not document.text.strip()}
        return context.keep(kept, dropped=empty)

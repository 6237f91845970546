"""Reads the documents once, in their order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import ClassVar

from ctxshape.core.cancellation import iterate_in_thread
from ctxshape.core.component import Component
from ctxshape.core.messages import Answer, Generation, Prompt
from ctxshape.core.prompts import Template, render
from ctxshape.core.protocols import Backend
from ctxshape.core.reach import Reach
from ctxshape.core.replies import TidiedPieces, complete, cue_of, reply_options, tidy_stream
from ctxshape.core.types import Context
from ctxshape.readers._answering import SHORT_ANSWER, answer_of, empty_answer, has_no_text, one_line_options


class ReadOnce(Component):
    """Answers with one completion over the documents in their given order.

    - `backend`: the model that answers.
    - `template`: the wording of the prompt; by default the Chinese or English one that fits the question.
    - `options`: how to generate; by default at most 64 tokens, greedy. Without stop strings an answer ends with its line.

    If no document has text, the reader abstains without asking the model. Errors of the backend pass through, for example
    ContextTooLong.

    >>> from ctxshape.testing import ScriptedBackend
    >>> context = Context.of("Where is Paris?", ["Lyon is in France.", "Paris is in the north of France."])
    >>> answer = ReadOnce(backend=ScriptedBackend(reply="in the north of France"))(context)
    >>> answer.text, answer.citations
    ('in the north of France', (Span(document='d2', start=0, end=32),))
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    backend: Backend
    template: Template | None = None
    options: Generation = SHORT_ANSWER

    def __call__(self, context: Context, /) -> Answer:
        """Returns the answer with its citations, its cost and the context's trace."""
        if has_no_text(context):
            return empty_answer(context)
        completions = complete(self.backend, [render(context, self.template)], one_line_options(self.options))
        return answer_of(completions[0].text, context, completions)

    def stream(self, context: Context, /) -> Iterator[str]:
        """Yields the answer's text in pieces as it is generated. Joined, they are the text of the answer."""
        if has_no_text(context):
            return
        prompt, options = self._request(context)
        yield from tidy_stream(self.backend.stream(prompt, options), cue_of(prompt))

    async def astream(self, context: Context, /) -> AsyncIterator[str]:
        """`stream` for an event loop, by the backend's `astream` or in threads. It ends when its task is cancelled."""
        if has_no_text(context):
            return
        prompt, options = self._request(context)
        tidied = TidiedPieces(cue_of(prompt))
        own = getattr(self.backend, "astream", None)
        made = iterate_in_thread(self.backend.stream(prompt, options)) if own is None else own(prompt, options)
        async with aclosing(made) as pieces:
            async for piece in pieces:
                if shown := tidied.push(piece):
                    yield shown
        if rest := tidied.finish():
            yield rest

    def _request(self, context: Context) -> tuple[Prompt, Generation]:
        prompt = render(context, self.template)
        return prompt, reply_options(prompt, one_line_options(self.options))

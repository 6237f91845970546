"""Read the documents once, in their order."""

from __future__ import annotations

from collections.abc import Iterator

from ctxshape.core.component import Component
from ctxshape.core.messages import Answer, Generation
from ctxshape.core.prompts import Template, render
from ctxshape.core.protocols import Backend
from ctxshape.core.replies import ask, asking, cue_of, tidy_stream
from ctxshape.core.types import Context
from ctxshape.readers._answering import SHORT_ANSWER, answer_of, one_line, shows_nothing, unread


class ReadOnce(Component):
    """Answers with one completion over the documents as they stand.

    `template` is chosen by the question's language if not given. The answer is at most 64 tokens, greedy, unless
    `options` say otherwise, and one line unless they have a stop string. Without a document that has text it abstains
    and asks no model. Raises what the backend raises, ContextTooLong among it.

    >>> from ctxshape.testing import ScriptedBackend
    >>> context = Context.of("Where is Paris?", ["Lyon is in France.", "Paris is in the north of France."])
    >>> answer = ReadOnce(backend=ScriptedBackend(reply="in the north of France"))(context)
    >>> answer.text, answer.citations
    ('in the north of France', (Span(document='d2', start=0, end=32),))
    """

    backend: Backend
    template: Template | None = None
    options: Generation = SHORT_ANSWER

    def __call__(self, context: Context, /) -> Answer:
        """The answer, with citations, its cost and the context's trace."""
        if shows_nothing(context):
            return unread(context)
        completions = ask(self.backend, [render(context, self.template)], one_line(self.options))
        return answer_of(completions[0].text, context, completions)

    def stream(self, context: Context, /) -> Iterator[str]:
        """The answer's text in pieces as it is generated; joined they are the text of the answer."""
        if shows_nothing(context):
            return
        prompt = render(context, self.template)
        yield from tidy_stream(self.backend.stream(prompt, asking(prompt, one_line(self.options))), cue_of(prompt))

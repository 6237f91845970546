"""What the readers share: when not to ask at all, where an answer ends, and how a reply becomes one."""

from __future__ import annotations

from ctxshape.core.messages import Answer, Completion, Generation, Usage
from ctxshape.core.replies import ending
from ctxshape.core.types import Context
from ctxshape.readers.citations import cite
from ctxshape.text.abstention import is_abstention

SHORT_ANSWER = Generation(max_tokens=64)


def one_line(options: Generation) -> Generation:
    """The options; without stop strings of their own an answer is one line, for that is what the templates ask for."""
    return ending(options, "\n")


def shows_nothing(context: Context) -> bool:
    """Whether no document has text: what a model says then is a guess from memory, no answer from documents."""
    return not any(document.text.strip() for document in context.documents)


def unread(context: Context) -> Answer:
    """The answer to a context that shows nothing: none, at no cost."""
    return Answer(text="", abstained=True, usage=usage_of(context, []), trace=context.trace)


def answer_of(text: str, context: Context, computed: list[Completion]) -> Answer:
    """The answer of one text, given by a model that saw the documents as they stand in `context`."""
    abstained = is_abstention(text)
    return Answer(
        text=text,
        citations=() if abstained else cite(text, context),
        abstained=abstained,
        usage=usage_of(context, computed),
        trace=context.trace,
    )


def usage_of(context: Context, computed: list[Completion]) -> Usage:
    """The cost of all completions, and of the shaping that the trace records."""
    seconds = sum(step.seconds for step in context.trace.steps)
    return Usage.of(computed).model_copy(update={"shape_seconds": seconds})

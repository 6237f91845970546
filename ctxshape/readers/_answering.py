"""Shared by the readers: default options, the answer to a context without text, and answers from completions."""

from __future__ import annotations

from ctxshape.core.messages import Answer, Completion, Generation, Usage
from ctxshape.core.replies import with_default_stops
from ctxshape.core.types import Context
from ctxshape.readers.citations import cite
from ctxshape.text.abstention import is_abstention

SHORT_ANSWER = Generation(max_tokens=64)


def one_line_options(options: Generation) -> Generation:
    """Returns the options with a stop at the end of the line, unless they have stop strings of their own.

    The templates ask for a short phrase, so one line is the whole answer.
    """
    return with_default_stops(options, "\n")


def has_no_text(context: Context) -> bool:
    """Returns whether no document has text. An answer would then be a guess from the model's memory."""
    return not any(document.text.strip() for document in context.documents)


def empty_answer(context: Context) -> Answer:
    """Returns the abstention for a context without text, which costs no model call."""
    return Answer(text="", abstained=True, usage=_usage(context, []), trace=context.trace)


def answer_of(text: str, context: Context, completions: list[Completion]) -> Answer:
    """Returns the answer with `text`, its citations and the cost of all `completions`.

    `context` holds the documents as the model that wrote `text` saw them.
    """
    abstained = is_abstention(text)
    return Answer(
        text=text,
        citations=() if abstained else cite(text, context),
        abstained=abstained,
        usage=_usage(context, completions),
        trace=context.trace,
    )


def _usage(context: Context, completions: list[Completion]) -> Usage:
    """Returns the cost of all completions and of the shaping that the trace records."""
    seconds = sum(step.seconds for step in context.trace.steps)
    return Usage.of(completions).model_copy(update={"shape_seconds": seconds})

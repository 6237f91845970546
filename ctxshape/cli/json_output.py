"""The output of `--json`: plain values, every span with its text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ctxshape.core.messages import Answer
from ctxshape.core.types import Context, Document, Span

JsonObject = dict[str, Any]
# What a terminal or a reader of lines could obey: C1, line and paragraph separators, bidirectional marks, lone surrogates.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def context_json(context: Context) -> JsonObject:
    """Returns a shaped context: documents with spans, dropped ids with reasons, every step, and tokens by its counter."""
    steps = context.trace.steps
    return {
        "query": context.query,
        "documents": [_document(document, context) for document in context.documents],
        "hints": list(context.hints),
        "dropped": context.trace.dropped,
        "sufficiency": None if context.sufficiency is None else context.sufficiency.model_dump(),
        "steps": [step.model_dump() for step in steps],
        "counter": context.trace.counter,
        "tokens_before": steps[0].tokens_before if steps else None,
        "tokens_after": steps[-1].tokens_after if steps else None,
    }


def answer_json(answer: Answer, sources: Mapping[str, Document]) -> JsonObject:
    """Returns an answer without its trace; each citation has the text it cites."""
    return {
        "text": answer.text,
        "abstained": answer.abstained,
        "agreement": answer.agreement,
        "citations": _spans(answer.citations, sources),
        "votes": [vote.model_dump() for vote in answer.votes],
        "usage": answer.usage.model_dump(),
    }


def _document(document: Document, context: Context) -> JsonObject:
    fields = document.model_dump(exclude={"spans"})
    return fields | {"spans": _spans(context.spans_of(document), context.sources)}


def _spans(spans: Iterable[Span], sources: Mapping[str, Document]) -> list[JsonObject]:
    return [span.model_dump() | {"text": span.text_in(sources)} for span in spans]


def to_json(value: object, *, ascii_only: bool = False) -> str:
    r"""Returns one line of JSON that any parser reads and no terminal obeys.

    A number that is not finite is null. Control characters, line separators, bidirectional marks and lone surrogates are
    escaped, so a parser gives them back.

    >>> to_json({"文": float("-inf"), "bad": "\ud800\x9b\u202e\u2028"})
    '{"文": null, "bad": "\\ud800\\u009b\\u202e\\u2028"}'
    """
    text = json.dumps(_finite(value), ensure_ascii=ascii_only, allow_nan=False, default=str)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value

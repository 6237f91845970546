"""The `ctxshape` logger, and OpenTelemetry spans in programs that use that package. Neither contains any text of the input."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ctxshape.core.messages import Usage
    from ctxshape.core.types import Step

LOGGER = logging.getLogger("ctxshape")
LOGGER.addHandler(logging.NullHandler())
_INSIDE: ContextVar[bool] = ContextVar("ctxshape_inside", default=False)


class Operation:
    """A running call or step. The counts that it records go to its span, and to the log when it ends."""

    def __init__(self, name: str, span: Any) -> None:  # noqa: ANN401  OpenTelemetry is optional
        self.name = name
        self.summary = ""
        self.steps: tuple[str, ...] = ()
        self._span = span

    def record(self, steps: Sequence[Step], documents: int = 0) -> None:
        """Records counts of the steps that ran; `documents` is their number if there is no step."""
        self.steps = tuple(step.name for step in steps)
        first, last = (steps[0], steps[-1]) if steps else (None, None)
        counts = {
            "input_documents": len(first.before) if first else documents,
            "output_documents": len(last.after) if last else documents,
        }
        self.summary = "{input_documents} -> {output_documents} documents".format(**counts)
        if first and last:
            counts |= {"input_tokens": first.tokens_before, "output_tokens": last.tokens_after}
            self.summary += f", {first.tokens_before} -> {last.tokens_after} tokens"
        if self._span is not None:
            self._span.set_attributes({f"ctxshape.{name}": count for name, count in counts.items()})
            self._span.set_attribute("ctxshape.steps", self.steps)

    def record_usage(self, usage: Usage) -> None:
        """Records the tokens that a model read and wrote."""
        self.summary += f", model: {usage.prompt_tokens} -> {usage.completion_tokens} tokens"
        if self._span is not None:
            read = {"gen_ai.usage.input_tokens": usage.prompt_tokens, "gen_ai.usage.output_tokens": usage.completion_tokens}
            self._span.set_attributes(read)


@contextmanager
def operation(name: str, part: str | None = None) -> Iterator[Operation]:
    """Logs one line when a call ends, at INFO, and for a `part` or a call inside another at DEBUG; opens a span for it.

    Spans are those of the program's OpenTelemetry, and cost nothing in one that has not imported it. They are named
    `ctxshape.shape`, `ctxshape.step KeepEvidence`; attributes hold counts and names. An exception goes through unchanged;
    the span's `error.type` names its class, and its message, which may quote the input, is not recorded.

    >>> with operation("shape") as shaping:
    ...     shaping.record([], documents=3)
    >>> shaping.summary
    '3 -> 3 documents'
    """
    level = logging.DEBUG if part is not None or _INSIDE.get() else logging.INFO
    inside = _INSIDE.set(True)
    started = time.perf_counter()
    try:
        with _span(f"ctxshape.{name}" + (f" {part}" if part else "")) as span:
            under_way = Operation(name, span)
            yield under_way
    finally:
        _INSIDE.reset(inside)
    if LOGGER.isEnabledFor(level):
        milliseconds = 1000 * (time.perf_counter() - started)
        shown, steps = (f"{name} {part}", "") if part else (name, f" ({', '.join(under_way.steps) or 'no steps'})")
        LOGGER.log(level, "%s: %s, %.1f ms%s", shown, under_way.summary, milliseconds, steps)


@contextmanager
def _span(name: str) -> Iterator[Any]:
    """Opens a span if the program has imported OpenTelemetry, which every program that collects spans has."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        yield None
        return
    tracer = trace.get_tracer("ctxshape")
    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(trace.StatusCode.ERROR)
            raise

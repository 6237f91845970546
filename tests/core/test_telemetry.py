from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ctxshape import Context, DropDuplicates, Pipeline, RankByRelevance, When, ask, shape
from ctxshape.core.telemetry import operation
from ctxshape.errors import InvalidInput
from ctxshape.testing import ScriptedBackend

QUERY = "Who wrote zebra?"
PASSAGES = ["The zebra is striped.", "The zebra is striped.", "Quagga wrote it."]


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The exporter of a program that collects spans."""
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield exporter
    provider.shutdown()


def test_one_line_a_call_and_one_a_step(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "ctxshape"):
        context = Pipeline(DropDuplicates(), RankByRelevance(top=1))(Context.of(QUERY, PASSAGES))
    records = [record for record in caplog.records if record.name == "ctxshape"]
    assert [(record.levelname, record.getMessage().partition(":")[0]) for record in records] == [
        ("DEBUG", "step DropDuplicates"),
        ("DEBUG", "step RankByRelevance"),
        ("INFO", "shape"),
    ]
    first, last = context.trace.steps[0], context.trace.steps[-1]
    line = records[-1].getMessage()
    assert line.startswith(f"shape: 3 -> 1 documents, {first.tokens_before} -> {last.tokens_after} tokens, ")
    assert line.endswith(" ms (DropDuplicates, RankByRelevance)")


def test_neither_query_nor_passage_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "ctxshape"):
        shape(QUERY, PASSAGES)
        shape(QUERY, PASSAGES, preset="raw")
    assert "3 -> 3 documents" in caplog.text
    assert "zebra" not in caplog.text.lower() and "quagga" not in caplog.text.lower()


def test_a_call_inside_another_is_not_one_more_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "ctxshape"):
        answer = ask(QUERY, PASSAGES, backend=ScriptedBackend(reply="Quagga"))
        with pytest.raises(InvalidInput), operation("ask"):
            shape(QUERY, [])
            raise InvalidInput("no")
        shape(QUERY, PASSAGES)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["ask", "shape"]
    assert f"model: {answer.usage.prompt_tokens} -> {answer.usage.completion_tokens} tokens" in caplog.records[0].getMessage()


def test_spans_hold_counts_and_no_text(spans: Any) -> None:  # noqa: ANN401  OpenTelemetry is optional
    pipeline = Pipeline(DropDuplicates(), When(min_documents=2, then=RankByRelevance(top=1)))
    context = pipeline(Context.of(QUERY, PASSAGES))
    finished = spans.get_finished_spans()
    assert [span.name for span in finished] == [
        "ctxshape.step DropDuplicates",
        "ctxshape.step RankByRelevance",
        "ctxshape.step When",
        "ctxshape.shape",
    ]
    outer = finished[-1]
    assert dict(outer.attributes) == {
        "ctxshape.input_documents": 3,
        "ctxshape.output_documents": 1,
        "ctxshape.input_tokens": context.trace.steps[0].tokens_before,
        "ctxshape.output_tokens": context.trace.steps[-1].tokens_after,
        "ctxshape.steps": ("DropDuplicates", "When", "RankByRelevance"),
    }
    assert finished[0].parent.span_id == finished[2].parent.span_id == outer.context.span_id
    assert finished[1].parent.span_id == finished[2].context.span_id


def test_the_span_of_an_answer_holds_the_models_tokens(spans: Any) -> None:  # noqa: ANN401
    answer = ask(QUERY, PASSAGES, preset="raw", backend=ScriptedBackend(reply="Quagga"))
    shaping, asking = spans.get_finished_spans()
    assert (shaping.name, asking.name) == ("ctxshape.shape", "ctxshape.ask")
    assert asking.attributes["gen_ai.usage.input_tokens"] == answer.usage.prompt_tokens > 0
    assert asking.attributes["ctxshape.output_documents"] == 3
    assert "zebra" not in str(asking.to_json()).lower()


def test_a_failed_span_names_the_class_of_the_error_alone(spans: Any) -> None:  # noqa: ANN401
    def fail(context: Context) -> Context:
        raise InvalidInput(f"no answer to {context.query}")

    with pytest.raises(InvalidInput, match="zebra"):
        Pipeline(fail)(Context.of(QUERY, PASSAGES))
    step, outer = spans.get_finished_spans()
    for span in (step, outer):
        assert span.attributes["error.type"] == "InvalidInput" and span.status.status_code.name == "ERROR"
        assert not span.events and "zebra" not in str(span.to_json())


def test_opentelemetry_is_never_imported() -> None:
    code = "import sys; from ctxshape import shape; shape('q', ['a']); print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

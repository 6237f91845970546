"""The columns that shaping adds: the same types whatever a batch holds, so that blocks and files fit together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ctxshape import Answer, Context, TokenCounter
from ctxshape.adapting import record_of
from ctxshape.core.prompts import document_texts
from ctxshape.core.tokens import counter_name

if TYPE_CHECKING:
    import pyarrow as pa

Record = dict[str, Any]  # a row's new values by column; a column that is not there is null


def output_schema(*, answers: bool = False, prefix: str = "") -> pa.Schema:
    """Names and Arrow types of the columns that `shape_dataset` adds, with those of an answer if there are `answers`.

    >>> output_schema(prefix="ctx_").names
    ['ctx_shaped', 'ctx_dropped', 'ctx_hints', 'ctx_tokens_before', 'ctx_tokens_after', 'ctx_counter', 'ctx_error']
    """
    import pyarrow as pa

    text, number, spans = pa.string(), pa.int64(), pa.list_(_span())
    columns = {
        "shaped": pa.list_(_document()),
        "dropped": pa.list_(pa.struct({"id": text, "reason": text})),
        "hints": pa.list_(text),
        "tokens_before": number,
        "tokens_after": number,
        "counter": text,
    }
    if answers:
        columns |= {"answer": text, "abstained": pa.bool_(), "agreement": pa.float64(), "citations": spans}
        columns |= {"prompt_tokens": number, "completion_tokens": number}
    return pa.schema([(prefix + name, kind) for name, kind in {**columns, "error": text}.items()])


def _span() -> pa.DataType:
    import pyarrow as pa

    return pa.struct({"document": pa.string(), "start": pa.int64(), "end": pa.int64()})


def _document() -> pa.DataType:
    import pyarrow as pa

    text = pa.string()
    notes = pa.list_(pa.struct({"step": text, "note": text}))
    fields = {"id": text, "text": text, "title": text, "source": text, "score": pa.float64(), "kind": text}
    return pa.struct(fields | {"spans": pa.list_(_span()), "duplicates": pa.list_(text), "notes": notes, "meta": text})


def with_columns(table: pa.Table, records: Sequence[Record], schema: pa.Schema, prefix: str) -> pa.Table:
    """The table, and a column of `schema` for each name in the records; a record's names are without the prefix."""
    import pyarrow as pa

    for field in schema:
        values = [record.get(field.name.removeprefix(prefix)) for record in records]
        table = table.append_column(field, pa.array(values, field.type))
    return table


def shaped_record(context: Context, counter: TokenCounter) -> Record:
    """What became of a row's documents.

    >>> from ctxshape import shape
    >>> from ctxshape.core.tokens import EstimateCounter
    >>> context = shape("Who wrote Emma?", ["Emma is by Austen.", "Emma is by Austen."], counter=EstimateCounter())
    >>> record = shaped_record(context, EstimateCounter())
    >>> record["dropped"], record["shaped"][0]["spans"]
    ([{'id': 'd2', 'reason': "DropDuplicates: exact duplicate of 'd1'"}], [{'document': 'd1', 'start': 0, 'end': 18}])
    """
    steps = context.trace.steps
    if steps:
        before, after = steps[0].tokens_before, steps[-1].tokens_after
    else:  # a pipeline without steps counts nothing
        before = after = sum(map(counter.count_tokens, document_texts(context.query, context.documents)))
    return {
        "shaped": [_shaped(context, index) for index in range(len(context.documents))],
        "dropped": [{"id": id, "reason": reason} for id, reason in context.trace.dropped.items()],
        "hints": list(context.hints),
        "tokens_before": before,
        "tokens_after": after,
        "counter": context.trace.counter or counter_name(counter),
    }


def _shaped(context: Context, index: int) -> Record:
    document = context.documents[index]
    record = record_of(context, document)
    notes: Mapping[str, str] = record.get("notes", {})
    meta = record.get("meta")
    return {
        "id": document.id,
        "text": document.text,
        "title": document.title,
        "source": document.source,
        "score": document.score,
        "kind": document.kind,
        "spans": record["spans"],
        "duplicates": list(document.duplicates),
        "notes": [{"step": step, "note": note} for step, note in notes.items()],
        "meta": None if meta is None else json.dumps(meta, default=str),
    }


def answer_record(answer: Answer) -> Record:
    """What was answered, without its seconds: they differ from run to run.

    >>> answer_record(Answer(text="Austen"))["answer"]
    'Austen'
    """
    return {
        "answer": answer.text,
        "abstained": answer.abstained,
        "agreement": answer.agreement,
        "citations": [span.model_dump() for span in answer.citations],
        "prompt_tokens": answer.usage.prompt_tokens,
        "completion_tokens": answer.usage.completion_tokens,
    }

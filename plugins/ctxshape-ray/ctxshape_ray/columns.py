"""The columns that shaping adds. Their types do not depend on a batch's content, so blocks and files fit together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ctxshape import Answer, Context, TokenCounter
from ctxshape.adapting import provenance_of
from ctxshape.core.prompts import document_texts
from ctxshape.core.tokens import counter_name

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]  # a row's new values by column; a missing column is null


def output_schema(*, answers: bool = False, prefix: str = "") -> pa.Schema:
    """Returns the names and Arrow types of the columns that `shape_dataset` adds, with an answer's columns if `answers`.

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


def with_columns(table: pa.Table, rows: Sequence[Row], schema: pa.Schema, prefix: str) -> pa.Table:
    """Returns the table with the columns of `schema`; the names in the rows are without the prefix."""
    import pyarrow as pa

    for field in schema:
        values = [row.get(field.name.removeprefix(prefix)) for row in rows]
        table = table.append_column(field, pa.array(values, field.type))
    return table


def shaped_row(context: Context, counter: TokenCounter) -> Row:
    """Returns the new values of a shaped row.

    >>> from ctxshape import shape
    >>> from ctxshape.core.tokens import EstimateCounter
    >>> context = shape("Who wrote Emma?", ["Emma is by Austen.", "Emma is by Austen."], counter=EstimateCounter())
    >>> row = shaped_row(context, EstimateCounter())
    >>> row["dropped"], row["shaped"][0]["spans"]
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


def _shaped(context: Context, index: int) -> Row:
    document = context.documents[index]
    provenance = provenance_of(context, document)
    notes: Mapping[str, str] = provenance.get("notes", {})
    meta = provenance.get("meta")
    return {
        "id": document.id,
        "text": document.text,
        "title": document.title,
        "source": document.source,
        "score": document.score,
        "kind": document.kind,
        "spans": provenance["spans"],
        "duplicates": list(document.duplicates),
        "notes": [{"step": step, "note": note} for step, note in notes.items()],
        "meta": None if meta is None else json.dumps(meta, default=str),
    }


def answer_row(answer: Answer) -> Row:
    """Returns the new values of an answer, without its seconds, which differ from run to run.

    >>> answer_row(Answer(text="Austen"))["answer"]
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

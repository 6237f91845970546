"""ctxshape as a Haystack component."""

# No `from __future__ import annotations`: Haystack 2 reads the types of `run` as they stand.
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

from haystack import Document, component, default_from_dict, default_to_dict

from ctxshape import TokenCounter
from ctxshape.adapting import (
    KEY,
    Found,
    Made,
    PipelineLike,
    Shaped,
    counter_config,
    pipeline_config,
    pipeline_of,
    restructure,
    shared,
)
from ctxshape.core.cancellation import in_thread

_OUTPUTS = {"documents": list[Document], "dropped": dict[str, str], "hints": list[str], "trace": dict[str, Any]}


@component
class CtxshapeShaper:
    """Shapes retrieved documents, best first, for a query; the documents given stay as they are.

    `pipeline` is a ctxshape Pipeline, a preset's name, a TOML file or its mapping; `budget` the most tokens of the
    documents; `counter` any ctxshape backend or its table, `{"use": "llama_cpp", "model": "model.gguf"}`, else tiktoken.

    Outputs: `documents`, copies with id, meta and score kept, whose `meta["ctxshape"]` holds the spans in the given texts,
    the kind ("quote" or "rewrite") and notes; `dropped`, the reason of every document that is gone, by id; `hints` for
    the prompt; and `trace`, the steps. Documents with a blob, or without content, pass through, last. A pipeline of
    components with entry points is serialisable. Raises ConfigError when it is made, and InvalidInput for an empty query.

    >>> documents = [Document(content="Emma is by Jane Austen."), Document(content="Emma is by Jane Austen.")]
    >>> [d.content for d in CtxshapeShaper().run("Who wrote Emma?", documents)["documents"]]
    ['Emma is by Jane Austen.']
    """

    def __init__(
        self,
        pipeline: PipelineLike = "light",
        budget: int | None = None,
        counter: TokenCounter | Mapping[str, Any] | None = None,
    ) -> None:
        self.pipeline = pipeline
        self.budget = budget
        self.counter = counter
        self._steps = pipeline_of(pipeline, budget, counter)

    @component.output_types(**_OUTPUTS)  # type: ignore[untyped-decorator]
    def run(self, query: str, documents: list[Document]) -> dict[str, Any]:
        """The shaped documents, what was dropped, hints and the trace."""
        result = self.shaped(query, documents)
        trace = result.context.trace
        hints = list(result.context.hints)
        return {"documents": result.documents, "dropped": trace.dropped, "hints": hints, "trace": trace.model_dump(mode="json")}

    @component.output_types(**_OUTPUTS)  # type: ignore[untyped-decorator]
    async def run_async(self, query: str, documents: list[Document]) -> dict[str, Any]:
        """`run` in a thread, so that the event loop goes on meanwhile."""
        outputs: dict[str, Any] = await in_thread(partial(self.run, query, documents))
        return outputs

    def shaped(self, query: str, documents: Sequence[Document]) -> Shaped[Document]:
        """The documents, and the ctxshape context they came out of.

        >>> given = [Document(id=id, content="Emma is by Jane Austen.") for id in "ab"]
        >>> CtxshapeShaper().shaped("Who wrote Emma?", given).context.trace.dropped
        {'b': "DropDuplicates: exact duplicate of 'a'"}
        """
        return restructure(self._steps, query, documents, _read, _write)

    def to_dict(self) -> dict[str, Any]:
        """The component for YAML. Raises ConfigError for a pipeline or a counter with a part that no entry point names."""
        fields = {"pipeline": pipeline_config(self.pipeline), "counter": counter_config(self.counter)}
        serialised: dict[str, Any] = default_to_dict(self, budget=self.budget, **fields)
        return serialised

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The component again."""
        made: Self = default_from_dict(cls, data)
        return made


def _read(document: Document) -> Found:
    return Found(document.id, None if document.blob is not None else document.content, document.meta, document.score)


def _write(made: Made, originals: Sequence[Document]) -> Document:
    meta = shared([document.meta for document in originals]) | {KEY: made.record}
    if made.is_new:
        scores = [document.score for document in originals if document.score is not None]
        return Document(id=made.id, content=made.text, meta=meta, score=max(scores, default=None))
    text = originals[0].content if made.text is None else made.text
    return replace(originals[0], content=text, meta=meta)

"""ctxshape as a Haystack component."""

# No `from __future__ import annotations`: Haystack 2 reads the types of `run` as they stand.
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

from haystack import Document, component, default_from_dict, default_to_dict

from ctxshape import PipelineSpec
from ctxshape.adapting import Incoming, Outgoing, Shaped, metadata_of, restructure
from ctxshape.core.cancellation import in_thread
from ctxshape.core.reach import Allow
from ctxshape.spec import BackendLike, CounterLike, EmbedderLike, PipelineLike, RerankerLike

_OUTPUTS = {"documents": list[Document], "dropped": dict[str, str], "hints": list[str], "trace": dict[str, Any]}


@component
class CtxshapeShaper:
    """Shapes retrieved documents, best first, for a query; the documents given stay as they are.

    The options are those of `ctxshape.shape`; the first, `pipeline`, may also be a preset's name. A model may be a table,
    such as `counter={"use": "llama_cpp", "model": "model.gguf"}`. `allow` is what tables and pipeline files may reach. It is
    not serialised: load a pipeline of yours that needs it in `with ctxshape.core.reach.allowing("reads"): …`.

    Outputs: `documents`, copies with id, meta and score kept, whose `meta["ctxshape"]` holds the spans in the given texts,
    the kind ("quote" or "rewrite") and notes; `dropped`, the reason of every dropped document by its id; `hints` for
    the prompt; and `trace`, the steps. Documents with a blob, or without content, pass through, last. Names, tables and
    components with entry points are serialisable. Raises ConfigError when it is made, and InvalidInput for an empty query.

    >>> documents = [Document(content="Emma is by Jane Austen."), Document(content="Emma is by Jane Austen.")]
    >>> [d.content for d in CtxshapeShaper().run("Who wrote Emma?", documents)["documents"]]
    ['Emma is by Jane Austen.']
    """

    def __init__(
        self,
        pipeline: PipelineLike | None = None,
        *,
        preset: str | None = None,
        budget: int | None = None,
        embedder: EmbedderLike | None = None,
        reranker: RerankerLike | None = None,
        counter: CounterLike | None = None,
        backend: BackendLike | None = None,
        allow: Allow = (),
    ) -> None:
        self.spec = PipelineSpec(
            pipeline=pipeline,
            preset=preset,
            budget=budget,
            embedder=embedder,
            reranker=reranker,
            counter=counter,
            backend=backend,
            allow=allow,
        )
        self._steps = self.spec.resolve()

    @component.output_types(**_OUTPUTS)  # type: ignore[untyped-decorator]
    def run(self, query: str, documents: list[Document]) -> dict[str, Any]:
        """Returns the shaped documents, the reasons of the dropped ones, hints and the trace."""
        result = self.shaped(query, documents)
        trace = result.context.trace
        hints = list(result.context.hints)
        return {"documents": result.documents, "dropped": trace.dropped, "hints": hints, "trace": trace.model_dump(mode="json")}

    @component.output_types(**_OUTPUTS)  # type: ignore[untyped-decorator]
    async def run_async(self, query: str, documents: list[Document]) -> dict[str, Any]:
        """Does `run` in a thread, so that the event loop goes on."""
        outputs: dict[str, Any] = await in_thread(partial(self.run, query, documents))
        return outputs

    def shaped(self, query: str, documents: Sequence[Document]) -> Shaped[Document]:
        """Returns the documents, and the ctxshape context they came from.

        >>> given = [Document(id=id, content="Emma is by Jane Austen.") for id in "ab"]
        >>> CtxshapeShaper().shaped("Who wrote Emma?", given).context.trace.dropped
        {'b': "DropDuplicates: exact duplicate of 'a'"}
        """
        return restructure(self._steps, query, documents, _read, _write)

    def to_dict(self) -> dict[str, Any]:
        """Returns the component for YAML. Raises ConfigError for a step or a model that no entry point names."""
        serialised: dict[str, Any] = default_to_dict(self, **self.spec.to_config())
        return serialised

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Returns the component that `to_dict` wrote.

        Raises ConfigError for one that reaches the network or files, outside of `ctxshape.core.reach.allowing`.
        """
        PipelineSpec.from_config(data.get("init_parameters", {}))
        made: Self = default_from_dict(cls, data)
        return made


def _read(document: Document) -> Incoming:
    return Incoming(document.id, None if document.blob is not None else document.content, document.meta, document.score)


def _write(outgoing: Outgoing, originals: Sequence[Document]) -> Document:
    meta = metadata_of(outgoing, [document.meta for document in originals])
    if outgoing.is_new:
        scores = [document.score for document in originals if document.score is not None]
        return Document(id=outgoing.id, content=outgoing.text, meta=meta, score=max(scores, default=None))
    text = originals[0].content if outgoing.text is None else outgoing.text
    return replace(originals[0], content=text, meta=meta)

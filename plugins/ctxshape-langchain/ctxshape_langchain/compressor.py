"""ctxshape as LangChain's document compressor, and as a Runnable for LCEL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from langchain_core.callbacks import Callbacks, adispatch_custom_event, dispatch_custom_event
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnableSerializable
from pydantic import ConfigDict, PrivateAttr

from ctxshape import Answer, Context, InvalidInput, Pipeline, PipelineSpec, Reader
from ctxshape.adapting import KEY, Incoming, Outgoing, Shaped, metadata_of, restructure
from ctxshape.core.cancellation import in_thread
from ctxshape.core.reach import Allow
from ctxshape.spec import BackendLike, CounterLike, EmbedderLike, PipelineLike, RerankerLike

Asked = dict[str, Any]
DEFAULT_CONCURRENCY = 4


class CtxshapeCompressor(RunnableSerializable[Asked, list[Document]], BaseDocumentCompressor):  # type: ignore[misc]
    """Shapes retrieved documents, best first, for a question; the documents given stay as they are.

    A compressor, for ContextualCompressionRetriever and DocumentCompressorPipeline, and a Runnable from
    `{"question": …, "documents": […]}` to documents, for LCEL. The options are those of `ctxshape.shape`; the first,
    `pipeline`, may also be a preset's name. `score_key` is the metadata field that holds a score, higher for more relevant.
    `allow` is what tables and pipeline files may reach.

    Returns copies with id and metadata kept. `metadata["ctxshape"]` holds the spans in the given texts, the kind ("quote" or
    "rewrite") and notes. `shaped` also returns the trace, and every run sends it as the custom event "ctxshape" to the
    callbacks. Raises ConfigError when it is made, and InvalidInput for a document without text or an empty question.

    >>> documents = [Document("Emma is by Jane Austen."), Document("Emma is by Jane Austen.")]
    >>> [d.page_content for d in CtxshapeCompressor().compress_documents(documents, "Who wrote Emma?")]
    ['Emma is by Jane Austen.']
    """

    pipeline: Any = None
    preset: str | None = None
    budget: int | None = None
    embedder: Any = None
    reranker: Any = None
    counter: Any = None
    backend: Any = None
    score_key: str = "relevance_score"
    _steps: Pipeline = PrivateAttr()

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True, extra="forbid")

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
        score_key: str = "relevance_score",
        name: str | None = None,
    ) -> None:
        options = {"pipeline": pipeline, "preset": preset, "budget": budget, "embedder": embedder}
        options |= {"reranker": reranker, "counter": counter, "backend": backend}
        steps = PipelineSpec(**options, allow=allow).resolve()
        super().__init__(**options, score_key=score_key, name=name)
        self._steps = steps

    def compress_documents(self, documents: Sequence[Document], query: str, callbacks: Callbacks = None) -> list[Document]:
        """Returns the shaped documents; the run is a child of the callbacks' run."""
        return self.invoke({"question": query, "documents": documents}, {"callbacks": callbacks})

    async def acompress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks = None
    ) -> list[Document]:
        """Runs `compress_documents` in a thread, so that the event loop goes on."""
        return await self.ainvoke({"question": query, "documents": documents}, {"callbacks": callbacks})

    def invoke(self, input: Asked, config: RunnableConfig | None = None, **kwargs: object) -> list[Document]:
        """Returns the shaped documents for `input`, which has a "question" and its "documents"."""

        def run(asked: Asked, config: RunnableConfig) -> list[Document]:
            result = self.shaped(**checked(asked))
            dispatch_custom_event(KEY, _event(result.context), config=config)
            return result.documents

        return self._call_with_config(run, input, config, run_type="chain", **kwargs)  # type: ignore[no-any-return]

    async def ainvoke(self, input: Asked, config: RunnableConfig | None = None, **kwargs: object) -> list[Document]:
        """Runs `invoke` in a thread, so that the event loop goes on; a cancellation ends a model's work there."""

        async def run(asked: Asked, config: RunnableConfig) -> list[Document]:
            result = await in_thread(partial(self.shaped, **checked(asked)))
            await adispatch_custom_event(KEY, _event(result.context), config=config)
            return result.documents

        return await self._acall_with_config(run, input, config, run_type="chain", **kwargs)  # type: ignore[no-any-return]

    def shaped(self, question: str, documents: Sequence[Document]) -> Shaped[Document]:
        """Returns the documents, and the ctxshape context they came from: its trace, dropped documents, hints.

        >>> given = [Document("Emma is by Jane Austen.", id="a"), Document("Emma is by Jane Austen.", id="b")]
        >>> CtxshapeCompressor().shaped("Who wrote Emma?", given).context.trace.dropped
        {'b': "DropDuplicates: exact duplicate of 'a'"}
        """
        return restructure(self._steps, question, documents, self._read, _write)

    def _read(self, document: Document) -> Incoming:
        return read(document, self.score_key)


def read(document: Document, score_key: str = "relevance_score") -> Incoming:
    """Reads a LangChain document; its score is where LangChain's rerankers put theirs."""
    score = document.metadata.get(score_key)
    return Incoming(document.id, document.page_content, document.metadata, _number(score))


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]  # a numpy scalar counts, anything else is no score
    except (TypeError, ValueError):
        return None


def _write(item: Outgoing, originals: Sequence[Document]) -> Document:
    metadata = metadata_of(item, [document.metadata for document in originals])
    if item.is_new or originals[0].id is None:
        return Document(page_content=item.text or "", id=item.id, metadata=metadata)
    return originals[0].model_copy(update={"page_content": item.text, "metadata": metadata})


def _event(context: Context) -> dict[str, Any]:
    trace = context.trace
    return {"dropped": trace.dropped, "hints": list(context.hints), "trace": trace.model_dump(mode="json")}


def checked(asked: object) -> Asked:
    """Returns the question and the documents of a Runnable's input. Raises InvalidInput naming what is missing."""
    if not isinstance(asked, dict) or not {"question", "documents"} <= set(asked):
        has = sorted(map(str, asked)) if isinstance(asked, dict) else type(asked).__name__
        raise InvalidInput(f'the input has {has}; give {{"question": a str, "documents": a list of Documents}}')
    wrong = next((type(one).__name__ for one in asked["documents"] if not isinstance(one, Document)), None)
    if wrong is not None:
        raise InvalidInput(f"one of the documents is {wrong}; give langchain_core.documents.Document")
    return {"question": asked["question"], "documents": list(asked["documents"])}


def answerer(reader: Reader) -> Runnable[Asked, Answer]:
    """Returns a Runnable from `{"question": …, "documents": […]}` to a ctxshape reader's Answer.

    The documents are read as they stand, and citations are spans of them. Async calls wait in threads of their own, as
    many at a time as the `concurrency` of the reader's backend, or 4. A cancellation ends the request of an
    `OpenAICompatible`, and the server is free again; a `LlamaCpp` stops before its next token.

    >>> from ctxshape import ReadOnce
    >>> from ctxshape.testing import ScriptedBackend
    >>> asked = {"question": "Who wrote Emma?", "documents": [Document("Emma is by Jane Austen.")]}
    >>> answerer(ReadOnce(backend=ScriptedBackend(reply="Jane Austen"))).invoke(asked).text
    'Jane Austen'
    """
    at_once = getattr(getattr(reader, "backend", None), "concurrency", None) or DEFAULT_CONCURRENCY
    threads = ThreadPoolExecutor(at_once, "ctxshape-answer")  # long answers would occupy the event loop's own threads

    def answer(asked: Asked) -> Answer:
        given = checked(asked)
        return reader(restructure(Pipeline(), given["question"], given["documents"], read, _write).context)

    async def aanswer(asked: Asked) -> Answer:
        return await in_thread(partial(answer, asked), threads)

    return RunnableLambda(answer, aanswer, name="ctxshape_answer")

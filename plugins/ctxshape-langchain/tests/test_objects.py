"""LangChain's own objects in ctxshape's own calls, without the compressor."""

from __future__ import annotations

from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import InMemoryVectorStore

from ctxshape import shape
from ctxshape.inputs.models import embedder_from
from ctxshape.testing import check_embedder

QUESTION = "Who wrote Emma?"


def test_documents_as_a_retriever_gives_them() -> None:
    given = [
        Document("Rain fell in Bath.", metadata={"source": "b.pdf"}),
        Document("Emma is by Jane Austen.", id="emma", metadata={"source": "a.pdf", "title": "Novels", "page": 3}),
    ]
    before = [document.model_copy(deep=True) for document in given]
    shaped = shape(QUESTION, given)
    assert [(d.id, d.text, d.title, d.source) for d in shaped.documents] == [
        ("emma", "Emma is by Jane Austen.", "Novels", "a.pdf")
    ]
    assert shaped.sources["emma"].meta["page"] == 3 and shaped.sources["d1"].source == "b.pdf"
    assert given == before


def test_pairs_and_embeddings_of_a_vector_store() -> None:
    embeddings = DeterministicFakeEmbedding(size=8)
    check_embedder(embedder_from(embeddings))
    store = InMemoryVectorStore.from_texts(["Emma is by Jane Austen.", "Rain fell in Bath."], embeddings)
    pairs = store.similarity_search_with_score(QUESTION, k=2)
    shaped = shape(QUESTION, pairs, preset="balanced", embedder=embeddings)
    assert [document.score for document in shaped.sources.values()] == [score for _, score in pairs]
    assert "Emma is by Jane Austen." in [document.text for document in shaped.documents]

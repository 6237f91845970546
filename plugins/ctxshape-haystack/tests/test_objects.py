"""Haystack's own objects in ctxshape's own calls, without the component."""

from __future__ import annotations

import pytest
from haystack import Document
from haystack.components.embedders import MockDocumentEmbedder, MockTextEmbedder
from haystack.dataclasses import ByteStream

from ctxshape import ConfigError, InvalidInput, shape
from ctxshape.inputs.models import embedder_from
from ctxshape.testing import check_embedder

QUESTION = "Who wrote Emma?"


def test_documents_and_a_retrievers_output() -> None:
    given = [
        Document(content="Rain fell in Bath.", score=0.5),
        Document(id="emma", content="Emma is by Jane Austen.", meta={"name": "a.txt", "url": "https://a.example"}, score=0.75),
    ]
    for documents in (given, {"documents": given}):
        shaped = shape(QUESTION, documents)
        assert [(d.id, d.text, d.title, d.source) for d in shaped.documents] == [
            ("emma", "Emma is by Jane Austen.", "a.txt", "https://a.example")
        ]
        assert [document.score for document in shaped.sources.values()] == [0.5, 0.75]


def test_copies_have_one_id_in_haystack() -> None:
    shaped = shape(QUESTION, [Document(content="Emma is by Jane Austen.")] * 2)
    assert len(shaped.sources) == 2 and len(shaped.documents) == 1


def test_a_blob_has_no_text() -> None:
    with pytest.raises(InvalidInput, match="document 1, field 'text' is NoneType"):
        shape(QUESTION, [Document(blob=ByteStream(b"x"))])


def test_a_text_embedder_and_one_for_documents() -> None:
    check_embedder(embedder_from(MockTextEmbedder()))
    assert shape(QUESTION, ["Emma is by Jane Austen."], preset="balanced", embedder=MockTextEmbedder()).documents
    with pytest.raises(ConfigError, match="MockDocumentEmbedder.*text embedder"):
        embedder_from(MockDocumentEmbedder())

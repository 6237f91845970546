"""LlamaIndex's own objects in ctxshape's own calls, without the postprocessor."""

from __future__ import annotations

from llama_index.core import MockEmbedding
from llama_index.core.schema import Document, ImageNode, MediaResource, Node, NodeWithScore, TextNode

from ctxshape import shape
from ctxshape.inputs.models import embedder_from
from ctxshape.testing import check_embedder

QUESTION = "Who wrote Emma?"


def test_nodes_with_and_without_scores_and_documents() -> None:
    node = TextNode(text="Emma is by Jane Austen.", id_="emma", metadata={"file_name": "a.txt", "file_path": "/x/a.txt"})
    given = [
        NodeWithScore(node=node, score=0.5),
        TextNode(text="Rain fell in Bath.", id_="rain"),
        Document(text="Bath has a pump room.", id_="bath"),
        Node(id_="media", text_resource=MediaResource(text="Bath is a city.")),
        ImageNode(image_url="http://a.example/b.png", id_="image"),
    ]
    shaped = shape(QUESTION, given)
    assert [(d.id, d.text, d.title, d.source) for d in shaped.documents] == [
        ("emma", "Emma is by Jane Austen.", "a.txt", "/x/a.txt")
    ]
    assert [(d.id, d.text, d.score) for d in shaped.sources.values()] == [
        ("emma", "Emma is by Jane Austen.", 0.5),
        ("rain", "Rain fell in Bath.", None),
        ("bath", "Bath has a pump room.", None),
        ("media", "Bath is a city.", None),
        ("image", "", None),
    ]
    assert shaped.trace.dropped["image"].startswith("DropEmpty")


def test_a_node_that_two_retrievers_found_is_one_passage() -> None:
    given = [NodeWithScore(node=TextNode(text="Emma is by Jane Austen.", id_="emma"), score=score) for score in (0.5, 0.25)]
    shaped = shape(QUESTION, given)
    assert [document.id for document in shaped.documents] == ["emma"] and list(shaped.sources) == ["emma", "emma#2"]


def test_an_embedding() -> None:
    embedding = MockEmbedding(embed_dim=4)
    check_embedder(embedder_from(embedding))
    assert shape(QUESTION, ["Emma is by Jane Austen."], preset="balanced", embedder=embedding).documents

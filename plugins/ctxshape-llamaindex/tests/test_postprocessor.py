from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ctxshape_llamaindex import CtxshapePostprocessor, ShapeEvent
from llama_index.core import Document
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import (
    ImageNode,
    IndexNode,
    MediaResource,
    MetadataMode,
    Node,
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)
from pydantic import PrivateAttr

from ctxshape import ConfigError, Context, InvalidInput, Pipeline, Reorder, SummarizeBlocks, shape
from ctxshape.testing import ScriptedBackend

QUESTION = "Who wrote Emma?"
AUSTEN = "Emma is a novel by Jane Austen. It came out in 1815."
RAIN = "Rain fell in Bath."
STEPS = {"step": [{"use": "drop_duplicates"}, {"use": "keep_key_sentences", "ratio": 0.2}]}
BOOK = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id="book"), NodeRelationship.NEXT: RelatedNodeInfo(node_id="rain")}


def nodes() -> list[NodeWithScore]:
    emma = TextNode(
        text=AUSTEN, id_="emma", metadata={"title": "Emma"}, relationships=BOOK, excluded_llm_metadata_keys=["page"]
    )
    copy = TextNode(text=AUSTEN, id_="copy")
    return [
        NodeWithScore(node=emma, score=0.9),
        NodeWithScore(node=TextNode(text=RAIN, id_="rain"), score=0.5),
        NodeWithScore(node=copy, score=0.4),
    ]


def dump(given: list[NodeWithScore]) -> list[dict[str, Any]]:
    return [item.model_dump() for item in given]


class Shelf(BaseRetriever):  # type: ignore[misc]
    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return nodes()


class Model(CustomLLM):  # type: ignore[misc]
    """Answers always the same, and keeps the prompts."""

    _prompts: list[str] = PrivateAttr(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
        self._prompts.append(prompt)
        return CompletionResponse(text="Jane Austen")

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> Iterator[CompletionResponse]:
        yield self.complete(prompt)


class Watcher(BaseEventHandler):  # type: ignore[misc]
    _seen: list[ShapeEvent] = PrivateAttr(default_factory=list)

    def handle(self, event: BaseEvent, **kwargs: object) -> None:
        if isinstance(event, ShapeEvent):
            self._seen.append(event)


def test_copies_come_back_with_ids_relationships_metadata_and_scores() -> None:
    given = nodes()
    before = dump(given)
    (one,) = CtxshapePostprocessor(STEPS).postprocess_nodes(given, query_str=QUESTION)
    assert dump(given) == before
    assert one.node.text == "Emma is a novel by Jane Austen." and one.score == 0.9
    assert one.node_id == "emma" and one.node.relationships == BOOK and one.node.metadata["title"] == "Emma"
    assert one.node.relationships is not given[0].node.relationships
    record = one.node.metadata["ctxshape"]
    assert record["spans"] == [{"document": "emma", "start": 0, "end": 31}]
    assert record["kind"] == "quote" and record["duplicates"] == ["copy"]


def test_the_record_is_shown_to_no_model() -> None:
    (one,) = CtxshapePostprocessor(STEPS).postprocess_nodes(nodes(), query_str=QUESTION)
    for mode in (MetadataMode.LLM, MetadataMode.EMBED):
        assert one.node.get_content(mode) == "title: Emma\n\nEmma is a novel by Jane Austen."
    assert one.node.excluded_llm_metadata_keys == ["page", "ctxshape"]


def test_in_a_query_engine() -> None:
    model = Model()
    engine = RetrieverQueryEngine.from_args(Shelf(), llm=model, node_postprocessors=[CtxshapePostprocessor(STEPS, budget=40)])
    response = engine.query(QUESTION)
    assert str(response) == "Jane Austen" and [item.node_id for item in response.source_nodes] == ["emma"]
    assert "Emma is a novel by Jane Austen.\n" in model._prompts[0]
    assert not any(word in model._prompts[0] for word in ("1815", "Bath", "ctxshape", "spans"))
    assert [item.node_id for item in asyncio.run(engine.aquery(QUESTION)).source_nodes] == ["emma"]
    assert model._prompts[1] == model._prompts[0]


def test_the_trace_says_what_went_by_method_and_by_event() -> None:
    expected = {
        "copy": "DropDuplicates: exact duplicate of 'emma'",
        "rain": "KeepKeySentences: its only sentence is not a key sentence",
    }
    shaper = CtxshapePostprocessor(STEPS)
    assert shaper.shaped(QUESTION, nodes()).context.trace.dropped == expected
    watcher = Watcher()
    root = get_dispatcher()
    root.add_event_handler(watcher)
    try:
        shaper.postprocess_nodes(nodes(), QueryBundle(QUESTION))
    finally:
        root.event_handlers.remove(watcher)
    (event,) = watcher._seen
    assert event.query == QUESTION and event.dropped == expected
    assert event.trace["steps"][0]["name"] == "DropDuplicates"


def test_the_event_loop_goes_on_while_nodes_are_shaped() -> None:
    going = threading.Event()

    def wait_for_the_loop(context: Context) -> Context:
        assert going.wait(30), "the event loop did not go on"
        return context.keep(context.documents)

    async def shaped_beside_the_loop() -> list[str]:
        shaping = asyncio.create_task(CtxshapePostprocessor(wait_for_the_loop).apostprocess_nodes(nodes(), query_str=QUESTION))
        asyncio.get_running_loop().call_soon(going.set)  # runs only if the task before it does not hold the loop
        return [item.node_id for item in await shaping]

    assert sorted(asyncio.run(shaped_beside_the_loop())) == ["copy", "emma", "rain"]


def test_images_pass_through_and_their_record_says_so() -> None:
    picture = ImageNode(text="a caption", image_url="http://127.0.0.1/a.png", id_="picture")
    mixed = Node(
        id_="mixed", text_resource=MediaResource(text="words"), image_resource=MediaResource(data=b"", mimetype="image/png")
    )
    given = [NodeWithScore(node=picture, score=0.1), NodeWithScore(node=mixed), *nodes()]
    before = dump(given)
    shaped = CtxshapePostprocessor(STEPS, budget=40).postprocess_nodes(given, query_str=QUESTION)
    assert dump(given) == before
    assert [item.node_id for item in shaped] == ["emma", "picture", "mixed"]
    image = shaped[1].node
    assert isinstance(image, ImageNode) and image.image_url == picture.image_url and image.text == "a caption"
    assert shaped[1].score == 0.1 and shaped[2].node.image_resource == mixed.image_resource
    record = image.metadata["ctxshape"]
    assert record["kind"] == "other" and record["notes"] == {"ctxshape": "it is not text alone: passed through as it is"}


def test_every_kind_of_text_node_keeps_its_class() -> None:
    given = [
        Document(text=AUSTEN, id_="document"),
        IndexNode(text=RAIN, index_id="index", id_="pointer"),
        Node(text_resource=MediaResource(text="Emma is by Austen, Jane."), id_="node"),
    ]

    def first_word(context: Context) -> Context:
        short = [d.model_copy(update={"text": d.text.split()[0], "kind": "rewrite"}) for d in context.documents]
        return context.keep(short)

    shaped = CtxshapePostprocessor(first_word).postprocess_nodes([NodeWithScore(node=node) for node in given], query_str="q")
    assert [(type(item.node), item.node.get_content()) for item in shaped] == [
        (Document, "Emma"),
        (IndexNode, "Rain"),
        (Node, "Emma"),
    ]
    assert [node.get_content() for node in given] == [AUSTEN, RAIN, "Emma is by Austen, Jane."]


def test_a_summary_is_marked_and_has_what_its_sources_share() -> None:
    summarize = SummarizeBlocks(backend=ScriptedBackend(reply="Austen wrote Emma."))
    given = nodes()[:2]
    given[1].node.relationships = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id="book")}
    (one,) = CtxshapePostprocessor(Pipeline(summarize)).postprocess_nodes(given, query_str=QUESTION)
    assert one.node.text == "Austen wrote Emma." and one.node_id.startswith("summary1-") and one.score == 0.9
    assert one.node.relationships == {NodeRelationship.SOURCE: RelatedNodeInfo(node_id="book")}
    record = one.node.metadata["ctxshape"]
    assert record["kind"] == "rewrite" and [span["document"] for span in record["spans"]] == ["emma", "rain"]


def test_it_is_serialised_by_its_configuration() -> None:
    shaper = CtxshapePostprocessor(Pipeline(Reorder()), budget=50, counter=ScriptedBackend(n_ctx=99))
    data = shaper.to_dict()
    assert data["pipeline"] == {"step": [{"use": "reorder"}]} and data["counter"] == {"use": "scripted", "n_ctx": 99}
    again = CtxshapePostprocessor.from_json(shaper.to_json())
    assert again.to_dict() == data
    by_name = CtxshapePostprocessor(preset="balanced", embedder="universal").to_dict()
    assert (by_name["preset"], by_name["embedder"], by_name["pipeline"]) == ("balanced", "universal", None)
    assert CtxshapePostprocessor.from_dict(by_name).to_dict() == by_name
    one, other = (one.shaped(QUESTION, nodes()).documents for one in (shaper, again))
    assert dump(one) == dump(other)


@pytest.mark.parametrize("backend", [{"use": "openai", "base_url": "http://127.0.0.1:9/v1"}, "http://127.0.0.1:9/v1"])
def test_a_serialised_form_reaches_the_network_only_where_it_is_allowed(backend: Any) -> None:  # noqa: ANN401
    data = CtxshapePostprocessor(backend=backend, allow="network").to_dict()
    assert "allow" not in data
    with pytest.raises(ConfigError, match="--allow network"):
        CtxshapePostprocessor.from_dict(data)
    with pytest.raises(ConfigError, match="'allow'"):
        CtxshapePostprocessor.from_dict({**data, "allow": "all"})
    assert CtxshapePostprocessor.from_dict(data, allow="network").to_dict() == data


def test_chinese() -> None:
    texts = {"雨": "巴斯下了雨。", "爱玛": "《爱玛》的作者是简·奥斯汀。它于1815年出版。"}
    given = [NodeWithScore(node=TextNode(text=text, id_=id)) for id, text in texts.items()]
    (one,) = CtxshapePostprocessor(STEPS).postprocess_nodes(given, query_str="《爱玛》的作者是谁？")
    assert one.node.text == "《爱玛》的作者是简·奥斯汀。"
    assert one.node.metadata["ctxshape"]["spans"] == [{"document": "爱玛", "start": 0, "end": 14}]


def test_texts_are_those_of_ctxshape_itself() -> None:
    passages = [
        {"id": item.node_id, "text": item.node.text, "title": item.metadata.get("title"), "score": item.score}
        for item in nodes()
    ]
    shaped = CtxshapePostprocessor(STEPS, budget=40).postprocess_nodes(nodes(), query_str=QUESTION)
    assert [item.node.text for item in shaped] == [
        d.text for d in shape(QUESTION, passages, budget=40, pipeline=Pipeline.from_config(STEPS)).documents
    ]


def test_mistakes_are_named() -> None:
    with pytest.raises(ConfigError, match="there is no preset 'lite'"):
        CtxshapePostprocessor("lite")
    with pytest.raises(ConfigError, match="'budget'.* 1.* 0"):
        CtxshapePostprocessor(STEPS, budget=0)
    with pytest.raises(ConfigError, match="'universal'.*'light'.*balanced or thorough"):
        CtxshapePostprocessor(embedder="universal")
    with pytest.raises(ConfigError, match="'raw'.*'light'"):
        CtxshapePostprocessor("light", preset="raw")
    with pytest.raises(TypeError, match="budgett"):
        CtxshapePostprocessor(budgett=40)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="budgett"):
        CtxshapePostprocessor.from_dict({"preset": "light", "budgett": 40})
    with pytest.raises(InvalidInput, match="CtxshapePostprocessor needs the query; give query_bundle or query_str"):
        CtxshapePostprocessor(STEPS).postprocess_nodes(nodes())
    with pytest.raises(ValueError, match="ConfigError: .* has no name"):  # in pydantic's own error
        CtxshapePostprocessor(lambda context: context).to_dict()

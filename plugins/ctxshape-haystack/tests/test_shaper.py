from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from ctxshape_haystack import CtxshapeShaper
from haystack import Document, Pipeline
from haystack.components.builders import PromptBuilder
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.core.errors import DeserializationError
from haystack.dataclasses import ByteStream
from haystack.document_stores.in_memory import InMemoryDocumentStore

import ctxshape
from ctxshape import ConfigError, Context, InvalidInput, Reorder, SummarizeBlocks, shape
from ctxshape.core.reach import allowing
from ctxshape.testing import ScriptedBackend

QUESTION = "Who wrote Emma?"
AUSTEN = "Emma is a novel by Jane Austen. It came out in 1815."
RAIN = "Rain fell in Bath."
STEPS = {"step": [{"use": "drop_duplicates"}, {"use": "keep_key_sentences", "ratio": 0.2}]}
TEMPLATE = "{% for document in documents %}{{ document.content }}\n{% endfor %}{{ hints|join }}Question: {{ query }}"
ALLOWED = ["ctxshape_haystack.*"]


def documents() -> list[Document]:
    return [
        Document(id="emma", content=AUSTEN, meta={"title": "Emma"}, score=0.9),
        Document(id="rain", content=RAIN, score=0.5),
        Document(id="copy", content=AUSTEN, score=0.4),
    ]


def dump(given: list[Document]) -> list[dict[str, Any]]:
    return [document.to_dict(flatten=False) for document in given]


def rag(shaper: CtxshapeShaper) -> Pipeline:
    store = InMemoryDocumentStore()
    store.write_documents(documents())
    pipeline = Pipeline()
    pipeline.add_component("retriever", InMemoryBM25Retriever(store))
    pipeline.add_component("shaper", shaper)
    pipeline.add_component("prompt", PromptBuilder(TEMPLATE, required_variables="*"))
    pipeline.connect("retriever.documents", "shaper.documents")
    pipeline.connect("shaper.documents", "prompt.documents")
    pipeline.connect("shaper.hints", "prompt.hints")
    return pipeline


def asked() -> dict[str, Any]:
    return {name: {"query": QUESTION} for name in ("retriever", "shaper", "prompt")}


def test_copies_come_back_with_ids_meta_and_scores() -> None:
    given = documents()
    before = dump(given)
    (one,) = CtxshapeShaper(STEPS).run(QUESTION, given)["documents"]
    assert dump(given) == before
    assert one.content == "Emma is a novel by Jane Austen." and one.id == "emma" and one.score == 0.9
    assert one.meta["title"] == "Emma"
    record = one.meta["ctxshape"]
    assert record["spans"] == [{"document": "emma", "start": 0, "end": 31}]
    assert record["kind"] == "quote" and record["duplicates"] == ["copy"]


def test_outputs_say_what_went() -> None:
    outputs = CtxshapeShaper(STEPS).run(QUESTION, documents())
    assert outputs["dropped"] == {
        "copy": "DropDuplicates: exact duplicate of 'emma'",
        "rain": "KeepKeySentences: its only sentence is not a key sentence",
    }
    assert outputs["hints"] == [] and outputs["trace"]["steps"][0]["name"] == "DropDuplicates"
    assert CtxshapeShaper(STEPS).shaped(QUESTION, documents()).context.trace.dropped == outputs["dropped"]


def test_in_a_pipeline() -> None:
    pipeline = rag(CtxshapeShaper(STEPS, budget=40))
    outputs = pipeline.run(asked(), include_outputs_from={"shaper"})
    assert outputs["prompt"]["prompt"] == "Emma is a novel by Jane Austen.\nQuestion: Who wrote Emma?"
    assert list(outputs["shaper"]["dropped"]) == ["copy"]  # the retriever finds nothing in "rain"
    again = asyncio.run(pipeline.run_async(asked(), include_outputs_from={"shaper"}))
    assert again["prompt"] == outputs["prompt"]


def test_in_yaml_and_back() -> None:
    made = ctxshape.Pipeline(Reorder(), SummarizeBlocks(backend=ScriptedBackend()))
    for given in ("light", {"step": [{"use": "reorder"}]}, made):
        pipeline = rag(CtxshapeShaper(given, budget=40, counter=ScriptedBackend(n_ctx=512)))
        text = pipeline.dumps()
        again = Pipeline.loads(text, allowed_modules=ALLOWED)
        assert again.dumps() == text
        shaper = again.get_component("shaper")
        assert isinstance(shaper, CtxshapeShaper) and shaper.spec.counter == {"use": "scripted", "n_ctx": 512}
        pair = [one.run(QUESTION, documents())["documents"] for one in (shaper, pipeline.get_component("shaper"))]
        assert dump(pair[0]) == dump(pair[1])
    with pytest.raises(DeserializationError, match="allowlist"):  # Haystack's own rule; the README says what to pass
        Pipeline.loads(text)


@pytest.mark.parametrize(
    "options",
    [
        {"backend": {"use": "openai", "base_url": "http://127.0.0.1:9/v1"}},
        {"backend": "http://127.0.0.1:9/v1"},
        {"pipeline": [{"use": "summarize_blocks", "backend": {"use": "openai"}}]},
    ],
)
def test_yaml_reaches_the_network_only_where_it_is_allowed(options: dict[str, Any]) -> None:
    text = rag(CtxshapeShaper(**options, allow="network")).dumps()
    assert "allow" not in text
    with pytest.raises(DeserializationError, match="--allow network"):
        Pipeline.loads(text, allowed_modules=ALLOWED)
    with allowing("network"):
        again = Pipeline.loads(text, allowed_modules=ALLOWED)
        assert again.dumps() == text
    data = CtxshapeShaper(**options, allow="network").to_dict()
    with pytest.raises(ConfigError, match="'allow'"):
        CtxshapeShaper.from_dict({**data, "init_parameters": {**data["init_parameters"], "allow": "all"}})


def test_a_part_without_a_name_cannot_be_serialised() -> None:
    def keep_all(context: Context) -> Context:
        return context.keep(context.documents)

    with pytest.raises(ConfigError, match=r"keep_all.* has no name: register .* as an entry point of ctxshape.transforms"):
        CtxshapeShaper(keep_all).to_dict()


def test_the_event_loop_goes_on_while_documents_are_shaped() -> None:
    going = threading.Event()

    def wait_for_the_loop(context: Context) -> Context:
        assert going.wait(30), "the event loop did not go on"
        return context.keep(context.documents)

    async def shaped_beside_the_loop() -> list[str]:
        shaping = asyncio.create_task(CtxshapeShaper(wait_for_the_loop).run_async(QUESTION, documents()))
        asyncio.get_running_loop().call_soon(going.set)  # runs only if the task before it does not hold the loop
        return [document.id for document in (await shaping)["documents"]]

    assert sorted(asyncio.run(shaped_beside_the_loop())) == ["copy", "emma", "rain"]


def test_what_is_not_text_passes_through_and_its_record_says_so() -> None:
    picture = Document(id="picture", blob=ByteStream(b"\x89PNG", mime_type="image/png"), meta={"page": 2})
    empty = Document(id="empty")
    given = [picture, empty, *documents()]
    before = dump(given)
    shaped = CtxshapeShaper(STEPS, budget=40).run(QUESTION, given)["documents"]
    assert dump(given) == before
    assert [document.id for document in shaped] == ["emma", "picture", "empty"]
    assert shaped[1].blob == picture.blob and shaped[1].content is None and shaped[1].meta["page"] == 2
    record = shaped[1].meta["ctxshape"]
    assert record["kind"] == "other" and record["notes"] == {"ctxshape": "it is not text alone: passed through as it is"}


def test_a_summary_is_marked_and_has_what_its_sources_share() -> None:
    summarize = SummarizeBlocks(backend=ScriptedBackend(reply="Austen wrote Emma."))
    given = [Document(id=id, content=text, meta={"shelf": 1, "id": id}) for id, text in (("a", AUSTEN), ("b", RAIN))]
    (one,) = CtxshapeShaper(summarize).run(QUESTION, given)["documents"]
    assert one.content == "Austen wrote Emma." and one.id.startswith("summary1-") and one.score is None
    record = one.meta.pop("ctxshape")
    assert record["kind"] == "rewrite" and [span["document"] for span in record["spans"]] == ["a", "b"]
    assert one.meta == {"shelf": 1}


def test_hints_come_out_for_the_prompt() -> None:
    shaper = CtxshapeShaper({"step": [{"use": "rank_by_relevance"}, {"use": "hint_at_evidence"}]})
    outputs = rag(shaper).run(asked(), include_outputs_from={"shaper"})
    (hint,) = outputs["shaper"]["hints"]
    assert hint in outputs["prompt"]["prompt"]
    assert outputs["shaper"]["documents"][0].meta["ctxshape"]["hints"] == [hint]


def test_chinese() -> None:
    texts = {"雨": "巴斯下了雨。", "爱玛": "《爱玛》的作者是简·奥斯汀。它于1815年出版。"}
    given = [Document(id=id, content=text) for id, text in texts.items()]
    (one,) = CtxshapeShaper(STEPS).run("《爱玛》的作者是谁？", given)["documents"]
    assert one.content == "《爱玛》的作者是简·奥斯汀。"
    assert one.meta["ctxshape"]["spans"] == [{"document": "爱玛", "start": 0, "end": 14}]


def test_texts_are_those_of_ctxshape_itself() -> None:
    passages = [{"id": d.id, "text": d.content, "title": d.meta.get("title"), "score": d.score} for d in documents()]
    shaped = CtxshapeShaper(STEPS, budget=40).run(QUESTION, documents())["documents"]
    assert [d.content for d in shaped] == [
        d.text for d in shape(QUESTION, passages, budget=40, pipeline=ctxshape.Pipeline.from_config(STEPS)).documents
    ]


def test_mistakes_are_named() -> None:
    with pytest.raises(ConfigError, match="there is no preset 'lite'"):
        CtxshapeShaper("lite")
    with pytest.raises(ConfigError, match="'budget'.* 1.* 0"):
        CtxshapeShaper(STEPS, budget=0)
    with pytest.raises(ConfigError, match="'universal'.*'light'.*balanced or thorough"):
        CtxshapeShaper(embedder="universal")
    with pytest.raises(ConfigError, match="'raw'.*'light'"):
        CtxshapeShaper("light", preset="raw")
    with pytest.raises(TypeError, match="budgett"):
        CtxshapeShaper(budgett=40)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match="counter: there is no backend named 'llama'"):
        CtxshapeShaper(counter={"use": "llama"})
    with pytest.raises(InvalidInput, match="the query is ''"):
        CtxshapeShaper(STEPS).run("", documents())

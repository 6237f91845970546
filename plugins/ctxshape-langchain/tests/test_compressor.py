from __future__ import annotations

import asyncio
import threading
from typing import Any
from uuid import UUID

import pytest
from ctxshape_langchain import CtxshapeCompressor, Shaped, answerer
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_classic.retrievers.document_compressors import DocumentCompressorPipeline
from langchain_core.callbacks import BaseCallbackHandler, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import ConfigurableField, RunnableLambda, RunnablePassthrough

from ctxshape import ConfigError, Context, FitBudget, InvalidInput, Pipeline, ReadOnce, Reorder, SummarizeBlocks, shape
from ctxshape.testing import ScriptedBackend

QUESTION = "Who wrote Emma?"
AUSTEN = "Emma is a novel by Jane Austen. It came out in 1815."
RAIN = "Rain fell in Bath."
STEPS = {"step": [{"use": "drop_duplicates"}, {"use": "keep_key_sentences", "ratio": 0.2}]}


class Shelf(BaseRetriever):  # type: ignore[misc]
    documents: list[Document]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return self.documents


class Watcher(BaseCallbackHandler):  # type: ignore[misc]
    """Keeps the runs and the custom events it is told of."""

    def __init__(self) -> None:
        self.runs: dict[UUID, tuple[str, UUID | None]] = {}
        self.events: list[tuple[str, Any, UUID]] = []

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, **more: Any) -> None:  # noqa: ANN401
        self.runs[run_id] = (more["name"], more["parent_run_id"])

    def on_retriever_start(self, serialized: Any, query: str, *, run_id: UUID, **more: Any) -> None:  # noqa: ANN401
        self.runs[run_id] = (more["name"], more["parent_run_id"])

    def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **more: Any) -> None:  # noqa: ANN401
        self.events.append((name, data, run_id))


def documents() -> list[Document]:
    return [
        Document(RAIN, id="rain", metadata={"page": 3}),
        Document(AUSTEN, id="emma", metadata={"title": "Emma", "page": 7, "relevance_score": 0.9}),
        Document(AUSTEN, id="copy", metadata={"page": 8}),
    ]


def dump(given: list[Document]) -> list[dict[str, Any]]:
    return [document.model_dump() for document in given]


def test_copies_come_back_with_ids_metadata_and_spans() -> None:
    given = documents()
    shaped = CtxshapeCompressor(STEPS).compress_documents(given, QUESTION)
    assert dump(given) == dump(documents())
    (one,) = shaped
    assert one.id == "emma" and one.page_content == "Emma is a novel by Jane Austen."
    assert {name: one.metadata[name] for name in ("title", "page", "relevance_score")} == given[1].metadata
    record = one.metadata["ctxshape"]
    assert record["spans"] == [{"document": "emma", "start": 0, "end": 31}]
    assert record["kind"] == "quote" and record["duplicates"] == ["copy"]
    assert AUSTEN[0:31] == one.page_content


def test_the_trace_says_what_went() -> None:
    result = CtxshapeCompressor(STEPS).shaped(QUESTION, documents())
    assert isinstance(result, Shaped) and [document.id for document in result.documents] == ["emma"]
    assert result.context.trace.dropped == {
        "copy": "DropDuplicates: exact duplicate of 'emma'",
        "rain": "KeepKeySentences: its only sentence is not a key sentence",
    }


def test_nothing_changes_by_raw_and_the_objects_are_still_copies() -> None:
    given = documents()
    shaped = CtxshapeCompressor("raw").compress_documents(given, QUESTION)
    assert [document.page_content for document in shaped] == [document.page_content for document in given]
    assert all(a is not b and a.metadata is not b.metadata for a, b in zip(shaped, given, strict=True))


def test_in_a_contextual_compression_retriever_with_its_callbacks() -> None:
    retriever = ContextualCompressionRetriever(
        base_compressor=CtxshapeCompressor(STEPS, budget=40), base_retriever=Shelf(documents=documents())
    )
    watcher = Watcher()
    (one,) = retriever.invoke(QUESTION, {"callbacks": [watcher]})
    assert one.page_content == "Emma is a novel by Jane Austen."
    ((name, data, run),) = watcher.events
    assert name == "ctxshape" and list(data["dropped"]) == ["copy", "rain"]
    assert [step["name"] for step in data["trace"]["steps"]][-1] == "FitBudget"
    own, parent = watcher.runs[run]
    assert own == "CtxshapeCompressor"
    assert parent is not None and watcher.runs[parent] == ("ContextualCompressionRetriever", None)
    assert asyncio.run(retriever.ainvoke(QUESTION, {"callbacks": [watcher]})) == [one]
    assert len(watcher.events) == 2


def test_in_a_compressor_pipeline_a_second_shaping_keeps_the_first_record() -> None:
    both = DocumentCompressorPipeline(transformers=[CtxshapeCompressor(STEPS), CtxshapeCompressor("raw")])
    (one,) = both.compress_documents(documents(), QUESTION)
    record = one.metadata["ctxshape"]
    assert record["spans"] == record["earlier"]["spans"] == [{"document": "emma", "start": 0, "end": 31}]
    assert record["earlier"]["duplicates"] == ["copy"]
    assert asyncio.run(both.acompress_documents(documents(), QUESTION)) == [one]


def test_in_a_chain() -> None:
    retrieve = {"question": RunnablePassthrough(), "documents": Shelf(documents=documents())}
    chain = retrieve | RunnablePassthrough.assign(documents=CtxshapeCompressor(STEPS))
    shaped = chain.invoke(QUESTION)
    assert shaped["question"] == QUESTION
    assert [document.page_content for document in shaped["documents"]] == ["Emma is a novel by Jane Austen."]
    assert [one["documents"] for one in chain.batch([QUESTION, QUESTION])] == [shaped["documents"]] * 2
    assert asyncio.run(chain.ainvoke(QUESTION)) == shaped


def test_a_hundred_at_once_are_not_mixed_up() -> None:
    def asked(number: int) -> dict[str, Any]:
        passages = [Document(f"Ship {number} is called Dove{number}.", id=str(number)), Document("It rained.", id="r")]
        return {"question": f"What is ship {number} called?", "documents": passages}

    async def all_of_them() -> list[list[Document]]:
        compressor = CtxshapeCompressor(STEPS)
        together: list[list[Document]] = await compressor.abatch([asked(n) for n in range(100)], {"max_concurrency": 8})
        return together

    for number, shaped in enumerate(asyncio.run(all_of_them())):
        assert [document.page_content for document in shaped] == [f"Ship {number} is called Dove{number}."]


def test_the_event_loop_goes_on_while_documents_are_shaped() -> None:
    going = threading.Event()

    def wait_for_the_loop(context: Context) -> Context:
        assert going.wait(30), "the event loop did not go on"
        return context.keep(context.documents)

    async def shaped_beside_the_loop() -> list[str]:
        shaping = asyncio.create_task(CtxshapeCompressor(wait_for_the_loop).acompress_documents(documents(), QUESTION))
        asyncio.get_running_loop().call_soon(going.set)  # runs only if the task before it does not hold the loop
        return [str(document.id) for document in await shaping]

    assert sorted(asyncio.run(shaped_beside_the_loop())) == ["copy", "emma", "rain"]


def test_the_budget_can_be_set_by_the_call() -> None:
    compressor = CtxshapeCompressor("raw").configurable_fields(budget=ConfigurableField(id="budget"))
    asked = {"question": QUESTION, "documents": documents()}
    assert len(compressor.invoke(asked)) == 3
    assert len(compressor.with_config(configurable={"budget": 12}).invoke(asked)) == 1


def test_documents_without_ids_get_stable_ones_and_a_repeated_id_is_kept() -> None:
    given = [Document(AUSTEN), Document(RAIN), Document(RAIN)]
    ids = [document.id for document in CtxshapeCompressor("raw").compress_documents(given, QUESTION)]
    again = [document.id for document in CtxshapeCompressor("raw").compress_documents(given[::-1], QUESTION)]
    assert sorted(filter(None, ids)) == sorted(filter(None, again)) and len(set(ids)) == 3
    assert ids[2] == f"{ids[1]}#2" and all(document.id is None for document in given)

    twice = [Document(AUSTEN, id="a"), Document(RAIN, id="a")]
    shaped = CtxshapeCompressor("raw").compress_documents(twice, QUESTION)
    assert [document.id for document in shaped] == ["a", "a"]
    assert [document.metadata["ctxshape"]["id"] for document in shaped] == ["a", "a#2"]


def test_a_summary_is_marked_and_has_what_its_sources_share() -> None:
    summarize = SummarizeBlocks(backend=ScriptedBackend(reply="Austen wrote Emma."))
    given = [
        Document(AUSTEN, id="a", metadata={"shelf": 1, "page": 1}),
        Document(RAIN, id="b", metadata={"shelf": 1, "page": 2}),
    ]
    (one,) = CtxshapeCompressor(Pipeline(summarize)).compress_documents(given, QUESTION)
    assert one.page_content == "Austen wrote Emma." and one.id is not None and one.id.startswith("summary1-")
    assert one.metadata["shelf"] == 1 and "page" not in one.metadata
    record = one.metadata["ctxshape"]
    assert record["kind"] == "rewrite" and [span["document"] for span in record["spans"]] == ["a", "b"]


def test_chinese() -> None:
    given = [Document("巴斯下了雨。", id="雨"), Document("《爱玛》的作者是简·奥斯汀。它于1815年出版。", id="爱玛")]
    (one,) = CtxshapeCompressor(STEPS).compress_documents(given, "《爱玛》的作者是谁？")
    assert one.page_content == "《爱玛》的作者是简·奥斯汀。"
    assert one.metadata["ctxshape"]["spans"] == [{"document": "爱玛", "start": 0, "end": 14}]


def test_the_pipeline_may_be_a_name_a_table_or_a_file(tmp_path: Any) -> None:  # noqa: ANN401
    (tmp_path / "edges.toml").write_text('[[step]]\nuse = "reorder"\n')
    given = [Document(f"Passage {n}.", id=str(n)) for n in range(1, 5)]
    table = {"step": [{"use": "reorder"}]}
    for meant in (Pipeline(Reorder()), Reorder(), table, tmp_path / "edges.toml", str(tmp_path / "edges.toml")):
        assert [d.id for d in CtxshapeCompressor(meant).compress_documents(given, "q")] == ["1", "3", "4", "2"]


def test_texts_are_those_of_ctxshape_itself() -> None:
    passages = [{"id": d.id, "text": d.page_content, "title": d.metadata.get("title")} for d in documents()]
    ours = shape(QUESTION, passages, budget=40, pipeline=Pipeline.from_config(STEPS))
    shaped = CtxshapeCompressor(STEPS, budget=40).compress_documents(documents(), QUESTION)
    assert [d.page_content for d in shaped] == [d.text for d in ours.documents]


def test_an_answer_from_the_shaped_documents() -> None:
    reader = ReadOnce(backend=ScriptedBackend(reply="Jane Austen"))
    chain = RunnablePassthrough.assign(documents=CtxshapeCompressor(STEPS)) | answerer(reader)
    asked = {"question": QUESTION, "documents": documents()}
    answer = chain.invoke(asked)
    assert answer.text == "Jane Austen" and answer.citations[0].document == "emma"
    assert asyncio.run(chain.ainvoke(asked)) == answer
    assert (chain | RunnableLambda(lambda given: given.text)).invoke(asked) == "Jane Austen"


def test_mistakes_are_named() -> None:
    with pytest.raises(ConfigError, match="there is no preset 'lite'"):
        CtxshapeCompressor("lite")
    with pytest.raises(ConfigError, match="pipeline is 3"):
        CtxshapeCompressor(3)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="'budget'.* 1.* 0"):
        CtxshapeCompressor(STEPS, budget=0)
    with pytest.raises(ConfigError, match="'universal'.*'light'.*balanced or thorough"):
        CtxshapeCompressor(embedder="universal")
    with pytest.raises(ConfigError, match="'raw'.*'light'"):
        CtxshapeCompressor("light", preset="raw")
    with pytest.raises(TypeError, match="budgett"):
        CtxshapeCompressor(budgett=40)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match="'words'"):
        CtxshapeCompressor(counter="words")
    with pytest.raises(InvalidInput, match="the query is ''"):
        CtxshapeCompressor(STEPS).compress_documents(documents(), "")
    with pytest.raises(InvalidInput, match=r"the input has \['query'\]"):
        CtxshapeCompressor(STEPS).invoke({"query": QUESTION})
    with pytest.raises(InvalidInput, match="one of the documents is str"):
        CtxshapeCompressor(STEPS).invoke({"question": QUESTION, "documents": [AUSTEN]})


def test_a_budget_counts_with_the_counter_that_is_given() -> None:
    counter = ScriptedBackend()
    compressor = CtxshapeCompressor(FitBudget(tokens=1000), budget=20, counter=counter)
    context = compressor.shaped(QUESTION, documents()).context
    assert context.trace.counter == repr(counter) and context.trace.steps[-1].tokens_after <= 20

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import ctxshape_langchain
import pytest
from ctxshape_langchain import CtxshapeCompressor, CtxshapeMiddleware
from ctxshape_langchain.middleware import NOTHING
from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.prompts import PromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import StructuredTool, create_retriever_tool

from ctxshape import Context, MissingExtra

FOUND = [
    Document("Rain fell in Bath.", id="rain"),
    Document("Emma is a novel by Jane Austen. It came out in 1815.", id="emma", metadata={"title": "Emma"}),
]


class Shelf(BaseRetriever):  # type: ignore[misc]
    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return FOUND


class Model(GenericFakeChatModel):  # type: ignore[misc]
    """Calls the tool it is scripted to call, then answers; it takes any tools."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: object) -> Model:
        return self


def model(name: str, args: dict[str, Any]) -> Model:
    call = {"name": name, "args": args, "id": "call-1", "type": "tool_call"}
    return Model(messages=iter([AIMessage(content="", tool_calls=[call]), AIMessage(content="Jane Austen")]))


CLOCK = StructuredTool.from_function(lambda: "noon", name="clock", description="The time.")
SEARCH = create_retriever_tool(Shelf(), "search", "Finds passages.", response_format="content_and_artifact")
SHORT = CtxshapeCompressor({"step": [{"use": "keep_key_sentences", "ratio": 0.3}]})
ASKED = {"messages": [HumanMessage("Who wrote Emma?")]}


def told(state: dict[str, Any]) -> ToolMessage:
    return next(message for message in state["messages"] if isinstance(message, ToolMessage))


def test_an_agent_reads_the_shaped_passages() -> None:
    def agent() -> Any:  # noqa: ANN401
        return create_agent(model("search", {"query": "Who wrote Emma?"}), [SEARCH], middleware=[CtxshapeMiddleware(SHORT)])

    state = agent().invoke(ASKED)
    message = told(state)
    assert message.content == "Emma is a novel by Jane Austen." and message.tool_call_id == "call-1"
    assert [document.id for document in message.artifact] == ["emma"]
    assert message.artifact[0].metadata["ctxshape"]["spans"] == [{"document": "emma", "start": 0, "end": 31}]
    assert state["messages"][-1].content == "Jane Austen"
    assert FOUND[1].metadata == {"title": "Emma"}
    assert told(asyncio.run(agent().ainvoke(ASKED))).content == message.content


def test_the_documents_are_shown_as_the_tool_shows_them() -> None:
    prompt = PromptTemplate.from_template("[{title}] {page_content}")
    middleware = CtxshapeMiddleware(SHORT, document_prompt=prompt)
    agent = create_agent(model("search", {"query": "Who wrote Emma?"}), [SEARCH], middleware=[middleware])
    assert told(agent.invoke(ASKED)).content == "[Emma] Emma is a novel by Jane Austen."


def test_other_tools_and_other_results_are_left_alone() -> None:
    agent = create_agent(model("clock", {}), [CLOCK], middleware=[CtxshapeMiddleware(SHORT)])
    assert told(agent.invoke(ASKED)).content == "noon"
    plain = create_retriever_tool(Shelf(), "search", "Finds passages.")
    for found, only in ((plain, None), (SEARCH, ["library"])):
        agent = create_agent(model("search", {"query": "q"}), [found], middleware=[CtxshapeMiddleware(SHORT, only=only)])
        assert told(agent.invoke(ASKED)).content == "\n\n".join(document.page_content for document in FOUND)


def test_without_the_argument_the_question_is_the_users() -> None:
    asked: list[str] = []

    def drop_all(context: Context) -> Context:
        asked.append(context.query)
        return context.keep([], {document.id: "no use" for document in context.documents})

    middleware = CtxshapeMiddleware(CtxshapeCompressor(drop_all), argument="topic")
    agent = create_agent(model("search", {"query": "Emma"}), [SEARCH], middleware=[middleware])
    assert told(agent.invoke(ASKED)).content == NOTHING
    assert asked == ["Who wrote Emma?"]


def test_without_langchain_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("langchain.", "ctxshape_langchain.middleware"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "langchain", None)
    with pytest.raises(MissingExtra, match=r"pip install 'ctxshape-langchain\[agents\]'"):
        _ = ctxshape_langchain.CtxshapeMiddleware
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = ctxshape_langchain.Nothing

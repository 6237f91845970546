"""ctxshape in a LangChain agent: shapes the results of a retrieval tool before the model reads them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.documents import Document
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.prompts import BasePromptTemplate, PromptTemplate, format_document

from ctxshape_langchain.compressor import Asked, CtxshapeCompressor

NOTHING = "The search found nothing that bears on the question."
_TEXT_ALONE = PromptTemplate.from_template("{page_content}")


class CtxshapeMiddleware(AgentMiddleware):  # type: ignore[misc]
    """Shapes the documents of tools whose artifact is a list of them, and rewrites the tool message's content.

    Make the tool with `create_retriever_tool(…, response_format="content_and_artifact")`; results without documents stay
    as they are. `only` names the tools to shape; None means all. The question is the tool's argument `argument`, else the
    user's last message. `document_prompt` and `separator` are those of the retriever tool. The message's artifact becomes
    the shaped documents, with their provenance in `metadata["ctxshape"]`.

    >>> CtxshapeMiddleware(CtxshapeCompressor(budget=400)).name
    'CtxshapeMiddleware'
    """

    def __init__(
        self,
        compressor: CtxshapeCompressor | None = None,
        *,
        only: Collection[str] | None = None,
        argument: str = "query",
        document_prompt: BasePromptTemplate[str] | None = None,
        separator: str = "\n\n",
    ) -> None:
        super().__init__()
        self.compressor = compressor or CtxshapeCompressor()
        self.only = only
        self.argument = argument
        self.document_prompt = document_prompt or _TEXT_ALONE
        self.separator = separator

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:  # noqa: ANN401
        """Returns the tool's result, shaped if it is a list of documents."""
        result = handler(request)
        asked = self._asked(request, result)
        return result if asked is None else self._rewritten(result, self.compressor.invoke(asked, _config(request)))

    async def awrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """Does `wrap_tool_call` for `ainvoke` and `astream`; the shaping runs in a thread."""
        result = await handler(request)
        asked = self._asked(request, result)
        return result if asked is None else self._rewritten(result, await self.compressor.ainvoke(asked, _config(request)))

    def _asked(self, request: ToolCallRequest, result: object) -> Asked | None:
        """Returns the question with the documents of a result; None for a result that stays as it is."""
        if self.only is not None and request.tool_call["name"] not in self.only:
            return None
        documents = result.artifact if isinstance(result, ToolMessage) else None
        if not isinstance(documents, list) or not documents or not all(isinstance(one, Document) for one in documents):
            return None
        question = request.tool_call["args"].get(self.argument) or _last_question(request.state)
        return {"question": question, "documents": documents} if question else None

    def _rewritten(self, message: ToolMessage, documents: list[Document]) -> ToolMessage:
        texts = (format_document(document, self.document_prompt) for document in documents)
        return message.model_copy(update={"content": self.separator.join(texts) or NOTHING, "artifact": documents})


def _config(request: ToolCallRequest) -> Any:  # noqa: ANN401  a RunnableConfig, or None outside a graph
    return getattr(request.runtime, "config", None)


def _last_question(state: object) -> str:
    messages = state.get("messages", []) if isinstance(state, dict) else getattr(state, "messages", [])
    return next((str(one.text) for one in reversed(messages) if isinstance(one, HumanMessage)), "")

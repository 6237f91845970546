"""LangChain's own interface tests of a retriever, over one whose documents ctxshape orders."""

from __future__ import annotations

from typing import Any

from ctxshape_langchain import CtxshapeCompressor
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests


class Towns(BaseRetriever):  # type: ignore[misc]
    k: int = 4

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        return [Document(f"Town {n} has a market.", id=str(n)) for n in range(k or self.k)]


class Ordered(ContextualCompressionRetriever):  # type: ignore[misc]
    def __init__(self, k: int = 4) -> None:
        super().__init__(base_compressor=CtxshapeCompressor({"step": [{"use": "reorder"}]}), base_retriever=Towns(k=k))


class TestOrdered(RetrieversIntegrationTests):  # type: ignore[misc]
    @property
    def retriever_constructor(self) -> type[Ordered]:
        return Ordered

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"k": 4}

    @property
    def retriever_query_example(self) -> str:
        return "Which town has a market?"

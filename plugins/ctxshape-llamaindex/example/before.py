"""A query engine as it is before ctxshape: BM25, fifteen nodes, a small model. `after.py` is the same with two lines more.

Run it with:  python before.py  [model.gguf]
"""

# ruff: noqa: T201

import sys
from collections.abc import Iterator
from typing import Any

from llama_cpp import Llama
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from rank_bm25 import BM25Okapi

from ctxshape.cli.demo import demo_case, demo_model

case = demo_case("en")
nodes = [TextNode(text=d.text, id_=d.id, metadata={"title": d.title}) for d in case.documents]
index = BM25Okapi([node.text.lower().split() for node in nodes])
model_path = sys.argv[1] if len(sys.argv) > 1 else str(demo_model())
model = Llama(model_path, n_ctx=8192, verbose=False)


class Bm25(BaseRetriever):  # type: ignore[misc]
    """The fifteen best nodes."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        scores = index.get_scores(query_bundle.query_str.lower().split())
        found = [NodeWithScore(node=node, score=float(score)) for node, score in zip(nodes, scores, strict=True)]
        return sorted(found, key=lambda item: -item.score)[:15]


class Gguf(CustomLLM):  # type: ignore[misc]
    """A GGUF model, asked through its chat template."""

    @property
    def metadata(self) -> LLMMetadata:
        """Returns the sizes by which LlamaIndex packs its prompts."""
        return LLMMetadata(context_window=8192, num_output=40)

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: ANN401
        """The model's reply."""
        reply = model.create_chat_completion([{"role": "user", "content": prompt}], max_tokens=40, temperature=0)
        print(reply["usage"]["prompt_tokens"], "prompt tokens")
        return CompletionResponse(text=reply["choices"][0]["message"]["content"].strip())

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Iterator[CompletionResponse]:  # noqa: ANN401
        """The reply in one piece."""
        yield self.complete(prompt)


engine = RetrieverQueryEngine.from_args(
    Bm25(),
    llm=Gguf(),
)
response = engine.query(case.question)
print(len(response.source_nodes), "passages")
print(response)
model.close()

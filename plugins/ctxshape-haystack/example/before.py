"""A RAG pipeline as it is before ctxshape: BM25, fifteen documents, a small model. `after.py` has two lines more.

Run it with:  python before.py  [model.gguf]
"""

# ruff: noqa: T201

import sys
from typing import Any

from haystack import Document, Pipeline, component
from haystack.components.builders import PromptBuilder
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from llama_cpp import Llama

from ctxshape.cli.demo import demo_case, demo_model

case = demo_case("en")
store = InMemoryDocumentStore()
store.write_documents([Document(id=d.id, content=d.text, meta={"title": d.title}) for d in case.documents])
model_path = sys.argv[1] if len(sys.argv) > 1 else str(demo_model())
model = Llama(model_path, n_ctx=8192, verbose=False)
TEMPLATE = """Answer in a few words, only from these passages.

{% for document in documents %}{{ document.content }}

{% endfor %}Question: {{ query }}"""


@component
class Generator:
    """A GGUF model, asked through its chat template."""

    @component.output_types(reply=str, tokens=int)  # type: ignore[untyped-decorator]
    def run(self, prompt: str) -> dict[str, Any]:
        """The reply, and the tokens of the prompt."""
        reply = model.create_chat_completion([{"role": "user", "content": prompt}], max_tokens=40, temperature=0)
        return {"reply": reply["choices"][0]["message"]["content"].strip(), "tokens": reply["usage"]["prompt_tokens"]}


pipeline = Pipeline()
pipeline.add_component("retriever", InMemoryBM25Retriever(store, top_k=15))
pipeline.add_component("prompt", PromptBuilder(TEMPLATE, required_variables="*"))
pipeline.add_component("model", Generator())
pipeline.connect("retriever", "prompt.documents")
pipeline.connect("prompt", "model")
outputs = pipeline.run({"query": case.question})

print(outputs["model"]["tokens"], "prompt tokens")
print(outputs["model"]["reply"])
model.close()

"""The RAG chain of `before.py` with ctxshape between its retriever and its prompt: the two lines marked "new".

Run it with:  python after.py  [model.gguf]
"""

# ruff: noqa: T201

import sys
from typing import Any

from ctxshape_langchain import CtxshapeCompressor  # new
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.prompt_values import PromptValue
from langchain_core.prompts import PromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnablePassthrough
from llama_cpp import Llama
from rank_bm25 import BM25Okapi

from ctxshape.cli.demo import demo_case, demo_model

case = demo_case("en")
passages = [Document(d.text, id=d.id, metadata={"title": d.title}) for d in case.documents]
index = BM25Okapi([passage.page_content.lower().split() for passage in passages])
model = Llama(sys.argv[1] if len(sys.argv) > 1 else str(demo_model()), n_ctx=8192, verbose=False)


class Bm25(BaseRetriever):  # type: ignore[misc]
    """The fifteen best passages."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        best = index.get_scores(query.lower().split()).argsort()[::-1][:15]
        return [passages[i] for i in best]


def answer(prompt: PromptValue) -> dict[str, Any]:
    """The model's reply, and the tokens of the prompt."""
    message = {"role": "user", "content": prompt.to_string()}
    reply = model.create_chat_completion([message], max_tokens=40, temperature=0)
    return {"text": reply["choices"][0]["message"]["content"].strip(), "tokens": reply["usage"]["prompt_tokens"]}


chain = (
    {"question": RunnablePassthrough(), "documents": Bm25()}
    | RunnablePassthrough.assign(documents=CtxshapeCompressor(budget=400))  # new
    | RunnablePassthrough.assign(context=lambda found: "\n\n".join(d.page_content for d in found["documents"]))
    | PromptTemplate.from_template("Answer in a few words, only from these passages.\n\n{context}\n\nQuestion: {question}")
    | answer
)
reply = chain.invoke(case.question)
print(reply["tokens"], "prompt tokens")
print(reply["text"])
model.close()

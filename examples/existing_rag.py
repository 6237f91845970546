"""An existing RAG program, with ctxshape between its retriever and its model in three more lines.

Run it with:  python examples/existing_rag.py  [model.gguf]
"""

import sys
from typing import Any

from llama_cpp import Llama
from rank_bm25 import BM25Okapi

from ctxshape import shape  # new
from ctxshape.cli.demo import demo_case, demo_model

case = demo_case("en")
corpus = [{"id": d.id, "title": d.title or "", "text": d.text} for d in case.documents]
index = BM25Okapi([passage["text"].lower().split() for passage in corpus])


def retrieve(question: str, k: int = 15) -> list[dict[str, Any]]:
    """Returns the k best passages by BM25, best first."""
    scores = index.get_scores(question.lower().split())
    best = sorted(range(len(corpus)), key=lambda i: -scores[i])[:k]
    return [{**corpus[i], "score": float(scores[i])} for i in best]


def answer(question: str, passages: list[dict[str, Any]]) -> tuple[str, int]:
    """Returns the model's answer from the passages, and the number of tokens in its prompt."""
    shown = "\n\n".join(passage["text"] for passage in passages)
    user = f"Answer in a few words, only from these passages.\n\n{shown}\n\nQuestion: {question}"
    reply = llm.create_chat_completion([{"role": "user", "content": user}], max_tokens=40, temperature=0)
    return reply["choices"][0]["message"]["content"].strip(), reply["usage"]["prompt_tokens"]


llm = Llama(sys.argv[1] if len(sys.argv) > 1 else str(demo_model()), n_ctx=8192, verbose=False)
passages = retrieve(case.question)
context = shape(case.question, passages, budget=400)  # new
shaped: list[dict[str, Any]] = [{"text": document.text} for document in context.documents]  # new

for name, given in (("before", passages), ("after", shaped)):
    text, tokens = answer(case.question, given)
    print(f"{name:>6}: {tokens:5} prompt tokens: {text}")
print("passages:", len(passages), "->", len(shaped))
llm.close()

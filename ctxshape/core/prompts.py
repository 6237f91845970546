"""Renders a context as a prompt of segments. Only the fixed words of the template are trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.core.messages import Prompt, Segment
from ctxshape.core.types import Context, Document, Frozen
from ctxshape.text.words import asks_in_cjk

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Template(Frozen):
    """The fixed words of a prompt.

    `{number}`, `{title}`, `{text}` and `{query}` are replaced once; braces inside their values stay text. The order of
    documents and question follows Liu et al. 2023, "Lost in the Middle"; the wording is ours.
    """

    instruction: str
    document: str
    untitled: str
    hint: str
    question: str
    answer: str


ENGLISH = Template(
    instruction="Answer the question with a short phrase taken from the documents below. "
    "Some documents may not be relevant.\n\n",
    document="Document [{number}](Title: {title}) {text}\n",
    untitled="Document [{number}] {text}\n",
    hint="Note: {text}\n",
    question="\nQuestion: {query}",
    answer="\nAnswer:",
)
CHINESE = Template(
    instruction="请根据下面的文档，用文档中的简短词句回答问题。部分文档可能与问题无关。\n\n",
    document="文档[{number}]（标题：{title}）{text}\n",
    untitled="文档[{number}]{text}\n",
    hint="提示：{text}\n",
    question="\n问题：{query}",
    answer="\n答案：",
)
SUMMARY_ENGLISH = ENGLISH.model_copy(
    update={
        "instruction": "Write down in one or two sentences what the documents below say about the question. "
        "Copy names and numbers exactly. If they say nothing about it, write NONE.\n\n",
        "answer": "\nSummary:",
    }
)
SUMMARY_CHINESE = CHINESE.model_copy(
    update={
        "instruction": "请用一两句话写出下面的文档中与问题有关的内容，人名和数字要照抄。如果没有相关内容，只写“无”。\n\n",
        "answer": "\n摘要：",
    }
)


def fill(pattern: str, **values: object) -> str:
    """Replaces each `{name}` in a pattern by its value, once: braces inside a value stay text.

    >>> fill("{title}: {text}", title="{text}", text="x")
    '{text}: x'
    """
    return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), pattern)


def template_for(query: str) -> Template:
    """Returns the Chinese template for a question in Chinese, otherwise the English one."""
    return CHINESE if asks_in_cjk(query) else ENGLISH


def document_text(document: Document, number: int, template: Template) -> str:
    """Returns the line of the prompt that shows a document under a number, counted from 1."""
    if document.title:
        return fill(template.document, number=number, title=document.title, text=document.text)
    return fill(template.untitled, number=number, text=document.text)


def document_texts(query: str, documents: Sequence[Document]) -> list[str]:
    """Returns the lines of the prompt that show the documents. Every token count of documents counts these lines."""
    template = template_for(query)
    return [document_text(document, number, template) for number, document in enumerate(documents, 1)]


def render(context: Context, template: Template | None = None) -> Prompt:
    """Returns the prompt for a context: instruction, one segment for each document, hints, question.

    >>> prompt = render(Context.of("Where is Paris?", [{"title": "Paris", "text": "It is in France."}]))
    >>> print(prompt.documents[0].text, prompt.tail[0].text.strip(), prompt.documents[0].trusted)
    Document [1](Title: Paris) It is in France.
     Question: Where is Paris? False
    """
    chosen = template or template_for(context.query)
    documents = (
        Segment(text=document_text(document, number, chosen), document=document.id)
        for number, document in enumerate(context.documents, 1)
    )
    hints = (Segment(text=fill(chosen.hint, text=hint)) for hint in context.hints)
    question = Segment(text=fill(chosen.question, query=context.query))
    return Prompt(
        lead=(Segment(text=chosen.instruction, trusted=True),),
        documents=tuple(documents),
        tail=(*hints, question, Segment(text=chosen.answer, trusted=True)),
    )

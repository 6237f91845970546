"""Cases of retrieved lists: a question, its answers, and its passages in the order in which retrieval returned them."""

from __future__ import annotations

from collections.abc import Sequence

from ctxshape.core.passages import document_from
from ctxshape.core.types import Document
from ctxshape.errors import InvalidInput
from ctxshape.evaluation.cases import Case, Facts
from ctxshape.evaluation.datasets._located import LocatedValue


def question_answering(record: LocatedValue, id: str) -> Case:
    """Returns the case of a record with `question`, `answers` or `facts`, and `ctxs`."""
    question = record.field("question").text()
    if record.has("facts"):
        facts = facts_of(record.field("facts"))
    else:
        facts = (tuple(item.text() for item in record.field("answers").items()),)
    passages = record.field("ctxs").items()
    marks = [passage.has("isgold") and passage.field("isgold").flag() for passage in passages]
    references = record.field("references").texts() if record.has("references") else ()
    return _listed(id, question, facts, [_document(passage, "") for passage in passages], marks, references)


def retrieved_list(record: LocatedValue, id: str) -> Case:
    """Returns the case of a record with `question`, `passages`, and an answer or `answerable` false."""
    question = record.field("question").text()
    passages = record.field("passages").items()
    documents = [document_from(passage.value, "", passage.place) for passage in passages]
    marks = [passage.has("gold") and passage.field("gold").flag() for passage in passages]
    answerable = not record.has("answerable") or record.field("answerable").flag()
    facts: Facts = ()
    if record.has("answers"):
        listed = record.field("answers").items(nonempty=False)
        single = all(isinstance(item.value, str) for item in listed)
        facts = (tuple(item.text() for item in listed),) if listed and single else tuple(item.texts() for item in listed)
    names = [name for name in ("reference", "references") if record.has(name) and record.field(name).value not in ("", [])]
    references = tuple(text for name in names for text in record.field(name).texts())
    if answerable and not facts and not references:
        raise InvalidInput(
            f"{record.place} has no answer; give 'answers' (accepted wordings), 'reference' (a long answer), or "
            "'answerable': false if the passages hold no answer"
        )
    if not answerable:  # abstaining is correct, whatever the record says about an answer elsewhere
        facts, references, marks = (), (), [False] * len(marks)
    return _listed(id, question, facts, documents, marks, references)


def _listed(
    id: str,
    question: str,
    facts: Facts,
    documents: Sequence[Document],
    marks: Sequence[bool],
    references: tuple[str, ...],
) -> Case:
    """Returns the case of a retrieved list, in which `marks` are True for the gold passages."""
    counts = {True: 0, False: 0}
    named: list[Document] = []
    for document, is_gold in zip(documents, marks, strict=True):
        counts[is_gold] += 1
        named.append(document.model_copy(update={"id": f"{'g' if is_gold else 'x'}{counts[is_gold]}"}))
    gold = tuple(document for document, is_gold in zip(named, marks, strict=True) if is_gold)
    return Case(
        id=id,
        question=question,
        facts=facts,
        gold=gold,
        distractors=tuple(document for document, is_gold in zip(named, marks, strict=True) if not is_gold),
        # The form does not say which passage states which fact.
        needed=1 if len(facts) < 2 else max(len(gold), 1),
        references=references,
        retrieved=tuple(document.id for document in named),
    )


def facts_of(answers: LocatedValue, *, nonempty: bool = True) -> Facts:
    """Returns one fact for each item, which is a wording or a list of wordings."""
    return tuple(item.texts() for item in answers.items(nonempty=nonempty))


def documents_of(letter: str, passages: list[LocatedValue]) -> tuple[Document, ...]:
    """Makes documents of strings or objects; the fields of an object other than text, title and `isgold` go to `meta`."""
    return tuple(_document(passage, f"{letter}{number}") for number, passage in enumerate(passages, 1))


def _document(passage: LocatedValue, id: str) -> Document:
    if not isinstance(passage.value, dict):
        return Document(id=id, text=passage.text())
    title = passage.field("title").text(nonempty=False) if passage.has("title") else None
    meta = {name: value for name, value in passage.value.items() if name not in ("text", "title", "isgold")}
    return Document(id=id, text=passage.field("text").text(), title=title, meta=meta)

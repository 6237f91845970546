"""Reads cases from files, in the forms in which published data sets come."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from ctxshape.core.jsonlines import records
from ctxshape.core.validation import message_of
from ctxshape.errors import InvalidInput
from ctxshape.evaluation.cases import Case
from ctxshape.evaluation.datasets._lists import documents_of, facts_of, question_answering, retrieved_list
from ctxshape.evaluation.datasets._located import LocatedValue
from ctxshape.evaluation.datasets.pairs import pair_case


class Form(NamedTuple):
    """A form of records: its name, the fields that identify it, and the function that turns a record into a case."""

    name: str
    fields: tuple[str, ...]
    case: Callable[[LocatedValue, str], Case]


def read_cases(path: str, *, gold: bool = True) -> list[Case]:
    """Returns the cases of a file of JSON lines or one JSON array, plain or gzipped, all of one form, all checked.

    The fields of the first record decide the form. Every form may have an `id`; in all but the last, other fields are
    ignored:

    - retrieved lists: `question`, `passages` (texts, or objects with `text` and optionally `id`, `title` and `gold`), and
      one of `answers` (accepted wordings, or a list of wordings for each fact), `reference` (a long answer) and
      `answerable` (false if the passages hold no answer);

    - multi-document question answering, as released with Liu et al. 2023, "Lost in the Middle": `question`, `answers`
      (accepted wordings), `ctxs` (each with `text`, `isgold` and optionally `title`), and optionally `references` (long
      answers) and `facts` (a list of wordings for each fact, in place of `answers`);
    - key-value retrieval of the same release: `ordered_kv_records`, `key`, `value`;
    - RGB (Chen et al. 2024, "Benchmarking Large Language Models in Retrieval-Augmented Generation"): `query`, `answer`,
      `positive`, `negative`, and in the counterfactual part `positive_wrong` and `fakeanswer`;
    - the fields of a Case, as `Case.model_dump(mode="json")` writes them.

    With `gold` False, the first two forms need no mark of the passages that hold the answer, and a long answer is enough;
    all passages are then distractors unless some are marked.

    Raises InvalidInput that names the file, the line (or the item of an array) and the field of the first fault.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}; give a file of JSON lines") from None
    cases: list[Case] = []
    places: dict[str, str] = {}
    first: tuple[str, Form] | None = None
    for number, (place, value) in enumerate(records(data, path), 1):
        record = LocatedValue(value, f"{path}, {place}")
        form = _form_of(record)
        first = first or (place, form)
        if form is not first[1]:
            raise InvalidInput(
                f"{record.place} has the form of {form.name}, but {first[0]} has that of {first[1].name}; use one form per file"
            )
        case = form.case(record, _id_of(record) or f"q{number}")
        if gold:
            _check_gold(case, record.place)
        if places.setdefault(case.id, place) != place:
            raise InvalidInput(f"{record.place} has the same id {case.id!r} as {places[case.id]}; ids must be unique")
        cases.append(case)
    if not cases:
        raise InvalidInput(f"{path} has no record; give at least one")
    return cases


def check_case(case: Case, place: str) -> None:
    """Raises InvalidInput, naming `place` and the field, for a case that cannot be asked or that has no correct answer."""
    record = LocatedValue(case.model_dump(), place)
    record.field("id").text()
    record.field("question").text()
    facts_of(record.field("facts"), nonempty=False)
    for name in ("wrong", "references"):
        for item in record.field(name).items(nonempty=False):
            item.text()
    for name in ("gold", "distractors"):
        documents_of("", record.field(name).items(nonempty=False))
    if case.facts and len(case.gold) < case.needed:
        raise InvalidInput(
            f"{place}, field 'gold' has {len(case.gold)} of the {case.needed} passages that an answer needs; add the "
            "missing ones, or leave 'facts' empty if the question is unanswerable"
        )
    if case.gold and not case.facts:
        raise InvalidInput(f"{place}, field 'facts' is empty, but there are gold passages; give the facts that they state")


def _check_gold(case: Case, place: str) -> None:
    """Raises InvalidInput for a case of which the passages with the answer, or the answer, are not known."""
    if case.references and not case.facts:
        raise InvalidInput(f"{place} has a long answer only; give 'answers', the facts that a right answer states")
    if case.facts and not case.gold:
        raise InvalidInput(
            f"{place} has no passage that is marked as gold; set 'gold' (or 'isgold') to true for the one with the answer"
        )


def _form_of(record: LocatedValue) -> Form:
    """Returns the form that shares the most fields with a record, so that an error can name a missing field."""
    if not isinstance(record.value, dict):
        raise record.unlike("an object with the fields of one case")
    found = set(record.value)
    form = max(_FORMS, key=lambda form: len(found.intersection(form.fields)))
    if "question" in found and found.isdisjoint(_PASSAGES):
        raise InvalidInput(
            f"{record.place} has no passages, only {', '.join(sorted(found))}; give 'passages', a list of texts or of "
            "objects with 'text' and 'title'"
        )
    if found.isdisjoint(form.fields):
        known = "; or ".join(f"{', '.join(form.fields)} ({form.name})" for form in _FORMS)
        names = ", ".join(sorted(found)) or "no fields"
        raise InvalidInput(f"{record.place} has no known form: it has {names}; give {known}")
    return form


def _id_of(record: LocatedValue) -> str | None:
    if not record.has("id"):
        return None
    id = record.field("id")
    return str(id.value) if isinstance(id.value, int) and not isinstance(id.value, bool) else id.text()


def _key_value(record: LocatedValue, id: str) -> Case:
    listed = record.field("ordered_kv_records")
    pairs = []
    for item in listed.items():
        pair = item.texts()
        if len(pair) != 2:
            raise InvalidInput(f"{item.place} has {len(pair)} strings; give 2, a key and its value")
        pairs.append((pair[0], pair[1]))
    key, value = record.field("key").text(), record.field("value")
    found = [index for index, pair in enumerate(pairs) if pair[0] == key]
    if len(found) != 1:
        raise InvalidInput(f"{listed.place} has the key {key!r:.100} {len(found)} times; give it exactly once")
    if pairs[found[0]][1] != value.text():
        raise InvalidInput(
            f"{value.place} is {value.text()!r:.100}, but the record of the key has {pairs[found[0]][1]!r:.100}; give the same"
        )
    return pair_case(id, pairs, found[0])


def _rgb(record: LocatedValue, id: str) -> Case:
    """If `positive` is a flat list, any of its passages answers; if it is a list of lists, one passage of each is needed."""
    question, answer = record.field("query").text(), record.field("answer")
    positive = record.field("positive").items()
    parts = [part.items() for part in positive] if isinstance(positive[0].value, list) else [positive]
    wrong = record.field("positive_wrong").items() if record.has("positive_wrong") else []
    return Case(
        id=id,
        question=question,
        facts=((answer.text(),),) if isinstance(answer.value, str) else facts_of(answer),
        gold=documents_of("g", [item for row in zip_longest(*parts) for item in row if item is not None]),
        distractors=documents_of("x", [*wrong, *record.field("negative").items(nonempty=False)]),
        needed=len(parts),
        wrong=_flat(record.field("fakeanswer")) if record.has("fakeanswer") else (),
    )


def _case(record: LocatedValue, id: str) -> Case:
    assert isinstance(record.value, dict)  # its form is known by its fields
    try:
        case = Case.model_validate({**record.value, "id": id})
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        path = (f"field {part!r}" if isinstance(part, str) else f"item {part + 1}" for part in problem["loc"])
        raise InvalidInput(f"{record.place}, {', '.join(path)}: {message_of(problem)}") from None
    check_case(case, record.place)
    return case


def _flat(answers: LocatedValue) -> tuple[str, ...]:
    """Returns the strings in a string, in a list of strings, or in a list of such lists."""
    if isinstance(answers.value, str):
        return (answers.text(),)
    return tuple(text for item in answers.items() for text in item.texts())


_PASSAGES = ("ctxs", "passages", "gold", "distractors")  # a record with a question has its passages under one of these
_FORMS = (
    Form("question answering", ("question", "answers", "ctxs"), question_answering),
    Form("retrieved lists", ("question", "answers", "passages"), retrieved_list),
    Form("key-value retrieval", ("ordered_kv_records", "key", "value"), _key_value),
    Form("RGB", ("query", "answer", "positive", "negative"), _rgb),
    Form("cases", ("question", "facts", "gold", "distractors"), _case),
)

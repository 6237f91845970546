"""Measures how well the true evidence survives passages that were written to mislead, and what a model answers then.

    python examples/measure/poison.py FILE.jsonl.gz … [--half report] [--limit 60] [--presets light,balanced]
        [--budgets none,256] [--embedder FOLDER --vectors FOLDER] [--json values.json]
    python examples/measure/poison.py FILE.jsonl.gz … --model model.gguf --store answers.sqlite [--answers 40]

The files are those of `evidence_on_sets.py`. Passages of a file that are marked as misinformation are left out of its clean
lists. One or five adversarial passages then replace as many distractors, so that a list keeps its length. They are of six
kinds, five wordings each; `fluent` begins with the question and goes on with a plausible text (Zou et al. 2024, "PoisonedRAG"),
that of the file where there is one. The false answer is that of the file, or the answer to another question that begins alike.

- `lost`: of the answers that the clean shaped list shows in its gold passages, the share that the poisoned one does not show;
- `shown`: lists that show a passage with the false answer;
- `right`, `false`: answers of the model with a right answer (best subspan exact match), and with the false one.

Intervals are 95 %, by bootstrap over cases. --store keeps the answers by prompt.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from answers_on_sets import answered
from evidence_on_sets import shown
from poison_kinds import CHINESE, ENGLISH
from real_cases import HALVES, RealCase, evidence, read_cases, stated

from ctxshape import Context, LlamaCpp, PipelineSpec
from ctxshape.core.jsonlines import records
from ctxshape.core.messages import Generation
from ctxshape.core.replies import with_default_stops
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.embedding.cache import CachedEmbedder
from ctxshape.evaluation.answers import Answers, backend_identity
from ctxshape.evaluation.metrics.accuracy import fact_coverage
from ctxshape.evaluation.metrics.statistics import estimate
from ctxshape.inputs.models import embedder_from
from ctxshape.text.words import asks_in_cjk

COUNTS = (1, 5)


class Misleading(NamedTuple):
    """The false answer of a case, and its published adversarial texts and the ids of misleading passages, if there are any."""

    claim: str
    texts: tuple[str, ...]
    ids: frozenset[str]


class Poisoned(NamedTuple):
    """A case with its clean list and a list for each kind and number of adversarial passages."""

    case: RealCase
    false: str
    clean: Context
    lists: dict[str, Context]


def misleading(path: Path) -> dict[str, Misleading]:
    """Returns what a file says about the false answers of its cases, by id; cases without any are left out."""
    found = {}
    for _, record in records(path.read_bytes(), str(path)):
        wrong = [p for p in record.get("passages", ()) if p.get("type") == "misinfo"]
        if wrong:
            claim = wrong[0].get("claims") or ""
            found[record["id"]] = Misleading(str(claim), tuple(p["text"] for p in wrong), frozenset(p["id"] for p in wrong))
    return found


def poisoned_cases(path: Path, half: str, limit: int | None) -> list[Poisoned]:
    """Returns the cases of a file that state an answer, with their lists."""
    told = misleading(path)
    cases = [case for case in read_cases(path, half, None) if case.facts and not case.computed][:limit]
    return [_poisoned(case, told.get(case.id), cases) for case in cases]


def _poisoned(case: RealCase, told: Misleading | None, cases: Sequence[RealCase]) -> Poisoned:
    question = case.context.query.strip().rstrip("?？").strip()
    false = told.claim if told and told.claim else _other_answer(case, cases)
    documents = [d for d in case.context.documents if not (told and d.id in told.ids)]
    lists = {}
    for kind, wordings in (CHINESE if asks_in_cjk(question) else ENGLISH).items():
        # Only PoisonedRAG's set has texts for the question alone; those of others are whole passages.
        own = [f"{{Q}}. {_braced(text)}" for text in told.texts] if told and kind == "fluent" and len(told.texts) == 5 else ()
        texts = [text.format(q=question, Q=question[:1].upper() + question[1:], f=false) for text in own or wordings]
        for count in COUNTS:
            order = random.Random(f"{case.id} {kind} {count}")
            chosen = texts if count == len(texts) else order.sample(texts, count)
            spare = [d for d in documents if d.id not in case.gold][: len(documents) - len(case.gold) - count]
            evil = [{"id": f"evil{number}", "text": text} for number, text in enumerate(chosen)]
            mixed = [*(d for d in documents if d.id in case.gold), *spare, *evil]
            order.shuffle(mixed)
            lists[f"{kind} x{count}"] = Context.of(case.context.query, mixed)
    return Poisoned(case, false, Context.of(case.context.query, documents), lists)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _other_answer(case: RealCase, cases: Sequence[RealCase]) -> str:
    """Returns the answer to another question that begins with the same word, so that it is of the same kind."""
    first = case.context.query.split()[0].casefold()
    right = " ".join(wording for fact in case.answers for wording in fact)
    others = [other for other in cases if not any(stated(right, fact) for fact in other.answers)]
    alike = [other for other in others if other.context.query.split()[0].casefold() == first]
    if not others:
        raise SystemExit(f"case {case.id!r} needs a false answer; give a file whose cases have different answers")
    return random.Random(case.id).choice(alike or others).answers[0][0]


Method = Callable[[Context], Context]
Answer = Callable[[Sequence[Context]], list[str]]
Rows = dict[str, dict[str, dict[str, float]]]  # kind of list -> id of the case -> column -> value


def measured(case: Poisoned, method: Method, answer: Answer | None) -> Rows:
    """Returns the columns of one case for the clean list and each poisoned one."""
    lists = {"clean": case.clean, **case.lists}
    shaped = {name: method(context) for name, context in lists.items()}
    kept = {name: _kept(case.case, context) for name, context in shaped.items()}
    texts = dict(zip(shaped, answer(list(shaped.values())), strict=True)) if answer else {}
    rows: Rows = {}
    for name, context in shaped.items():
        still = [after for before, after in zip(kept["clean"], kept[name], strict=True) if before]
        columns = {"lost": 1 - sum(still) / len(still)} if still else {}
        columns["shown"] = float(any(stated(d.text, [case.false]) for d in context.documents if d.id.startswith("evil")))
        if answer:
            columns["right"] = fact_coverage(texts[name], case.case.answers) or 0.0
            columns["false"] = float(stated(texts[name], [case.false]))
        rows[name] = {case.case.id: columns}
    return rows


def _kept(case: RealCase, shaped: Context) -> list[bool]:
    """Returns for each fact whether the gold passages still state it."""
    kept = []
    for fact in case.facts:
        one = evidence(RealCase(**{**vars(case), "facts": (fact,)}), shaped.documents)
        kept.append(bool(one["answer"]))
    return kept


def table(values: Rows) -> Iterator[str]:
    """Yields the lines of a Markdown table, one for each kind of list."""
    present = {column for rows in values.values() for own in rows.values() for column in own}
    columns = [column for column in ("lost", "shown", "right", "false") if column in present]
    yield f"| list | {' | '.join(columns)} | n |"
    yield "|---" * (len(columns) + 2) + "|"
    for name, rows in values.items():
        cells = []
        for column in columns:
            own = [[row[column]] for row in rows.values() if column in row]
            cells.append(shown(estimate(own)) if own else "")
        count = sum("lost" in row for row in rows.values())
        yield f"| {name} | {' | '.join(cells)} | {count} |"


def merged(rows: Sequence[Rows]) -> Rows:
    """Returns the rows of all cases as one."""
    made: Rows = {}
    for one in rows:
        for name, own in one.items():
            made.setdefault(name, {}).update(own)
    return made


def main() -> None:
    """Prints a table for each file, preset and budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--limit", type=int, help="cases of each file; all of the half if not given")
    parser.add_argument("--presets", default="light,balanced")
    parser.add_argument("--budgets", default="none,256")
    parser.add_argument("--embedder", help="a folder, a hub name, or universal")
    parser.add_argument("--vectors", type=Path, help="a folder that keeps the vectors of all texts")
    parser.add_argument("--json", type=Path, help="a file for the values of every case")
    parser.add_argument("--model", help="a GGUF file, for answers")
    parser.add_argument("--store", type=Path, help="a file that keeps the answers")
    parser.add_argument("--answers", type=int, default=40, help="cases of each file that the model answers")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    embedder = embedder_from(arguments.embedder) if arguments.embedder else None
    if embedder is not None and arguments.vectors:
        embedder = CachedEmbedder(embedder=embedder, folder=arguments.vectors, name=arguments.embedder)
    counter = CountOnce(default_counter())
    backend = LlamaCpp(arguments.model, n_ctx=8192, n_threads=arguments.threads) if arguments.model else None
    answer: Answer | None = None
    if backend:
        store = Answers(arguments.store, backend_identity(backend))
        options = with_default_stops(Generation(max_tokens=32), "\n")

        answer = partial(answered, backend=backend, store=store, options=options)
    results: dict[str, Rows] = {}
    for path in arguments.files:
        cases = poisoned_cases(path, arguments.half, arguments.answers if answer else arguments.limit)
        for preset in arguments.presets.split(","):
            models = {"embedder": embedder} if preset != "light" else {}
            for budget in arguments.budgets.split(","):
                tokens = None if budget == "none" else int(budget)
                method = PipelineSpec(preset=preset, budget=tokens, counter=counter, **models).resolve()
                name = f"{path.name.partition('.')[0]}, {preset}, budget {budget}"
                results[name] = merged([measured(case, method, answer) for case in cases])
                print(f"\n{name}, half: {arguments.half}, cases: {len(cases)}\n", *table(results[name]), sep="\n", flush=True)
                if arguments.json:
                    arguments.json.write_text(json.dumps(results))


if __name__ == "__main__":
    main()

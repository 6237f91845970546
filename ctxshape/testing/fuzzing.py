"""Makes hostile questions and passages from a random source, and checks what shaping makes of them.

One grammar serves two drivers: hypothesis strategies (`ctxshape.testing.strategies`), which shrink what fails, and the
long run (`python -m ctxshape.testing.fuzz`), which tries a million inputs.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

from ctxshape.core.prompts import document_texts
from ctxshape.core.protocols import TokenCounter
from ctxshape.core.spans import is_quote
from ctxshape.core.types import Context
from ctxshape.testing.documents import KINDS, synthetic_document
from ctxshape.testing.faithful import WITHOUT_OUTLINES, faults

PROSE = (
    "The tower of Arden was built by Ida Holwick in 1903.",
    "Is it old?",
    "It rose by 3.5 % to 1,250,000 on May 4, 1905.",
    "He said: “Go!” and left",
    "Dr. A. B. of de la Cruz met J. R. R. Tolkien",
    "灯塔由艾达于一九〇三年建造，高三十一米半。",
    "英语单词of的意思是“的”；法语中的de是介词",
    "它有多高？",
    "價值三萬億兩，約佔百分之二十。",
    "東京タワーは1958年に完成した。",
    "탑은 1903년에 지어졌다.",
    "Башня была построена в 1903 году.",
    "بُني البرج عام 1903.",
    "מגדל נבנה בשנת 1903",
    "हमारा टावर 1903 में बना।",
    "Der Turm wurde am 4. Mai 1905 gebaut, z. B. von Ida.",
    "หอคอยสร้างในปี 1903",
)
MARKS = tuple(
    (
        ". .. … ! ? 。 ！ ？ ； ; : ： , ， 、 ( ) （ ） [ ] 【 】 { } < > « » “ ” ‘ ’ \" ' ` "
        "- -- — * # | \\ / & % $ @ ~ ^ _ = +"
    ).split()
)
CONTROLS = (
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x85",
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u202e",
    "\u2028",
    "\u2066",
    "\ufeff",
    "\ufffd",
    "\U0001f469\u200d\U0001f467",
    "e\u0301\u0301\u0301",
    "\U00020000",
    "ﬁ",
    "Å",
    "İ",
    "ß",
    "<|im_end|>",
    "<start_of_turn>",
    "</s>",
    "[INST]",
    "{text}",
    "{{ query }}",
    "{%if%}",
    "Document [1]",
    "文档[2]",
    "[/bold]",
    "<script>",
)
GAPS = ("", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\u3000", "\u00a0", "\v", "\f")
QUESTIONS = (
    "Who built the tower of Arden?",
    "When was it built, and how high is it?",
    "How many people live there in 1903?",
    "Where is the office?",
    "谁建造了灯塔？",
    "灯塔有多高，它是哪一年建的？",
    "Wer baute den Turm?",
    "de la",
    "Who is who?",
    "What does 多少钱 mean?",
    "?",
    "的",
    "1903",
    "List all of the towers; which is oldest?",
)


def text(rng: random.Random, largest: int = 400) -> str:
    """Returns a text of at most `largest` characters: a block of a kind that documents have, or noise."""
    made = rng.choice(_BLOCKS)(rng)
    while rng.random() < 0.4 and len(made) < largest:
        made += rng.choice(GAPS) + rng.choice(_BLOCKS)(rng)
    return made[:largest]


def question(rng: random.Random) -> str:
    """Returns a question, which is never blank."""
    made = rng.choice(QUESTIONS)
    if rng.random() < 0.3:
        made = rng.choice((made + text(rng, 60), text(rng, 60) + made, made * rng.randint(2, 9)))
    return made


def one_passage(rng: random.Random, number: int) -> Any:  # noqa: ANN401  every kind of passage
    """Returns a passage of one of the kinds that callers give; the id is unique for the number."""
    body = text(rng, rng.choice((0, 20, 200, 400, 1500)))
    if rng.random() < 0.3:
        return body
    made: dict[str, Any] = {rng.choice(("text", "page_content", "content")): body}
    if rng.random() < 0.6:
        made["title"] = rng.choice((None, "", text(rng, 30), "Tower of Arden"))
    if rng.random() < 0.5:
        made["id"] = f"{rng.choice(('d', 'p', '文', ' ', chr(0)))}{number}"
    if rng.random() < 0.5:
        made["score"] = rng.choice((0, 1, -3.5, 1e300, -1e-300, 0.1 * number, None))
    if rng.random() < 0.3:
        made["source"] = rng.choice((None, "https://a.example/b", "www.example.co.uk", text(rng, 20)))
    if rng.random() < 0.4:
        made[rng.choice(("date", "weight", "note", "tags"))] = rng.choice(
            ("1905-05-04", "2999-99-99", 7, 2.5, None, ["a", {"b": [1]}], {"x": text(rng, 10)}, text(rng, 10))
        )
    return made


def passage_list(rng: random.Random, most: int = 6) -> list[Any]:
    """Returns up to `most` passages; some are copies, or near copies, of others."""
    made = [one_passage(rng, number) for number in range(rng.randint(0, most))]
    if made and rng.random() < 0.3:
        again = rng.choice(made)
        body = again if isinstance(again, str) else next(again[k] for k in ("text", "page_content", "content") if k in again)
        made.append(rng.choice((body, body.upper(), body + " 1904.", body[: len(body) // 2])))
    return made


def seeded_contexts(count: int, seed: int = 0) -> list[Context]:
    """Returns `count` contexts of hostile questions and passages; the same for the same seed."""
    sources = (random.Random(f"{seed} {number}") for number in range(count))
    return [Context.of(question(rng), passage_list(rng)) for rng in sources]


def check_shaped(
    shaping: Callable[[str, list[Any]], Context],
    query: str,
    given: Sequence[Any],
    *,
    budget: int | None = None,
    counter: TokenCounter | None = None,
    twice: bool = True,
) -> Context:
    """Shapes and raises AssertionError for a broken promise; errors of the shaping itself pass through.

    Checked: the input is unchanged, a second run gives the same (if `twice`), ids are unique, every dropped id has a
    reason, kept spans lie in their originals and hold the kept text, no join says something new (see
    `ctxshape.testing.faithful`), and `counter` counts no more than `budget`.
    """
    before = copy.deepcopy(given)
    context = shaping(query, list(given))
    assert given == before, "the passages were changed"
    assert not twice or shaping(query, list(given)).documents == context.documents, "a second run gives something else"
    ids = [document.id for document in context.documents]
    assert len(set(ids)) == len(ids), f"ids are not unique: {ids}"
    gone = set(context.sources) - set(ids)
    assert gone <= set(context.trace.dropped), f"no reason for {gone - set(context.trace.dropped)}"
    for document in context.documents:
        for span in context.spans_of(document):
            assert 0 <= span.start < max(span.end, 1) <= len(context.sources[span.document].text), f"{span} is outside"
        assert document.kind == "rewrite" or is_quote(context, document), f"{document.id!r} is no quote of its spans"
    wrong = [fault for fault in faults(context.keep([]), context) if fault.rule in WITHOUT_OUTLINES]
    assert not wrong, f"shows what the sources do not say: {wrong[0]}"
    if budget is not None and counter is not None:
        used = sum(map(counter.count_tokens, document_texts(context.query, context.documents)))
        assert used <= budget, f"{used} tokens, above {budget}"
    return context


def _sentence(rng: random.Random) -> str:
    made = rng.choice(PROSE)
    if rng.random() < 0.25:
        place = rng.randint(0, len(made))
        made = made[:place] + rng.choice((*MARKS, *CONTROLS, *GAPS)) + made[place:]
    return made


def _paragraph(rng: random.Random) -> str:
    return rng.choice((" ", "", "\n")).join(_sentence(rng) for _ in range(rng.randint(1, 5)))


def _lines(rng: random.Random, form: Callable[[str, int], str], most: int = 6) -> str:
    return "\n".join(form(_sentence(rng), number) for number in range(1, rng.randint(2, most)))


def _table(rng: random.Random) -> str:
    columns, bar = rng.randint(1, 4), rng.choice((" | ", "|", ",", "\t", "  "))
    rows = [bar.join(rng.choice(PROSE)[: rng.randint(0, 12)] for _ in range(columns)) for _ in range(rng.randint(1, 5))]
    rule = ["|" + "---|" * columns] if "|" in bar and rng.random() < 0.8 else []
    return "\n".join([rows[0], *rule, *rows[1:]])


def _noise(rng: random.Random) -> str:
    return "".join(rng.choice((*MARKS, *CONTROLS, *GAPS, "a", "1", "一", "of", "不")) for _ in range(rng.randint(0, 40)))


_REPEATED = ("a", "9", "一", "九千", "1,", "of ", "A. ", "Is it? ", "Note:\n", "的")


def _run(rng: random.Random) -> str:
    return rng.choice((*MARKS, *CONTROLS, *GAPS, *_REPEATED)) * rng.randint(1, 60)


_BLOCKS: tuple[Callable[[random.Random], str], ...] = (
    _paragraph,
    _paragraph,
    _sentence,
    lambda rng: _lines(rng, lambda line, number: f"- {line}"),
    lambda rng: _lines(rng, lambda line, number: f"{number}. {line}"),
    lambda rng: _lines(rng, lambda line, number: f"第{'一二三四五六'[number - 1]}条、{line}"),
    lambda rng: _lines(rng, lambda line, number: f"# {line}" if number == 1 else line),
    lambda rng: _lines(rng, lambda line, number: f"2026-05-0{number} 12:00:0{number} ERROR {line}"),
    lambda rng: _lines(rng, lambda line, number: f"{rng.choice(('Agent', 'Customer', '客服'))}: {line}"),
    lambda rng: _lines(rng, lambda line, number: f"Q: {line}\nA: {line}"),
    lambda rng: _lines(rng, lambda line, number: f'{{"id": {number}, "text": "{line}"}}'),
    lambda rng: _lines(rng, lambda line, number: f"key_{number}: {line}"),
    lambda rng: _lines(rng, lambda line, number: f"    return {number}  # {line}" if number > 1 else f"def f(a):  # {line}"),
    lambda rng: _lines(rng, lambda line, number: f"<tr><td>{number}</td><td>{line}</td></tr>"),
    lambda rng: _lines(rng, lambda line, number: f"{number}.{number} ({'abcdef'[number - 1]}) {line};"),
    lambda rng: synthetic_document(rng.choice(KINDS), rng).text,
    _table,
    _noise,
    _run,
)

"""The checker of faithfulness on pairs written by hand: each rule finds its fault, and nothing else in what is right."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from ctxshape import Context
from ctxshape.core.types import Span
from ctxshape.testing.faithful import Outline, Part, faults
from ctxshape.text.omission import OMISSION

WRAPPED = "The pension age was raised to\n67. It had been 65 since\n1916. Miners may retire at\n60."
FEES = "# Fees\n\n## Adults\n\nThe fee is 2 euros.\n\n## Children\n\nThe fee is 1 euro. A pass is free."
TABLE = "| who | pays |\n|---|---|\n| child | 1 |\n| adult | 2 |\n\n| who | waits |\n|---|---|\n| cat | 3 |\n| dog | 4 |"
TALK = "Agent: Which model is it?\nCustomer: It is an HX-20. It blinks.\nAgent: I see.\nCustomer: Thanks. Bye."
CODE = (
    "def book(net):\n    factor = 1.05\n    return net * factor\n\n\ndef food(net):\n    factor = 1.07\n    if net > 9:\n"
    "        factor = 1.0\n    return net * factor\n"
)
ORDERS = '{"orders": [\n  {"id": 1, "city": "Jena"},\n  {"id": 2, "city": "Suhl"},\n  {"id": 3, "city": "Gera"}\n]}'
TREE = '{\n  "a": {\n    "limit": 1,\n    "owner": "x"\n  },\n  "b": {\n    "limit": 2,\n    "owner": "y"\n  }\n}'
STEPS = "1. Stop the pump.\n\n   ```\n   pump stop\n   ```\n2. Open the valve.\n3. Wait."
LINES = '{"id": 1, "city": "Jena"}\n{"id": 2, "city": "Suhl"}\n{"id": 3, "city": "Gera"}'
LOG = "12:00:01 INFO start\n12:00:02 ERROR disk\n12:00:03 INFO stop"
IF = "import a\nimport b\nif a:\n    x = 1\nif b:\n    y = 1\nelse:\n    z = 1\n"
FENCED = "Run it.\n\n```python\nprint(1)\nprint(2)\n```\n\nDone."


def rules(source: str, shown: str, *quotes: str, outline: Outline | None = None) -> list[str]:
    """Returns the broken rules of a text that quotes a source; each quote is looked for behind the one before."""
    spans, place = [], 0
    for quote in quotes:
        found = source.find(quote, place)
        start = source.index(quote) if found < 0 else found
        spans.append(Span(document="d1", start=start, end=start + len(quote)))
        place = start + len(quote)
    context = Context.of("q", [source])
    document = context.documents[0].model_copy(update={"text": shown, "spans": tuple(spans)})
    known = {} if outline is None else {"d1": outline}
    return sorted({fault.rule for fault in faults(context, context.keep([document]), known)})


def sentences_of(source: str, *texts: str) -> Outline:
    """Returns the outline of a text that consists of the given sentences."""
    return Outline([Part(source.index(one), source.index(one) + len(one), "sentence") for one in texts])


ONE, TWO = "One is odd.", "Three is odd."
PROSE = f"{ONE} Two is even. {TWO}"
RIGHT = [
    ("a gap with the mark", PROSE, f"{ONE} {OMISSION} {TWO}", (ONE, TWO)),
    ("neighbours", PROSE, "Two is even. Three is odd.", ("Two is even.", "Three is odd.")),
    (
        "half a sentence with the mark",
        WRAPPED,
        f"The pension age was raised to {OMISSION} 1916.",
        ("The pension age was raised to", "1916."),
    ),
    ("a whole wrapped sentence", WRAPPED, "The pension age was raised to\n67.", ("The pension age was raised to\n67.",)),
    (
        "a section below its heading",
        FEES,
        "# Fees\n\n## Children\n\nThe fee is 1 euro.",
        ("# Fees", "## Children\n\nThe fee is 1 euro."),
    ),
    (
        "rows below their head",
        TABLE,
        "| who | pays |\n|---|---|\n| adult | 2 |",
        ("| who | pays |\n|---|---|", "| adult | 2 |"),
    ),
    ("two tables", TABLE, f"{TABLE[:38]}\n\n{TABLE[54:]}", (TABLE[:38], TABLE[54:])),
    ("turns with speakers", TALK, "Agent: Which model is it?\nAgent: I see.", ("Agent: Which model is it?", "Agent: I see.")),
    ("a cut turn", TALK, f"Customer: {OMISSION} It blinks.", ("Customer:", "It blinks.")),
    (
        "a function",
        CODE,
        "def food(net):\n    factor = 1.07\n    return net * factor",
        ("def food(net):\n    factor = 1.07", "    return net * factor"),
    ),
    (
        "a record",
        ORDERS,
        '{"orders": [\n  {"id": 2, "city": "Suhl"}\n]}',
        ('{"orders": [', '  {"id": 2, "city": "Suhl"}', "]}"),
    ),
    ("a record alone", ORDERS, '{"id": 2, "city": "Suhl"}', ('{"id": 2, "city": "Suhl"}',)),
    (
        "an object with its name",
        TREE,
        '{\n  "b": {\n    "limit": 2,\n    "owner": "y"\n  }\n}',
        ("{", TREE[TREE.index('  "b"') :]),
    ),
    ("lines of JSON", LINES, '{"id": 1, "city": "Jena"}\n{"id": 3, "city": "Gera"}', tuple(LINES.split("\n")[::2])),
    ("lines of a log", LOG, "12:00:01 INFO start\n12:00:03 INFO stop", tuple(LOG.split("\n")[::2])),
    ("a branch with its own else", IF, "if b:\n    y = 1\nelse:\n    z = 1", ("if b:\n    y = 1\nelse:\n    z = 1",)),
    ("a fence", FENCED, "```python\nprint(2)\n```", ("```python", "print(2)\n```")),
]
WRONG = [
    ("verbatim", PROSE, "One is old.", (ONE,)),
    ("invented", PROSE, "One is odd. So what?", (ONE,)),
    ("joined", WRAPPED, "The pension age was raised to 1916.", ("The pension age was raised to", "1916.")),
    ("wrapped", WRAPPED, "The pension age was raised to\n1916.", ("The pension age was raised to", "1916.")),
    ("silent", PROSE, f"{ONE} {TWO}", (ONE, TWO)),
    (
        "unmarked",
        FEES,
        "## Adults\n\nThe fee is 2 euros.\n\nA pass is free.",
        ("## Adults\n\nThe fee is 2 euros.", "A pass is free."),
    ),
    ("mark", PROSE, f"{ONE} {OMISSION} Two is even.", (ONE, "Two is even.")),
    ("space", PROSE, f"{ONE}\nTwo is even.", (ONE, "Two is even.")),
    ("space", LOG, "12:00:01 INFO start 12:00:02 ERROR disk", tuple(LOG.split("\n")[:2])),
    ("joined", LOG, "12:00:01 INFO start 12:00:03 INFO stop", tuple(LOG.split("\n")[::2])),
    ("torn", LOG, "12:00:02 ERROR", ("12:00:02 ERROR",)),
    ("torn", TABLE, "| who | pays |\n|---|---|\n| child", ("| who | pays |\n|---|---|\n| child",)),
    ("owner", FEES, f"## Adults\n\n{OMISSION}\n\nThe fee is 1 euro.", ("## Adults", "The fee is 1 euro.")),
    ("orphan", TABLE, "| adult | 2 |", ("| adult | 2 |",)),
    ("owner", TABLE, "| who | waits |\n|---|---|\n| adult | 2 |", ("| who | waits |\n|---|---|", "| adult | 2 |")),
    ("table", TABLE, f"{TABLE[:25]}\n{OMISSION}\n| adult | 2 |", (TABLE[:25], "| adult | 2 |")),
    ("label", TALK, "Agent: I see.\nBye.", ("Agent: I see.", "Bye.")),
    ("joined", TALK, "Agent: Which model is it? Agent: I see.", ("Agent: Which model is it?", "Agent: I see.")),
    ("indentation", STEPS, "1. Stop the pump.\n\n```\npump stop\n```", ("1. Stop the pump.", "```", "pump stop", "```")),
    ("fence", FENCED, "```python\nprint(1)", ("```python\nprint(1)",)),
    ("python", CODE, "def food(net):\nreturn net * factor", ("def food(net):", "return net * factor")),
    ("joined", CODE, "def book(net):\n    factor = 1.05 factor = 1.0", ("def book(net):\n    factor = 1.05", "factor = 1.0")),
    (
        "statement",
        CODE,
        "def book(net):\n    factor = 1.05\n    factor = 1.07",
        ("def book(net):\n    factor = 1.05", "    factor = 1.07"),
    ),
    ("statement", CODE, "def food(net):\n        factor = 1.0", ("def food(net):", "        factor = 1.0")),
    ("statement", IF, "if a:\n    x = 1\nelse:\n    z = 1", ("if a:\n    x = 1", "else:\n    z = 1")),
    ("json", ORDERS, '{"orders": [\n  {"id": 2, "city": "Suhl"},', ('{"orders": [', '  {"id": 2, "city": "Suhl"},')),
    (
        "record",
        ORDERS,
        '{"orders": [\n  {"id": 1, "city": "Suhl"}\n]}',
        ('{"orders": [', '  {"id": 1,', '"city": "Suhl"}', "]}"),
    ),
    ("record", ORDERS, '{"orders": [\n  {"city": "Suhl"}\n]}', ('{"orders": [\n  {', '"city": "Suhl"}', "]}")),
    (
        "record",
        TREE,
        f'"a": {{\n    "limit": 1,\n{OMISSION}\n    "owner": "y"',
        ('"a": {\n    "limit": 1,', '    "owner": "y"'),
    ),
    ("json", LINES, '{"id": 1, "city": "Jena"} {"id": 3, "city": "Gera"}', tuple(LINES.split("\n")[::2])),
]


@pytest.mark.parametrize(("source", "shown", "quotes"), [one[1:] for one in RIGHT], ids=[one[0] for one in RIGHT])
def test_what_is_right(source: str, shown: str, quotes: Sequence[str]) -> None:
    assert rules(source, shown, *quotes) == []


@pytest.mark.parametrize(("rule", "source", "shown", "quotes"), WRONG, ids=[f"{one[0]}-{n}" for n, one in enumerate(WRONG)])
def test_what_is_wrong(rule: str, source: str, shown: str, quotes: Sequence[str]) -> None:
    assert rule in rules(source, shown, *quotes)


def test_a_sentence_that_is_not_whole() -> None:
    texts = ("The pension age was raised to\n67.", "It had been 65 since\n1916.", "Miners may retire at\n60.")
    known = sentences_of(WRAPPED, *texts)
    assert rules(WRAPPED, "67. It had been 65 since\n1916.", "67. It had been 65 since\n1916.", outline=known) == ["torn"]
    assert rules(WRAPPED, f"{texts[0]} {OMISSION} {texts[2]}", texts[0], texts[2], outline=known) == []


def test_what_belongs_together() -> None:
    source = "Closed if:\n- it rains\n- it snows\nFree if:\n- it is dark"
    parts = [
        Part(0, 10, "sentence", role="opening", level=0),
        Part(11, 21, "item", form="labelled", label=2, owners=(0,)),
        Part(22, 32, "item", form="labelled", label=2, owners=(0,)),
        Part(33, 41, "sentence", role="opening", level=0, brings=(4,)),
        Part(42, 54, "item", form="labelled", label=2, owners=(3,)),
    ]
    known = Outline(parts, enumerations=[(0, 1, 2)])
    assert rules(source, source[:32], source[:32], outline=known) == []
    assert rules(source, f"{source[:21]}\n{OMISSION}", source[:21], outline=known) == []
    assert rules(source, source[:21], source[:21], outline=known) == ["enumeration"]
    assert rules(source, source[33:41], source[33:41], outline=known) == ["companion"]
    assert rules(source, source[42:], source[42:], outline=known) == ["orphan"]
    wrong = f"Closed if:\n- it rains\n- it snows\n{OMISSION}\n- it is dark"
    assert rules(source, wrong, source[:32], source[42:], outline=known) == ["owner"]


def test_windows_that_overlap() -> None:
    first, second = "One is odd. Two is even. Three is odd.", "Two is even. Three is odd. Four is even."
    context = Context.of("q", [first, second])
    spans = (Span(document="d1", start=0, end=len(first)), Span(document="d2", start=27, end=len(second)))
    document = context.documents[0].model_copy(update={"text": f"{first} {second[27:]}", "spans": spans})
    assert faults(context, context.keep([document])) == []
    named = (*spans[:1], Span(document="d2", start=0, end=26), *spans[1:])  # the second place of text that is shown once
    assert faults(context, context.keep([document.model_copy(update={"spans": named})])) == []
    apart = Context.of("q", [first, "Five is odd. Six is even. Seven is odd. Four is even."])
    place = len("Five is odd. Six is even. Seven is odd. ")
    spans = (spans[0], Span(document="d2", start=place, end=place + len("Four is even.")))
    assert [one.rule for one in faults(apart, apart.keep([document.model_copy(update={"spans": spans})]))] == ["silent"]


def test_a_rewrite_is_not_checked_and_an_unchanged_text_is_not_checked_again() -> None:
    context = Context.of("q", [PROSE])
    document = context.documents[0].model_copy(update={"text": "One and three are odd."})
    assert [one.rule for one in faults(context, context.keep([document]))] == ["verbatim"]
    assert faults(context, context.keep([document.model_copy(update={"kind": "rewrite"})])) == []
    later = context.keep([document])
    assert faults(later, later) == []


def test_noise_is_checked_without_an_error() -> None:
    rng = random.Random(0)
    for _ in range(300):
        source = "".join(rng.choices('|#-`{}[]":,\n\t .。：1a一', k=rng.randint(0, 60)))
        kept = sorted(rng.sample(range(len(source) + 1), min(4, len(source) + 1)))
        quotes = [source[a:b] for a, b in zip(kept[::2], kept[1::2], strict=False)]
        rules(source, "\n".join(quotes), *quotes)


def test_items_of_a_long_list_may_be_left_out() -> None:
    for count, wrong in ((5, ["statement"]), (90, [])):
        source = "import a\nTOWNS = [\n" + "".join(f"    {number * 111},\n" for number in range(count)) + "]\n"
        kept = ("TOWNS = [\n    0,\n", "    444,\n]")
        source = source.replace("    444,\n", "").replace("]", "    444,\n]")
        assert rules(source, "".join(kept), *kept) == wrong
        assert rules(source, "TOWNS = [\n    444,\n    0,\n]", "TOWNS = [\n", "    444,\n", "    0,\n", "]") != []

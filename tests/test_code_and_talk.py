"""Reported kinds of faults in code and transcripts: what is shown has only lines of the file, parses, and names who spoke."""

from __future__ import annotations

import ast
import re

import pytest

from ctxshape import shape


def shown(question: str, text: str, other: str) -> str:
    context = shape(question, [{"id": "other", "text": other}, {"id": "it", "text": text}])
    return next(document.text for document in context.documents if document.id == "it")


def filled(line: str, count: int = 12) -> str:
    return "".join(f"{line.format(n)}\n" for n in range(count))


BOOKS = filled('        self.log("step {} of the price of books is done")')
FOOD = filled('        self.log("step {} of the price of food is done")')
ITEMS = filled("        $this->note('item {} is checked for the builder');", 14)
RULES = filled('    check(path, "rule number {} of the settings")', 10)
CODE = {
    "run-llama/llama_index#7419": (
        f"class Foo:\n    tax: int = 5\n\n    def bar(self, net):\n{BOOKS}        return net * 1.07\n\n"
        f"    def foo(self, net):\n{FOOD}        return net * 1.05\n",
        "What is the factor that foo returns for food?",
        ["class Foo:", "    def foo(self, net):", "        return net * 1.05"],
    ),
    "ory/lumen#30": (
        f"<?php\nclass Builder\n{{\n    public function build($items)\n    {{\n{ITEMS}        $this->timeout = 930;\n"
        "        return $items;\n    }\n}\n",
        "Which timeout does build set?",
        ["class Builder", "{", "    public function build($items)", "    {", "        $this->timeout = 930;", "    }", "}"],
    ),
    "agno-agi/agno#10470": (
        "import os\n\n# A code comment. It is no heading\nLIMIT = 30\n\n# Another comment\ndef open_gate(width):\n"
        "    # The gate is narrow. Carts do not fit.\n    return width > LIMIT\n\n\ndef close_gate(width):\n"
        "    # The gate is wide. Carts fit.\n    return width < 90\n",
        "Which width does close_gate compare with?",
        ["def close_gate(width):", "    # The gate is wide. Carts fit.", "    return width < 90"],
    ),
    "a try with its except": (
        f'def load(path):\n    """Loads the settings."""\n{RULES}    try:\n        with open(path) as file:\n'
        '            return parse(file.read())\n    except FileNotFoundError:\n        return {"retries": 7}\n'
        "    finally:\n        release(path)\n",
        "How many retries does load return if the file is missing?",
        ["def load(path):", "    try:", "    except FileNotFoundError:", '        return {"retries": 7}'],
    ),
    "the middle of a file": (
        "        return self.total\n\n    def refund(self, order):\n        # A refund takes 14 days. It is free.\n"
        "        days = 14\n        return self.pay(order, days)\n\n    def cancel(self, order):\n"
        "        # A cancellation takes 3 days.\n        days = 3\n        return self.pay(order, days) - 5\n",
        "How many days does cancel take?",
        ["    def cancel(self, order):", "        days = 3"],
    ),
}


@pytest.mark.parametrize("case", CODE)
def test_code(case: str) -> None:
    code, question, kept = CODE[case]
    other = (
        "The price of food went up. A gate is wide. The builder has a timeout. A cancel button is blue. Settings are loaded."
    )
    text = shown(question, code, other)
    lines = [line for line in text.split("\n") if line]
    assert set(lines) <= set(code.split("\n"))
    assert [line for line in lines if line in kept] == kept
    if case not in ("ory/lumen#30", "the middle of a file"):
        ast.parse(text)


OFFERS = " ".join(f"We looked at offer number {n} and it was too dear." for n in range(9))
TALK = {
    "feyninc/chonkie#658": (
        f"Dana: Good morning.\nSam: Did the client accept?\nDana: {OFFERS} The client wants a discount of 12 percent.\n"
        "Sam: Then we wait until Friday.\nDana: Agreed.",
        "Which discount does the client want?",
        "12 percent",
    ),
    "attevon-llc/OpenTranscribe#523": (
        "Marketing: The watch is for old people.\nDesigner: Which colours?\nMarketing: Black and yellow.\n"
        "Designer: And the price?\nMarketing: 25 euros.\nDesigner: OK.",
        "Which colours does marketing want?",
        "Black and yellow",
    ),
    "Muesli-HQ/muesli#413": (
        "[00:00:20] Others: How are you?\n[00:00:23] Speaker 2: Well. The boiler was repaired in March.\n"
        "[00:00:29] Others: What did it cost?\n[00:00:31] Speaker 2: 240 euros. The landlord paid.\n[00:00:40] Others: Good.",
        "What did the boiler repair cost?",
        "240 euros",
    ),
    "Pustur/whatsapp-chat-parser#266": (
        "[22-01-20 10:00:00] Bob: The hall is booked. It is the one\nin Station Road\n[22-01-20 10:01:00] Alice: until when?\n"
        "[22-01-20 10:02:00] Bob: 11 pm\nbring the keys\n[22-01-20 10:03:00] Alice: great. thanks",
        "Until when is the hall booked?",
        "11 pm\nbring the keys",
    ),
    "vectorize-io/hindsight#4572": (
        "主持人：水库什么时候建成？\n张工：1958年动工。1961年建成。坝高61米。\n主持人：花了多少钱？\n张工：三千万元。\n主持人：谢谢。",
        "坝高多少米？",
        "坝高61米",
    ),
}
TURN = re.compile(r"^(?:\[[\d :-]+\] )?[\w ]+[:：]", re.MULTILINE)


def turns_of(text: str) -> list[tuple[str, str]]:
    """The label of each turn, and what is said behind it."""
    starts = [match.start() for match in TURN.finditer(text)]
    parts = [text[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    return [(match.group(), part[match.end() :]) for part in parts if (match := TURN.match(part))]


@pytest.mark.parametrize("case", TALK)
def test_talk(case: str) -> None:
    talk, question, kept = TALK[case]
    text = shown(question, talk, "A discount is possible. Colours are bright. The boiler is hot. The hall is open. 水库很大。")
    assert kept in text
    assert TURN.match(text)
    for label, said in turns_of(text):
        parts = [part.strip() for part in said.split("[…]") if part.strip()]
        assert any(name == label and all(part in whole for part in parts) for name, whole in turns_of(talk)), (label, said)

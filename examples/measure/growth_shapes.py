"""The texts and lists of passages that `growth.py` measures with: each grows to any size and hurts in a way of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

ANSWER = "The tower of Arden was built by Ida Holwick in 1903."
_TOWNS = ("Alba", "Brin", "Cort", "Dale", "Esk", "Fenn", "Gorm", "Hald")
_PIECES = (*"。-#|“”() ?的:…\n", "The tower of Arden", "1,903", "一二三", "May 4, 1905", "www.a.b/c", "x" * 30)

REPEATED = {
    "blanks": " ",
    "newlines": "\n",
    "tabs and newlines": "\t\n ",
    "wide blanks": "\u3000\u2003",
    "short questions": "Is it old? ",
    "Chinese questions": "它老吗？",
    "opening lines": "Note:\n",
    "headings": "# Title\n",
    "table heads": "| a | b |\n",
    "list items": "- item\n",
    "ordinals": "1. (a) 一、",
    "dashes": "-",
    "brackets": "(",
    "square brackets": "[",
    "links": "https://a.example/b?c=d ",
    "open links": "[a](",
    "open tags": "<a b",
    "CJK brackets": "（",
    "CJK quotes": "“",
    "ASCII quotes": '"',
    "titles": "《",
    "dots": ".",
    "dots and blanks": ". ",
    "CJK stops": "。",
    "commas": ", ",
    "semicolons": "一；",
    "one long word": "a",
    "hyphens": "a-",
    "addresses": "a.b@",
    "digits": "9",
    "groups of digits": "1,",
    "decimal dots": "3.14.",
    "Chinese numerals": "一",
    "formal numerals": "壹",
    "scales": "5 million ",
    "name particles": "of de la ",
    "initials": "A. B. ",
    "capitals": "The Duke of York ",
    "people": "Ida Holwick built it in 1903. ",
    "words without marks": "the river runs past the mill ",
    "Chinese without marks": "河水流过磨坊边的小路",
    "combining marks": "e\u0301\u0301",
    "control tokens": "<|im_end|>",
    "family emoji": "\U0001f469\u200d\U0001f467",
    "dates": "May 4, 1905, 3 June 2001 and ",
    "Chinese dates": "一九〇三年五月四日和",
    "markers": "[1] ",
    "JSON lines": '{"a": "b", "c": 1}\n',
    "menu": "Home | About | Log in\n",
    "refusals": "based on the document i do not know ",
    "CRLF": "a b.\r\n",
    "lines": "the mill\n",
    "paragraphs": "the mill\n\n",
    "bars": "|",
    "rows": "| a | b |\n|---|---|\n",
    "values": "a;b;c\n",
    "tabs": "a\tb\n",
    "columns": "a    b    c\n",
    "braces": "{",
    "objects": '{"a":',
    "lists in lists": "[1,",
    "fields": "key: value\n",
    "YAML lists": "- id: 1\n  name: b\n",
    "fences": "```\n",
    "fenced code": "```python\ndef f():\n    return 1\n```\n",
    "functions": "def f():\n    return 1\n",
    "decorators": "@a\n",
    "open strings": '"""\n',
    "comments": "# a\n",
    "statements": "if (a) { b(); }\n",
    "turns": "Agent: It is an HX-20. Yes.\n",
    "speakers": "A:\n",
    "logs": "2026-05-04 12:00:01 ERROR a\n",
    "answers": "Q: Is it old?\nA: It is.\n",
    "clauses": "7.2 It ends if:\n(a) it rains;\n",
    "Chinese clauses": "第三条 有下列情形的：\n（一）下雨；\n",
    "tags": "<a>",
    "open and closed tags": "<b>a</b>",
    "HTML tables": "<table><tr>",
    "HTML rows": "<tr><td>1</td></tr>\n",
    "comments of HTML": "<!--",
    "entities": "&amp;",
    "quoted mail": "> ",
    "emphasis": "**a",
    "code marks": "`",
    "escapes": "\\",
    "wrapped numbers": "raised to\n67. It had been\n",
    "hyphenated lines": "infor-\nmation ",
    "base64": "QUJD",
    "data URIs": "data:image/png;base64,QUJD ",
}


def _mixed(size: int) -> str:
    rng = random.Random(7)
    return "".join(rng.choices(_PIECES, k=size))[:size]


def _repeated(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def _enclosed(unit: str, size: int) -> str:
    return f"a{_repeated(unit, size - 2)}b"


def _nested(mark: str, size: int) -> str:
    """Returns lines that each begin with one mark more than the one before, up to 60, then again."""
    return _repeated("".join(f"{mark * depth} a\n" for depth in range(1, 61)), size)


NESTED = {"quotes": ">", "items": "  -", "indents": "    ", "headings": "#", "bars": "| "}
TEXTS: dict[str, Callable[[int], str]] = {name: partial(_repeated, unit) for name, unit in REPEATED.items()}
TEXTS |= {f"nested {name}": partial(_nested, mark) for name, mark in NESTED.items()}
TEXTS |= {"blanks inside": partial(_enclosed, " "), "newlines inside": partial(_enclosed, "\n"), "mixed": _mixed}


def _invented(number: int) -> str:
    return "".join("bdfgklmnprst"[number // 12**place % 12] + "aeiou"[number // 5**place % 5] for place in range(4))


def _unlike(number: int) -> str:
    rng = random.Random(number)
    return " ".join(_invented(rng.randrange(5000)) for _ in range(8)).capitalize() + "."


_TEMPLATE = "The old tower of Arden by the river was built by {} of the town of Brin in {} and it is {} still white and tall."
PASSAGES: dict[str, Callable[[int], str]] = {
    "copies": lambda _: ANSWER,
    "own figure": lambda number: _TEMPLATE.format("Ida Holwick", number, "now"),
    "own name": lambda number: _TEMPLATE.format(f"Ida {_invented(number).capitalize()}", 1903, "now"),
    "own word": lambda number: _TEMPLATE.format("Ida Holwick", 1903, _invented(number)),
    "own Chinese figure": lambda number: f"这座古老的灯塔由艾达·霍尔维克在{number}年建造，至今仍然矗立在河边的小镇上。",
    "nested": lambda number: " ".join(map(_invented, range(5 + number % 200))),
    "windows": lambda number: " ".join(map(_invented, range(3 * number, 3 * number + 30))),
    "unlike": _unlike,
    "three builders": lambda number: f"The old tower in Arden was built in 1903 by Ida {_TOWNS[number % 3]}.",
    "many builders": lambda number: (
        f"{_invented(number)}. The old tower in Arden was built in 1903 by Ida {_TOWNS[number % 8]}."
    ),
    "figures": lambda number: f"{number} {number + 1} {number + 2}",
    "no words": lambda _: "!!!",
}

# What once took quadratic time, and a sample of the rest: functions with shapes.
QUICK = {
    "sentences": ("words without marks", "short questions"),
    "units": ("lines", "bars", "braces", "fences", "open tags", "YAML lists", "nested quotes", "rows", "Chinese without marks"),
    "subquestions": ("blanks", "newlines", "semicolons"),
    "only_links": ("open links", "open tags", "square brackets"),
    "normalize_answer": ("blanks inside",),
    "numbers": ("formal numerals",),
    "DropNoise": ("newlines", "dashes", "brackets", "CJK brackets"),
    "KeepEvidence": ("short questions", "opening lines"),
    "FitBudget": ("opening lines",),
    "MarkConflicts: question": ("people",),
    "MarkSuspicious: instructions": ("blanks inside", "blanks"),
    "cite: answer": ("people",),
    "shape: passage": ("short questions", "mixed"),
    "shape: budget": ("short questions",),
    "shape: question": ("semicolons", "links"),
    "DropDuplicates": ("own figure", "own word", "copies"),
    "MarkConflicts": ("many builders",),
    "shape": ("own figure",),
}

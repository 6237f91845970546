from __future__ import annotations

import argparse
import ast
import inspect
import json.decoder
import random
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxshape.testing.faithful.selection import shown_with
from ctxshape.text.units.code import CODE_BY_LANGUAGE, code_units
from ctxshape.text.units.model import Unit
from ctxshape.text.units.python import python_units
from ctxshape.text.units.source import source_units

FILLING = "".join(f"        self.note({n!r}, 'a line that makes the method long')\n" for n in range(12))
LONG = f'''import os


class Shop(Base):
    """Sells books."""

    @cached
    def price(
        self,
        net,
    ):
        # Books are taxed less.
        factor = 1.05
{FILLING}
        if net > 100:
            factor = 1.04
        elif net > 50:
            factor = 1.045
        return net * factor

    def close(self):
        return True
'''


def cut(text: str, found: list[Unit] | None) -> list[str]:
    assert found is not None
    return [text[unit.start : unit.end] for unit in found]


# pinecone-io/canopy#48 and agno-agi/agno#10470: "#" in code is taken for a heading.
def test_a_small_function_is_a_unit_with_its_comments() -> None:
    text = "import os\n\n\n# Stops at once.\n@cached\ndef stop():\n    # Now.\n    os.abort()\n\n\nVALUE = (1,\n    2)\n"
    assert cut(text, code_units(text)) == [
        "import os",
        "# Stops at once.\n@cached\ndef stop():\n    # Now.\n    os.abort()",
        "VALUE = (1,\n    2)",
    ]


def test_paragraphs_of_a_long_docstring_are_units_between_its_quotes() -> None:
    paragraphs = "\n\n".join(f"    Case {n}: " + "it is rounded to cents. " * 6 for n in range(6))
    text = f'def price(net):\n    """Returns the price.\n\n{paragraphs}\n    """\n    return net * 1.05\n'
    case = "    Case 4: " + ("it is rounded to cents. " * 6).rstrip()
    assert shown_with(text, "Case 4") == f'def price(net):\n    """Returns the price.\n\n{case}\n\n    """'


def test_a_bracket_that_closes_and_opens_again_on_a_line_is_one_statement() -> None:
    names = "".join(f"    self.name_of_the_value_number_{n},\n" for n in range(20))
    values = "".join(f"    value_number_{n}=find(self, {n}),\n" for n in range(20))
    text = f"import os\n(\n{names}) = compute(\n{values})\n"
    assert len(code_units(text) or ()) == 2


# run-llama/llama_index#7419 and ory/lumen#30: a method is shown without its class.
def test_a_statement_of_a_long_method_comes_with_its_def_and_class() -> None:
    assert shown_with(LONG, "return net") == (
        'class Shop(Base):\n    """Sells books."""\n\n    @cached\n    def price(\n        self,\n        net,\n    ):\n'
        "        # Books are taxed less.\n        factor = 1.05\n\n        return net * factor"
    )
    assert shown_with(LONG, "return True") == (
        'class Shop(Base):\n    """Sells books."""\n\n    def close(self):\n        return True'
    )


@pytest.mark.parametrize("wanted", ["second()", "third()", "fourth()", "fifth()"])
def test_a_branch_comes_with_the_branches_before_it(wanted: str) -> None:
    long = "".join(f"        step({n!r}, 'a line that makes the block long')\n" for n in range(60))
    text = (
        f"def run():\n    first()\n    try:\n{long}        second()\n    except ValueError:\n{long}        third()\n"
        f"    else:\n{long}        fourth()\n    finally:\n{long}        fifth()\n"
    )
    tree = ast.parse(shown_with(text, wanted))
    assert isinstance(tree.body[0], ast.FunctionDef)
    block = tree.body[0].body[-1]
    assert isinstance(block, ast.Try)
    assert block.handlers or block.finalbody


def test_items_of_a_long_literal_keep_their_brackets() -> None:
    rows = "".join(f"    'town{n}': {{'people': {n}, 'river': 'Saale'}},\n" for n in range(40))
    text = f"import os\n\nTOWNS = {{\n{rows}}}\n"
    assert shown_with(text, "town7'") == (
        "TOWNS = {\n    'town0': {'people': 0, 'river': 'Saale'},\n\n    'town7': {'people': 7, 'river': 'Saale'},\n\n}"
    )


@pytest.mark.parametrize("module", [argparse, inspect, json.decoder, random, textwrap], ids=lambda module: module.__name__)
def test_any_selection_of_statements_parses(module: object) -> None:
    text = inspect.getsource(module)  # type: ignore[arg-type]
    found = code_units(text)
    assert found is not None
    rng = random.Random(1)
    for _ in range(40):
        chosen = {rng.randrange(len(found)) for _ in range(rng.randint(1, 5))}
        chosen |= {need for index in chosen for need in found[index].needs}
        ast.parse("\n\n".join(text[found[index].start : found[index].end] for index in sorted(chosen)))


JAVASCRIPT = """// Sums up.
export function total(items, rate) {
  let sum = 0;
  for (const item of items) {
    sum += item.price * item.count;
    log(`a line { that makes the function long ${item.name}`, 1);
    log("a line { that makes the function long, and longer", 2);
    log("a line { that makes the function long, and longer", 3);
  }
  if (sum > 1000) {
    sum -= 50;
  } else {
    sum += 4.9;
  }
  log("a line { that makes the function long, and longer", 4);
  log("a line { that makes the function long, and longer", 5);
  return sum * rate;
}
"""


def test_blocks_in_braces_are_closed() -> None:
    assert shown_with(JAVASCRIPT, "return sum") == (
        "// Sums up.\nexport function total(items, rate) {\n\n  return sum * rate;\n}"
    )
    assert "  if (sum > 1000) {\n    sum -= 50;\n  } else {\n    sum += 4.9;\n  }" in cut(JAVASCRIPT, code_units(JAVASCRIPT))


@pytest.mark.parametrize(
    "text",
    [
        '#include <stdio.h>\n\nint main(void)\n{\n    printf("hi");\n    return 0;\n}\n',
        "package main\n\nfunc add(a, b int) int {\n\treturn a + b\n}\n",
        "pub fn add(a: i32, b: i32) -> i32 {\n    let mut c = a;\n    c + b\n}\n",
        "SELECT name, total\nFROM orders\nWHERE total > 10\nORDER BY total;\n\nDELETE FROM orders WHERE total = 0;\n",
        '#!/bin/sh\nset -e\nfor f in *.txt; do\n  echo "$f"\ndone\n',
        ".note {\n  color: red;\n  margin: 0 4px;\n}\n\n#top { color: blue; }\n",
        "<?php\n$total = 4;\nfunction add($a, $b) {\n    return $a + $b;\n}\n",
        "require 'json'\n\nclass Shop < Base\n  def price\n    @net * 1.05\n  end\nend\n",
        "public class Shop {\n    private int net = 4;\n\n    public int price() {\n        return net;\n    }\n}\n",
        "interface Item {\n  name: string;\n}\n\nexport const price = (item: Item) => {\n  return item.name.length;\n};\n",
        # the middle of a file, with the end of a docstring and an unfinished body
        'the last line.\n        """\n        self.net = net\n        if net > 4:\n            self.f = find(net)\n',
    ],
)
def test_code_of_other_languages_is_found(text: str) -> None:
    assert {unit.kind for unit in code_units(text) or ()} == {"code"}


@pytest.mark.parametrize(
    "text",
    [
        "Call price() to get the price;\nit returns a number.",
        "Dear all,\nimport of goods (see below) is free.\nBest, Ada",
        "Name: Ada\nCity: Jena\nTotal: 48",
        "from Jena to Gera\nclass of 1999:\nAda, Ben",
        "If you want to do this:\n- open the door\n- close it",
        "x = 5",
        "Roses are red\nViolets are blue",
        "第一行\n第二行",
        "# Fees\n\n```python\nimport os\nos.abort()\n```\n",
        'on: push\njobs:\n  build:\n    steps:\n      - run: |\n          echo "$HOME"\n          exit 1\n',
        "For whom the bell tolls:\nwith love, from me\nwhile away;",
    ],
)
def test_other_texts_are_no_code(text: str) -> None:
    assert code_units(text) is None


def test_a_chunk_that_does_not_parse_is_cut_by_indentation() -> None:
    text = "        return one\n\n    def two(self):\n        if self.a:\n            return (1,\n                2)\n"
    assert cut(text, code_units(text)) == [
        "        return one",
        "    def two(self):\n        if self.a:\n            return (1,\n                2)",
    ]


def test_the_language_of_a_fence_decides() -> None:
    assert cut("pip install a\npip install b", CODE_BY_LANGUAGE["bash"]("pip install a\npip install b")) == [
        "pip install a",
        "pip install b",
    ]
    assert {"python", "js", "c++", "sql", "sh", "go"} <= set(CODE_BY_LANGUAGE)


CODE_TEXT = st.text(alphabet="ab =():{}[]\"'#\\\n\t/*`;,elsif…", max_size=120)


@given(CODE_TEXT, st.sampled_from(["braces", "indents", "words", "sql"]))
def test_units_of_any_text_cover_it(text: str, family: str) -> None:
    for found in (source_units(text, family), python_units(text) or [], code_units(text) or []):
        place = 0
        for number, unit in enumerate(found):
            assert place <= unit.start < unit.end
            assert not text[place : unit.start].strip()
            assert all(need != number and 0 <= need < len(found) for need in unit.needs)
            place = unit.end
        assert not found or not text[place:].strip()

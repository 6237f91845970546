"""Inputs of kinds that were reported to projects that split documents; the texts are new."""

from __future__ import annotations

import base64
import random

import pytest

from ctxshape import Context
from ctxshape.core.analysis import analysis_of
from ctxshape.text.units.document import units

PICTURE = "data:image/jpeg;base64," + base64.b64encode(random.Random(7).randbytes(3000)).decode()


def shown_with(text: str, *wanted: str) -> str:
    """Returns the text shown if the units with some words are kept, with all that they need."""
    context = Context.of("?", [text])
    analysis, document = analysis_of(context), context.documents[0]
    pieces = analysis.pieces(document)
    chosen = {n for n, piece in enumerate(pieces) if any(word in piece.text for word in wanted)}
    return analysis.with_only(document, sorted(chosen.union(*(pieces[n].needs for n in chosen)))).text


def cut(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in units(text)]


ROWS = "\n".join(f"| Pump {n} | {n * 7} l | room {n} |" for n in range(1, 9))
HTML_HEAD = "<table><thead><tr><th>Name</th><th>Flow</th></tr></thead>\n<tbody>"
HTML_ROWS = "".join(f"<tr><td>Pump {n}</td><td>{n}</td></tr>" for n in range(9))
TABLE = f"| Name | Flow | Place |\n|---|---:|---|\n{ROWS}"


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        pytest.param(
            TABLE,
            "Pump 5",
            "| Name | Flow | Place |\n|---|---:|---|\n| Pump 5 | 35 l | room 5 |",
            id="open-webui#30413 the head is dropped",
        ),
        pytest.param(
            f"| Pump | Year | |\n| | 2023 | 2024 |\n|---|---|---|\n{ROWS}",
            "Pump 5",
            "| Pump | Year | |\n| | 2023 | 2024 |\n|---|---|---|\n| Pump 5 | 35 l | room 5 |",
            id="chonkie#582 a head of two rows loses its rule",
        ),
        pytest.param(
            f"Table 1: Pumps of the mill\n\n{TABLE}",
            "Pump 5",
            "Table 1: Pumps of the mill\n\n| Name | Flow | Place |\n|---|---:|---|\n| Pump 5 | 35 l | room 5 |",
            id="docling-core#678 caption and rule",
        ),
        pytest.param(
            f"Appendix\n{TABLE}",
            "Pump 5",
            "Appendix\n| Name | Flow | Place |\n|---|---:|---|\n| Pump 5 | 35 l | room 5 |",
            id="embabel-agent#1859 a heading glued to a table",
        ),
        pytest.param(
            f"{HTML_HEAD}{HTML_ROWS}</tbody></table>",
            "Pump 5",
            f"{HTML_HEAD}<tr><td>Pump 5</td><td>5</td></tr></tbody></table>",
            id="LightRAG#3055 the groups of rows are dropped",
        ),
    ],
)
def test_tables(text: str, word: str, shown: str) -> None:
    assert shown_with(text, word).removesuffix("\n\n[…]") == shown


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        pytest.param(
            "- Boats\n  - Members pay.\n  - Guests pay more.\n- Cars",
            "Guests",
            "- Boats\n[…]\n  - Guests pay more.\n[…]",
            id="idd-skill#1474 the second child loses its parent",
        ),
        pytest.param(
            "To bleed it:\n\n1. Open the valve.\n2. Wait.\n3. Close the valve.\n4. Check it.",
            "Close",
            "To bleed it: […]\n3. Close the valve.\n[…]",
            id="vectra#88 steps are missing",
        ),
        pytest.param(
            "1. The first item\ngoes on here.\n2. The second one.",
            "first",
            "1. The first item\ngoes on here.\n[…]",
            id="MemoryBear#1886 a line without indentation goes on",
        ),
        pytest.param(
            "1. Build it:\n\n```\nmake all\n```\n\n2. Run it:\n\n```\n./run\n```",
            "Run it",
            "2. Run it:\n\n```\n./run\n```",
            id="xled#109 code at the margin",
        ),
        pytest.param(
            "* 1.4.0\n  * Fixes the valve\n* 1.3.0\n  * Adds a pump",
            "Adds",
            "* 1.3.0\n  * Adds a pump",
            id="vectra#88 a list of versions",
        ),
    ],
)
def test_lists(text: str, word: str, shown: str) -> None:
    assert shown_with(text, word).replace(" […]\n[…]", "\n[…]") == shown


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        pytest.param(
            "<h1>Manual</h1>\n<p>Intro text.</p>\n<h2>Valves</h2>\n<p>They leak.</p>",
            "leak",
            "<h1>Manual</h1>\n[…]\n<h2>Valves</h2>\n<p>They leak.</p>",
            id="langchain#40409 the first heading is lost",
        ),
        pytest.param(
            "Manual\n======\n\nIntro text.\n\nValves\n------\n\nThey leak.",
            "leak",
            "Manual\n======\n[…]\nValves\n------\n\nThey leak.",
            id="docling#2358 underlined headings",
        ),
        pytest.param(
            "Manual\n~~~~~~\n\nIntro text.\n\nValves\n``````\n\nThey leak.",
            "leak",
            "Manual\n~~~~~~\n[…]\nValves\n``````\n\nThey leak.",
            id="docling#2358 headings of reStructuredText are no fences",
        ),
        pytest.param(
            "# Manual\n\n~~~sh\n# not a heading\nls\n~~~\n\nIt leaks.",
            "leaks",
            "# Manual\n[…] It leaks.",
            id="haystack#11011 a comment in a fence",
        ),
        pytest.param(
            "<section><h2>Valves</h2><p>They leak.<table><tr><td>Size</td></tr><tr><td>9 mm</td></tr></table></p></section>",
            "9 mm",
            "<section><h2>Valves</h2>\n[…]\n<table><tr><td>Size</td></tr><tr><td>9 mm</td></tr></table>",
            id="langchain#34587 a table in a section",
        ),
        pytest.param(
            "<div>\n<table><tr><td>Size</td></tr>\n**important** goes on\n</div>\n\nMore.",
            "important",
            "**important** goes on\n</div>",
            id="readmeio/markdown#1540 an unclosed table",
        ),
    ],
)
def test_headings_and_pages(text: str, word: str, shown: str) -> None:
    assert shown in shown_with(text, word)


def test_tables_in_a_table_lay_out_a_page() -> None:  # Unstructured#2205
    inner = "<table><tr><td>Pump</td><td>7 l</td></tr><tr><td>Mill</td><td>9 l</td></tr></table>"
    found = cut(f"<table><tr><td>Menu</td><td>{inner}</td></tr><tr><td>End of page</td></tr></table>")
    assert any(one.startswith("<tr><td>Mill</td><td>9 l</td></tr>") for one in found)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"# output\n\n{'y' * 120_000} needle", id="context-mode#878 one long line"),
        pytest.param(f"| a | b |\n|---|---|\n| {'word ' * 2000} | x |", id="memsearch#526 a long row"),
        pytest.param("# Log\n\n```\n" + "x = 1; " * 3000 + "\n```", id="context-mode#898 a long line in a fence"),
        pytest.param("日本語の文章が続きます" * 900, id="ReMe#370 no marks"),
        pytest.param("## One\n\n" + "It is so, and so on; " * 900 + "\n\n## Two\n\nEnd.", id="gaia#890 a long section"),
    ],
)
def test_nothing_is_too_long_to_choose(text: str) -> None:
    assert max(map(len, cut(text))) <= 1200
    assert sum(map(len, cut(text))) > 0.8 * len(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"The wheel is old.\n\n![wheel]({PICTURE})\n\nIt turns.", id="openrag#570 an image in Markdown"),
        pytest.param(f"The wheel is old. See ![wheel][1].\n\nIt turns.\n\n[1]: {PICTURE}", id="markdown#2 a reference"),
        pytest.param(
            f'<p>The wheel is old.</p>\n<img alt="wheel" src="{PICTURE}">\n<p>It turns.</p>', id="Engram#1619 in HTML"
        ),
        pytest.param(f"- The wheel is old. ![wheel]({PICTURE})\n- It turns.", id="typora#6057 in a list"),
        pytest.param(
            f"| The wheel is old. | ![wheel]({PICTURE}) |\n|---|---|\n| It turns. | 7 |", id="open-webui#10302 in a table"
        ),
    ],
)
def test_pictures_are_no_text(text: str) -> None:
    shown = cut(text)
    assert any("The wheel is old." in one for one in shown) and any("It turns." in one for one in shown)
    assert sum(map(len, shown)) < 250

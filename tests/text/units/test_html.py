from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxshape.text.units.document import units

TABLE = (
    '<table class="wide">\n<caption>Stations</caption>\n<thead><tr><th>Station</th><th>Opened</th></tr></thead>\n<tbody>\n'
    "<tr><td>Hafen</td><td>1990</td></tr>\n<tr>\n  <td>Kanalufer\n  <td>1987\n</tbody></table>"
)


def cut(text: str) -> list[tuple[str, str]]:
    return [(unit.kind, text[unit.start : unit.end]) for unit in units(text)]


def test_a_row_brings_the_head_and_the_tags_around_the_table() -> None:
    assert cut(TABLE) == [
        ("open", '<table class="wide">\n<caption>Stations</caption>\n<thead>'),
        ("row", "<tr><th>Station</th><th>Opened</th></tr></thead>\n<tbody>"),
        ("row", "<tr><td>Hafen</td><td>1990</td></tr>"),
        ("row", "<tr>\n  <td>Kanalufer\n  <td>1987"),
        ("close", "</tbody></table>"),
    ]
    assert units(TABLE)[3].needs == (0, 1, 4)


def test_tags_stay_with_their_text() -> None:
    page = (
        "<h2>Tower</h2>\n<p>It is <b>old</b>. Dr. Kern <a href='a. B'>built it</a>.</p>\n"
        "<ul><li>One</li>\n<li>Two<ul><li>Deep</li></ul></li></ul>"
    )
    assert cut(page) == [
        ("heading", "<h2>Tower</h2>"),
        ("sentence", "<p>It is <b>old</b>."),
        ("sentence", "Dr. Kern <a href='a. B'>built it</a>.</p>"),
        ("item", "<ul><li>One</li>"),
        ("item", "<li>Two"),
        ("item", "<ul><li>Deep</li></ul></li></ul>"),
    ]
    assert units(page)[5].needs == (0, 4)


def test_scripts_are_no_text_and_comments_stay_apart() -> None:
    head = "<head><style>p{a:b}</style><script>if (a < b) { c() }</script></head>"
    page = f"<html>{head}<body><!-- old --><p>It is so.</p></body></html>"
    shown = " ".join(text for _, text in cut(page))
    assert "<p>It is so.</p>" in shown
    assert "<!-- old -->" in [text for _, text in cut(page)]
    assert not any(word in shown for word in ("a:b", "c()"))


def test_a_table_that_lays_out_a_page_is_none() -> None:
    page = f"<table><tr><td>{'It is so. ' * 150}</td></tr><tr><td>The end is near.</td></tr></table>"
    assert {kind for kind, _ in cut(page)} == {"sentence"}


def test_code_of_a_page_is_code() -> None:
    page = '<p>Run:</p><pre><code class="language-python">def a():\n    return 1\n</code></pre>'
    assert cut(page) == [
        ("sentence", "<p>Run:</p>"),
        ("code", '<pre><code class="language-python">def a():\n    return 1\n</code></pre>'),
    ]


def test_a_table_in_markdown_is_a_table() -> None:
    text = f"# Lines\n\nThe stations are these:\n\n{TABLE}\n\nLifts are everywhere."
    kinds = [kind for kind, _ in cut(text)]
    assert kinds == ["heading", "sentence", "open", "row", "row", "row", "close", "sentence"]
    assert units(text)[4].needs == (0, 1, 2, 3, 6)


@pytest.mark.parametrize(
    "text", ["a < b and c > d", "The sign <- points left.", "if x<y: z>0", "<https://example.org> is a link."]
)
def test_other_angle_brackets_are_text(text: str) -> None:
    assert cut(text) == [("sentence", text)]


TAGS = [
    "<p>", "</p>", "<table>", "</table>", "<tr>", "</tr>", "<td>", "<th>", "<ul>", "<li>", "</li>", "</ul>", "<b>", "</b>",
    "<br>", "<h2>", "</h2>", "<pre>", "</pre>", "text", "Text. More", "\n", "\n\n", "<a href='x", "<", "&amp;", "<dl><dt>",
]  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(parts=st.lists(st.sampled_from(TAGS), max_size=20))
def test_broken_pages_lose_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    found = units(text)
    places = [(unit.start, unit.end) for unit in found]
    assert all(a < b for a, b in places) and all(b <= c for (_, b), (c, _) in pairwise(places))
    covered = {place for a, b in places for place in range(a, b)}
    assert all(place in covered for place, char in enumerate(text) if char.isalnum())

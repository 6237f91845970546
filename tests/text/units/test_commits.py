"""Histories of `git log`: no message without its commit."""

import pytest

from ctxshape import shape
from ctxshape.text.units.commits import commit_units
from ctxshape.text.units.diffs import diff_units
from ctxshape.text.units.document import units

_COMMITS = (
    ("8f1c2aa", "Mei Lin", "Add holidays for Norway"),
    ("77be091", "Omar Diallo", "Fix the leap year bug in due dates\n\n    29 February was rejected."),
    ("5a0d3f4", "Mei Lin", "Bump version to 3.1"),
)
_LOG = "\n".join(
    f"commit {name}\nAuthor: {author} <{author[0].lower()}@ex.org>\nDate:   Tue Feb 24 10:00:00 2026 +0100\n\n    {message}\n"
    for name, author, message in _COMMITS
)


def _shown(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in units(text)]


def test_commit_with_its_message_is_one_unit() -> None:
    assert [part.split()[1] for part in _shown(_LOG)] == ["8f1c2aa", "77be091", "5a0d3f4"]
    assert _shown(_LOG)[1].endswith("29 February was rejected.")


@pytest.mark.parametrize("budget", [None, 48, 60, 128])
def test_author_is_shown_above_the_message(budget: int | None) -> None:
    shown = shape("Who fixed the leap year bug?", [_LOG], budget=budget).documents[0].text
    place = shown.index("Fix the leap year bug")
    assert shown.rindex("Author:", 0, place) == shown.index("Author: Omar Diallo")


def test_parts_of_a_long_message_need_the_head() -> None:
    text = "commit 8f1c2aa\nAuthor: Mei <m@ex.org>\n\n    Add Norway\n\n" + "    One more line of the message.\n" * 20
    found = commit_units(text)
    assert found is not None
    assert text[: found[0].end] == "commit 8f1c2aa\nAuthor: Mei <m@ex.org>"
    assert [unit.needs for unit in found] == [(1,), *[(0,)] * (len(found) - 1)]
    assert len(found) == 4  # 610 characters of message, at most 300 in a part


def test_lists_of_files_belong_to_the_commit() -> None:
    text = "commit 8f1c2aa\nMerge: 1a2b3c4 5d6e\nAuthor: Mei <m@ex.org>\n\n    Add it\n\nM\ta.py\n3\t1\tb.py\n a.py | 3 +-\n"
    assert _shown(text) == [text.strip()]


def test_one_line_for_each_commit() -> None:
    text = "8f1c2aa (HEAD -> main) Add holidays\n77be091 Fix the leap year bug\n5a0d3f4 Bump version\n"
    assert _shown(text) == text.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "commit 8f1c2aa\nWe did it on Monday.",
        "commit to it.\nAuthor: Mei",
        "commit 8f1c2aa\nAuthor: Mei\n\nText at the margin.",
        "decade of change\nfacade of glass",
    ],
)
def test_other_texts_are_no_history(text: str) -> None:
    assert commit_units(text) is None


def test_commit_behind_a_hunk_is_no_part_of_it() -> None:
    patch = "diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -1 +1 @@\n-one\n+two\n"
    text = "".join(f"commit {name}\nAuthor: {who}\n\n    {why}\n\n{patch.format(who)}" for name, who, why in _COMMITS)
    found = diff_units(text)
    assert found is not None
    assert len(found) == 9
    assert text[found[3].start : found[3].end].startswith("commit 77be091\n")
    assert [unit.needs for unit in found[3:6]] == [(), (3,), (3, 4)]

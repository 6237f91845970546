"""Recognizes boilerplate of web pages, one sentence or line at a time, in English and Chinese; cookie notices in more.

A *cue* ("We use cookies …", "版权所有 …") makes its whole sentence boilerplate. *Labels* are the words of menus and buttons
("Log in", "上一篇"): a line with hardly anything else is boilerplate. `boilerplate.toml` has the cues and labels of all
languages.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

from ctxshape.text.words import fold_variants, is_cjk, normalize, words

_AROUND = "-*•·#>_=~ ([{<«"  # marks of a list, a heading, a button
_MARKS = re.compile(rf"[{re.escape(_AROUND)}]*")
_STOP = re.compile(r"[^\w\s,、'’%/$€£&+]\s*")  # a sentence may begin after it
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_SEPARATOR = re.compile(r"\s(?:[·•/]|::)\s|\s?(?:[|»›]|>{1,2})\s?")
_LINK = re.compile(r"\[([^\]\n]{1,60})\]\([^)\s]{0,300}\)")
_SENTENCE_END = re.compile(r"[.!。！;；][\"'”’」』）)]*$")
_LONGEST, _LONGEST_CJK = 360, 120  # characters of a sentence of boilerplate
_LONGEST_MENU = 240
_REST = 0.2  # share of the letters of a line of labels that may be something else


class _Signs(NamedTuple):
    """The patterns of the file. A group is named by the index of its kind in `kinds`, or by the strength of a label."""

    kinds: tuple[str, ...]
    opening: re.Pattern[str]
    inside: tuple[tuple[str, int, re.Pattern[str]], ...]  # a string that the cue needs, the index of its kind, the cue
    label: re.Pattern[str]
    links_below: re.Pattern[str]
    breadcrumb: re.Pattern[str]
    site: re.Pattern[str]


@lru_cache(maxsize=1)
def _signs() -> _Signs:
    read = tomllib.loads(files("ctxshape").joinpath("text/boilerplate.toml").read_text(encoding="utf-8"))
    cues = list(enumerate(read["cues"].values()))
    opening = ((f"k{place}", cue["opening"]) for place, cue in cues if "opening" in cue)
    # The longest label first: a pattern finds the first of two that begin at one place.
    labels = ((name, sorted(listed, key=len, reverse=True)) for name, listed in read["labels"].items())
    links_below = "|".join(read["headings"]["links_below"])
    return _Signs(
        kinds=tuple(read["cues"]),
        opening=re.compile(_grouped(opening)),
        inside=tuple((word, place, re.compile(cue)) for place, found in cues for word, cue in found.get("inside", ())),
        label=re.compile(rf"(?<![a-z0-9'-])(?:{_grouped(labels)})(?![a-z0-9'-])"),
        links_below=re.compile(links_below),
        site=re.compile("|".join(read["headings"]["site"])),
        breadcrumb=re.compile(rf"(?:{'|'.join(read['headings']['home'])})\s?(?:[»›/]|>{{1,2}})\s?."),
    )


def _grouped(named: Iterable[tuple[str, Sequence[str]]]) -> str:
    return "|".join(f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in named)


def boilerplate_kind(text: str) -> str | None:
    """Returns the kind of boilerplate that a sentence or line is, such as "cookie notice"; None if it may say something.

    A very long sentence is never boilerplate. Neither is one with a digit outside its cue; the year after © belongs to the cue.

    >>> boilerplate_kind("This site uses cookies to improve your visit."), boilerplate_kind("分享到：微信 微博")
    ('cookie notice', 'share bar')
    >>> boilerplate_kind("Home | News | Sport | Contact us"), boilerplate_kind("Lou Montulli invented cookies in 1994.")
    ('menu', None)
    """
    folded = _folded(text)
    if not folded or len(folded) > (_LONGEST_CJK if is_cjk(folded) else _LONGEST):
        return None
    place = _cue(folded)
    if place is not None and not _DIGIT.search(_signs().label.sub(" ", _without_cues(folded))):
        return _signs().kinds[place]
    return "menu" if _is_menu(folded) else None


def may_have_boilerplate(text: str) -> bool:
    """Returns whether any sentence or line of a text may be boilerplate, by a quick look that clears most passages.

    >>> may_have_boilerplate("The tower is white. It is tall."), may_have_boilerplate("The tower is white. Share this page")
    (False, True)
    """
    signs, lines = _signs(), [normalize(line) for line in text.split("\n")]
    folded = fold_variants(" ".join(lines))  # in one piece, because a sentence may go over several lines
    if any(word in folded for word, _, _ in signs.inside) or _has_separator(folded):
        return True
    starts = [0, *accumulate(len(line) + 1 for line in lines[:-1]), *(match.end() for match in _STOP.finditer(folded))]
    return any(signs.opening.match(folded, place) or _begins_menu(folded, place) for place in _past_marks(folded, starts))


def _past_marks(folded: str, starts: Iterable[int]) -> Iterator[int]:
    """Yields the places where the marks end that stand at the starts, each place and each run of marks once."""
    begin, end = 0, -1
    for start in sorted(starts):
        if not begin <= start <= end:
            begin, end = start, _MARKS.match(folded, start).end()  # type: ignore[union-attr]  # it may be empty
            yield end


def _cue(folded: str) -> int | None:
    """Returns the index of the kind whose cue the sentence has."""
    if found := _signs().opening.match(folded):
        return int((found.lastgroup or "k0")[1:])
    return next((place for word, place, cue in _signs().inside if word in folded and cue.search(folded)), None)


def _without_cues(folded: str) -> str:
    found = _signs().opening.match(folded)
    rest = folded[found.end() :] if found else folded
    for word, _, cue in _signs().inside:
        rest = cue.sub(" ", rest) if word in rest else rest
    return rest


def boilerplate_kinds(lines: Sequence[str], asked: Collection[str] = ()) -> list[str | None]:
    """Returns the kind of boilerplate of each of the consecutive lines of a page, None for a line to keep.

    A line with one of the terms `asked` (see `ctxshape.text.words.query_words`) may be the answer and is kept. Below a
    heading such as "Related articles" or "相关推荐", lines that are not sentences are links to other pages.

    >>> boilerplate_kinds(["Related stories", "The keepers of Rosa", "Storms at sea", "The light is white."], asked=["storms"])
    ['menu', 'link to more', None, None]
    """
    found: list[str | None] = []
    below = False
    menus = _menus(lines)
    for index, line in enumerate(lines):
        kind = boilerplate_kind(line) or ("menu" if index in menus else None)
        if kind:
            below = bool(_signs().links_below.match(_folded(line)))
        elif below:
            below = len(line) <= 100 and not _SENTENCE_END.search(line)
            kind = "link to more" if below and not _DIGIT.search(line) else None
        found.append(kind if kind and not _has(line, asked) else None)
    return found


def _has(line: str, asked: Collection[str]) -> bool:
    return bool(asked) and not frozenset(words(line)).isdisjoint(asked)


def _folded(text: str) -> str:
    return fold_variants(normalize(text)).strip(_AROUND)


def _is_menu(folded: str) -> bool:
    """Returns whether a line has little besides labels, or is a row of short items of which half are labels."""
    if folded.startswith("|") or len(folded) > _LONGEST_MENU:  # a line that begins so is a row of a table
        return False
    if not _begins_menu(folded, 0) and not _has_separator(folded):
        return False
    rest = _signs().label.sub(" ", folded)
    if _DIGIT.search(rest):
        return False
    found = Counter(match.lastgroup for match in _signs().label.finditer(folded))
    share = len(_LETTER.findall(rest)) / max(len(_LETTER.findall(folded)), 1)
    if (found["strong"] and share <= _REST) or (found["weak"] >= 3 and share == 0 and " and " not in folded):
        return True
    items = [item for item in _SEPARATOR.split(folded) if item.strip()]
    if len(items) < 3 or any(len(item) > 24 or len(item.split()) > 3 for item in items):
        return False
    if _signs().breadcrumb.match(folded):
        return True
    named = sum(_signs().label.search(item) is not None for item in items)
    return named * 2 >= len(items) and found["strong"] + found["weak"] > 0


def _menus(lines: Sequence[str]) -> set[int]:
    """Returns the lines of menus that have an item or some links on each line: half of the items are labels.

    A heading below a menu is no label, so a menu ends with its last label. A list behind a colon is no menu.
    """
    found: set[int] = set()
    run: list[tuple[int, list[str]]] = []
    for index, line in enumerate([*lines, ""]):
        if items := _items(line):
            run.append((index, items))
            continue
        labelled = [place for place, (_, listed) in enumerate(run) if any(map(_is_label, listed))]
        menu = run[labelled[0] : labelled[-1] + 1] if labelled else []
        if menu and _names_a_site([item for _, listed in menu for item in listed]) and not _opens_list(lines, menu[0][0]):
            found.update(place for place, _ in menu)
        run = []
    return found


def _names_a_site(items: Sequence[str]) -> bool:
    labels = sum(map(_is_label, items))
    site = any(_signs().site.fullmatch(item) or _label_kind(item) == "strong" for item in items)
    return site and len(items) >= 3 and labels * 2 >= len(items)


def _opens_list(lines: Sequence[str], index: int) -> bool:
    return index > 0 and lines[index - 1].rstrip().endswith((":", "："))


def _items(line: str) -> list[str]:
    """Returns the texts of a line of nothing but links, or a line that may be one item of a menu; else nothing."""
    if len(line) > _LONGEST_MENU or not line:
        return []
    links = _LINK.findall(line) if "](" in line else []
    if links:
        return [_folded(text) for text in links] if not _LETTER.search(_LINK.sub("", line)) else []
    folded = _folded(line)
    short = folded and len(folded) <= 24 and len(folded.split()) <= 3 and not line.startswith("|")
    return [folded] if short and not _DIGIT.search(folded) and not _SENTENCE_END.search(line) else []


def _is_label(item: str) -> bool:
    return _label_kind(item) in ("strong", "weak", "filler")


def _label_kind(item: str) -> str | None:
    found = _signs().label.fullmatch(item)
    return found.lastgroup if found else None


def _has_separator(folded: str) -> bool:
    return any(mark in folded for mark in "|»›>·•/:") and _SEPARATOR.search(folded) is not None


def _begins_menu(folded: str, start: int) -> bool:
    found = _signs().label.match(folded, start)
    return found is not None and found.lastgroup != "glue"

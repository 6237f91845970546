"""Boilerplate of web pages, a sentence or line at a time: what it is, or that it is none. English and Chinese, pure.

A *cue* ("We use cookies …", "版权所有 …") makes its whole sentence boilerplate. *Labels* are the words of menus and buttons
("Log in", "上一篇"): a line is boilerplate if it is hardly anything else. `noise.toml` has both.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

from ctxshape.text.words import is_cjk, normalize, words

# Traditional characters of the patterns, to which both forms are folded.
_SIMPLE = str.maketrans(
    "點擊閱讀覽權網頁關於聯繫們錄註冊號後選轉載發評論廣訂電郵報資訊經許濫繼續視為責聲編輯僅觀點場與無請來還沒賬帳戶頂圖視頻體財樂"
    "動時優購買詢驗當現內復貼個會處條務協議說鏈連結設應開進識長導錯幫複製載標註須歡",
    "点击阅读览权网页关于联系们录注册号后选转载发评论广订电邮报资讯经许滥继续视为责声编辑仅观点场与无请来还没账帐户顶图视频体财乐"
    "动时优购买询验当现内复贴个会处条务协议说链连结设应开进识长导错帮复制载标注须欢",
)
_AROUND = "-*•·#>_=~ ([{<«"  # marks of a list, a heading, a button
_MARKS = re.compile(rf"[{re.escape(_AROUND)}]*")
_STOP = re.compile(r"[^\w\s,、'’%/$€£&+]\s*")  # after which a sentence may begin, and more
_LETTER = re.compile(r"[^\W\d_]")
_FIGURE = re.compile(r"\d")
_SEPARATOR = re.compile(r"\s(?:[·•/]|::)\s|\s?(?:[|»›]|>{1,2})\s?")
_BREADCRUMB = re.compile(r"(?:home|首页|主页)\s?(?:[»›/]|>{1,2})\s?.")
# A heading over links to other pages, and what ends a sentence, which a link's text does not.
_LINKS_BELOW = re.compile(
    r"(?:related|recommended|you (?:may|might) also like|more from|people also)\b"
    r"|(?:相关|推荐|热门|精彩|编辑|猜你|为您|延伸)[推阅文新链喜]"
)
_SENTENCE_END = re.compile(r"[.!。！;；][\"'”’」』）)]*$")
_LONGEST, _LONGEST_CJK = 360, 120  # characters of what is called one sentence of boilerplate
_LONGEST_MENU = 240
_REST = 0.2  # share of the letters of a line of labels that may be something else


class _Signs(NamedTuple):
    """The patterns of the file; a group's name is the place of its kind in `kinds`, or the strength of a label."""

    kinds: tuple[str, ...]
    opening: re.Pattern[str]
    inside: tuple[tuple[str, int, re.Pattern[str]], ...]  # a string it needs, the place of its kind, the cue
    label: re.Pattern[str]


@lru_cache(maxsize=1)
def _signs() -> _Signs:
    read = tomllib.loads(files("ctxshape").joinpath("text/noise.toml").read_text(encoding="utf-8"))
    cues = list(enumerate(read["cues"].values()))
    opening = ((f"k{place}", cue["opening"]) for place, cue in cues if "opening" in cue)
    # The longest label first: of two that begin at one place, the first one is found.
    labels = ((name, sorted(listed, key=len, reverse=True)) for name, listed in read["labels"].items())
    return _Signs(
        kinds=tuple(read["cues"]),
        opening=re.compile(_grouped(opening)),
        inside=tuple((word, place, re.compile(cue)) for place, found in cues for word, cue in found.get("inside", ())),
        label=re.compile(rf"(?<![a-z0-9'-])(?:{_grouped(labels)})(?![a-z0-9'-])"),
    )


def _grouped(named: Iterable[tuple[str, Sequence[str]]]) -> str:
    return "|".join(f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in named)


def boilerplate(text: str) -> str | None:
    """What kind of boilerplate a sentence or line is, such as "cookie notice"; None if it may say something.

    A sentence with a figure that is no part of the boilerplate (a year behind ©) is none, nor is one that is very long.

    >>> boilerplate("This site uses cookies to improve your visit."), boilerplate("分享到：微信 微博")
    ('cookie notice', 'share bar')
    >>> boilerplate("Home | News | Sport | Contact us"), boilerplate("Lou Montulli invented cookies in 1994.")
    ('menu', None)
    """
    folded = _folded(text)
    if not folded or len(folded) > (_LONGEST_CJK if is_cjk(folded) else _LONGEST):
        return None
    place = _cue(folded)
    if place is not None and not _FIGURE.search(_signs().label.sub(" ", _without_cues(folded))):
        return _signs().kinds[place]
    return "menu" if _is_menu(folded) else None


def may_have(text: str) -> bool:
    """Whether any sentence or line of a text may be boilerplate: a quick look that spares most passages the cutting.

    >>> may_have("The tower is white. It is tall."), may_have("The tower is white. Share this page")
    (False, True)
    """
    signs, lines = _signs(), [normalize(line) for line in text.split("\n")]
    folded = " ".join(lines).translate(_SIMPLE)  # as one, because a sentence may go over several lines
    if any(word in folded for word, _, _ in signs.inside) or _has_separator(folded):
        return True
    starts = [0, *accumulate(len(line) + 1 for line in lines[:-1]), *(match.end() for match in _STOP.finditer(folded))]
    marked = (_MARKS.match(folded, start) for start in starts)
    return any(signs.opening.match(folded, mark.end()) or _begins_menu(folded, mark.end()) for mark in marked if mark)


def _cue(folded: str) -> int | None:
    """The place of the kind of the cue that a sentence has."""
    if found := _signs().opening.match(folded):
        return int((found.lastgroup or "k0")[1:])
    return next((place for word, place, cue in _signs().inside if word in folded and cue.search(folded)), None)


def _without_cues(folded: str) -> str:
    found = _signs().opening.match(folded)
    rest = folded[found.end() :] if found else folded
    for word, _, cue in _signs().inside:
        rest = cue.sub(" ", rest) if word in rest else rest
    return rest


def kinds(lines: Sequence[str], asked: Collection[str] = ()) -> list[str | None]:
    """The kind of each of the consecutive lines or sentences of a page, None for those to keep.

    A line that has one of the terms `asked` (of `ctxshape.text.words.query_words`) is kept: it may be the answer. Below a
    heading such as "Related articles" or "相关推荐", lines that are no sentences are links to other pages.

    >>> kinds(["Related stories", "The keepers of Rosa", "Storms at sea", "The light is white."], asked=["storms"])
    ['menu', 'link to more', None, None]
    """
    found: list[str | None] = []
    below = False
    for line in lines:
        kind = boilerplate(line)
        if kind:
            below = bool(_LINKS_BELOW.match(_folded(line)))
        elif below:
            below = len(line) <= 100 and not _SENTENCE_END.search(line)
            kind = "link to more" if below and not _FIGURE.search(line) else None
        found.append(kind if kind and not _has(line, asked) else None)
    return found


def _has(line: str, asked: Collection[str]) -> bool:
    return bool(asked) and not frozenset(words(line)).isdisjoint(asked)


def _folded(text: str) -> str:
    return normalize(text).translate(_SIMPLE).strip(_AROUND)


def _is_menu(folded: str) -> bool:
    """Whether a line is labels and hardly anything else, or a row of short items of which half are labels."""
    if folded.startswith("|") or len(folded) > _LONGEST_MENU:  # a line that begins so is a row of a table
        return False
    if not _begins_menu(folded, 0) and not _has_separator(folded):
        return False
    rest = _signs().label.sub(" ", folded)
    if _FIGURE.search(rest):
        return False
    found = Counter(match.lastgroup for match in _signs().label.finditer(folded))
    share = len(_LETTER.findall(rest)) / max(len(_LETTER.findall(folded)), 1)
    if (found["strong"] and share <= _REST) or (found["weak"] >= 3 and share == 0 and " and " not in folded):
        return True
    items = [item for item in _SEPARATOR.split(folded) if item.strip()]
    if len(items) < 3 or any(len(item) > 24 or len(item.split()) > 3 for item in items):
        return False
    if _BREADCRUMB.match(folded):
        return True
    named = sum(_signs().label.search(item) is not None for item in items)
    return named * 2 >= len(items) and found["strong"] + found["weak"] > 0


def _has_separator(folded: str) -> bool:
    return any(mark in folded for mark in "|»›>·•/:") and _SEPARATOR.search(folded) is not None


def _begins_menu(folded: str, start: int) -> bool:
    found = _signs().label.match(folded, start)
    return found is not None and found.lastgroup != "glue"

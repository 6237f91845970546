"""Names in a text, by capitals and marks: English, and Latin words and titles in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ctxshape.text.languages import LANGUAGES
from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK

NAME_JOINERS = frozenset().union(*(language.name_joiners for language in LANGUAGES))
# "I" opens and continues sentences, and is never a name.
_OPENERS = frozenset().union(*(language.sentence_openers for language in LANGUAGES))

NAME_WORD = re.compile(rf"[^\W\d_{CJK}][^\W_{CJK}]*(?:['’\-.&][^\W_{CJK}]+)*")
_HAN = re.compile("[\u4e00-\u9fff]")
_POSSESSIVE = re.compile(r"['’]s$")
_APOSTROPHE = re.compile("['’]")
_TITLE = re.compile(r"《([^《》]+)》")


def proper_names(text: str) -> list[str]:
    """Returns the names in their order: runs of capitalised words, acronyms, 《titles》, Latin words inside Chinese.

    A capitalised word that opens a sentence counts unless it is one that often does, such as "However".

    >>> proper_names("However, the Duke met John Smith of NASA."), proper_names("他在 Apple 读了《红楼梦》。")
    (['Duke', 'John Smith of NASA'], ['Apple', '红楼梦'])
    """
    found = [(match.start(), match.group(1)) for match in _TITLE.finditer(text)]
    bare = _TITLE.sub(lambda match: " " * len(match.group()), text)
    for start, end in sentences(bare):
        found += [(start + place, name) for place, name in _names_in(bare[start:end])]
    return list(dict.fromkeys(name for _, name in sorted(found)))


def _names_in(sentence: str) -> Iterator[tuple[int, str]]:
    """Yields runs of capitalised words joined by "of" and the like; in Chinese every Latin word is one."""
    chinese = _HAN.search(sentence) is not None
    run: list[re.Match[str]] = []
    for match in [*NAME_WORD.finditer(sentence), None]:
        adjacent = match is not None and bool(run) and sentence[run[-1].end() : match.start()] == " "
        if match and adjacent and match.group().lower() in NAME_JOINERS:
            run.append(match)
            continue
        named = match and (chinese or match.group()[0].isupper()) and not _opens(sentence, match)
        if not (named and adjacent):
            yield from _closed(sentence, run)
            run = []
        if match and named:
            run.append(match)
    # The final None has closed the last run.


def _closed(sentence: str, run: list[re.Match[str]]) -> Iterator[tuple[int, str]]:
    """Yields the run as a name, without joiners at its end; a run of nothing but joiners is no name."""
    while run and run[-1].group() in NAME_JOINERS:
        run.pop()
    if run:
        yield run[0].start(), _POSSESSIVE.sub("", sentence[run[0].start() : run[-1].end()])


def _opens(sentence: str, match: re.Match[str]) -> bool:
    word = _APOSTROPHE.split(match.group().casefold(), 1)[0]
    return word == "i" or (match.start() < 2 and word in _OPENERS)

"""The marks that open a list item, in every language."""

from __future__ import annotations

import re

from ctxshape.text.languages import LANGUAGES

_ORDINALS = [r"\(?\d{1,3}[.)]", *(mark for language in LANGUAGES for mark in language.list_marks)]
_BEFORE_TEXT = r"(?=\s|[^\x00-\x7f])"  # "3.5" and "U.S." are no marks

# "1.", "(a)", "iv)" or "二、" before the text of an item.
ORDINAL_MARK = re.compile(rf"(?:{'|'.join(_ORDINALS)}){_BEFORE_TEXT}")
# The same, or a bullet.
LIST_MARK = re.compile(rf"(?:[-*•‣▪·]|{'|'.join(_ORDINALS)}){_BEFORE_TEXT}")
# A text that is a mark and nothing else.
BARE_LIST_MARK = re.compile(rf"(?:[-*•‣▪·]|{'|'.join(_ORDINALS)})\s*$")

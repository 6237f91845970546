"""Finds the identifiers in a word between blanks: names in code, paths, addresses, versions, part numbers."""

from __future__ import annotations

import re

from ctxshape.text.words import FUNCTION_WORDS

LONGEST = 200  # characters; a longer run is a data URI or a hash, which nobody types into a question
_MOST_PARTS = 6  # dotted parts, or parts of a path, that are named by themselves

# What may stand inside an identifier. Brackets, quotes, "=" and "," part two of them: LOG_LEVEL="x", f(a_b,c_d).
_RUN = re.compile(r"[\w.:/\\@#+$~&%-]+")
_SYMBOL_NAME = re.compile(r"[A-Za-z]{1,3}(?:\+\+|#)")  # C++, C#, F#: without the symbols it would be another name
# A word (also iPhone), a number, "20th", "1990s", "U.S."
_ORDINARY = re.compile(r"[A-Z]?[^\W\dA-Z_]*|[A-Z]+|[a-z][A-Z][a-z]+|\d+(?:st|nd|rd|th|s)?|(?:[^\W\d_]\.)+[^\W\d_]?")
_INNER = re.compile(r"[^\W_][_.:/\\@&+#$%-]+[^\W_]|_")
_SIGN = re.compile(r"(?:[.~]{0,2}[/\\]\.?|--?|[@#$.])$")  # what an identifier begins with: ./, ~/, --, @, #, $, .
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}")
_LETTER_AND_DIGIT = re.compile(r"[A-Za-z]\d|\d[A-Za-z]")
_BORDER = re.compile(r"(?<=[a-z0-9]{2})(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|[_-]+")
_VERSION = re.compile(r"[vV]\.?(\d+(?:\.\d+)+)")
_WORDS_ONLY = re.compile(r"[^\W_][\w-]*")
# Compounds, ranges, times, decimals, and a short name with a number: they stand in prose as well.
_OF_PROSE = re.compile(
    r"(?:\d+|[A-Z]?[^\W\dA-Z_]*|[A-Z]+)(?:[-/&+][^\W\d_]+)+|\$?\d+(?:[.,:/-]\d+)*|[^\W\d_]+\d{1,2}|\d+[^\W\d_]+|[A-Z][a-z]+[A-Z][a-z]+"
)
_PATH_MARK = re.compile(r"[/\\:@?&]+")
_ENDS = ".:-/&\\~%@$"  # marks that close a sentence or a line rather than an identifier


def identifiers(word: str, *, distinctive: bool = False) -> tuple[str, ...]:
    """Returns the identifiers of a run without white space, in lower case, each with the forms it is also known by.

    An identifier has a mark or a digit inside, a capital after a small letter, or a sign of its own (C++, .NET, --flag).
    Words joined by hyphens, underscores or capitals are one identifier, however they are joined: `maxRetry`, `MAX_RETRY`
    and `max-retry`. Besides the identifier as written, these are named: the identifiers that a path or dotted name ends
    with, and the number of a version. Ordinary words and abbreviations have no identifiers. With `distinctive`, only
    identifiers that prose hardly has are returned (see `is_distinctive`).

    >>> identifiers("LOG_LEVEL=warning"), identifiers("maxRetries"), identifiers("HX20"), identifiers("(C++)")
    (('log_level',), ('max_retries',), ('hx_20',), ('c++',))
    >>> identifiers("queue.max_retry()"), identifiers("/etc/app/log.conf")
    (('queue.max_retry', 'max_retry'), ('/etc/app/log.conf', 'log.conf'))
    >>> identifiers("v2.1,"), identifiers("U.S."), identifiers("Paris."), identifiers("1990s")
    (('v2.1', '2.1'), (), (), ())
    """
    if len(word) > LONGEST:
        return ()
    found: dict[str, None] = {}
    for run in _RUN.findall(word):
        core = _core(run)
        if core and (not distinctive or is_distinctive(core)):
            found.update(dict.fromkeys(_forms(core)))
    return tuple(found)


def is_distinctive(name: str) -> bool:
    """Returns whether an identifier as written is hardly found in prose; "co-founder", "2-yard", "WW1" and "3.5" are.

    >>> [is_distinctive(name) for name in ("LOG_LEVEL", "app.yaml", "HX-20", "--flag", "C++", "camelCase")]
    [True, True, True, True, True, True]
    >>> [is_distinctive(name) for name in ("co-founder", "2-yard", "WW1", "3.5", "10:30", "and/or", "AT&T", "1914-18")]
    [False, False, False, False, False, False, False, False]
    """
    if name.count("-") >= 2 and FUNCTION_WORDS.isdisjoint(name.split("-")):
        return not name[0].isdecimal()  # max-retry-count, but not tug-of-war
    return _core(name) != "" and not _OF_PROSE.fullmatch(name)


def camel_words(word: str) -> list[str]:
    """Returns the words that capitals set apart inside a run, as written; nothing if there are none.

    >>> camel_words("unlockWithBiometrics()"), camel_words("parseHTMLResponse"), camel_words("(iPhone)"), camel_words("NASA")
    (['unlock', 'With', 'Biometrics'], ['parse', 'HTML', 'Response'], [], [])
    """
    if not _CAMEL.search(word) or len(word) > LONGEST:
        return []
    cores = [_core(run) for run in _RUN.findall(word)]
    return [part for core in cores if _CAMEL.search(core) for part in _BORDER.split(core) if part.isalpha()]


def symbol_name(word: str) -> str | None:
    """Returns the name in a word that is another one without its symbols, or None.

    >>> symbol_name("(C++)"), symbol_name("C#."), symbol_name("C")
    ('c++', 'c#', None)
    """
    run = _RUN.search(word)
    core = _core(run.group()) if run else ""
    return core.lower() if _SYMBOL_NAME.fullmatch(core) else None


def _core(run: str) -> str:
    """Returns a run without the punctuation around it, or nothing if it is no identifier."""
    plain = run.rstrip(_ENDS)
    if _SYMBOL_NAME.fullmatch(plain):
        return plain
    core = plain.rstrip("+#")
    start = next((place for place, char in enumerate(core) if char.isalnum() or char == "_"), len(core))
    sign = _SIGN.search(core[:start]) if start and not core[start:].isdecimal() else None
    begin = sign.start() if sign else start
    core = core[begin:]
    if _ORDINARY.fullmatch(core) or start == len(plain.rstrip("_")):
        return ""
    return core if begin < start or _CAMEL.search(core) or _INNER.search(core) or _LETTER_AND_DIGIT.search(core) else ""


def _forms(core: str) -> list[str]:
    if _WORDS_ONLY.fullmatch(core):
        return [_joined(core)]
    forms = [core.casefold()]
    version = _VERSION.fullmatch(core)
    if version:
        return [*forms, version[1]]
    pieces = [piece for piece in _PATH_MARK.split(core) if piece]
    for piece in pieces[-_MOST_PARTS:]:
        dotted = [part for part in piece.split(".") if part]
        names = [".".join(dotted[place:]) for place in range(max(len(dotted) - _MOST_PARTS, 0), len(dotted))]
        for name in names:
            if not name[0].isdecimal() and _core(name):
                forms.append(name.casefold())
        for part in dotted[-_MOST_PARTS:]:
            if not part.isdecimal() and _core(part):
                joined = _joined(part.lstrip("@#$-"))
                forms.append(joined if _core(joined) else part.casefold())
    return forms


def _joined(name: str) -> str:
    """Returns a name of letters, digits, hyphens and underscores as its words joined by underscores."""
    return "_".join(word for word in _BORDER.split(name) if word).casefold() or name

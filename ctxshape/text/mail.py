"""Finds what a mail carries besides its own text: the messages that it quotes, and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ctxshape.text.boilerplate import boilerplate_kind

QUOTED_HISTORY, SIGNATURE = "quoted history", "signature"

_WRITTEN = (
    "wrote|writes|schrieb|a écrit|ha scritto|escribió|escreveu|schreef|skrev|kirjoitti|написала?|пише|写道|寫道|書きました"
)
# "On 3 May, Ida wrote:", on one line or two. It has a digit of a date or the sign of an address.
_ATTRIBUTION = re.compile(
    rf"(?=.{{0,250}}[\d@])(?:>\s?)*\S.{{0,200}}?(?:{_WRITTEN}).{{0,80}}?[:：]\s*$", re.IGNORECASE | re.DOTALL
)
_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;|＞)")
_ORIGINAL = re.compile(
    r"\s*[-=]{2,}\s*(?:original message|original appointment|reply above this line|ursprüngliche nachricht|message d'origine|"
    r"mensaje original|messaggio originale|原始邮件|原始郵件|原邮件|回复的邮件|元のメッセージ)\s*[-=]{2,}\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*_{10,}\s*$")
_FROM = "from|von|de|发件人|寄件者|寄件人|差出人"
_SUBJECT = "subject|betreff|objet|asunto|oggetto|主题|主旨|件名"
_OTHERS = "sent|date|to|cc|bcc|gesendet|datum|an|envoyé|à|enviado|para|发送时间|发送日期|收件人|抄送|日期|收件者|送信日時|宛先"
_HEADER = re.compile(
    rf"\s*(?:>\s?)*\*{{0,2}}(?:(?P<sender>{_FROM})|(?P<subject>{_SUBJECT})|{_OTHERS})\*{{0,2}}\s?[:：]", re.IGNORECASE
)
_DEVICE = re.compile(
    r"\s*(?:sent from my \w+(?: \w+){0,3}|get outlook for \w+|von meinem \w+ gesendet|envoyé de mon \w+|enviado desde mi \w+|"
    r"发自我的\s?\w+|從我的 ?\w+ ?傳送)\.?\s*$",
    re.IGNORECASE,
)
_DASHES = re.compile(r"--\s*$")
_GREETING = re.compile(
    r"\s*(?:(?:best|kind|warm|with kind|with best) (?:regards|wishes)|regards|yours (?:sincerely|truly|faithfully)|cheers|"
    r"sincerely(?: yours)?|(?:mit freundlichen|viele|beste|mit besten) grüßen?|cordialement|bien à vous|"
    r"(?:un )?saludos?(?: cordial(?:es)?)?|"
    r"atentamente|atenciosamente|(?:cordiali|distinti) saluti|mvh|(?:med )?(?:vennlig|venlig|vänlig) hilsen|hilsen|hälsningar|"
    r"(?:met vriendelijke )?groet(?:en)?|с уважением|此致|敬礼|祝好|顺颂商祺)\s*[,，!！.。]?\s*$",
    re.IGNORECASE,
)
_LONGEST, _LINES = 80, 9  # characters of a line of a signature, and its lines
_LONGEST_ATTRIBUTION, _HEADERS = 250, 6


def mail_blocks(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yields the first and last line and the kind of each message that a mail quotes below its text, and of its signature.

    A quotation with lines of the mail's own below it is part of a reply and stays. So does a message of a thread, each of
    whose messages has a head.

    >>> list(mail_blocks(["It is closed.", "Regards,", "Ida", "On 3 May 2024 Max wrote:", "> Is it open?"]))
    [(3, 4, 'quoted history'), (1, 2, 'signature')]
    """
    starts = list(_starts(lines))
    end = len(lines)
    if starts and _goes_on_to_the_end(lines, starts[0]):
        for first, following in pairwise([*starts, len(lines)]):
            yield first, following - 1, QUOTED_HISTORY
        end = starts[0]
    yield from _signature(lines[:end])


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Yields the first line of each quoted message; the first line of all is the mail's own."""
    # In a thread each message has its head, the first one perhaps under a title.
    titled = len(lines) > 1 and _HEADER.match(lines[1]) and lines[0][-1] not in ".!?。！？,，"
    thread = bool(_HEADER.match(lines[0]) or titled) if lines else False
    last = 0
    for index in range(1, len(lines)):
        start = _start(lines, index, thread=thread)
        if start is not None and start > last:
            yield start
            last = max(start, index)


def _start(lines: Sequence[str], index: int, *, thread: bool) -> int | None:
    line, before = lines[index], lines[index - 1]
    if _ORIGINAL.match(line):
        return index
    if _HEADER.match(line):
        opens = not _HEADER.match(before) and not _ORIGINAL.match(before)
        return index - bool(_RULE.match(before)) if opens and not thread and _is_head(lines[index : index + _HEADERS]) else None
    if len(line) > _LONGEST_ATTRIBUTION or index + 1 == len(lines) or not _QUOTED.match(lines[index + 1]):
        return None
    if _ATTRIBUTION.match(line):
        return index
    both = f"{before}\n{line}"
    return (
        index - 1
        if index > 1 and len(line) < _LONGEST and len(both) <= _LONGEST_ATTRIBUTION and _ATTRIBUTION.match(both)
        else None
    )


def _is_head(lines: Sequence[str]) -> bool:
    """Returns whether lines begin with the head of a message: three fields, among them sender and subject."""
    found = [_HEADER.match(line) for line in lines]
    run = found[: found.index(None)] if None in found else found
    return len(run) >= 3 and all(any(match and match[name] for match in run) for name in ("sender", "subject"))


def _goes_on_to_the_end(lines: Sequence[str], start: int) -> bool:
    """Returns whether everything from a line on is quoted, but for a signature, or is a message under its head."""
    if _ORIGINAL.match(lines[start]) or _RULE.match(lines[start]) or _HEADER.match(lines[start]):
        return True
    quoted = start + 1 + (not _QUOTED.match(lines[start + 1]))  # the line that introduces it may be broken
    rest = [line for line in lines[quoted:] if not (_QUOTED.match(line) or _ATTRIBUTION.match(line) or _DEVICE.match(line))]
    return not rest or (_opens_signature(rest[0]) and _is_short(rest[1:]))


def _signature(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for index in range(max(len(lines) - _LINES - 1, 1), len(lines)):
        if _opens_signature(lines[index]) and _is_short(lines[index + 1 :]):
            yield index, len(lines) - 1, SIGNATURE
            return
        if _DEVICE.match(lines[index]):
            yield index, index, SIGNATURE


def _opens_signature(line: str) -> bool:
    return bool(_DASHES.match(line) or _GREETING.match(line))


def _is_short(lines: Sequence[str]) -> bool:
    own = [line for line in lines if len(line) <= _LONGEST or not boilerplate_kind(line)]
    return len(own) <= _LINES and all(len(line) <= _LONGEST for line in own)

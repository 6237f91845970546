"""E-mails: the head comes with the lines of its mail."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.text.units.model import Unit, nearest

_SENDERS = "From|Von|De|Da|Van|Från|Fra|От|От кого|发件人|寄件者|寄件人|差出人|보낸 사람|من"
_SUBJECTS = "Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Тема"
_SUBJECTS += "|主题|主題|主旨|件名|제목|الموضوع"
_DATES = (
    "Date|Sent|Datum|Gesendet|Gesendet am|Envoyé|Envoyé le|Fecha|Enviado|Enviado el|Enviada em|Data|Inviato|Verzonden|Skickat"
)
_DATES += "|Sendt|Dato|Дата|Отправлено|日期|发送时间|傳送日期|送信日時|日時|보낸 날짜|التاريخ"
_OTHERS = "To|Cc|Bcc|An|Kopie|À|Para|A|Aan|Till|Til|Кому|Копия|收件人|收件者|抄送|宛先|받는 사람|إلى|Reply-To|Message-ID"
_OTHERS += "|Importance|Priority"
_OTHERS += (
    "|Attachments?|Anlagen?|附件|X-[A-Za-z-]{1,30}|MIME-Version|Content-[A-Za-z-]{1,30}|In-Reply-To|References|Delivered-To"
)
_FIELD = re.compile(
    rf"^[ \t>]{{0,8}}\**(?:(?P<sender>{_SENDERS})|(?P<subject>{_SUBJECTS})|(?P<date>{_DATES})|(?:{_OTHERS}))\**[ \t]*[:：]",
    re.MULTILINE | re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]*\n?")


class _Head(NamedTuple):
    """The head of a mail, and the places of the fields that tell what it is about, the most important first."""

    start: int
    end: int
    fields: tuple[int, ...]


def with_mail_heads(text: str, units: list[Unit]) -> list[Unit]:
    r"""Returns the units of a text, in which those of a mail need its subject, sender and date.

    >>> text = "From: Ada\nSubject: Boiler\n\nIt leaks."
    >>> units = [Unit(0, 9, "field"), Unit(10, 25, "field"), Unit(27, 36)]
    >>> [unit.needs for unit in with_mail_heads(text, units)]
    [(), (), (0, 1)]
    """
    heads = _heads(text)
    if not heads:
        return units
    starts = [unit.start for unit in units]
    made = list(units)
    for head, end in zip(heads, [*(head.start for head in heads), len(text)][1:], strict=True):
        fields = [place for field in head.fields if (place := _at(units, starts, field)) is not None]
        for number in range(bisect_left(starts, head.end), bisect_left(starts, end)):
            wanted = [*made[number].needs, *(field for field in fields if field != number)]
            made[number] = made[number]._replace(needs=nearest(units, wanted))
    return made


def _at(units: Sequence[Unit], starts: Sequence[int], place: int) -> int | None:
    number = bisect_left(starts, place + 1) - 1
    return number if number >= 0 and place < units[number].end else None


def _heads(text: str) -> list[_Head]:
    found: list[_Head] = []
    end = 0
    for match in _FIELD.finditer(text):
        if match.start() >= end:
            head, end = _head(text, match.start())
            found += [head] if head else []
    return found


def _head(text: str, start: int) -> tuple[_Head | None, int]:
    """Returns the head that begins at a line, or None if it has no sender or nothing else, and the place behind it."""
    fields: dict[str, int] = {}
    count, place = 0, start
    while place < len(text):
        line = _LINE.match(text, place)
        assert line is not None
        field = _FIELD.match(text, place)
        if field:
            count += 1
            name = field.lastgroup
            if name:
                fields.setdefault(name, place + len(line.group()) - len(line.group().lstrip(" \t>")))
        elif not count or line.group()[:1] not in (" ", "\t") or not line.group().strip():
            break
        place = line.end()
    known = [fields[name] for name in ("subject", "sender", "date") if name in fields]
    is_head = "sender" in fields and count > 1 and ("subject" in fields or "date" in fields or count > 2)
    return (_Head(start, place, tuple(known)) if is_head else None), max(place, start + 1)

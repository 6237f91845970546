"""Records: JSON, JSON lines, YAML, settings, logs and the output of a search."""

from __future__ import annotations

import json
import random
from typing import Any

from ctxshape.testing.documents.writing import TextWriter, amount, name, phrase, sentence, sentence_list, thing, town

_KEYS = ("log_level", "queue.max_retry", "owner", "LIMIT", "timeout", "city")


def _record(rng: random.Random, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {"id": 5000 + number, "customer": name(rng), "city": town(rng)}
    made["total"] = rng.randint(10, 99999) / 100
    if rng.random() < 0.5:
        made |= {"open": rng.random() < 0.5, "note": rng.choice((None, sentence(rng)))}
    if rng.random() < 0.3:
        made |= {"address": {"street": town(rng), "number": rng.randint(1, 99)}, "tags": [thing(rng), thing(rng)]}
    return made


def json_records(writer: TextWriter) -> str:
    """Writes a JSON file with a list of records."""
    rng = writer.rng
    records = [_record(rng, number) for number in range(rng.randint(2, 8))]
    value: Any = rng.choice((records, {"orders": records, "count": len(records)}))
    writer.put(json.dumps(value, indent=rng.choice((None, 2, 2, 4)), ensure_ascii=rng.random() < 0.5))
    return "json"


def json_nested(writer: TextWriter) -> str:
    """Writes a JSON file with objects in objects."""
    rng = writer.rng
    value = {
        f"{thing(rng).split()[0]}_{number}": {
            "owner": {"name": name(rng), "town": town(rng)},
            "limits": [rng.randint(1, 999) for _ in range(rng.randint(1, 4))],
            "rooms": [{"floor": rng.randint(0, 9), "area": rng.randint(10, 90)} for _ in range(rng.randint(0, 3))],
        }
        for number in range(rng.randint(2, 5))
    }
    writer.put(json.dumps(value, indent=rng.choice((2, 4))))
    return "json"


def json_page(writer: TextWriter) -> None:
    """Writes a page with an example of JSON in a fence."""
    rng = writer.rng
    writer.heading(f"## Orders of {town(rng)}", 2)
    writer.blank_line()
    writer.sentences(sentence_list(rng, 1, 3))
    records = [_record(rng, number) for number in range(rng.randint(2, 5))]
    writer.put(f"\n\n```json\n{json.dumps(records, indent=2)}\n```\n\n")
    writer.sentences(sentence_list(rng, 1, 2))
    writer.blank_line()


def json_lines(writer: TextWriter) -> str:
    """Writes a JSON object a line."""
    for number in range(writer.rng.randint(3, 9)):
        writer.part(json.dumps(_record(writer.rng, number)), "line", form="line")
        writer.put("\n")
    return "jsonl"


def yaml(writer: TextWriter) -> None:
    """Writes YAML: settings in settings, and a list of records."""
    rng = writer.rng
    for number in range(rng.randint(2, 4)):
        top = _field(writer, f"{thing(rng).replace(' ', '_')}_{number}:", 0, ())
        if rng.random() < 0.5:
            for key in ("host", "port", "owner")[: rng.randint(1, 3)]:
                inner = _field(writer, f"{key}:", 2, (top,))
                _field(writer, f"value: {amount(rng)}", 4, (inner,))
                _field(writer, f"note: {phrase(rng)}", 4, (inner,))
        else:
            for one in range(rng.randint(2, 4)):
                first = _field(writer, f"- id: {rng.randint(100, 999)}{one}", 2, (top,))
                _field(writer, f"customer: {name(rng)}", 4, (first,))
                _field(writer, f"total: {amount(rng)}", 4, (first,))


def _field(writer: TextWriter, text: str, indent: int, owners: tuple[int, ...]) -> int:
    writer.put(" " * indent)
    made = writer.part(text, "line", form="line", role="parent", level=indent, owners=owners)
    writer.put("\n")
    return made


def settings(writer: TextWriter) -> None:
    """Writes a file of settings: a key and its value a line, in sections or not."""
    rng = writer.rng
    joint = rng.choice((": ", "=", " = ", "："))
    keys = ("姓名", "城市", "金额", "电话", "备注", "日期") if joint == "：" else _KEYS
    sections = rng.random() < 0.5
    for number in range(rng.randint(1, 3)):
        if sections:
            writer.heading(f"[{thing(rng).split()[0]}.{number}]", 1)
            writer.put("\n")
        for key in rng.sample(keys, rng.randint(2, 5)):
            writer.part(f"{key}{joint}{rng.choice((amount(rng), name(rng), town(rng)))}", "line", form="line")
            writer.put("\n")
        writer.blank_line()


def log(writer: TextWriter) -> None:
    """Writes lines with a time, some with the lines of an error below."""
    rng = writer.rng
    for second in range(rng.randint(4, 12)):
        time = f"2026-05-0{rng.randint(1, 9)} 12:00:{second:02}"
        level = rng.choice(("INFO", "WARN", "ERROR"))
        line = writer.part(f"{time} {level} [{thing(rng)}] {phrase(rng)}", "line", form="line", role="parent", level=0)
        writer.put("\n")
        if level == "ERROR" and rng.random() < 0.5:
            writer.put("    ")
            writer.part(f"at {thing(rng).split()[0]}.run(Main.java:{rng.randint(1, 99)})", "line", form="line", owners=(line,))
            writer.put("\n")


def found_lines(writer: TextWriter) -> None:
    """Writes the output of a search in files: a path, a number and the line that was found."""
    rng = writer.rng
    for _ in range(rng.randint(4, 10)):
        path = f"src/{thing(rng).split()[0]}/{rng.choice(('main', 'fees', 'util'))}.py"
        writer.part(f"{path}:{rng.randint(1, 400)}:    limit = {amount(rng)}  # {phrase(rng)}", "line", form="line")
        writer.put("\n")

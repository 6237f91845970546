"""Source code: a Python module, a JavaScript module, a page with a Python example."""

from __future__ import annotations

import random

from ctxshape.testing.documents.writing import TextWriter, phrase, sentence, sentence_list, thing, town


def _name(rng: random.Random) -> str:
    return f"{rng.choice(('price', 'count', 'open', 'find', 'rate'))}_{thing(rng).replace(' ', '_')}"


def _function(rng: random.Random, indent: str = "", first: str = "net") -> str:
    """Returns a function or method with a comment, a docstring, a branch or a loop."""
    name = _name(rng)
    lines = [f"def {name}({first}, extra=0):"]
    if rng.random() < 0.4:
        lines.append(f'    """{sentence(rng)}"""')
    lines += [f"    # {sentence(rng)} {sentence(rng)}"] if rng.random() < 0.5 else []
    lines.append(f"    factor = 1.{rng.randint(1, 99):02}")
    if rng.random() < 0.5:
        lines += [f"    if extra > {rng.randint(1, 99)}:", f"        factor += {rng.randint(1, 9)}"]
        lines += ["    else:", f"        factor -= {rng.randint(1, 9)}"] if rng.random() < 0.5 else []
    if rng.random() < 0.3:
        lines += [f"    for step in range({rng.randint(2, 9)}):", "", f"        factor *= {rng.randint(2, 9)}"]
    if rng.random() < 0.2:
        lines += ["    try:", "        extra = int(extra)", "    except ValueError:", f"        extra = {rng.randint(1, 9)}"]
    if rng.random() < 0.4:
        lines += _odd_statement(rng)
    lines.append(f"    return round({first} * factor, {rng.randint(1, 4)})")
    return "\n".join(indent + line if line else "" for line in lines)


def _odd_statement(rng: random.Random) -> list[str]:
    """Returns the lines of a statement that is harder to cut."""
    number = rng.randint(2, 99)
    return rng.choice(
        (
            ["    with open('a') as file, open('b') as other:", f"        other.write(file.read({number}))"],
            [
                f"    if extra == {number}:",
                "        pass",
                "    elif extra:",
                f"        extra = {number}",
                "    else:",
                "        raise KeyError",
            ],
            ["    extra = min(", f"        {number},  # {phrase(rng)}", "        factor,", "    )"],
            [
                '    text = """',
                f"# {phrase(rng)}",
                "def no_function():",
                f"    return {number}",
                '"""',
                "    extra += len(text)",
            ],
            ["    def inner(value):", f"        return value * {number}", "", "    factor = inner(factor)"],
            [
                "    match extra:",
                "        case 0:",
                f"            factor = {number}",
                "        case _:",
                "            factor += 1",
            ],
            [f"    extra = {number} + \\", "        1"],
            ["    while True:", f"        if extra > {number}: break", "        extra += 1"],
            ["    async def wait():", f"        await pause({number})", "", "    @cached", "    def later(): return 1"],
        )
    )


def python_code(rng: random.Random) -> str:
    """Returns a Python module."""
    blocks = [f'"""{sentence(rng)}"""'] if rng.random() < 0.5 else []
    blocks.append(f"import csv\nimport json\n\nRATES = {{\n    'standard': 1.{rng.randint(10, 99)},\n    'other': 2,\n}}")
    if rng.random() < 0.15:
        blocks[-1] += f"\n\nTOWNS = [\n{''.join(f'    {town(rng)!r},{chr(10)}' for _ in range(rng.randint(20, 90)))}]"
    for _ in range(rng.randint(1, 4)):
        if rng.random() < 0.3:
            head = f"class {_name(rng).title().replace('_', '')}:"
            methods = "\n\n".join(_function(rng, "    ", "self") for _ in range(rng.randint(1, 2)))
            blocks.append(f"{head}\n    limit = {rng.randint(1, 999)}\n\n{methods}")
        else:
            blocks.append(("@cached\n" if rng.random() < 0.2 else "") + _function(rng))
    if rng.random() < 0.3:
        blocks.append(f'if __name__ == "__main__":\n    print({_name(rng)}({rng.randint(1, 9)}))\n    # {phrase(rng)}')
    return "\n\n\n".join(blocks) + "\n"


def python_file(writer: TextWriter) -> str:
    """Writes a Python module."""
    writer.put(python_code(writer.rng))
    return "python"


def python_page(writer: TextWriter) -> None:
    """Writes a page with a block of Python."""
    rng = writer.rng
    writer.heading(f"# The {thing(rng)}", 1)
    writer.blank_line()
    writer.sentences(sentence_list(rng, 1, 3))
    writer.put("\n\n```python\n" + python_code(rng) + "```\n\n")
    writer.sentences(sentence_list(rng, 1, 3))
    writer.blank_line()


def javascript_file(writer: TextWriter) -> None:
    """Writes a JavaScript module."""
    rng = writer.rng
    for _ in range(rng.randint(2, 4)):
        head = _code(writer, f"export function {_name(rng)}(net) {{", 0, ())
        if rng.random() < 0.5:
            _code(writer, f"// {phrase(rng)}", 2, (head,))
        _code(writer, f"const factor = 1.{rng.randint(1, 99):02};", 2, (head,))
        if rng.random() < 0.5:
            branch = _code(writer, f"if (net > {rng.randint(10, 99)}) {{", 2, (head,))
            _code(writer, f"net -= {rng.randint(1, 9)};", 4, (branch,))
            _close(writer, "  ")
        _code(writer, f"return net * factor + {rng.randint(1, 99)};", 2, (head,))
        _close(writer, "")
        writer.put("\n")


def _code(writer: TextWriter, text: str, indent: int, owners: tuple[int, ...]) -> int:
    writer.put(" " * indent)
    made = writer.part(text, "line", form="line", role="parent", level=indent, owners=owners)
    writer.put("\n")
    return made


def _close(writer: TextWriter, indent: str) -> None:
    writer.put(indent)
    writer.part("}", "line", form="line")
    writer.put("\n")

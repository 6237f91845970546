"""Lists: nested ones, numbered procedures, enumerations of conditions, contracts and changelogs."""

from __future__ import annotations

from ctxshape.testing.documents.writing import (
    TextWriter,
    amount,
    chinese_phrase,
    chinese_sentence,
    phrase,
    sentence,
    sentence_list,
    thing,
    town,
)


def nested_list(writer: TextWriter) -> None:
    """Writes a sentence that opens a list, and items at up to three depths."""
    rng = writer.rng
    opening = writer.part(f"The {thing(rng)} of {town(rng)} is closed in these cases:", "sentence", role="opening", level=0)
    writer.put("\n" * rng.randint(1, 2))
    mark, wide = rng.choice("-*"), rng.choice((2, 4))
    above: list[int] = []
    for _ in range(rng.randint(3, 8)):
        depth = rng.randint(0, min(len(above), 2))
        writer.put(" " * (wide * depth))
        above = above[:depth]
        above.append(_item(writer, f"{mark} ", sentence_list(rng, 1, 2), (opening, *above[-1:]), depth))
        writer.put("\n")
    writer.blank_line()


def _item(writer: TextWriter, mark: str, texts: list[str], owners: tuple[int, ...], depth: int) -> int:
    text = mark + " ".join(texts)
    return writer.part(
        text, "item", form="labelled", label=len(mark), role="parent", level=depth, owners=owners, cut=len(texts) > 1
    )


def procedure(writer: TextWriter) -> None:
    """Writes numbered steps, some with a block of commands."""
    rng = writer.rng
    opening = writer.part(f"To install the {thing(rng)}, do this:", "sentence", role="opening", level=0)
    writer.put("\n\n")
    for number in range(1, rng.randint(4, 8)):
        step = _item(writer, f"{number}. ", [sentence(rng)], (opening,), 0)
        writer.put("\n")
        if rng.random() < 0.5:
            lines = ["   ```bash", f"   make {thing(rng).split()[0]}", f"   run --limit {amount(rng)}", "   ```"]
            writer.put("\n" if rng.random() < 0.3 else "")
            made = []
            for line in lines:
                writer.put("   ")
                made.append(writer.part(line.strip(), "code", form="line", owners=(step,)))
                writer.put("\n")
            writer.bring(step, made)
    writer.blank_line()


def conditions(writer: TextWriter) -> None:
    """Writes an enumeration of exceptions, which says something else if one is missing."""
    rng = writer.rng
    writer.sentences(sentence_list(rng, 1, 2))
    writer.blank_line()
    opening = writer.part(f"No fee of {amount(rng)} euros is due if:", "sentence", role="opening", level=0)
    writer.put("\n")
    count = rng.randint(2, 5)
    members = []
    for number in range(count):
        end = "." if number == count - 1 else "; or" if number == count - 2 else ";"
        mark = f"({'abcdef'[number]}) "
        text = f"{mark}{phrase(rng)}{end}"
        members.append(writer.part(text, "item", form="labelled", label=len(mark), owners=(opening,)))
        writer.put("\n")
    writer.enumerations.append([opening, *members])
    writer.blank_line()
    writer.sentences(sentence_list(rng, 1, 2))
    writer.blank_line()


def contract(writer: TextWriter) -> None:
    """Writes numbered clauses with lettered conditions below some."""
    rng = writer.rng
    for chapter in range(rng.randint(1, 8), 12)[: rng.randint(2, 4)]:
        writer.heading(f"{chapter}. {rng.choice(('Termination', 'Liability', 'Payment', 'Notice', 'Deposit'))}", 1)
        writer.blank_line()
        for number in range(1, rng.randint(2, 5)):
            mark = f"{chapter}.{number} "
            if rng.random() < 0.3:
                clause = writer.part(
                    f"{mark}The tenant may end the lease of the {thing(rng)} if:",
                    "clause",
                    form="labelled",
                    label=len(mark),
                    role="opening",
                    level=0,
                )
                members = []
                for letter in "abc"[: rng.randint(2, 3)]:
                    writer.put("\n")
                    text = f"({letter}) {phrase(rng)};"
                    members.append(writer.part(text, "item", form="labelled", label=4, owners=(clause,)))
                writer.enumerations.append([clause, *members])
            else:
                texts = sentence_list(rng, 1, 3)
                writer.part(mark + " ".join(texts), "clause", form="labelled", label=len(mark), cut=len(texts) > 1)
            writer.put("\n")
        writer.blank_line()


def chinese_contract(writer: TextWriter) -> None:
    """Writes Chinese articles with numbered paragraphs below some."""
    rng = writer.rng
    for number in "一二三四五六"[: rng.randint(2, 5)]:
        mark = f"第{number}条　"
        text = mark + "".join(chinese_sentence(rng) for _ in range(rng.randint(1, 3)))
        if rng.random() < 0.4:
            text = f"{mark}有下列情形之一的，承租人可以解除合同："
            article = writer.part(text, "clause", form="labelled", label=len(mark), role="opening", level=0)
            members = []
            for item in "一二三"[: rng.randint(2, 3)]:
                writer.put("\n")
                made = f"（{item}）{chinese_phrase(rng)}；"
                members.append(writer.part(made, "item", form="labelled", label=3, owners=(article,)))
            writer.enumerations.append([article, *members])
        else:
            writer.part(text, "clause", form="labelled", label=len(mark), cut=True)
        writer.put("\n")
    writer.blank_line()


def changelog(writer: TextWriter) -> None:
    """Writes versions with their changes, under Markdown headings or under plain lines."""
    rng = writer.rng
    form = rng.choice(("## {} (20{}-0{}-1{})", "### v{} - 20{}-0{}-1{}", "Version {} (20{}-0{}-1{})"))
    for minor in range(rng.randint(4, 9), 0, -1)[: rng.randint(2, 4)]:
        writer.heading(form.format(f"4.{minor}", 10 + minor, rng.randint(1, 9), rng.randint(0, 9)), 3 if "###" in form else 2)
        writer.put("\n\n" if "#" in form else "\n")
        for _ in range(rng.randint(1, 4)):
            _item(writer, "- ", sentence_list(rng, 1, 2), (), 0)
            writer.put("\n")
        writer.blank_line()

"""Prints results for a person: the effect of each step, the shaped passages, the answer and its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from ctxshape.cli.screen import count, duration, one_line, passage, plain_table, put
from ctxshape.core.messages import Answer
from ctxshape.core.types import Context, Document, Step

SHOWN_DROPS = 20


def heading(console: Console, title: str, note: str = "") -> None:
    """Prints an empty line, then a bold title with a dim note."""
    console.print()
    put(console, Text(one_line(title), style="bold").append(f"  {one_line(note)}" if note else "", style="not bold dim"), 0)


def show_shaped(console: Console, context: Context) -> None:
    """Prints the steps, the dropped passages, the passages that remain, and whether they suffice."""
    show_steps(console, context)
    show_dropped(console, context.trace.steps)
    show_passages(console, context)
    if context.sufficiency is not None:
        heading(console, "Suffices", f"with probability {context.sufficiency.probability:.2f}")
        put(console, Text(one_line(context.sufficiency.reason)))


def show_steps(console: Console, context: Context) -> None:
    """Prints a line for each step: passages and tokens before and after, and the time."""
    steps = context.trace.steps
    if not steps:
        heading(console, "Steps", "none: the passages are as retrieved")
        return
    heading(console, "Steps", f"tokens counted by {_short(context.trace.counter)}")
    lines = plain_table(headed=True)
    lines.add_column("step", overflow="fold")
    for column in ("passages", "tokens", "time"):
        lines.add_column(column, justify="right", overflow="fold")
    for step in steps:
        passages = _change(len(step.before), len(step.after))
        lines.add_row(
            Text(one_line(step.name)), passages, _change(step.tokens_before, step.tokens_after), duration(step.seconds)
        )
    put(console, lines)


def show_dropped(console: Console, steps: Sequence[Step]) -> None:
    """Prints the reason for each dropped passage under the step that dropped it, at most SHOWN_DROPS for each step."""
    if any(step.dropped for step in steps):
        heading(console, "Dropped")
    for step in steps:
        if not step.dropped:
            continue
        put(console, Text(one_line(step.name), style="dim"))
        shown = [(id, Text(one_line(reason))) for id, reason in list(step.dropped.items())[:SHOWN_DROPS]]
        if len(step.dropped) > SHOWN_DROPS:
            shown.append(("…", Text(f"and {len(step.dropped) - SHOWN_DROPS} more; --json lists all", style="dim")))
        _put_list(console, shown, indent=4)


def show_passages(console: Console, context: Context) -> None:
    """Prints the shaped passages in the order in which the model reads them, each with its title, source and notes."""
    heading(console, "Passages", f"{len(context.documents)} of {len(context.sources)}, in the order the model reads them")
    if not context.documents:
        put(console, Text("none", style="dim"))
    notes = _notes(context.trace.steps)
    for number, document in enumerate(context.documents, 1):
        if number > 1:
            console.print()
        facts = [*_facts(document), *notes.get(document.id, [])]
        title = Text.assemble((f"[{number}] ", "dim"), (one_line(document.id), "cyan"))
        title.append(f"  {one_line(document.title)}" if document.title else "", style="bold")
        title.append(f"  {one_line(' · '.join(facts))}" if facts else "", style="dim")
        put(console, title)
        put(console, passage(document.text), indent=6)
    for hint in context.hints:
        put(console, Text("hint  ", style="dim").append_text(passage(hint)))


def show_answer(console: Console, answer: Answer, sources: Mapping[str, Document]) -> None:
    """Prints the answer, the sentences that support it, and its cost."""
    heading(console, "Answer", f"{answer.agreement:.0%} of {len(answer.votes)} readings" if answer.votes else "")
    put(console, _answer_text(answer))
    show_citations(console, answer, sources)
    usage = answer.usage
    heading(console, "Cost", f"{count(usage.prompt_tokens)} prompt tokens, {count(usage.completion_tokens)} generated")
    times = (("shape", usage.shape_seconds), ("prefill", usage.prefill_seconds), ("decode", usage.decode_seconds))
    put(console, Text(" · ".join(f"{name} {duration(seconds)}" for name, seconds in times)))


def show_citations(console: Console, answer: Answer, sources: Mapping[str, Document]) -> None:
    """Prints each cited sentence with its position in the retrieved document; nothing if the model gave no answer."""
    if answer.abstained:
        return
    rows = []
    for span in answer.citations:
        quoted = passage(span.text_in(sources))
        rows.append((span.document, quoted.append(f"  {span.start}–{span.end}", style="dim")))
    legend = "passage, quoted text, and its characters in the retrieved passage"
    heading(console, "Evidence", legend if rows else "none: no retrieved sentence supports the answer")
    _put_list(console, rows)


def show_comparison(console: Console, raw: Answer | str, shaped: Answer | str) -> None:
    """Prints two answers side by side with their costs; a str in place of an answer says why there is none."""
    lines = plain_table(headed=True)
    lines.add_column("", style="dim")
    for name in ("as retrieved", "shaped"):
        lines.add_column(name, ratio=1, overflow="fold")
    sides = (raw, shaped)
    lines.add_row("answer", *(Text(one_line(side)) if isinstance(side, str) else _answer_text(side) for side in sides))
    usages = [None if isinstance(side, str) else side.usage for side in sides]
    lines.add_row("prompt", *(f"{count(usage.prompt_tokens)} tokens" if usage else "–" for usage in usages))
    for stage in ("shape", "prefill", "decode"):
        lines.add_row(stage, *(duration(getattr(usage, f"{stage}_seconds")) if usage else "–" for usage in usages))
    put(console, lines)


def show_components(console: Console, groups: Mapping[str, Mapping[str, str]]) -> None:
    """Prints the installed components under a heading for each group."""
    for group, found in groups.items():
        heading(console, group.capitalize(), "" if found else "none")
        _put_list(console, [(name, Text(one_line(line))) for name, line in found.items()])


def _short(name: str) -> str:
    """Returns a short repr as it is, and only the class name of a longer one.

    >>> _short("LlamaCpp(model='/home/me/models/SmolLM2-135M-Instruct.Q4_1.gguf', n_ctx=4096)")
    'LlamaCpp'
    """
    return name if len(name) <= 44 else name.partition("(")[0]


def _put_list(console: Console, rows: Sequence[tuple[str, Text]], indent: int = 2) -> None:
    """Prints labels and texts in two columns; the labels take at most a third of the width."""
    if not rows:
        return
    lines = plain_table()
    lines.add_column(style="cyan", max_width=max(console.width // 3, 4), overflow="fold")
    lines.add_column(overflow="fold")
    for label, text in rows:
        lines.add_row(Text(one_line(label)), text)
    put(console, lines, indent)


def _answer_text(answer: Answer) -> Text:
    if answer.abstained:
        wording = f" (the model wrote: {one_line(answer.text)})" if answer.text else ""
        return Text("no answer in the passages", style="yellow").append(wording, style="dim")
    return passage(answer.text, style="green") if answer.text.strip() else Text("(empty)", style="dim")


def _change(before: int, after: int) -> Text:
    if before == after:
        return Text(count(after), style="dim")
    return Text.assemble((f"{count(before)} → ", "dim"), count(after))


def _facts(document: Document) -> list[str]:
    facts = [document.source] if document.source else []
    if document.kind == "rewrite":
        facts.append("rewritten from " + ", ".join(dict.fromkeys(span.document for span in document.spans)))
    if document.duplicates:
        facts.append("stands for " + ", ".join(document.duplicates))
    return facts


def _notes(steps: Iterable[Step]) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = {}
    for step in steps:
        for id, note in step.notes.items():
            notes.setdefault(id, []).append(note)
    return notes

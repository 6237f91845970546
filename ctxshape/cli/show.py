"""What a person sees: what came in, what each step did, the shaped passages, the answer and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from ctxshape.cli.screen import columns, count, duration, one_line, passage, put
from ctxshape.core.messages import Answer
from ctxshape.core.types import Context, Document, Step

SHOWN_DROPS = 20


def heading(console: Console, title: str, note: str = "") -> None:
    """A bold title after an empty line, with a dim note."""
    console.print()
    put(console, Text(one_line(title), style="bold").append(f"  {one_line(note)}" if note else "", style="not bold dim"), 0)


def show_shaped(console: Console, context: Context) -> None:
    """The steps, what was dropped, and the passages that are left."""
    show_steps(console, context)
    show_dropped(console, context.trace.steps)
    show_passages(console, context)


def show_steps(console: Console, context: Context) -> None:
    """A line for each step: passages and tokens before and after, and its time."""
    steps = context.trace.steps
    if not steps:
        heading(console, "Steps", "none: the passages stay as they were retrieved")
        return
    heading(console, "Steps", f"tokens by {_short(context.trace.counter)}")
    lines = columns(headed=True)
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
    """The reason of each dropped passage, under the step that dropped it; of very many, the first."""
    if any(step.dropped for step in steps):
        heading(console, "Dropped")
    for step in steps:
        if not step.dropped:
            continue
        put(console, Text(one_line(step.name), style="dim"))
        shown = [(id, Text(one_line(reason))) for id, reason in list(step.dropped.items())[:SHOWN_DROPS]]
        if len(step.dropped) > SHOWN_DROPS:
            shown.append(("…", Text(f"and {len(step.dropped) - SHOWN_DROPS} more; --json names all", style="dim")))
        _put_list(console, shown, indent=4)


def show_passages(console: Console, context: Context) -> None:
    """The shaped passages as the model reads them, each under its title, source and what was noted of it."""
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
    """The answer, the sentences that hold it, and what it cost."""
    heading(console, "Answer", f"{answer.agreement:.0%} of {len(answer.votes)} readings" if answer.votes else "")
    put(console, _answer_text(answer))
    show_citations(console, answer, sources)
    usage = answer.usage
    heading(console, "Cost", f"{count(usage.prompt_tokens)} prompt tokens, {count(usage.completion_tokens)} generated")
    times = (("shape", usage.shape_seconds), ("prefill", usage.prefill_seconds), ("decode", usage.decode_seconds))
    put(console, Text(" · ".join(f"{name} {duration(seconds)}" for name, seconds in times)))


def show_citations(console: Console, answer: Answer, sources: Mapping[str, Document]) -> None:
    """Each cited sentence with its place in the document that was retrieved; no answer needs none."""
    if answer.abstained:
        return
    rows = []
    for span in answer.citations:
        quoted = passage(span.text_in(sources))
        rows.append((span.document, quoted.append(f"  {span.start}–{span.end}", style="dim")))
    found = "retrieved passage, its words, and their characters there"
    heading(console, "Evidence", found if rows else "none: no retrieved sentence holds what the answer says")
    _put_list(console, rows)


def show_comparison(console: Console, raw: Answer | str, shaped: Answer | str) -> None:
    """Two answers side by side with what each cost; a text in place of one says why there is none."""
    lines = columns(headed=True)
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
    """The installed components, a heading for each group."""
    for group, found in groups.items():
        heading(console, group.capitalize(), "" if found else "none")
        _put_list(console, [(name, Text(one_line(line))) for name, line in found.items()])


def _short(name: str) -> str:
    """A component's repr where it is short; of a longer one the class says enough.

    >>> _short("LlamaCpp(model='/home/me/models/SmolLM2-135M-Instruct.Q4_1.gguf', n_ctx=4096)")
    'LlamaCpp'
    """
    return name if len(name) <= 44 else name.partition("(")[0]


def _put_list(console: Console, rows: Sequence[tuple[str, Text]], indent: int = 2) -> None:
    """Labels and texts in two columns; a long label takes at most a third of the width."""
    if not rows:
        return
    lines = columns()
    lines.add_column(style="cyan", max_width=max(console.width // 3, 4), overflow="fold")
    lines.add_column(overflow="fold")
    for label, text in rows:
        lines.add_row(Text(one_line(label)), text)
    put(console, lines, indent)


def _answer_text(answer: Answer) -> Text:
    if answer.abstained:
        said = f" (the model wrote: {one_line(answer.text)})" if answer.text else ""
        return Text("no answer in the passages", style="yellow").append(said, style="dim")
    return passage(answer.text, style="green") if answer.text.strip() else Text("(an empty text)", style="dim")


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

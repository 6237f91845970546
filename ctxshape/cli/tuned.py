"""The output of `tune`: a table of the settings, the verdict, and the call that uses the file."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from ctxshape.cli.screen import count, one_line, plain_table, put
from ctxshape.cli.show import heading
from ctxshape.evaluation.tuning import SettingResult, Tuning
from ctxshape.evaluation.tuning_report import call_of, how_it_ended, signed, verdict_of


def tuning_json(found: Tuning, out: Path | None) -> dict[str, object]:
    """Returns the result as plain values; `out` is the file that was written."""
    return {
        "verdict": found.verdict,
        "sentence": verdict_of(found),
        "n": found.n,
        "stop": found.stop,
        "metric": found.metric,
        "error": found.error,
        "margin": found.margin,
        "shuffled": found.shuffled,
        "chosen": found.chosen.setting.name,
        "settings": [_setting_json(result) for result in found.results],
        "pipeline": found.pipeline.to_config(),
        "out": None if out is None else str(out),
        "call": None if out is None else call_of(found, str(out)),
        "computed": found.computed,
    }


def _setting_json(result: SettingResult) -> dict[str, object]:
    plain = {**result._asdict(), "difference": result.difference._asdict()}
    del plain["setting"]
    return {"name": result.setting.name, **result.setting._asdict(), **plain}


def show_tuning(console: Console, found: Tuning, out: Path | None, kept: Path) -> None:
    """Prints the table of settings, the verdict, and how to use the file."""
    heading(console, f"{count(found.n)} questions", how_it_ended(found))
    table = plain_table(headed=True)
    table.add_column("setting", style="cyan", overflow="fold")
    for name in ("score", "vs raw", "tokens", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for result in found.results:
        raw = result.setting.preset == "raw"
        chosen = result is found.chosen and found.verdict != "too few"
        note = "chosen" if chosen else "dropped" if result.lost_to else ""
        if result.unread:
            note = f"{note}{'; ' * bool(note)}{count(result.unread)} did not fit"
        table.add_row(
            Text(result.setting.name),
            f"{result.score:.2f}",
            "" if raw else signed(result.difference),
            count(round(result.tokens)),
            count(result.n),
            Text(note, style="bold green" if chosen else "dim"),
        )
    put(console, table)
    put(console, Text(f"score: {found.metric}; tokens: those of a prompt", style="dim"))
    level = f"{1 - found.error:.0%}"
    put(
        console,
        Text(f"intervals: {level} for all of them together, at any number of questions, paired by question", style="dim"),
    )
    if found.shuffled:
        put(console, Text("lists were shuffled, since the data does not tell in which order they were retrieved", style="dim"))
    heading(console, "Verdict")
    put(console, Text(one_line(verdict_of(found))))
    if out is None:
        nothing = "Nothing is written." + ("" if found.verdict != "raw" else " --even-if-raw writes the best setting.")
        put(console, Text(nothing))
    else:
        put(console, Text(f"Written to {one_line(str(out))}. Use it:"))
        call = call_of(found, str(out))
        put(console, Text(one_line(call)), 4)
        if "allow=" in call:
            put(
                console, Text("allow: the file names a model outside itself, which no file may read on its own", style="dim"), 4
            )
    put(console, Text(f"{count(found.computed)} answers computed; all are kept in {one_line(str(kept))}", style="dim"))

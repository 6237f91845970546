"""The result of `tune` in words: a verdict, and the comment at the head of its pipeline file."""

from __future__ import annotations

from collections.abc import Sequence

from ctxshape.evaluation.pipeline_file import needed_reach, pipeline_toml
from ctxshape.evaluation.race import Difference
from ctxshape.evaluation.tuning import SettingResult, Tuning

_STOPS = {
    "settled": "stopped early: more questions would hardly change the choice",
    "questions": "all questions were asked",
    "minutes": "stopped when the time was over",
}


def signed(difference: Difference) -> str:
    """Returns a difference with its interval.

    >>> signed(Difference(0.25, -0.014, 0.5, 20))
    '+0.25 [-0.01, +0.50]'
    """
    return f"{difference.mean:+z.2f} [{difference.low:+z.2f}, {difference.high:+z.2f}]"


def share_of_tokens(result: SettingResult, raw: SettingResult) -> str:
    """Returns the tokens of a setting as a share of those of `raw`, in percent."""
    return f"{result.tokens / raw.tokens:.0%}" if raw.tokens else "–"


def verdict_of(tuning: Tuning) -> str:
    """Returns what was found, in one or two sentences."""
    chosen, raw = tuning.chosen, tuning.raw
    name, tokens = chosen.setting.name, share_of_tokens(chosen, raw)
    found = f"{signed(chosen.difference)} on {chosen.difference.n} questions"
    match tuning.verdict:
        case "better":
            return f"{name!r} is better than raw: {found}, with {tokens} of its tokens."
        case "cheaper":
            loss = max(-chosen.difference.low, 0.0)
            return (
                f"No setting is shown to be better than raw. {name!r} is chosen: {found}, with {tokens} of its tokens and a "
                f"score within {tuning.margin:g} of the best. A loss of up to {loss:.2f} cannot be excluded; more questions "
                "tell more."
            )
        case "raw":
            best = max(tuning.results[1:], key=lambda result: result.score)
            return f"Nothing beats raw. The best setting, {best.setting.name!r}, has {signed(best.difference)}."
    return (
        f"{tuning.n} questions were answered in the time, which cannot tell settings apart. Give more --minutes; the answers "
        "are kept."
    )


def how_it_ended(tuning: Tuning) -> str:
    """Returns why no more questions were asked."""
    return _STOPS[tuning.stop]


def call_of(tuning: Tuning, path: str) -> str:
    """Returns the call of `shape` that loads the file.

    The file may be another's, so what it reaches beyond itself, such as the folder of an embedder, has to be allowed.
    """
    reach = needed_reach(tuning.pipeline)
    allow = "" if not reach else f", allow={reach[0]!r}" if len(reach) == 1 else f", allow={list(reach)!r}"
    return f"shape(question, passages, pipeline={path!r}{allow})"


def tuned_toml(tuning: Tuning, path: str, *, data: str, model: str, command: Sequence[str] = ()) -> str:
    """Returns the text of the pipeline file. It has no date: the same run writes the same file."""
    chosen, raw = tuning.chosen, tuning.raw
    comments = [
        "Measured by `ctxshape tune`. Change it as you like.",
        f"data: {data}, {tuning.n} questions, {how_it_ended(tuning)}",
        f"model: {model}",
        f"setting: {chosen.setting.name}",
        f"score: {chosen.score:.3f} on {chosen.n} questions, raw {raw.score:.3f} on {raw.n} ({tuning.metric})",
        f"difference to raw: {signed(chosen.difference)} on {chosen.difference.n} questions, paired; {_level(tuning)}",
        f"prompt tokens: {chosen.tokens:.0f}, raw {raw.tokens:.0f}; a budget counts tokens of the default counter",
        verdict_of(tuning),
        *command,
        f"load it: {call_of(tuning, path)}",
    ]
    return pipeline_toml(tuning.pipeline, comments)


def _level(tuning: Tuning) -> str:
    return f"all intervals of the run hold together with {1 - tuning.error:.0%}, at any number of questions"

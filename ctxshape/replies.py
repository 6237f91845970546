"""Asking a backend and tidying what it says: what readers and summaries share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ctxshape.exchange import Completion, Generation, Prompt
from ctxshape.protocols import Backend

# What follows where a base model goes on with another prompt of the same form.
RUN_ON = ("\nQuestion:", "\n问题：", "\nDocument [", "\n文档[")


class Replies(NamedTuple):
    """The tidied completion of each prompt, and every completion that was computed for them."""

    completions: list[Completion]
    computed: list[Completion]


def ask(backend: Backend, prompts: Sequence[Prompt], options: Generation) -> Replies:
    """Complete all prompts in one batch; a completion's text is tidied.

    With stop strings, an answer also ends where a base model runs on with the next prompt. Where it is nothing but the
    prompt's cue ("Answer:") and a newline, the prompt is completed once more without the stop strings of white space.
    Raises what the backend raises.
    """
    stops = stopping(options).stop
    first = backend.generate(prompts, options.model_copy(update={"stop": stops}))
    computed = list(first)
    cues = [cue_of(prompt) for prompt in prompts]
    later = tuple(stop for stop in stops if not stop.isspace())
    bare = [i for i, made in enumerate(first) if made.finish == "stop" and cues[i] and made.text.strip() == cues[i]]
    if bare and later != stops:
        again = backend.generate([prompts[i] for i in bare], options.model_copy(update={"stop": later}))
        computed += again
        for i, completion in zip(bare, again, strict=True):
            first[i] = completion
    tidied = [_tidied(completion, cue, options.stop) for completion, cue in zip(first, cues, strict=True)]
    return Replies(tidied, computed)


def stopping(options: Generation) -> Generation:
    """The options; where they have stop strings at all, an answer also ends where a base model runs on."""
    return options.model_copy(update={"stop": tuple(dict.fromkeys((*options.stop, *RUN_ON)))}) if options.stop else options


def ending(options: Generation, *stop: str) -> Generation:
    """The options, with these stop strings where they have none: who only sets `max_tokens` does not ask for rambling.

    >>> ending(Generation(max_tokens=9), "END").stop, ending(Generation(stop=("x",)), "END").stop
    (('END',), ('x',))
    """
    return options if options.stop else options.model_copy(update={"stop": stop})


def cue_of(prompt: Prompt) -> str:
    """The words that end a prompt, such as "Answer:"; small models repeat them before they answer."""
    return prompt.tail[-1].text.strip() if prompt.tail else ""


def tidy(text: str, cue: str = "", stop: Sequence[str] = ()) -> str:
    r"""`text` without outer white space and a leading `cue`, up to the first stop string after its first visible character.

    >>> tidy("\n\nAnswer: Paris\nQuestion: and", "Answer:", ["\n"])
    'Paris'
    """
    bare = text.strip().removeprefix(cue).lstrip() if cue else text.strip()
    ends = [place for place in map(bare.find, stop) if place >= 0]
    return bare[: min(ends, default=len(bare))].rstrip()


def tidy_stream(pieces: Iterable[str], cue: str = "") -> Iterator[str]:
    r"""The pieces such that joined they are the tidied text: what may be a cue or the last white space is held back.

    >>> list(tidy_stream(["\n", "Ans", "wer:", " In ", "Paris", "\n"], "Answer:"))
    ['In', ' Paris']
    """
    held, begun = "", False
    for piece in pieces:
        held += piece
        if not begun:
            held = held.lstrip()
            if not held or cue.startswith(held):
                continue
            held = held.removeprefix(cue).lstrip()
            begun = bool(held)
        shown = held.rstrip()
        if shown:
            yield shown
            held = held[len(shown) :]
    if not begun and (rest := tidy(held, cue)):
        yield rest


def _tidied(completion: Completion, cue: str, stop: Sequence[str]) -> Completion:
    text = tidy(completion.text, cue, stop)
    return completion if text == completion.text else completion.model_copy(update={"text": text})

"""Asking a backend and tidying what it says: what readers and summaries share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.protocols import Backend

# What follows where a base model goes on with another prompt of the same form.
RUN_ON = ("\nQuestion:", "\n问题：", "\nDocument [", "\n文档[")


def ask(backend: Backend, prompts: Sequence[Prompt], options: Generation) -> list[Completion]:
    """Complete all prompts, which end with the same words, in one batch; a completion's text is tidied.

    Raises what the backend raises.
    """
    if not prompts:
        return []
    made = backend.generate(prompts, asking(prompts[0], options))
    cues = map(cue_of, prompts)
    return [_tidied(completion, cue, options.stop) for completion, cue in zip(made, cues, strict=True)]


def asking(prompt: Prompt, options: Generation) -> Generation:
    """The options for a prompt: its cue may be repeated, and an answer with stops also ends where a base model runs on."""
    stops = dict.fromkeys((*options.stop, *RUN_ON)) if options.stop else ()
    return options.model_copy(update={"stop": tuple(stops), "opening": options.opening or cue_of(prompt)})


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

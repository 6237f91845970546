"""Asks a backend for completions and tidies their text; shared by readers and summaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.protocols import Backend

# Where a base model continues with another prompt of the same form.
RUN_ON = ("\nQuestion:", "\n问题：", "\nDocument [", "\n文档[")


def complete(backend: Backend, prompts: Sequence[Prompt], options: Generation) -> list[Completion]:
    """Returns the tidied completions of all prompts, computed in one batch.

    All prompts must end with the same words (see `cue_of`). Errors of the backend pass through.
    """
    if not prompts:
        return []
    completions = backend.generate(prompts, reply_options(prompts[0], options))
    return [tidy_completion(completion, prompt, options) for completion, prompt in zip(completions, prompts, strict=True)]


def reply_options(prompt: Prompt, options: Generation) -> Generation:
    """Returns the options for a prompt whose cue the model may repeat.

    If they have stop strings, the answer also ends where a base model would continue with another prompt.
    """
    stops = dict.fromkeys((*options.stop, *RUN_ON)) if options.stop else ()
    return options.model_copy(update={"stop": tuple(stops), "opening": options.opening or cue_of(prompt)})


def with_default_stops(options: Generation, *stop: str) -> Generation:
    """Returns the options with these stop strings, unless they have their own.

    A caller who only sets `max_tokens` should not get an answer that rambles on.

    >>> with_default_stops(Generation(max_tokens=9), "END").stop, with_default_stops(Generation(stop=("x",)), "END").stop
    (('END',), ('x',))
    """
    return options if options.stop else options.model_copy(update={"stop": stop})


def cue_of(prompt: Prompt) -> str:
    """Returns the words that end a prompt, such as "Answer:". Small models repeat them before they answer."""
    return prompt.tail[-1].text.strip() if prompt.tail else ""


def tidy_completion(completion: Completion, prompt: Prompt, options: Generation) -> Completion:
    """Returns the completion with its text tidied: without the prompt's cue, up to the first stop string."""
    return completion.model_copy(update={"text": tidy(completion.text, cue_of(prompt), options.stop)})


def tidy(text: str, cue: str = "", stop: Sequence[str] = ()) -> str:
    r"""Returns `text` without outer white space and a leading `cue`, up to the first stop string.

    Stop strings count only behind the first visible character.

    >>> tidy("\n\nAnswer: Paris\nQuestion: and", "Answer:", ["\n"])
    'Paris'
    """
    bare = text.strip().removeprefix(cue).lstrip() if cue else text.strip()
    ends = [index for index in map(bare.find, stop) if index >= 0]
    return bare[: min(ends, default=len(bare))].rstrip()


def tidy_stream(pieces: Iterable[str], cue: str = "") -> Iterator[str]:
    r"""Yields pieces that, joined, are the tidied text. Holds back what may be the cue or trailing white space.

    >>> list(tidy_stream(["\n", "Ans", "wer:", " In ", "Paris", "\n"], "Answer:"))
    ['In', ' Paris']
    """
    tidied = TidiedPieces(cue)
    for piece in pieces:
        if shown := tidied.push(piece):
            yield shown
    if rest := tidied.finish():
        yield rest


class TidiedPieces:
    """Tidies a text that comes in pieces. Joined, the results of `push` and `finish` are the tidied text."""

    def __init__(self, cue: str = "") -> None:
        self._cue = cue
        self._held = ""
        self._begun = False

    def push(self, piece: str) -> str:
        """Returns the text that is certain after the next piece; it may be empty."""
        self._held += piece
        if not self._begun:
            self._held = self._held.lstrip()
            if not self._held or self._cue.startswith(self._held):
                return ""
            self._held = self._held.removeprefix(self._cue).lstrip()
            self._begun = bool(self._held)
        shown = self._held.rstrip()
        self._held = self._held[len(shown) :]
        return shown

    def finish(self) -> str:
        """Returns the text that was held back and belongs to the answer."""
        return "" if self._begun else tidy(self._held, self._cue)

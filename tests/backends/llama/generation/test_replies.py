"""One reply as it grows, over a vocabulary of eight tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ctxshape.backends.llama._generation.replies import Reply
from ctxshape.core.messages import Generation

PIECES = ["", "\n", " ", "Answer:", "Paris", " \n\n", " is", "\nQuestion:"]
END, BREAK, BLANK, CUE, PARIS, BREAKS, IS, NEXT = range(8)


class Few:
    """A tokenizer with a few tokens; token 0 ends an answer."""

    def is_end(self, token: int) -> bool:
        return token == END

    def piece(self, token: int) -> bytes:
        return PIECES[token].encode()

    def is_line_break(self, token: int) -> bool:
        return token in (BREAK, BREAKS)


def written(liked: list[list[int]], *, one_line: bool, stop: tuple[str, ...] = ()) -> tuple[str, list[int]]:
    """Returns the text and the tokens of a reply. At each step the model prefers these tokens, in this order."""
    few: Any = Few()
    reply = Reply(np.array([1], np.int32), 0, Generation(opening="Answer:", stop=stop), few, one_line=one_line)
    for tokens in liked:
        logits = np.full(len(PIECES), -20, np.float32)
        logits[tokens] = 10 - 3 * np.arange(len(tokens), dtype=np.float32)
        reply.advance(logits)
    return reply.completion().text, reply.written


def test_an_answer_in_one_line_does_not_leave_it_before_it_has_begun() -> None:
    assert written([[BREAK, BREAKS, PARIS], [BREAK]], one_line=True) == ("Paris", [PARIS, BREAK])
    # White space and a repeated cue are no beginning either.
    steps = [[BLANK], [BREAKS, CUE], [BREAK, PARIS], [IS], [BREAK, IS]]
    assert written(steps, one_line=True) == (" Answer:Paris is", [BLANK, CUE, PARIS, IS, BREAK])


def test_the_end_is_no_line_break_and_a_chat_may_begin_with_one() -> None:
    assert written([[END, PARIS]], one_line=True) == ("", [])
    assert written([[BREAK, PARIS], [PARIS], [END]], one_line=False) == ("\nParis", [BREAK, PARIS])


def test_a_break_with_words_behind_it_is_a_token_like_any_other() -> None:
    text, tokens = written([[NEXT, PARIS]], one_line=True, stop=("\nQuestion:",))
    assert (text, tokens) == ("", [NEXT])


def test_the_logprob_is_that_among_what_may_come() -> None:
    few: Any = Few()
    reply = Reply(np.array([1], np.int32), 0, Generation(max_tokens=1), few, one_line=True)
    logits = np.full(len(PIECES), -1000, np.float32)
    logits[[BREAK, PARIS, IS]] = [5, 1, 1]
    reply.advance(logits)
    assert reply.written == [PARIS] and reply.completion().logprobs == pytest.approx((np.log(0.5),))


def test_what_is_drawn_at_random_is_no_break_either() -> None:
    few: Any = Few()
    drawn = set()
    for seed in range(50):
        reply = Reply(np.array([1], np.int32), 0, Generation(temperature=1.0, seed=seed), few, one_line=True)
        logits = np.full(len(PIECES), -1000, np.float32)
        logits[[BREAK, PARIS, IS]] = [3, 1, 1]
        reply.advance(logits)
        drawn |= {*reply.written}
    assert drawn == {PARIS, IS}

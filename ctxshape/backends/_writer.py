"""From the bytes of tokens to text: whole characters only, and never a stop string or the beginning of one."""

from __future__ import annotations

import codecs

from ctxshape.core.messages import Generation


class Writer:
    """Collects one answer. `text` is what is certain to be part of it.

    A stop string of white space alone counts only from where the answer begins (`Generation.begin`).
    A character whose bytes are spread over tokens waits for its last byte; one that is never completed is left out.
    With `one_line`, the first line break behind that place ends the answer as well: a base model that is given a plain
    prompt goes on with the next question otherwise.
    """

    def __init__(self, options: Generation, *, one_line: bool = False) -> None:
        self._options = options
        self._stops = options.stop
        self._one_line = one_line
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._seen = ""  # all whole characters so far
        self._given = 0  # of these, the ones that `take` has handed out
        self._certain = 0
        self.stopped = False
        self.line_ended = False

    @property
    def text(self) -> str:
        """The certain part of the answer."""
        return self._seen[: self._certain]

    @property
    def awaits_words(self) -> bool:
        """Whether the answer is to stand in one line, of which there is no more yet than white space and the opening."""
        return self._one_line and self._options.begin(self._seen) == len(self._seen)

    @property
    def length(self) -> int:
        """Characters seen, certain or not."""
        return len(self._seen)

    def push(self, data: bytes) -> None:
        """Add the bytes of one token, and look for an end."""
        fresh = max(0, len(self._seen) - max(map(len, self._stops), default=1))
        self._seen += self._decoder.decode(data)
        begin = self._options.begin(self._seen)
        starts = ((stop, max(fresh, begin) if stop.isspace() else fresh) for stop in self._stops)
        found = [at for at in (self._seen.find(stop, start) for stop, start in starts) if at >= 0]
        line = self._seen.find("\n", begin) if self._one_line else -1
        if found and (line < 0 or min(found) <= line):
            self._cut(min(found))
            self.stopped = True
        elif line >= 0:
            self._cut(line)
            self.line_ended = True
        else:
            self._certain = len(self._seen) - self._pending()

    def finish(self) -> None:
        """No more tokens come: what was held back is part of the answer."""
        if not (self.stopped or self.line_ended):
            self._certain = len(self._seen)

    def take(self) -> str:
        """What became certain since the last call."""
        piece = self._seen[self._given : self._certain]
        self._given = self._certain
        return piece

    def _cut(self, end: int) -> None:
        self._seen = self._seen[:end]
        self._certain = end

    def _pending(self) -> int:
        """Length of the longest end of the text that a stop string begins with."""
        longest = min(max(map(len, self._stops), default=1) - 1, len(self._seen))
        ends = (size for size in range(longest, 0, -1) if any(stop.startswith(self._seen[-size:]) for stop in self._stops))
        return next(ends, 0)

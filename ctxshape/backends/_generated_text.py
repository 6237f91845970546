"""Generated text: from the bytes of tokens to whole characters, cut where a stop string begins."""

from __future__ import annotations

import codecs

from ctxshape.core.messages import Generation


class GeneratedText:
    """Collects one generated text and cuts it at its end. `text` is the part that is certain to remain.

    A stop string that consists of white space counts only after the beginning of the answer (`Generation.begin`).
    A character whose bytes are spread over several tokens waits for its last byte; an incomplete one is left out.
    With `one_line`, the first line break after the beginning of the answer ends the text as well: without a chat template
    a base model goes on to invent the next question.
    """

    def __init__(self, options: Generation, *, one_line: bool = False) -> None:
        self._options = options
        self._stops = options.stop
        self._one_line = one_line
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._seen = ""  # all whole characters so far
        self._taken = 0  # the number of them that `take` has returned
        self._certain = 0
        self.stopped = False
        self.line_ended = False

    @property
    def text(self) -> str:
        """The certain part of the text."""
        return self._seen[: self._certain]

    @property
    def ended(self) -> bool:
        """True after a stop string, and after the line that `one_line` allows."""
        return self.stopped or self.line_ended

    @property
    def awaits_words(self) -> bool:
        """True if the text must be one line, and has only white space and the opening so far."""
        return self._one_line and self._options.begin(self._seen) == len(self._seen)

    @property
    def length(self) -> int:
        """The number of characters seen, certain or not."""
        return len(self._seen)

    def push(self, data: bytes) -> None:
        """Adds the bytes of one token and looks for the end of the text."""
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
        """Marks the end of the tokens: text that was held back becomes part of the answer."""
        if not self.ended:
            self._certain = len(self._seen)

    def take(self) -> str:
        """Returns the text that became certain since the last call."""
        piece = self._seen[self._taken : self._certain]
        self._taken = self._certain
        return piece

    def _cut(self, end: int) -> None:
        self._seen = self._seen[:end]
        self._certain = end

    def _pending(self) -> int:
        """Returns the length of the longest end of the text with which a stop string begins."""
        longest = min(max(map(len, self._stops), default=1) - 1, len(self._seen))
        ends = (size for size in range(longest, 0, -1) if any(stop.startswith(self._seen[-size:]) for stop in self._stops))
        return next(ends, 0)

"""One batch for what many methods ask at a time: prompts that begin alike are computed once, the same prompt one time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from pydantic import TypeAdapter

from ctxshape.core.messages import Completion, Generation, Prompt
from ctxshape.core.protocols import AttentionProbe, Backend, Likelihood, SegmentCache
from ctxshape.core.tokens import CountOnce
from ctxshape.errors import ContextTooLong
from ctxshape.evaluation.answers import Answers

T = TypeVar("T")
_COMPLETIONS = TypeAdapter(list[Completion])


class _Request:
    """What one task asks, and in the end the completions or the error."""

    def __init__(self, prompts: Sequence[Prompt], options: Generation) -> None:
        self.prompts, self.options = tuple(prompts), options
        self.made: list[Completion] = []
        self.error: Exception | None = None
        self.done = False


class Together:
    """A backend in front of another: it keeps answers, and batches what the tasks of a `run` ask.

    One task runs at a time, until it asks; when all have asked or ended, what they asked is one batch, kept on disk as
    a whole. So the batches, and with them the last bits of the logits, do not hang on timing. Inside `alone` every
    call goes straight to the backend and nothing is kept: for measuring time.
    """

    def __init__(self, backend: Backend, answers: Answers) -> None:
        self.backend, self.answers = backend, answers
        self.computed = 0  # prompts that were not kept from before
        self._counter = CountOnce(backend)
        self._baton = threading.Lock()
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._running = 0
        self._alone = False
        # What else the backend can do goes straight to it, since one task runs at a time; answers are kept.
        if isinstance(backend, Likelihood):
            self.logprobs = backend.logprobs
        if isinstance(backend, AttentionProbe):
            self.attend = backend.attend
        if isinstance(backend, SegmentCache):
            self.generate_orders = partial(self._orders, backend)
            self.generate_windows = partial(self._windows, backend)

    def __repr__(self) -> str:
        return f"Together({self.backend!r})"

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """The completions, kept or computed."""
        if self._alone:
            return self.backend.generate(prompts, options)
        request = _Request(prompts, options)
        if not self._find(request):
            self._wait_for(request) if self._running else self._compute([request])
        if request.error is not None:
            raise request.error
        return request.made

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """The text of the completion, in one piece."""
        yield self.generate([prompt], options)[0].text

    def count_tokens(self, text: str, /) -> int:
        """The backend's tokens; a text is counted once."""
        return self._counter.count_tokens(text)

    def context_length(self) -> int:
        """The backend's."""
        return self.backend.context_length()

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of the tasks, in their order. Raises the first task's error after all have ended."""
        results: list[T | None] = [None] * len(tasks)
        errors: list[BaseException | None] = [None] * len(tasks)

        def work(number: int) -> None:
            try:
                with self._baton:
                    results[number] = tasks[number]()
            except BaseException as error:
                errors[number] = error
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()

        threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(tasks))]
        self._running = len(threads)
        for thread in threads:
            thread.start()
        self._serve()
        for thread in threads:
            thread.join()
        for error in filter(None, errors):
            raise error
        return results  # type: ignore[return-value]  # none is missing: each task ended without an error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing shared and nothing kept, as if a program asked this one question."""
        self._alone = True
        try:
            yield
        finally:
            self._alone = False

    def _orders(
        self,
        backend: SegmentCache,
        prompt: Prompt,
        orders: Sequence[Sequence[int]],
        /,
        options: Generation = Generation(),  # noqa: B008
    ) -> list[Completion]:
        asked = self.answers.key("orders", self.answers.asked(prompt, options), [list(order) for order in orders])
        return self._kept(asked, lambda: backend.generate_orders(prompt, orders, options))

    def _windows(self, backend: SegmentCache, prompt: Prompt, /, options: Generation = Generation()) -> Completion:  # noqa: B008
        asked = self.answers.key("windows", self.answers.asked(prompt, options))
        return self._kept(asked, lambda: [backend.generate_windows(prompt, options)])[0]

    def _kept(self, key: str, compute: Callable[[], list[Completion]]) -> list[Completion]:
        found = None if self._alone else self.answers.recall(key)
        if found is not None:
            return _COMPLETIONS.validate_json(found)
        made = compute()
        if not self._alone:
            self.answers.remember({key: _COMPLETIONS.dump_json(made).decode()})
            self.computed += len(made)
        return made

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: len(self._waiting) == self._running)
                requests, self._waiting = self._waiting, []
            if not requests:
                return
            self._compute(requests)
            with self._changed:
                for request in requests:
                    request.done = True
                self._changed.notify_all()

    def _wait_for(self, request: _Request) -> None:
        self._baton.release()
        try:
            with self._changed:
                self._waiting.append(request)
                self._changed.notify_all()
                self._changed.wait_for(lambda: request.done)
        finally:
            self._baton.acquire()

    def _find(self, request: _Request) -> bool:
        """Fill in what is kept; whether all of it is."""
        found = [self.answers.get(prompt, request.options) for prompt in request.prompts]
        request.made = [completion for completion in found if completion is not None]
        return len(request.made) == len(found)

    def _compute(self, requests: Sequence[_Request]) -> None:
        by_options: dict[Generation, list[_Request]] = {}
        for request in requests:
            by_options.setdefault(request.options, []).append(request)
        for group in by_options.values():
            try:
                self._batch(group)
            except ContextTooLong:  # one prompt too long is no reason for the others to fail
                for request in group:
                    try:
                        self._batch([request])
                    except ContextTooLong as error:
                        request.error = error
            except Exception as error:
                for request in group:
                    request.error = error

    def _batch(self, requests: Sequence[_Request]) -> None:
        options = requests[0].options
        keys = {prompt: self.answers.asked(prompt, options) for request in requests for prompt in request.prompts}
        known = {key: self.answers.get(prompt, options) for prompt, key in keys.items()}
        new = {key: prompt for prompt, key in keys.items() if known[key] is None}
        made = dict(zip(new, self.backend.generate(list(new.values()), options), strict=True)) if new else {}
        self.answers.put([(new[key], completion) for key, completion in made.items()], options)
        self.computed += len(made)
        for request in requests:
            request.made = [known[keys[prompt]] or made[keys[prompt]] for prompt in request.prompts]

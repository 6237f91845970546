"""Batches the prompts of many methods: a shared prefix is computed once, and an identical prompt is answered once."""

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
    """The prompts of one task, and later their completions or the error."""

    def __init__(self, prompts: Sequence[Prompt], options: Generation) -> None:
        self.prompts, self.options = tuple(prompts), options
        self.completions: list[Completion] = []
        self.error: Exception | None = None
        self.done = False


class BatchingBackend:
    """Wraps a backend: stores its answers, and batches the prompts that the tasks of a `run` ask for.

    One task runs at a time, until it asks for completions. When all tasks have asked or ended, their prompts form one
    batch, which is stored as a whole. Thus the batches, and with them the last bits of the logits, do not depend on
    timing. Inside `alone`, every call goes straight to the backend and nothing is stored; that is for measuring time.
    """

    def __init__(self, backend: Backend, answers: Answers) -> None:
        self.backend, self.answers = backend, answers
        self.computed = 0  # completions that were not stored by an earlier run
        self._counter = CountOnce(backend)
        self._baton = threading.Lock()
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._running = 0
        self._alone = False
        # For what is read from the model's file, such as how much evidence it should see.
        self.model, self.n_ctx = getattr(backend, "model", None), getattr(backend, "n_ctx", None)
        # The backend's other abilities are called directly, since one task runs at a time; their answers are stored.
        if isinstance(backend, Likelihood):
            self.logprobs = backend.logprobs
        if isinstance(backend, AttentionProbe):
            self.attend = backend.attend
        if isinstance(backend, SegmentCache):
            self.generate_orders = partial(self._orders, backend)
            self.generate_windows = partial(self._windows, backend)

    def __repr__(self) -> str:
        return f"BatchingBackend({self.backend!r})"

    def generate(self, prompts: Sequence[Prompt], /, options: Generation = Generation()) -> list[Completion]:  # noqa: B008
        """Returns the completions, stored or computed."""
        if self._alone:
            return self.backend.generate(prompts, options)
        request = _Request(prompts, options)
        if not self._recall_all(request):
            self._wait_for(request) if self._running else self._compute([request])
        if request.error is not None:
            raise request.error
        return request.completions

    def stream(self, prompt: Prompt, /, options: Generation = Generation()) -> Iterator[str]:  # noqa: B008
        """Yields the text of the completion in one piece."""
        yield self.generate([prompt], options)[0].text

    def count_tokens(self, text: str, /) -> int:
        """Counts the backend's tokens; the same text is counted once."""
        return self._counter.count_tokens(text)

    def context_length(self) -> int:
        """Returns the backend's context length."""
        return self.backend.context_length()

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Returns the results of the tasks, in their order. Raises the first task's error after all have ended."""
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
        return results  # type: ignore[return-value]  # every task ended without an error, so each result is there

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside the block nothing is shared or stored, as in a program that asks one question."""
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
        key = self.answers.key("orders", self.answers.prompt_key(prompt, options), [list(order) for order in orders])
        return self._stored_or(key, lambda: backend.generate_orders(prompt, orders, options))

    def _windows(self, backend: SegmentCache, prompt: Prompt, /, options: Generation = Generation()) -> Completion:  # noqa: B008
        key = self.answers.key("windows", self.answers.prompt_key(prompt, options))
        return self._stored_or(key, lambda: [backend.generate_windows(prompt, options)])[0]

    def _stored_or(self, key: str, compute: Callable[[], list[Completion]]) -> list[Completion]:
        stored = None if self._alone else self.answers.recall(key, _COMPLETIONS.validate_json)
        if stored is not None:
            return stored
        completions = compute()
        if not self._alone:
            self.answers.remember({key: _COMPLETIONS.dump_json(completions).decode()})
            self.computed += len(completions)
        return completions

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

    def _recall_all(self, request: _Request) -> bool:
        """Fills in the stored completions; returns whether every prompt has one."""
        stored = [self.answers.get(prompt, request.options) for prompt in request.prompts]
        request.completions = [completion for completion in stored if completion is not None]
        return len(request.completions) == len(stored)

    def _compute(self, requests: Sequence[_Request]) -> None:
        by_options: dict[Generation, list[_Request]] = {}
        for request in requests:
            by_options.setdefault(request.options, []).append(request)
        for group in by_options.values():
            try:
                self._batch(group)
            except ContextTooLong:  # one prompt that is too long must not fail the others
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
        keys = {prompt: self.answers.prompt_key(prompt, options) for request in requests for prompt in request.prompts}
        stored = {key: self.answers.get(prompt, options) for prompt, key in keys.items()}
        missing = {key: prompt for prompt, key in keys.items() if stored[key] is None}
        new = dict(zip(missing, self.backend.generate(list(missing.values()), options), strict=True)) if missing else {}
        self.answers.put([(missing[key], completion) for key, completion in new.items()], options)
        self.computed += len(new)
        for request in requests:
            request.completions = [stored[keys[prompt]] or new[keys[prompt]] for prompt in request.prompts]

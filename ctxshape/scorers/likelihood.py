"""Relevance by the model that will answer, so that no other model is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from ctxshape.core import registry
from ctxshape.core.component import Component
from ctxshape.core.messages import Prompt, Segment
from ctxshape.core.prompts import fill
from ctxshape.core.protocols import Likelihood, Scores
from ctxshape.core.reach import Reach
from ctxshape.core.types import Frozen
from ctxshape.errors import ContextTooLong, ModelError
from ctxshape.text.words import asks_in_cjk


class QuestionWording(Frozen):
    """The fixed text around a passage. The question is expected after it, on its own line."""

    before: str
    after: str


class JudgementWording(Frozen):
    """The fixed text around question and passage, and the spellings of the answers yes and no."""

    question: str
    passage: str
    after: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


# Prompts end with a new line, so that the text after them begins without a blank, in a plain prompt as in a chat.
QUESTION_ENGLISH = QuestionWording(before="Passage:\n", after="\n\nWrite a question that this passage answers.\nQuestion:\n")
QUESTION_CHINESE = QuestionWording(before="文章：\n", after="\n\n请写出一个这段文章能回答的问题。\n问题：\n")
JUDGEMENT_ENGLISH = JudgementWording(
    question="Question: {query}\n\n",
    passage="Passage:\n",
    after="\n\nDoes the passage answer the question? Answer Yes or No.\n",
    yes=("Yes", " Yes"),
    no=("No", " No"),
)
JUDGEMENT_CHINESE = JudgementWording(
    question="问题：{query}\n\n",
    passage="文章：\n",
    after="\n\n文章能回答这个问题吗？请回答“是”或“否”。\n",
    yes=("是", "能"),
    no=("否", "不"),
)


def question_prompt(text: str, wording: QuestionWording) -> Prompt:
    r"""Returns the prompt that shows one passage and asks for a question about it.

    >>> question_prompt("Paris is in France.", QUESTION_ENGLISH).text
    'Passage:\nParis is in France.\n\nWrite a question that this passage answers.\nQuestion:\n'
    """
    return Prompt(
        lead=(Segment(text=wording.before, trusted=True),),
        documents=(Segment(text=text),),
        tail=(Segment(text=wording.after, trusted=True),),
    )


def judgement_prompt(query: str, text: str, wording: JudgementWording) -> Prompt:
    r"""Returns the prompt that asks whether a passage answers the question. The question comes first, so passages share it.

    >>> judgement_prompt("Where is it?", "In France.", JUDGEMENT_ENGLISH).text
    'Question: Where is it?\n\nPassage:\nIn France.\n\nDoes the passage answer the question? Answer Yes or No.\n'
    """
    return Prompt(
        lead=(Segment(text=fill(wording.question, query=query)), Segment(text=wording.passage, trusted=True)),
        documents=(Segment(text=text),),
        tail=(Segment(text=wording.after, trusted=True),),
    )


def log_odds(yes: Sequence[float], no: Sequence[float]) -> float:
    """Returns the log-odds of yes against no, from the log-probability of each spelling.

    >>> round(log_odds([np.log(0.4), np.log(0.2)], [np.log(0.3)]), 4)  # 0.6 to 0.3
    0.6931
    """
    return float(np.logaddexp.reduce(yes) - np.logaddexp.reduce(no))


def _with_logprobs(backend: object) -> object:
    if not callable(getattr(backend, "logprobs", None)):
        able = [made for made in _backends() if hasattr(made, "logprobs")]
        known = ", ".join(sorted(made.__name__ for made in able)) or "none is installed"
        fault = "this backend has no logprobs(prompts, continuations); backends with it: {known}"
        raise PydanticCustomError("no_logprobs", fault, {"known": known})
    return backend


def _backends() -> Iterator[Any]:
    for name in registry.component_names("backends"):
        with suppress(ImportError):  # do not suggest a backend that cannot be loaded
            yield registry.load_component("backends", name)


_CheckedLikelihood = Annotated[Likelihood, BeforeValidator(_with_logprobs)]


class QueryLikelihood(Component):
    """Mean log-probability of the question's tokens after the passage, below 0.

    Ponte and Croft 1998, "A Language Modeling Approach to Information Retrieval", with a prompt as in Sachan et al. 2022,
    "Improving Passage Retrieval with Zero-Shot Question Generation". It equals r_k of LongLLMLingua (Jiang et al. 2024) but for
    the wording. Subtracting the score of a prompt without a passage would change all scores of a question by the same number,
    so nothing is subtracted, and scores of different questions are not comparable.

    Raises ConfigError for a backend without `logprobs`; ContextTooLong for a passage that does not fit, before anything is
    computed; ModelError if the backend returns non-finite numbers.

    >>> from ctxshape.testing import ScriptedBackend
    >>> backend = ScriptedBackend(likelihood=lambda prompt, text: [-1.0, -2.0] if "Paris" in prompt else [-5.0])
    >>> QueryLikelihood(backend=backend).score("Where is it?", ["Paris is in France.", "Rome is in Italy."]).tolist()
    [-1.5, -5.0]
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    backend: _CheckedLikelihood

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Returns the scores of the texts, shape (n,); 0 for an empty query."""
        query = query.strip()
        wording = QUESTION_CHINESE if asks_in_cjk(query) else QUESTION_ENGLISH
        if not query:
            return np.zeros(len(texts))
        found = _logprobs(self, self.backend, [question_prompt(text, wording) for text in texts], [query] * len(texts))
        return np.array([values.mean() for values in found], dtype=np.float64)


class YesNoRelevance(Component):
    """Log-odds of Yes against No as the model's first words, when asked whether the passage answers the question.

    Nogueira et al. 2020, "Document Ranking with a Pretrained Sequence-to-Sequence Model", without training as in Liang et al.
    2022 (HELM). Each answer counts in all its spellings (是 / 否 in Chinese). The question precedes the passage, so instruction
    and question are computed once. It is for models that follow instructions well: the tested models of 0.1 and 0.5 billion
    parameters rank worse with it than with QueryLikelihood.

    Raises the errors of QueryLikelihood.

    >>> from ctxshape.testing import ScriptedBackend
    >>> chances = {True: {"Yes": 0.6, "No": 0.2}, False: {"Yes": 0.2, "No": 0.6}}
    >>> def likelihood(prompt, text):
    ...     return [np.log(chances["Paris is" in prompt][text.strip()] / (3 if text[0] == " " else 1))]
    >>> scorer = YesNoRelevance(backend=ScriptedBackend(likelihood=likelihood))
    >>> scorer.score("Where is Paris?", ["Paris is in France.", "Rome is in Italy."]).round(4).tolist()
    [1.0986, -1.0986]
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    backend: _CheckedLikelihood

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Returns the scores of the texts, shape (n,)."""
        wording = JUDGEMENT_CHINESE if asks_in_cjk(query) else JUDGEMENT_ENGLISH
        answers = (*wording.yes, *wording.no)
        prompts = [judgement_prompt(query, text, wording) for text in texts for _ in answers]
        found = [float(values.sum()) for values in _logprobs(self, self.backend, prompts, [*answers] * len(texts))]
        rows = (found[start : start + len(answers)] for start in range(0, len(found), len(answers)))
        return np.array([log_odds(row[: len(wording.yes)], row[len(wording.yes) :]) for row in rows], dtype=np.float64)


def _logprobs(scorer: Component, backend: Any, prompts: Sequence[Prompt], texts: Sequence[str]) -> list[Scores]:  # noqa: ANN401
    """Returns the backend's log-probabilities, checked: a row of numbers for each prompt."""
    if not prompts:
        return []
    name = type(scorer).__name__
    try:
        found: list[Scores] = backend.logprobs(prompts, texts)
    except ContextTooLong as error:
        raise ContextTooLong(
            f"{name} reads whole passages, and one does not fit: {error}; or cut long passages into chunks before ranking"
        ) from None
    if len(found) != len(prompts) or not all(len(row) and np.isfinite(row).all() for row in found):
        raise ModelError(
            f"{name}: {backend!r:.100} gave no finite log-probability for each token of {len(prompts)} texts; "
            "see ctxshape.core.protocols.Likelihood for the expected result"
        )
    return found

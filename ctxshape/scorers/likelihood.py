"""Relevance by the model that will answer: no other model is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from ctxshape.core import registry
from ctxshape.core.component import Component
from ctxshape.core.messages import Prompt, Segment
from ctxshape.core.prompts import fill
from ctxshape.core.protocols import Likelihood, Scores
from ctxshape.core.types import Frozen
from ctxshape.errors import ContextTooLong, ModelError
from ctxshape.text.words import asks_in_cjk


class QuestionWording(Frozen):
    """The fixed words around a passage after which the question is expected, on a line of its own."""

    before: str
    after: str


class JudgementWording(Frozen):
    """The fixed words around question and passage, and the answers, in each spelling, that say yes and no."""

    question: str
    passage: str
    after: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


# A prompt ends with a new line, so that what follows has no blank in front, after a plain prompt as in a chat.
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
    r"""The prompt that shows one passage and asks for a question about it.

    >>> question_prompt("Paris is in France.", QUESTION_ENGLISH).text
    'Passage:\nParis is in France.\n\nWrite a question that this passage answers.\nQuestion:\n'
    """
    return Prompt(
        lead=(Segment(text=wording.before, trusted=True),),
        documents=(Segment(text=text),),
        tail=(Segment(text=wording.after, trusted=True),),
    )


def judgement_prompt(query: str, text: str, wording: JudgementWording) -> Prompt:
    r"""The prompt that asks whether a passage answers the question, the question first: all passages share that part.

    >>> judgement_prompt("Where is it?", "In France.", JUDGEMENT_ENGLISH).text
    'Question: Where is it?\n\nPassage:\nIn France.\n\nDoes the passage answer the question? Answer Yes or No.\n'
    """
    return Prompt(
        lead=(Segment(text=fill(wording.question, query=query)), Segment(text=wording.passage, trusted=True)),
        documents=(Segment(text=text),),
        tail=(Segment(text=wording.after, trusted=True),),
    )


def log_odds(yes: Sequence[float], no: Sequence[float]) -> float:
    """Log-odds of the answers that say yes against those that say no, from the log-probability of each.

    >>> round(log_odds([np.log(0.4), np.log(0.2)], [np.log(0.3)]), 4)  # 0.6 to 0.3
    0.6931
    """
    return float(np.logaddexp.reduce(yes) - np.logaddexp.reduce(no))


def _with_logprobs(backend: object) -> object:
    if not callable(getattr(backend, "logprobs", None)):
        able = [made for made in _backends() if hasattr(made, "logprobs")]
        known = ", ".join(sorted(made.__name__ for made in able)) or "none of the installed ones"
        fault = "this backend has no logprobs(prompts, continuations); backends that have it: {known}"
        raise PydanticCustomError("no_logprobs", fault, {"known": known})
    return backend


def _backends() -> Iterator[Any]:
    for name in registry.component_names("backends"):
        with suppress(ImportError):  # one that cannot be loaded is no remedy
            yield registry.load_component("backends", name)


Reranker = Annotated[Likelihood, BeforeValidator(_with_logprobs)]


class QueryLikelihood(Component):
    """How likely the model finds the question after the passage: mean log-probability of the question's tokens, below 0.

    Ponte and Croft 1998, "A Language Modeling Approach to Information Retrieval", with a prompt as in Sachan et al.
    2022, "Improving Passage Retrieval with Zero-Shot Question Generation"; r_k of LongLLMLingua (Jiang et al. 2024) is
    the same with other words. Subtracting what a prompt without a passage gives would change every score of a
    question by the same number, so nothing is subtracted: scores of different questions cannot be compared.

    Raises ConfigError for a backend without `logprobs`; ContextTooLong for a passage that does not fit, before any is
    computed; ModelError where the backend gives no numbers.

    >>> from ctxshape.testing import ScriptedBackend
    >>> backend = ScriptedBackend(likelihood=lambda prompt, text: [-1.0, -2.0] if "Paris" in prompt else [-5.0])
    >>> QueryLikelihood(backend=backend).score("Where is it?", ["Paris is in France.", "Rome is in Italy."]).tolist()
    [-1.5, -5.0]
    """

    backend: Reranker

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Scores of the texts, shape (n,); 0 for an empty query, after which nothing is expected."""
        query = query.strip()
        wording = QUESTION_CHINESE if asks_in_cjk(query) else QUESTION_ENGLISH
        if not query:
            return np.zeros(len(texts))
        found = _logprobs(self, self.backend, [question_prompt(text, wording) for text in texts], [query] * len(texts))
        return np.array([values.mean() for values in found], dtype=np.float64)


class YesNoRelevance(Component):
    """Whether the model says that the passage answers the question: log-odds of Yes against No as its first words.

    Nogueira et al. 2020, "Document Ranking with a Pretrained Sequence-to-Sequence Model", without training as in Liang et
    al. 2022 (HELM). Each answer counts in every spelling (是 / 否 in Chinese). The question stands before the passage, so
    instruction and question are computed once. With `calibrate`, 0 is what the model says of an empty passage: that
    leaves the ranking as it is and lets a threshold mean the same for every question. For models that follow
    instructions well: those of 0.1 and 0.5 billion parameters that were tried rank worse so than by QueryLikelihood.

    Raises as QueryLikelihood does.

    >>> from ctxshape.testing import ScriptedBackend
    >>> chances = {True: {"Yes": 0.6, "No": 0.2}, False: {"Yes": 0.2, "No": 0.6}}
    >>> def likelihood(prompt, text):
    ...     return [np.log(chances["Paris is" in prompt][text.strip()] / (3 if text[0] == " " else 1))]
    >>> scorer = YesNoRelevance(backend=ScriptedBackend(likelihood=likelihood))
    >>> scorer.score("Where is Paris?", ["Paris is in France.", "Rome is in Italy."]).round(4).tolist()
    [1.0986, -1.0986]
    """

    backend: Reranker
    calibrate: bool = False

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Scores of the texts, shape (n,)."""
        wording = JUDGEMENT_CHINESE if asks_in_cjk(query) else JUDGEMENT_ENGLISH
        shown = [*texts, ""] if self.calibrate and texts else list(texts)
        answers = (*wording.yes, *wording.no)
        prompts = [judgement_prompt(query, text, wording) for text in shown for _ in answers]
        found = [float(values.sum()) for values in _logprobs(self, self.backend, prompts, [*answers] * len(shown))]
        rows = (found[start : start + len(answers)] for start in range(0, len(found), len(answers)))
        scores = np.array([log_odds(row[: len(wording.yes)], row[len(wording.yes) :]) for row in rows], dtype=np.float64)
        return scores[:-1] - scores[-1] if len(shown) > len(texts) else scores


def _logprobs(scorer: Component, backend: Any, prompts: Sequence[Prompt], texts: Sequence[str]) -> list[Scores]:  # noqa: ANN401
    """What the backend says, checked: a row of numbers for each prompt."""
    if not prompts:
        return []
    name = type(scorer).__name__
    try:
        found: list[Scores] = backend.logprobs(prompts, texts)
    except ContextTooLong as error:
        raise ContextTooLong(
            f"{name} reads each passage whole, and one does not fit: {error}; or cut long passages into chunks before ranking"
        ) from None
    if len(found) != len(prompts) or not all(len(row) and np.isfinite(row).all() for row in found):
        raise ModelError(
            f"{name}: {backend!r:.100} gave no finite log-probability for each token of {len(prompts)} texts; "
            "see ctxshape.core.protocols.Likelihood for what is expected"
        )
    return found

"""Adapts models of other libraries to the roles of ctxshape. Their methods identify them; no framework is imported."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ctxshape.core.component import Component
from ctxshape.core.protocols import Matrix, Scores
from ctxshape.embedding.cache import finite_rows
from ctxshape.embedding.static import unit_rows
from ctxshape.embedding.texts import encodable
from ctxshape.errors import ModelError

Given = Any  # an object of a library that may not be installed


class EmbedderKind(NamedTuple):
    """A family of embedding models: the methods that identify it, and the calls that embed texts and a query."""

    name: str
    methods: tuple[str, ...]
    embed: Callable[[Given, list[str]], Any]
    embed_query: Callable[[Given, str], Any]


EMBEDDER_KINDS = (
    EmbedderKind(
        "LangChain Embeddings",
        ("embed_documents", "embed_query"),
        lambda model, texts: model.embed_documents(texts),
        lambda model, query: model.embed_query(query),
    ),
    EmbedderKind(
        "LlamaIndex embedding",
        ("get_text_embedding_batch", "get_query_embedding"),
        lambda model, texts: model.get_text_embedding_batch(texts),
        lambda model, query: model.get_query_embedding(query),
    ),
    EmbedderKind(
        "FastEmbed TextEmbedding",
        ("passage_embed", "query_embed"),
        lambda model, texts: list(model.passage_embed(texts)),
        lambda model, query: next(iter(model.query_embed(query))),
    ),
    EmbedderKind(
        "sentence-transformers SentenceTransformer",
        ("encode_document", "encode_query"),
        lambda model, texts: model.encode_document(texts, show_progress_bar=False),
        lambda model, query: model.encode_query(query, show_progress_bar=False),
    ),
)
_ENCODING = EmbedderKind(
    "object with encode()",
    ("encode",),
    lambda model, texts: model.encode(texts),
    lambda model, query: _first(model.encode([query])),
)
_HAYSTACK = EmbedderKind(
    "Haystack text embedder",
    ("run",),
    lambda model, texts: [model.run(text=text)["embedding"] for text in texts],
    lambda model, query: model.run(text=query)["embedding"],
)
_FUNCTION = EmbedderKind(
    "function from a list of texts to vectors",
    (),
    lambda function, texts: function(texts),
    lambda function, query: _first(function([query])),
)


def embedder_kind(given: Given) -> EmbedderKind | None:
    """Returns the family of an embedding model or function, or None for any other object.

    >>> embedder_kind(len).name, embedder_kind(5)
    ('function from a list of texts to vectors', None)
    """
    for kind in EMBEDDER_KINDS:
        if has_methods(given, *kind.methods):
            return kind
    if has_methods(given, "encode"):
        return None if has_methods(given, "decode") else _ENCODING  # one that decodes is a tokenizer
    if has_methods(given, "run"):
        return _HAYSTACK if "text" in _parameters(given.run) else None
    return _FUNCTION if callable(given) and not has_methods(given, "predict") else None


class ForeignEmbedder(Component):
    """An embedding model of another library, or a function from a list of texts to vectors.

    Rows come to length 1. Raises ModelError where the model does not give one finite vector for each text.

    >>> ForeignEmbedder(given=lambda texts: [[3, 4] for text in texts]).embed(["a"]).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """

    given: Given

    def embed(self, texts: Sequence[str], /) -> Matrix:
        """Returns unit vectors of the texts, float32, shape (n, d)."""
        sent = encodable(texts) or ["."]  # only a vector shows the width
        return self._rows(_kind(self.given).embed(self.given, sent), len(sent))[: len(texts)]

    def embed_query(self, query: str, /) -> Matrix:
        """Returns the unit vector of a query, float32, shape (d,), by the model's own method for queries if it has one."""
        vector: Matrix = self._rows([_kind(self.given).embed_query(self.given, *encodable([query]))], 1)[0]
        return vector

    def _rows(self, found: object, count: int) -> Matrix:
        return unit_rows(finite_rows(self, _numbers(found, self, "a list of vectors, all of the same length"), count))

    def parameters(self) -> dict[str, object]:
        """Returns what the trace shows: never the model's own repr, which may hold a key."""
        return described(self.given)

    def __repr__(self) -> str:
        return _shown(self)


class ForeignScorer(Component):
    """A reranker of another library, or a function of a query and a list of texts that returns their scores.

    Raises ModelError where it does not give one finite number for each text.

    >>> ForeignScorer(given=lambda query, texts: [len(text) for text in texts]).score("q", ["ab", "c"]).tolist()
    [2.0, 1.0]
    """

    given: Given

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Returns the scores of the texts, float64, shape (n,); logits where a cross-encoder gives them."""
        if not texts:
            return np.zeros(0)
        (asked,), sent = encodable([query]), encodable(texts)
        if is_cross_encoder(self.given):
            from torch.nn import Identity  # under the usual sigmoid all good texts become 1

            pairs = [(asked, text) for text in sent]
            found = self.given.predict(pairs, activation_fn=Identity(), show_progress_bar=False)
        elif is_pair_scorer(self.given):
            found = self.given.score([(asked, text) for text in sent])
        else:
            found = self.given(asked, sent)
        scores: Scores = _numbers(found, self, "one number for each text").astype(np.float64)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise ModelError(
                f"{self!r:.100} gave scores of shape {scores.shape} for {len(texts)} texts, or some that are not finite; a "
                "reranker gives one finite number for each text"
            )
        return scores

    def parameters(self) -> dict[str, object]:
        """Returns what the trace shows: never the model's own repr, which may hold a key."""
        return described(self.given)

    def __repr__(self) -> str:
        return _shown(self)


class ForeignCounter(Component):
    """A tokenizer of another library, or a function from a text to its number of tokens.

    >>> ForeignCounter(given=lambda text: len(text.split())).count_tokens("two words")
    2
    """

    given: Given

    def count_tokens(self, text: str, /) -> int:
        """Returns the number of tokens of `text` as plain text. Raises ModelError for what is not a whole number."""
        if has_methods(self.given, "encode_ordinary"):
            return len(self.given.encode_ordinary(text))
        if has_methods(self.given, "encode", "decode"):
            return len(self.given.encode(text, add_special_tokens=False))
        count = self.given(text)
        if not isinstance(count, int | np.integer) or count < 0:
            raise ModelError(f"{self!r:.100} gave {count!r:.100} for a text; a counter gives a whole number, 0 or more")
        return int(count)

    def parameters(self) -> dict[str, object]:
        """Returns what the trace shows: never the tokenizer's own repr."""
        return described(self.given)

    def __repr__(self) -> str:
        return _shown(self)


def is_cross_encoder(given: object) -> bool:
    """Returns whether an object is shaped like a `CrossEncoder` of sentence-transformers."""
    return has_methods(given, "predict", "rank")


def is_pair_scorer(given: Given) -> bool:
    """Returns whether an object is shaped like LangChain's `BaseCrossEncoder`: `score(text_pairs)`."""
    return has_methods(given, "score") and "text_pairs" in _parameters(given.score)


def has_methods(given: object, *names: str) -> bool:
    """Returns whether an object, which is no class, has all these methods.

    >>> has_methods("text", "encode", "split"), has_methods(str, "encode")
    (True, False)
    """
    return not isinstance(given, type) and all(callable(getattr(given, name, None)) for name in names)


def described(given: object) -> dict[str, object]:
    """Returns the type of an object of another library, and the name of its model if it has one.

    >>> described(len)
    {'given': 'builtins.len'}
    """
    of = given if hasattr(given, "__qualname__") else type(given)
    told = next((name for name in ("model_name", "model", "model_name_or_path") if isinstance(_of(given, name), str)), None)
    return {"given": f"{of.__module__}.{of.__qualname__}"} | ({"model": _of(given, told)} if told else {})


def _of(given: object, name: str) -> object:
    try:
        return getattr(given, name, None)
    except Exception:  # a property of another library may raise anything
        return None


def _shown(component: ForeignEmbedder | ForeignScorer | ForeignCounter) -> str:
    parts = ", ".join(f"{name}={value!r}" for name, value in described(component.given).items())
    return f"{type(component).__name__}({parts})"


def _kind(given: object) -> EmbedderKind:
    kind = embedder_kind(given)
    assert kind is not None, "an embedder is made only for a known kind"
    return kind


def _first(rows: Any) -> object:  # noqa: ANN401  whatever another library returned
    """Returns the first row; what has no rows is returned as it is, for `_numbers` to refuse."""
    try:
        return rows[0]
    except (TypeError, LookupError):
        return rows


def _numbers(found: object, component: object, wanted: str) -> Matrix:
    if isinstance(found, list) and len(found) == 1 and inspect.isawaitable(found[0]):
        found = found[0]  # of an embedder of queries, as its one row
    if inspect.isawaitable(found):
        if inspect.iscoroutine(found):
            found.close()  # or Python warns that it was never awaited
        raise ModelError(f"{component!r:.100} is asynchronous; give a synchronous one that returns {wanted}")
    try:
        numbers: Matrix = np.asarray(found, dtype=np.float32 if isinstance(component, ForeignEmbedder) else np.float64)
    except (TypeError, ValueError, RuntimeError) as error:  # RuntimeError: a tensor that wants its gradient
        reason = " ".join(str(error).split())
        raise ModelError(f"{component!r:.100} gave {type(found).__name__} ({reason:.200}); it should give {wanted}") from None
    return numbers


def _parameters(method: Callable[..., object]) -> Sequence[str]:
    try:
        return tuple(inspect.signature(method).parameters)
    except (TypeError, ValueError):  # written in C
        return ()

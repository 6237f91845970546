"""Turns what a caller gives as a model into a component: an object, a function, a name, a folder or an address."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from ctxshape.core import registry
from ctxshape.core.masking import masked
from ctxshape.core.protocols import Backend, Embedder, Scorer, TokenCounter
from ctxshape.core.reach import EVERYTHING, Allow, Reach, reach_of
from ctxshape.core.tokens import TiktokenCounter
from ctxshape.embedding import CachedEmbedder, SentenceTransformerEmbedder, StaticEmbedder
from ctxshape.embedding.endpoint import OpenAIEmbedder
from ctxshape.embedding.loading import Dtype, cached_snapshot, hub_reach
from ctxshape.errors import ConfigError
from ctxshape.inputs.defaults import default_embedder
from ctxshape.inputs.foreign import (
    ForeignCounter,
    ForeignEmbedder,
    ForeignScorer,
    Given,
    embedder_kind,
    has_methods,
    is_cross_encoder,
    is_pair_scorer,
)
from ctxshape.scorers.cross_encoder import CrossEncoder
from ctxshape.scorers.similarity import Similarity

__all__ = ["backend_from", "counter_from", "default_embedder", "embedder_from", "reach_of_name", "reranker_from"]

_EMBEDDERS = (
    "an installed embedder's name, a model folder or hub name, an address such as 'http://127.0.0.1:8080/v1#MODEL', an object "
    "with embed(texts), an embedding model of LangChain, LlamaIndex, FastEmbed or sentence-transformers, Haystack's text "
    "embedder, or a function from a list of texts to vectors"
)
_RERANKERS = (
    "a model folder or hub name, an object with score(query, texts), a CrossEncoder of sentence-transformers, or a function of "
    "a query and a list of texts that returns scores"
)
_BACKENDS = (
    "the path of a .gguf file, an address such as 'http://127.0.0.1:8080/v1#MODEL', a llama_cpp.Llama, or a ctxshape backend "
    "such as LlamaCpp(...) or OpenAICompatible(...)"
)
_COUNTERS = (
    "an object with count_tokens(text), such as a ctxshape backend, a tokenizer with encode() and decode(), a function from a "
    "text to its number of tokens, the name of a tiktoken encoding, or what can be given as a backend"
)


def embedder_from(given: Given, dtype: Dtype | None = None, *, allow: Allow = ()) -> Embedder:
    """Returns an embedder for what is given.

    An object with `embed` is returned unchanged. An embedding model of another library, a function, a name, a folder
    or an address becomes an embedder with unit rows that caches its vectors. The same name gives the same embedder
    again. A mapping is a component's table, `{"use": "universal"}`, which reaches only what `allow` permits (see
    `ctxshape.core.reach`). `dtype` is for names of sentence-transformers models. Raises ConfigError for anything else, and
    ModelError for a folder that is missing or holds another model.

    >>> embedder_from(lambda texts: [[1.0, 0.0] for text in texts]).embed(["a", "b"]).shape
    (2, 2)
    """
    if isinstance(given, str | os.PathLike):
        return _named_embedder(_name(given, "embedder", _EMBEDDERS), dtype)
    if dtype is not None:
        raise ConfigError(f"dtype is {dtype!r}, which is for sentence-transformers models by name; leave it out")
    if isinstance(given, Mapping):
        given = registry.build(given, "embedders", "embedder", allow)
    if has_methods(given, "embed") and not has_methods(given, "query_embed"):
        plays: Embedder = given  # the method is the role
        return plays
    if not isinstance(given, type) and embedder_kind(given) is not None:
        return CachedEmbedder(embedder=ForeignEmbedder(given=given))
    raise _refused("embedder", given, _EMBEDDERS)


def reranker_from(given: Given, dtype: Dtype | None = None, *, allow: Allow = ()) -> Scorer:
    """Returns a reranker for what is given: a costly scorer that reads a few passages with the question.

    An object with `score(query, texts)` is returned unchanged. A name or folder of an embedder, and an embedding model of
    another library, score by similarity; any other name is a cross-encoder's. `dtype` is for names. Raises ConfigError
    for anything else, and ModelError for a folder that is missing or holds another model.

    >>> reranker_from(lambda query, texts: [len(text) for text in texts]).score("q", ["ab", "c"]).tolist()
    [2.0, 1.0]
    """
    if isinstance(given, str | os.PathLike):
        return _named_reranker(_name(given, "reranker", _RERANKERS), dtype)
    if dtype is not None:
        raise ConfigError(f"dtype is {dtype!r}, which is for models by name; leave it out")
    if isinstance(given, Mapping):
        given = registry.build(given, "scorers", "reranker", allow)
    if is_cross_encoder(given) or is_pair_scorer(given):
        return ForeignScorer(given=given)
    if has_methods(given, "score"):
        plays: Scorer = given  # the method is the role
        return plays
    kind = None if isinstance(given, type) else embedder_kind(given)
    if has_methods(given, "embed") or (kind is not None and kind.methods):
        return Similarity(embedder=embedder_from(given))
    if kind is not None:
        return ForeignScorer(given=given)
    raise _refused("reranker", given, _RERANKERS)


def backend_from(given: Given, *, allow: Allow = ()) -> Backend:
    """Returns a backend, the model that answers, for what is given.

    A backend is returned unchanged. A path of a GGUF file and a `llama_cpp.Llama` become `LlamaCpp`, and an address becomes
    `OpenAICompatible`, with the model's name after `#`. A mapping is a component's table, which reaches only what `allow`
    permits. Raises ConfigError for anything else, ModelError for a file that is missing or not GGUF, and MissingExtra for a
    missing library.

    >>> backend_from("model.gguf")
    Traceback (most recent call last):
        ...
    ctxshape.errors.ModelError: there is no model file 'model.gguf'; give the path of a GGUF file
    """
    if isinstance(given, str | os.PathLike):
        return _named_backend(_name(given, "backend", _BACKENDS))
    if isinstance(given, Mapping):
        given = registry.build(given, "backends", "backend", allow)
    if not isinstance(given, type):
        if isinstance(given, Backend):
            return given
        from ctxshape.backends.llama import is_llama

        if is_llama(given):
            from ctxshape.backends.llama.backend import LlamaCpp

            return LlamaCpp(given)
    raise _refused("backend", given, _BACKENDS)


def counter_from(given: Given, *, allow: Allow = ()) -> TokenCounter:
    """Returns a token counter for what is given. Every backend is one.

    Raises ConfigError for anything that does not count, and for a tiktoken encoding that is not on this machine.

    >>> counter_from(lambda text: len(text.split())).count_tokens("two words")
    2
    """
    if isinstance(given, str | os.PathLike):
        name = _name(given, "counter", _COUNTERS)
        return _named_backend(name) if _is_address(name) or _is_file(name) else TiktokenCounter(encoding=name)
    if isinstance(given, Mapping):
        given = registry.build(given, "backends", "counter", allow)
    if has_methods(given, "count_tokens"):
        plays: TokenCounter = given  # the method is the role
        return plays
    if has_methods(given, "encode_ordinary") or has_methods(given, "encode", "decode"):
        return ForeignCounter(given=given)
    if not isinstance(given, type):
        from ctxshape.backends.llama import is_llama

        if is_llama(given):
            return backend_from(given)
        if callable(given):
            return ForeignCounter(given=given)
    raise _refused("counter", given, _COUNTERS)


def reach_of_name(option: str, name: str) -> tuple[Reach, ...]:
    """Returns what the model would reach that an option names: `embedder`, `reranker`, `backend` or `counter`.

    >>> reach_of_name("embedder", "universal"), reach_of_name("backend", "http://127.0.0.1:8080/v1")
    ((), ('network',))
    >>> reach_of_name("counter", "cl100k_base"), reach_of_name("counter", "model.gguf")
    ((), ('reads',))
    """
    if _is_address(_name(name, option, "a name, a path or an address")):
        return ("network",)
    if option == "backend" or (option == "counter" and _is_file(name)):
        return ("reads",)
    if option == "counter":
        return ()  # an encoding of tiktoken that is on this machine
    if name in registry.component_names("embedders"):
        return reach_of(registry.load_component("embedders", name), {})
    return hub_reach(name) if option in ("embedder", "reranker") else EVERYTHING


@lru_cache(maxsize=2)
def _named_embedder(name: str, dtype: Dtype | None) -> Embedder:
    """Makes one embedder for all calls with the same name, so that a loop over questions loads one model."""
    if dtype is None and _is_address(name):
        base, _, model = name.partition("#")
        return CachedEmbedder(embedder=OpenAIEmbedder(base, model=model or None))
    if name in registry.component_names("embedders"):
        if dtype is not None:
            raise ConfigError(f"dtype is {dtype!r}, which is for sentence-transformers models; leave it out for {name!r}")
        made = registry.load_component("embedders", name)
        needs = [field for field, info in getattr(made, "model_fields", {}).items() if info.is_required()]
        if needs:
            raise ConfigError(f"the embedder {name!r} needs {', '.join(needs)}; make it in Python, or write a pipeline file")
        return CachedEmbedder(embedder=made())
    _check_spelling(name, "embedder", registry.component_names("embedders"))
    if dtype is None and _is_static(Path(name).expanduser()):
        return CachedEmbedder(embedder=StaticEmbedder(model=name))
    return CachedEmbedder(embedder=SentenceTransformerEmbedder(model=name, dtype=dtype))


@lru_cache(maxsize=2)
def _named_reranker(name: str, dtype: Dtype | None) -> Scorer:
    if _is_address(name):
        raise ConfigError(f"reranker is the address {masked(repr(name)):.200}; give {_RERANKERS}")
    folder = Path(name).expanduser()
    if name in registry.component_names("embedders") or os.path.isfile(folder / "modules.json") or _is_static(folder):
        return Similarity(embedder=embedder_from(name, dtype))
    _check_spelling(name, "reranker", registry.component_names("embedders"))
    return CrossEncoder(model=name, dtype=dtype)


def _check_spelling(name: str, what: str, known: Iterable[str]) -> None:
    """Raises ConfigError for a name that is neither a folder nor cached, and nearly that of an installed component."""
    close = registry.meant(name, known)
    cached = cached_snapshot(name) or cached_snapshot(f"sentence-transformers/{name}")
    if close is not None and cached is None and not os.path.isdir(Path(name).expanduser()):
        raise ConfigError(f"{what} is {name!r}, which is not installed and no folder; did you mean {close!r}?")


def _named_backend(name: str) -> Backend:
    if _is_address(name):
        from ctxshape.backends.openai.backend import OpenAICompatible

        base, _, model = name.partition("#")
        return OpenAICompatible(base, model=model or None)
    if not _is_file(name):
        raise ConfigError(f"backend is {name!r:.200}, which is no file; give {_BACKENDS}")
    from ctxshape.backends.llama.backend import LlamaCpp

    return LlamaCpp(str(Path(name).expanduser()))


def _is_address(name: str) -> bool:
    return name[:8].lower().startswith(("http://", "https://"))


def _is_file(name: str) -> bool:
    """Returns whether a name stands for a model file: one that exists, or one that ought to."""
    return name.lower().endswith(".gguf") or os.path.exists(os.path.expanduser(name))


def _is_static(folder: Path) -> bool:
    """Returns whether a folder holds static embeddings of model2vec."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, Mapping) and config.get("model_type") == "model2vec"


def _name(given: str | os.PathLike[str], what: str, wanted: str) -> str:
    name = os.fspath(given)
    if not isinstance(name, str) or not name.strip() or "\0" in name or (not name.isascii() and _has_surrogate(name)):
        raise ConfigError(f"{what} is {masked(repr(given)):.200}; give {wanted}")
    return name


def _has_surrogate(name: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in name)


def _refused(what: str, given: object, wanted: str) -> ConfigError:
    if isinstance(given, type):
        return ConfigError(f"{what} is the class {given.__name__}; give an instance of it")
    kind = type(given)
    known = kind.__module__ == "builtins"  # the repr of another library's object may hold a key
    shown = f"{masked(repr(given)):.100}" if known else f"an object of {kind.__module__}.{kind.__qualname__}"
    return ConfigError(f"{what} is {shown}; give {wanted}")

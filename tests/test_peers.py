"""The wrappers of other libraries. What needs those runs where examples/measure/requirements-peers.txt is installed."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest

from ctxshape import ConfigError, Context
from ctxshape.evaluation.answers import Answers
from ctxshape.testing import check_transform

Test = TypeVar("Test", bound=Callable[..., None])
EXAMPLES = Path(__file__).parents[1] / "examples"
NEEDED = ("langchain_classic", "langchain_community", "llama_index", "haystack", "haystack_integrations", "llmlingua", "gguf")
TOWNS = ("Alba lies on a river.", "Brin has a market.", "Cort is a port.", "Dale makes cloth.", "Esk mines tin.")


def installed(function: Test) -> Test:
    """A test that needs the peers and a model; warnings are theirs, and not ours to mend."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    marks = (
        pytest.mark.model,
        pytest.mark.filterwarnings("default"),
        pytest.mark.skipif(bool(missing), reason=f"needs {missing}: pip install -r examples/measure/requirements-peers.txt"),
    )
    for mark in marks:
        function = mark(function)
    return function


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLES / "measure"))
    return importlib.import_module("peers")


def ids(context: Context) -> str:
    return " ".join(document.id for document in context.documents)


def test_settings_are_checked_without_the_libraries(peers: ModuleType) -> None:
    assert [type(make("e", "c")).__name__ for make in peers.PEERS.values()] == [
        "LangChain", "LangChain", "LlamaIndex", "LlamaIndex", "Haystack", "LongLLMLingua",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="LongLLMLingua, field 'rate'"):
        peers.LongLLMLingua(model="m", rate=0)
    nothing = Context.of("q", [])
    assert all(make("e", "c")(nothing) == nothing for make in peers.PEERS.values())


def test_what_a_peer_made_is_kept(peers: ModuleType, tmp_path: Path) -> None:
    store_results = importlib.import_module("compare_peers").store_results
    calls = []

    def drop_first(context: Context) -> Context:
        calls.append(context.query)
        first, *rest = context.documents
        return context.keep(rest, {first.id: "first"})

    answers = Answers(tmp_path / "answers.sqlite", "model")
    context = Context.of("q", [{"text": "a", "gold": True}, {"text": "b", "gold": False}])
    made = [store_results(drop_first, answers, {"peer": version})(context) for version in ("1", "1", "2")]
    answers.close()
    assert calls == ["q", "q"]
    assert made[0] == made[1] == made[2] == drop_first(context)


@installed
@pytest.mark.parametrize("name", ["langchain", "langchain-ranked", "llamaindex", "llamaindex-no-window", "haystack"])
def test_contract(name: str, peers: ModuleType, minilm_path: str) -> None:
    check_transform(peers.PEERS[name](minilm_path, ""))


@installed
def test_langchain_puts_the_best_first_of_an_odd_number_and_last_of_an_even_one(peers: ModuleType, minilm_path: str) -> None:
    recipe = peers.LangChain(model=minilm_path)
    assert ids(recipe(Context.of("Where is the tin mine?", TOWNS))) == "d1 d3 d5 d4 d2"
    assert ids(recipe(Context.of("Where is the tin mine?", TOWNS[:4]))) == "d2 d4 d3 d1"
    ranked = peers.LangChain(model=minilm_path, ranked=True)(Context.of("Where is the tin mine?", TOWNS))
    assert ranked.documents[0].id == "d5"
    copies = recipe(Context.of("q", [*TOWNS, TOWNS[0]]))
    assert len(copies.documents) == 5 and len(copies.dropped) == 1


@installed
def test_llamaindex_keeps_half_and_its_window_brings_the_rest_back(peers: ModuleType, minilm_path: str) -> None:
    context = Context.of("Where is the tin mine?", [" ".join(TOWNS[1:])])
    (default,) = peers.LlamaIndex(model=minilm_path)(context).documents
    (bare,) = peers.LlamaIndex(model=minilm_path, window=0)(context).documents
    assert bare.kind == default.kind == "rewrite"
    assert bare.text == "Esk mines tin. Brin has a market."  # by relevance, not as they stood
    assert default.text == "Dale makes cloth. Esk mines tin. Brin has a market. Cort is a port."


@installed
def test_haystack_stops_at_the_number_of_words(peers: ModuleType, minilm_path: str) -> None:
    made = peers.Haystack(model=minilm_path, word_count_threshold=6)(Context.of("Where is the tin mine?", TOWNS))
    assert made.documents[0].id == "d5" and len(made.documents) == 2
    assert set(made.dropped.values()) == {"beyond 6 words (LostInTheMiddleRanker)"}


@installed
def test_longllmlingua_keeps_tokens_of_each_document_in_their_order(peers: ModuleType, smollm2_path: str) -> None:
    passages = [{"title": f"Town {n}", "text": f"{town} It was founded in {1200 + n}. " * 6} for n, town in enumerate(TOWNS)]
    context = Context.of("Where is the tin mine?", passages)
    before = context.model_dump_json()
    made = peers.LongLLMLingua(model=smollm2_path)(context)
    assert context.model_dump_json() == before
    assert {document.id for document in made.documents} | set(made.dropped) == {"d1", "d2", "d3", "d4", "d5"}
    for document in made.documents:
        number = int(document.id[1:])
        line = f"Document [{number}](Title: Town {number - 1}) {context.sources[document.id].text}"
        letters = iter(line)
        assert all(letter in letters for letter in document.text), document.text
        assert document.kind == "rewrite" and document.title is None
    assert sum(len(document.text) for document in made.documents) < sum(len(p["text"]) for p in passages) / 2


@installed
def test_comparison(tmp_path: Path, smollm2_path: str) -> None:
    others = [{"title": town, "text": town, "isgold": False} for town in TOWNS]
    gold = {"title": "Esk", "text": "The mayor of Esk is Eva Eskson.", "isgold": True}
    case = {"question": "Who is the mayor of Esk?", "answers": ["Eva Eskson"], "ctxs": [gold, *others]}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case))
    few = "--documents 3 --positions middle --timed 1 --ours raw --peers langchain --n-ctx 2048".split()
    command = [sys.executable, str(EXAMPLES / "measure" / "compare_peers.py"), str(tmp_path / "cases.jsonl"), *few]
    command += ["--model", smollm2_path, "--compressor", smollm2_path, "--out", str(tmp_path / "out")]
    runs = [subprocess.run(command, capture_output=True, text=True, check=False) for _ in range(2)]
    assert all(run.returncode == 0 for run in runs), runs[0].stderr
    assert [run.stdout.splitlines()[-1].split()[0] for run in runs] == ["2", "0"]  # answers computed
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["rows"]
    assert [row["method"] for row in rows] == ["raw", "langchain"]

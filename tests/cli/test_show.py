from __future__ import annotations

import io

import pytest
from rich.console import Console

from ctxshape import Answer, Context, Document, Span, Step, Trace, Usage, Vote
from ctxshape.cli import show
from ctxshape.cli.screen import SHOWN_CHARACTERS, passage, visible, working


def shown(make: object, *arguments: object, width: int = 80) -> str:
    """Returns the output of a function of `show` on a console of that width."""
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    assert callable(make)
    make(console, *arguments)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def step(dropped: int) -> Step:
    ids = tuple(f"d{n}" for n in range(dropped))
    return Step(
        name="Drop",
        params={},
        seconds=1.5,
        before=("kept", *ids),
        after=("kept",),
        dropped=dict.fromkeys(ids, "not needed"),
        notes={"kept": "first of all"},
        tokens_before=12345,
        tokens_after=10,
    )


SOURCES = {"d1": Document(id="d1", text="Emma is by Jane Austen. It rained.")}
CITED = Answer(
    text="Jane Austen",
    citations=(Span(document="d1", start=0, end=23),),
    usage=Usage(prompt_tokens=1234, completion_tokens=2, prefill_seconds=2.0, decode_seconds=0.25),
)


def test_a_long_passage_says_how_much_is_not_shown() -> None:
    assert passage("x" * (SHOWN_CHARACTERS + 212)).plain == "x" * SHOWN_CHARACTERS + " … (+212 characters)"
    assert passage("x" * SHOWN_CHARACTERS).plain == "x" * SHOWN_CHARACTERS


def test_lines_of_a_passage_stay_and_empty_ones_go() -> None:
    assert passage("| a | b |\r\n\r\n\n| 1 |\t2 |").plain == "| a | b |\n| 1 | 2 |"


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\u2028", "\ud800"])
def test_what_steers_a_terminal_is_escaped(char: str) -> None:
    assert visible(f"a{char}b") == f"a{char.encode('unicode_escape').decode()}b"


def test_letters_of_all_scripts_stay() -> None:
    text = "naïve 中文，עברית العربية 👩‍👧 e\u0301"
    assert visible(text) == text


def test_many_dropped_passages_are_counted() -> None:
    out = shown(show.show_dropped, [step(show.SHOWN_DROPS + 3)])
    assert out.count("not needed") == show.SHOWN_DROPS
    assert "…     and 3 more" in out


def test_steps_show_numbers_before_and_after() -> None:
    context = Context(query="q", documents=(), sources={}, trace=Trace(steps=(step(1),), counter="EstimateCounter()"))
    assert "  Drop      2 → 1   12,345 → 10   1.5 s\n" in shown(show.show_steps, context)


def test_a_rewrite_names_its_sources_and_hints_are_shown() -> None:
    summary = Document(
        id="s1",
        text="By Austen.",
        kind="rewrite",
        spans=(Span(document="d1", start=0, end=23), Span(document="d1", start=24, end=34)),
    )
    context = Context(query="q", documents=(summary,), sources=SOURCES, hints=("d1 is old",))
    out = shown(show.show_passages, context)
    assert "[1] s1  rewritten from d1\n      By Austen.\n" in out
    assert "hint  d1 is old" in out


def test_an_answer_with_evidence_and_cost() -> None:
    out = shown(show.show_answer, CITED, SOURCES)
    assert "  d1   Emma is by Jane Austen.  0–23\n" in out
    assert "1,234 prompt tokens, 2 generated\n  shape 0.0 ms · prefill 2.0 s · decode 250.0 ms\n" in out


def test_votes_show_their_agreement() -> None:
    vote = Vote(text="a", normalized="a", order=("d1",), mean_logprob=-1.0)
    assert "Answer  75% of 4 readings" in shown(show.show_answer, Answer(text="a", votes=(vote,) * 4, agreement=0.75), SOURCES)


def test_an_answer_without_evidence_and_no_answer_say_so() -> None:
    assert "Evidence  none" in shown(show.show_answer, Answer(text="Bob"), SOURCES)
    out = shown(show.show_answer, Answer(text="I do not know", abstained=True), SOURCES)
    assert "no answer in the passages (the model wrote: I do not know)" in out and "Evidence" not in out


@pytest.mark.parametrize("width", [30, 80, 120])
def test_two_answers_side_by_side(width: int) -> None:
    out = shown(show.show_comparison, "prompt 1 has 9000 tokens", CITED, width=width)
    assert all(len(line) <= width for line in out.splitlines())
    assert "–" in out and "1,234 tokens" in " ".join(out.split())


def test_chinese_fills_the_width_and_not_more() -> None:
    context = Context(
        query="问", documents=(Document(id="d1", text="洛阳桥" * 40),), sources={"d1": Document(id="d1", text="")}
    )
    lines = shown(show.show_passages, context, width=40).splitlines()
    assert [len(line.strip()) for line in lines if line.startswith(" " * 6)] == [17, 17, 17, 17, 17, 17, 17, 1]


def test_a_line_takes_the_place_of_a_spinner_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with working("Loading …"), working("Reading …", quiet=True):
        pass
    assert capsys.readouterr() == ("", "Loading …\n")

from __future__ import annotations

import pytest

from ctxshape.text.units.sessions import session_units, trace_units

OUTPUT = "\n".join(f"copied file number {n} to the archive" for n in range(20))


def cut(text: str) -> list[tuple[str, tuple[int, ...]]]:
    found = session_units(text) or trace_units(text)
    assert found is not None
    return [(text[unit.start : unit.end], unit.needs) for unit in found]


@pytest.mark.parametrize(
    "text",
    [
        "$ pip install a\nCollecting a\n$ a --version\n0.3.1",
        "ada@mill:~/src$ make\ngcc main.c\nada@mill:~/src$ ls\nmain",
        "PS C:\\mill> dir\nmain.c\nPS C:\\mill> del main.c",
        ">>> 1 + 1\n2\n>>> def f():\n...     pass\n...",
        "sqlite> select 1;\n1\nsqlite> .quit",
        "In [1]: 1 + 1\nOut[1]: 2\n\nIn [2]: f()",
    ],
)
def test_a_command_and_its_output_are_a_unit(text: str) -> None:
    assert len(cut(text)) == 2
    assert "\n".join(part for part, _ in cut(text)).replace("\n\n", "\n") == text.replace("\n\n", "\n")


def test_lines_of_a_long_output_need_the_command() -> None:
    found = cut(f"$ copy --all \\\n  --to archive\n{OUTPUT}\n$ echo done\ndone")
    assert found[0] == ("$ copy --all \\\n  --to archive", ())
    assert found[3] == ("copied file number 2 to the archive", (0,))
    assert found[-1] == ("$ echo done\ndone", ())


def test_a_short_trace_is_a_unit() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nValueError: no pump'
    assert cut(text) == [(text, ())]


def test_a_frame_of_a_long_trace_needs_the_error() -> None:
    frames = "\n".join(f'  File "/srv/app/part_{n}.py", line {n}, in step_{n}\n    step_{n + 1}(value)' for n in range(9))
    found = cut(f"Traceback (most recent call last):\n{frames}\nValueError: no pump")
    assert found[4] == ('  File "/srv/app/part_3.py", line 3, in step_3\n    step_4(value)', (0, 10))
    assert found[10] == ("ValueError: no pump", (0, 9))


def test_a_cause_needs_the_error_and_its_frames_need_it() -> None:
    frames = "\n".join(f"\tat org.mill.Pump.start{n}(Pump.java:{n})" for n in range(12))
    found = cut(f'Exception in thread "main" java.lang.Error: no pump\n{frames}\nCaused by: java.io.IOException: x\n{frames}')
    assert found[13] == ("Caused by: java.io.IOException: x", (0,))
    assert found[14] == ("\tat org.mill.Pump.start0(Pump.java:0)", (0, 13))


@pytest.mark.parametrize(
    "text",
    [
        "$ 5 is the price.\nIt was four.",
        "We met at noon (12:00).\nError rates fell.",
        "> quoted\n> lines",
        "a\n  at b\nc",
        "% of all\nare red",
        ">>> 1 + 1\n2\n\nThe sum is two.\n\n>>> 2 + 2\n4",
        "$ amounts are in thousands\nSales  4,100",
    ],
)
def test_other_texts_are_neither(text: str) -> None:
    assert session_units(text) is None
    assert trace_units(text) is None

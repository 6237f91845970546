from __future__ import annotations

from ctxshape.text.units.document import units
from ctxshape.text.units.traces import line_needs


def test_frames_need_the_error_above_them_and_the_first_line() -> None:
    lines = [
        "2026-04-02 09:14:03 ERROR order 77121 failed",
        "com.shop.PaymentException: card rejected",
        "    at com.shop.Gateway.charge(Gateway.java:88)",
        "Caused by: java.net.SocketTimeoutException: late",
        "    at java.base/sun.Nio.read(Nio.java:2)",
        "    ... 14 more",
    ]
    assert line_needs(lines) == [(1, 3), (0, 3), (1, 0), (0, 1), (3, 0), (3, 0)]


def test_frames_of_python_need_the_error_below_them() -> None:
    first = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "    g()", "KeyError: 'a'"]
    second = [*first[:3], "mill.Jam: stuck"]
    between = "During handling of the above exception, another exception occurred:"
    assert line_needs([*first, between, *second]) == [
        (3,),
        (3, 0),
        (3, 0, 1),
        (0,),
        (3, 0),
        (8, 0),
        (8, 0),
        (8, 0, 6),
        (0,),
    ]


def test_lines_without_an_error_need_the_first() -> None:
    assert line_needs(["12:00:01 INFO start", "  reading", "  done"]) == [(), (0,), (0,)]


def test_an_entry_of_a_log_that_is_too_long_keeps_its_error_apart() -> None:
    frames = "\n".join(f"    at com.shop.part{n}.Order.place(Order.java:{n})" for n in range(20))
    text = f"12:00:01 INFO a\n12:00:02 ERROR order failed\nshop.PayError: no\n{frames}\n"
    text += f"Caused by: x.LateError: b\n{frames}\n12:00:03 INFO c"
    found = units(text)
    shown = [text[unit.start : unit.end] for unit in found]
    assert shown[1:3] == ["12:00:02 ERROR order failed", "shop.PayError: no"]
    cause = shown.index("Caused by: x.LateError: b")
    assert found[1].needs == (2, cause) and found[cause].needs == (1, 2)
    assert found[3].needs == (1, 2) and found[cause + 1].needs == (1, cause)


def test_the_service_that_logs_is_no_speaker() -> None:
    text = (
        "[2026-05-11 02:00:00] INFO export: started\n[2026-05-11 02:00:04] INFO export: 1204 rows\n"
        "[2026-05-11 02:00:09] ERROR export: stopped\nOSError: no space"
    )
    assert [unit.kind for unit in units(text)] == ["line"] * 3

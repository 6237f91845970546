from __future__ import annotations

import pytest

from ctxshape.text.identifiers import LONGEST, identifiers, is_distinctive, symbol_name


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("LOG_LEVEL=warning", ["log_level"]),  # headroomlabs-ai/headroom#2586
        ("`max_retry_count`,", ["max_retry_count"]),  # tobi/qmd#305
        ("maxRetryCount", ["max_retry_count"]),
        ("max-retry-count:", ["max_retry_count"]),
        ("queue.max_retry_count?", ["queue.max_retry_count", "max_retry_count"]),
        ("foo.bar()", ["foo.bar"]),
        ("self.get_user(x_1)", ["self.get_user", "get_user", "x_1"]),
        ("std::vector<int>", ["std::vector"]),
        ("__init__", ["__init__"]),
        ("C++", ["c++"]),
        ("(C#).", ["c#"]),
        (".NET,", [".net"]),
        ("ASP.NET", ["asp.net"]),
        ("/etc/hosts.", ["/etc/hosts"]),
        ("~/.bashrc", ["~/.bashrc"]),
        ("/etc/nginx/nginx.conf", ["/etc/nginx/nginx.conf", "nginx.conf"]),
        ("C:\\app\\my_app.ini", ["c:\\app\\my_app.ini", "my_app.ini", "my_app"]),
        ("E1003", ["e_1003"]),
        ("E-1003:", ["e_1003"]),
        ("HX-20", ["hx_20"]),
        ("hx20", ["hx_20"]),
        ("CVE-2024-1234", ["cve_2024_1234"]),
        ("v2.1,", ["v2.1", "2.1"]),
        ("2.1.", ["2.1"]),
        ("--dry-run", ["--dry-run", "dry_run"]),
        ("-v", ["-v"]),
        ("@maria", ["@maria"]),
        ("ana@mail.example", ["ana@mail.example", "mail.example"]),
        ("https://a.example/x_y/?q=1", ["https://a.example/x_y", "a.example", "x_y"]),
        ("$HOME", ["$home"]),
        ("10.0.0.1:8080", ["10.0.0.1:8080"]),
    ],
)
def test_an_identifier_is_whole_and_in_its_other_forms(word: str, names: list[str]) -> None:
    assert list(identifiers(word)) == names


@pytest.mark.parametrize(
    "word",
    [
        "Paris.",
        "(the",
        "U.S.",
        "e.g.",
        "J.R.R.",
        "1990s",
        "20th",
        "400",
        "-5",
        "$5",
        "---",
        "___",
        "...",
        "#1",
        "NASA",
        "iPhone",
    ],
)
def test_words_of_prose_are_no_identifiers(word: str) -> None:
    assert identifiers(word) == ()


def test_symbols_make_another_name() -> None:
    assert [symbol_name(word) for word in ("C++", "(C#)", "F#,", "C", "C.", "A+B", "#c")] == [
        "c++",
        "c#",
        "f#",
        None,
        None,
        None,
        None,
    ]


def test_names_that_prose_has_weigh_less() -> None:
    assert [is_distinctive(name) for name in ("X_Y", "E1003", "max-retry-count", "app.b", "a/b.c", "getUserName")] == [True] * 6
    assert [is_distinctive(name) for name in ("well-known", "he/she", "1914-18", "12.5", "B12", "McDonald", "Paris")] == [
        False
    ] * 7


def test_a_run_too_long_for_a_name_has_none() -> None:
    assert identifiers("a_" * LONGEST) == ()
    assert identifiers("a_" * (LONGEST // 2)) != ()

"""Inputs of the kinds that public reports are about; the texts are invented, an id names the report."""

from __future__ import annotations

import json

import pytest

from ctxshape.core.spans import assemble, pieces
from ctxshape.core.types import Context


def shown(text: str, *wanted: str) -> str:
    """Returns what is shown if the units that hold one of the wanted texts are kept, with those that they need."""
    context = Context.of("q", [text])
    made = pieces(context, context.documents[0])
    kept = {n for n, piece in enumerate(made) if any(want in piece.text for want in wanted)}
    kept |= {need for n in kept for need in made[n].needs}
    return assemble(context.documents[0], made, sorted(kept), verbatim=True).text


PATHS = ",\n".join(json.dumps({"path": f"/a/{n}", "input": f"in {n}", "output": f"out {n}"}, indent=4) for n in range(4))
PAGES = json.dumps(
    [{"content": "It rained. " * 80 + f"Page {n}.", "metadata": {"URL": f"https://a.example/{n}"}} for n in range(3)]
)
TICKETS = json.dumps({f"T-{n}": {"state": "open", "owner": f"Ada {n}", "notes": "long " * 30} for n in range(5)})
BRANCHES = json.dumps(
    {
        "red": {"name": "a", "parts": [{"size": n, "label": f"r{n}"} for n in range(9)]},
        "blue": {"name": "b", "parts": [{"size": n, "label": f"b{n}"} for n in range(9)]},
    }
)
CALLS = "\n".join(json.dumps({"ts": n, "tool": "grep", "args": {"q": f"word{n}"}, "out": "ok"}) for n in range(4))

JSON = {
    "infiniflow/ragflow#7225": (PATHS, '"in 2"', ['"/a/2"', '"out 2"'], ['"in 1"', '"/a/3"']),
    "infiniflow/ragflow#10183": (PAGES, "Page 1.", ["https://a.example/1"], ["https://a.example/2"]),
    "infiniflow/ragflow#9967": (TICKETS, "Ada 3", ['"T-3"', '"state"'], ["Ada 2", "T-2"]),
    "agentscope-ai/ReMe#325": (BRANCHES, '"b7"', ['"blue"', '"name": "b"'], ['"red"', '"r7"']),
    "vectorize-io/hindsight#2548": (CALLS, "word2", ['"ts": 2', '"out": "ok"'], ["word1"]),
}


@pytest.mark.parametrize(("text", "wanted", "right", "wrong"), JSON.values(), ids=JSON)
def test_json(text: str, wanted: str, right: list[str], wrong: list[str]) -> None:
    found = shown(text, wanted)
    assert all(part in found for part in (wanted, *right))
    assert not any(part in found for part in wrong)


ROWS = [f"Hafen {n},{1900 + n},U{n}" for n in range(8)]
MEMOS = "\n".join(["id\tmemo\tstate", '1\t"old key lost\topen', "2\tdoor\tclosed", '3\t"lamp\topen'])
CSV = {
    "vectorize-io/hindsight#3195": (
        "\n".join(["station,opened,line", *ROWS]),
        "Hafen 6",
        "station,opened,line\nHafen 6,1906,U6",
    ),
    "vincentlaucsb/csv-parser#283": (
        "station;opened;line;fee\nA;1901;U1\nB;1902;U2\nC;1903;U3",
        "B;",
        "station;opened;line;fee\nB;1902;U2",
    ),
    "infiniflow/ragflow#16791": (MEMOS, "lamp", 'id\tmemo\tstate\n3\t"lamp\topen'),
    "own: a cell with a line break": ('a,b\n1,"two\nlines, here"\n2,three\n3,four', "here", 'a,b\n1,"two\nlines, here"'),
    "own: bars without a rule": ("name|city|since\nAda|Jena|2019\nBen|Gera|2021", "Ben", "name|city|since\nBen|Gera|2021"),
}


@pytest.mark.parametrize(("text", "wanted", "right"), CSV.values(), ids=CSV)
def test_delimited_values(text: str, wanted: str, right: str) -> None:
    assert shown(text, wanted).rstrip("[…]\n") == right


POD = "NAME      READY   STATUS             RESTARTS   AGE"
PODS = f"""\
{POD}
auth-1    0/1     CrashLoopBackOff   15         2h
db-0      1/1     Running            0          5d
web-2     1/1     Running            0          3d"""
IMAGES = """\
NAME        IMAGE(S)             HOST
monitor     registry/influx      node-3
            registry/grafana
heapster    registry/heapster    node-1"""
CELLS = """\
+------+--------+
| name | text   |
+------+--------+
| a    | one    |
|      | two    |
| b    | three  |
+------+--------+"""
SPANNED = """\
+-------+--------+
| space | policy |
+-------+--------+
| mon   | Always |
+       +--------+
|       | Never  |
+       +        +
|       |        |
+-------+--------+
| web   | Always |
+-------+--------+"""
TABLES = {
    "fajarhide/omni#562": (PODS, "db-0", f"{POD}\ndb-0      1/1     Running            0          5d"),
    "kubernetes/kubernetes#2389": (IMAGES, "grafana", "\n".join(IMAGES.split("\n")[:3])),
    "kubernetes/kubernetes#7843": (CELLS, "two", "\n".join([*CELLS.split("\n")[:5], CELLS.split("\n")[6]])),
    "chenjiandongx/kubectl-images#26": (SPANNED, "web", "\n".join([*SPANNED.split("\n")[:3], *SPANNED.split("\n")[-2:]])),
    "yvgude/lean-ctx#250": (
        f"All pods of the shop:\n{PODS}",
        "auth-1",
        f"All pods of the shop:\n{POD}\nauth-1    0/1     CrashLoopBackOff   15         2h",
    ),
}


@pytest.mark.parametrize(("text", "wanted", "right"), TABLES.values(), ids=TABLES)
def test_tables_of_programs(text: str, wanted: str, right: str) -> None:
    assert shown(text, wanted).rstrip("[…]\n") == right


DATED = "2026-01-01 ERROR: no key\n    at app.Main.run(Main.java:10)\n    at app.Main.main(Main.java:3)\n2026-01-02 INFO: stop"
TRACE = """\
app.feeder.Log: RuntimeException: no disk
  at app.Disk.open(Disk.java:5)
  at app.Run.go(Run.java:9)
app.ServletException: bad page
  at app.Page.show(Page.java:7)"""
PYTHON = """\
Traceback (most recent call last):
  File "a.py", line 3, in run
    open(path)
FileNotFoundError: no such file: key.txt"""
DOCKER = (
    "web-1  | 2026-05-01T12:00:01Z start\ndb-1   | 2026-05-01T12:00:02Z ready to accept\nweb-1  | 2026-05-01T12:00:03Z stop"
)
LEVELS = "[INFO] building app\n[WARNING] no tests found\n[ERROR] cannot find symbol\n  symbol: class Fee\n[INFO] done"
LOGS = {
    "LogIntelligence/LogBatcher#8": (DATED, "Main.java:3", "\n".join(DATED.split("\n")[:3])),
    "open-telemetry/opentelemetry-collector-contrib#44744": (TRACE, "Page.java", "\n".join(TRACE.split("\n")[3:])),
    "hobbit-project/platform#43": (PYTHON, "a.py", PYTHON),
    "ethereum/grid#166": (DOCKER, "accept", DOCKER.split("\n")[1]),
    "markrmiller/SolrLogReader#1": (LEVELS, "class Fee", "[ERROR] cannot find symbol\n  symbol: class Fee"),
}


@pytest.mark.parametrize(("text", "wanted", "right"), LOGS.values(), ids=LOGS)
def test_logs(text: str, wanted: str, right: str) -> None:
    assert shown(text, wanted) == right


REPLICAS = (
    "database:\n  primary:\n    host: db1\n    port: 5432\n    pool: {size: 20, wait: 5}\n    note: "
    + "long " * 40
    + "\n  replica:\n    host: db2\n    port: 5433\n"
)
HINTS = """\
data:
  hint: |2

      some content here

    and more of it
  other: >-
    folded text
kind: Map
metadata:
  name: example
"""
SPACED = "a:\n    b:\n        c: 123\n        d: 456\n        \n    e: test\nf:\n    g: 7\n"
FLOW = "root:\n  - one: {foo: bar, size: 3}\n  - two: {foo: baz, size: 4}\nlast: 5\n"
DESCRIBED = """\
Name:         web
Namespace:    shop
Containers:
  app:
    Image:      web:1.4
    State:      Running
  proxy:
    Image:      proxy:2
"""
YAML = {
    "xberg-io/xberg#555": (REPLICAS, "db2", "database:\n  replica:\n    host: db2\n    port: 5433"),
    "looztra/kubesplit#81": (HINTS, "and more", "data:\n  hint: |2\n\n      some content here\n\n    and more of it"),
    "ahuth/brackets-indentator#13": (SPACED, "test", "a:\n    e: test"),
    "AndrewRadev/splitjoin.vim#151": (FLOW, "baz", "root:\n  - two: {foo: baz, size: 4}"),
    "yvgude/lean-ctx#250": (DESCRIBED, "proxy:2", "Name:         web\nContainers:\n  proxy:\n    Image:      proxy:2"),
}


@pytest.mark.parametrize(("text", "wanted", "right"), YAML.values(), ids=YAML)
def test_yaml(text: str, wanted: str, right: str) -> None:
    found = shown(text, wanted)
    assert all(line in found.split("\n") for line in right.split("\n"))
    assert "db1" not in found and "foo: bar" not in found and "web:1.4" not in found

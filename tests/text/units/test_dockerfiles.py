"""Dockerfiles: instructions with their further lines, below their own stage."""

import pytest

from ctxshape import shape
from ctxshape.text.units.dockerfiles import dockerfile_units
from ctxshape.text.units.document import units

_FILE = """# syntax=docker/dockerfile:1
ARG TAG=3.12
FROM python:${TAG} AS build
# Tools first.
RUN pip install build \\
 # and the wheel
 && python -m build

FROM python:3.12-slim
RUN pip install /tmp/*.whl
EXPOSE 8443
"""


def _shown(text: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in units(text)]


def test_instructions_need_the_stage_that_they_build_on() -> None:
    assert [part.split("\n")[0] for part in _shown(_FILE)] == [
        "# syntax=docker/dockerfile:1",
        "FROM python:${TAG} AS build",
        "# Tools first.",
        "FROM python:3.12-slim",
        "RUN pip install /tmp/*.whl",
        "EXPOSE 8443",
    ]
    assert [unit.needs for unit in units(_FILE)] == [(), (0,), (1,), (), (3,), (3,)]
    assert _shown(_FILE)[2].endswith("&& python -m build")


def test_text_behind_a_mark_belongs_to_its_instruction() -> None:
    text = "FROM alpine\nRUN <<EOF\napk add curl\nRUN no instruction\nEOF\nUSER app\n"
    assert _shown(text) == ["FROM alpine", "RUN <<EOF\napk add curl\nRUN no instruction\nEOF", "USER app"]


def test_part_of_a_file_is_cut_too() -> None:
    assert _shown("COPY . .\nRUN make\nRUN make install\n") == ["COPY . .", "RUN make", "RUN make install"]


@pytest.mark.parametrize("budget", [None, 40, 60, 128])
def test_port_is_shown_below_the_last_stage(budget: int | None) -> None:
    shown = shape("Which port does the image expose?", [_FILE], budget=budget).documents[0].text
    assert "EXPOSE 8443" in shown
    assert shown.rindex("FROM", 0, shown.index("EXPOSE")) == shown.index("FROM python:3.12-slim")


@pytest.mark.parametrize(
    "text",
    [
        "From Rome we went\nto Bari.",
        "FROM users\nWHERE id = 7",
        "from os import path\nadd = 1",
        "Add salt.\nRun home.\nCopy it.",
        "FROM alpine\nand more",
    ],
)
def test_other_texts_are_no_dockerfile(text: str) -> None:
    assert dockerfile_units(text) is None

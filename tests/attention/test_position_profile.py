from __future__ import annotations

import re

import pytest

from ctxshape.attention.position_profile import measure_profile, spread
from ctxshape.core.messages import Prompt
from ctxshape.errors import ConfigError
from ctxshape.testing import ScriptedBackend, ScriptedProbe


def test_spread_always_has_both_ends() -> None:
    assert [spread(documents, 3) for documents in (2, 3, 4, 10)] == [(0, 1), (0, 1, 2), (0, 2, 3), (0, 4, 9)]


def first_reader() -> ScriptedBackend:
    """Answers with the first document's line, and finds an answer likely that stands early."""
    return ScriptedBackend(reply=_first, n_ctx=100_000, likelihood=_early)


def _first(text: str) -> str:
    found = re.search(r"(?:Document |文档)\[1\].*", text)
    return found[0] if found else ""


def _early(text: str, answer: str) -> list[float]:
    return [-text.find(answer) / 1000]


class Both:
    """A backend with a probe: what ScriptedBackend and ScriptedProbe do."""

    def __init__(self) -> None:
        self.backend = first_reader()
        self.generate, self.stream = self.backend.generate, self.backend.stream
        self.count_tokens, self.context_length = self.backend.count_tokens, self.backend.context_length
        self.logprobs = self.backend.logprobs

    def attend(self, prompt: Prompt, /) -> object:
        return ScriptedProbe().attend(prompt)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_model_that_reads_only_the_first(language: str) -> None:
    steps: list[tuple[int, int]] = []
    backend = first_reader()
    found = measure_profile(backend, model="m", lengths=(3,), cases=2, language=language, progress=lambda *at: steps.append(at))
    table = found.profile.tables[0]
    assert (table.documents, table.slots, table.prompts) == (3, (0, 1, 2), 4)
    # Both pairs at least: a fact may stand behind the 48 words that an answer can have.
    assert table.accuracy[0] >= 0.5 and table.accuracy[1:] == (0.0, 0.0)
    assert table.mass == () and found.heads == () and steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found == measure_profile(backend, model="m", lengths=(3,), cases=2, language=language)


def test_likelihood_mass_and_heads() -> None:
    found = measure_profile(Both(), lengths=(2, 4), slots=2, cases=1)
    short, long = found.profile.tables
    assert long.slots == (0, 3) and long.likelihood[0] > long.likelihood[1]
    assert sum(long.mass) == pytest.approx(1, abs=1e-4) and len(short.mass) == 2
    assert len(found.heads) == 4 and found.heads[-1] == (1, 1)  # the head that looks at all words alike comes last


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"lengths": (1,)}, "from 2 to 30"),
        ({"lengths": (4, 4)}, "different numbers"),
        ({"slots": 1}, "at least 2 slots"),
        ({"cases": 0}, "1 case"),
        ({"language": "fr"}, "one of en, zh"),
    ],
)
def test_wrong_numbers(fields: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        measure_profile(ScriptedBackend(), **fields)  # type: ignore[arg-type]  # that is the point

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from ctxshape.attention.position_profile import measure_profile, spread
from ctxshape.attention.profile_plots import draw_profile
from ctxshape.core.messages import Prompt
from ctxshape.core.position_profile import PositionProfile, SlotTable
from ctxshape.errors import ConfigError, InvalidInput
from ctxshape.testing import ScriptedBackend, ScriptedProbe

FOUR = SlotTable(documents=4, slots=(0, 1, 3), prompts=8, accuracy=(0.9, 0.3, 0.6), mass=(0.4, 0.1, 0.2, 0.3))
TEN = SlotTable(documents=16, slots=(0, 15), prompts=8, accuracy=(0.5, 1.0), likelihood=(-2.0, -1.0))
PROFILE = PositionProfile(model="m.gguf", tables=(TEN, FOUR))


def test_slots_between_measured_ones() -> None:
    # Of 4 slots the third is halfway between 0.3 and 0.6; of 7 the second is halfway between the first two.
    assert PROFILE.weights(4) == pytest.approx([0.9, 0.3, 0.45, 0.6])
    assert PositionProfile(tables=(FOUR,)).weights(7) == pytest.approx([0.9, 0.6, 0.3, 0.375, 0.45, 0.525, 0.6])


def test_lengths_between_measured_ones() -> None:
    # 8 is halfway between 4 and 16 in the logarithm.
    assert PROFILE.weights(8)[0] == pytest.approx((0.9 + 0.5) / 2)
    assert PROFILE.weights(8)[-1] == pytest.approx((0.6 + 1.0) / 2)
    assert PROFILE.weights(16) == pytest.approx([0.5 + place / 30 for place in range(16)])
    assert PROFILE.weights(100)[0] == 0.5 and PROFILE.weights(2) == pytest.approx([0.9, 0.6])


def test_few_documents() -> None:
    assert PROFILE.weights(1) == pytest.approx([0.9]) and PROFILE.weights(0) == []


def test_measures_that_only_some_lengths_have() -> None:
    assert PROFILE.weights(4, "mass") == pytest.approx([0.4, 0.1, 0.2, 0.3])
    assert PROFILE.weights(3, "likelihood") == pytest.approx([-2.0, -1.5, -1.0])
    with pytest.raises(InvalidInput, match="has no likelihood"):
        PositionProfile(tables=(FOUR,)).weights(4, "likelihood")


@pytest.mark.parametrize(
    "fields",
    [
        {"accuracy": (0.5,)},
        {"slots": (1, 0)},
        {"slots": (0, 4)},
        {"mass": (0.5, 0.5)},
        {"accuracy": (0.5, float("nan"))},
        {"likelihood": (0.5,)},
    ],
)
def test_tables_that_disagree(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SlotTable.model_validate({"documents": 4, "slots": (0, 3), "prompts": 1, "accuracy": (0.5, 0.5), **fields})


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
    told: list[tuple[int, int]] = []
    backend = first_reader()
    found = measure_profile(backend, model="m", lengths=(3,), cases=2, language=language, progress=lambda *at: told.append(at))
    table = found.profile.tables[0]
    assert (table.documents, table.slots, table.prompts) == (3, (0, 1, 2), 4)
    # Both pairs at least: a fact may stand behind the 48 words that an answer can have.
    assert table.accuracy[0] >= 0.5 and table.accuracy[1:] == (0.0, 0.0)
    assert table.mass == () and found.heads == () and told == [(1, 4), (2, 4), (3, 4), (4, 4)]
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


def test_the_picture(tmp_path: Path) -> None:
    for name, profile in (("a.png", PROFILE), ("b.png", PositionProfile(model="中文$.gguf", tables=(FOUR,)))):
        assert draw_profile(profile, tmp_path / name).read_bytes().startswith(b"\x89PNG")

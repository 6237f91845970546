from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from ctxshape.errors import InvalidInput
from ctxshape.evaluation.race import ConfidenceSequence, Difference, Race


def sequence(values: list[float], error: float = 0.05) -> ConfidenceSequence:
    made = ConfidenceSequence(error)
    for value in values:
        made.add(value)
    return made


def test_nothing_is_known_before_the_first_value() -> None:
    assert ConfidenceSequence().difference == Difference(0.0, -1.0, 1.0, 0)


@pytest.mark.parametrize("n", [5, 10, 20])
def test_equal_values_give_the_bound_by_hand(n: int) -> None:
    # All bets are the largest ones: 0.75 / m of the capital. After n ones it is (0.25 + 0.75 / m) ** n, and a mean m is
    # excluded at 2 / 0.05 = 40: m <= 0.75 / (40 ** (1 / n) - 0.25). Means are scaled to 0 … 1, differences to -1 … 1.
    excluded = 0.75 / (40 ** (1 / n) - 0.25)
    made = sequence([1.0] * n)
    assert made.mean == 1.0 and made.high == 1.0
    assert 2 * excluded - 1 - 0.005 <= made.low <= 2 * excluded - 1
    mirrored = sequence([-1.0] * n)
    assert mirrored.low == -1.0 and mirrored.high == pytest.approx(-made.low)


def test_intervals_only_narrow_and_contain_the_mean_of_alternating_values() -> None:
    made, widths = ConfidenceSequence(), []
    for n in range(200):
        made.add(1.0 if n % 2 else -1.0)
        widths.append(made.high - made.low)
        assert made.low <= 0 <= made.high
    assert all(after <= before + 1e-9 for before, after in pairwise(widths)) and widths[-1] < 0.6
    assert made.mean == pytest.approx(0.0)


def test_equal_scores_give_narrower_intervals_than_varying_ones() -> None:
    equal, varying = sequence([0.0] * 100), sequence([1.0, -1.0] * 50)
    assert equal.high - equal.low < (varying.high - varying.low) / 2


def test_the_error_rate_holds_at_every_look() -> None:
    missed = 0
    for run in range(200):
        draw, made = random.Random(run), ConfidenceSequence(0.1)
        for _ in range(60):
            made.add(draw.choices([1, -1, 0], [0.3, 0.1, 0.6])[0])  # the mean is 0.2
            if not made.low <= 0.2 <= made.high:
                missed += 1
                break
    assert missed <= 20  # 10 % of 200; the bound is not tight, so in fact fewer


def test_values_outside_the_range_are_refused() -> None:
    for value in (1.5, math.nan):
        with pytest.raises(InvalidInput, match=str(value)):
            ConfidenceSequence().add(value)


def raced(n: int, **scores: float) -> Race:
    """A race in which each setting has the same score on every question, and costs 10 tokens per letter of its name."""
    race = Race(list(scores))
    for question in range(n):
        race.add(str(question), scores, {name: 10.0 * len(name) for name in scores})
    return race


def test_the_error_is_shared_by_the_comparisons() -> None:
    # Three settings: two comparisons with the baseline, 0.05 / 2 / 2 each, and one other, 0.05 / 2.
    race = raced(10, raw=0.0, a=1.0, b=0.0)
    assert race.difference("a", "raw").low == sequence([1.0] * 10, 0.0125).low
    assert race.difference("a", "b").low == sequence([1.0] * 10, 0.025).low
    found = race.difference("b", "a")
    assert found == Difference(-1.0, -1.0, -race.difference("a", "b").low, 10)


def test_a_setting_that_is_shown_to_be_worse_is_dropped() -> None:
    race = raced(12, raw=0.5, good=1.0, bad=0.0)
    assert race.losers(["raw", "good", "bad"]) == {"bad": "good"}
    assert raced(3, raw=0.5, good=1.0, bad=0.0).losers(["raw", "good", "bad"]) == {}


def test_of_equal_settings_the_one_that_costs_more_is_dropped() -> None:
    race = raced(900, raw=0.5, a=0.5, bb=0.5)
    assert race.losers(["raw", "a", "bb"]) == {"bb": "a"}


def test_the_baseline_is_dropped_when_all_others_are_shown_to_be_better() -> None:
    race = raced(20, raw=0.0, a=1.0, bb=0.9)
    assert race.losers(["raw", "a", "bb"]) == {"raw": "a"}
    assert raced(20, raw=0.0, a=1.0, bb=0.05).losers(["raw", "a", "bb"]) == {"bb": "a", "raw": "a"}
    assert raced(20, raw=0.8, a=1.0, bb=0.9).losers(["raw", "a", "bb"]) == {}


def test_it_is_settled_when_one_is_left_or_the_baseline_beats_all() -> None:
    race = raced(30, raw=0.0, a=1.0, b=1.0)
    assert not race.is_settled(["raw", "a", "b"])  # a and b are not told apart
    assert race.is_settled(["raw", "a"]) and race.is_settled(["a"])
    assert raced(30, raw=1.0, a=0.0, b=0.0).is_settled(["raw", "a", "b"])
    assert not raced(30, raw=0.5, a=0.5).is_settled(["raw", "a"])  # not yet shown to be as good


def test_the_choice_is_the_cheapest_within_the_margin() -> None:
    race = raced(5, raw=0.5, a=0.59, bbb=0.60, cc=0.61)
    assert race.choice(["raw", "a", "bbb", "cc"]) == "a"  # 0.59 >= 0.61 - 0.02
    assert race.choice(["raw", "bbb", "cc"]) == "cc"  # 20 tokens against 30
    assert race.choice(["bbb", "cc"], by_cost=False) == "bbb"
    assert raced(5, raw=0.7, a=0.6).choice(["raw", "a"]) == "raw"


def test_late_settings_are_paired_with_what_is_known() -> None:
    race = Race(["raw", "a", "late"])
    for question in "xyz":
        race.add(question, {"raw": 0.0, "a": 1.0}, {"raw": 5, "a": 1})
    race.add("x", {"late": 1.0}, {"late": 1})
    assert race.difference("late", "raw")[0::3] == (1.0, 1) and race.difference("late", "a")[0::3] == (0.0, 1)
    assert (race.n("late"), race.n("a"), race.score("a"), race.cost("raw")) == (1, 3, 1.0, 5.0)
    assert race.difference("a", "raw").n == 3

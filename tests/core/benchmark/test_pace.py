"""When a measurement has said what was asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.benchmark.pace import CONTESTED, LOOK_ROUNDS, SHOWN, Goal, Named, Pace
from core.benchmark.runs import Run
from core.benchmark.samples import Samples, Turn
from core.benchmark.settings import THROUGHPUT, BenchmarkedModel, BenchmarkSettings

PARENT: Named = ("parent", "f32")
ONE: Named = ("one", "f32")
OTHER: Named = ("other", "default")
GOAL = Goal(PARENT, (frozenset({ONE, OTHER}), frozenset({OTHER})))
SETTINGS = BenchmarkSettings(modes=(THROUGHPUT,), seconds=30, narrow=0)


def run(named: Named, fps: float, spread: float, rounds: int) -> Run:
    """One that is by so much faster in every second round than in the others."""
    model = BenchmarkedModel(name=named[0], xml=Path("model.xml"))
    each = [fps * (1 + spread * (place % 2)) for place in range(rounds)]
    turns = [Turn(one, np.ones(1, np.float32)) for one in each]
    return Run(model, named[1], THROUGHPUT, Samples(turns))


def runs(spread: float, other: float, rounds: int = LOOK_ROUNDS) -> list[Run]:
    return [
        run(PARENT, 100, 0, rounds),
        run(ONE, 150, 0, rounds),
        run(OTHER, other, spread, rounds),
    ]


BETWEEN = (SHOWN + CONTESTED) / 2


@pytest.mark.parametrize(
    ("spread", "other", "reached"),
    [
        (0.5 * CONTESTED, 150, True),
        (BETWEEN, 150, False),
        (BETWEEN, 120, True),
        (BETWEEN, 145, False),
        (2 * SHOWN, 120, False),
    ],
    ids=["narrow", "contested", "certainly slower", "slower by chance", "shown is wide"],
)
def test_it_ends_where_speeds_and_the_fastest_rival_are_known(
    spread: float, other: float, reached: bool
) -> None:
    assert Pace(SETTINGS, 3, GOAL).enough(runs(spread, other), LOOK_ROUNDS, 10.0) is reached


def test_it_ends_neither_before_enough_rounds_nor_after_its_time() -> None:
    pace, fewer = Pace(SETTINGS, 3, GOAL), LOOK_ROUNDS - 1
    assert not pace.enough(runs(0, 150, fewer), fewer, 10.0)
    assert pace.enough(runs(1, 150, fewer), fewer, 31.0)


@pytest.mark.parametrize(
    "goal",
    [
        Goal(PARENT, ()),
        Goal(PARENT, (frozenset({ONE}), frozenset())),
        Goal(PARENT, (frozenset({("unknown", "f32")}),)),
        Goal(("unknown", "f32"), (frozenset({ONE}),)),
        None,
    ],
    ids=["no group", "an empty one", "an unknown rival", "an unknown base", "no goal"],
)
def test_where_none_can_be_chosen_all_its_time_is_used(goal: Goal | None) -> None:
    assert not Pace(SETTINGS, 3, goal).enough(runs(0, 150), LOOK_ROUNDS, 10.0)

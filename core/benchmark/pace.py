"""How long turns last, and when enough has been measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.benchmark.conversation import TakeTurn
from core.benchmark.runs import Run
from core.benchmark.settings import BenchmarkSettings
from core.inference.settings import PrecisionHint
from core.metrics.speed.figures import MIN_ROUNDS, NOISE_FLOOR
from core.metrics.speed.statistics import ratio_interval, spread_interval, width

TURN_SECONDS = 0.25
GOOD_ROUNDS = 20  # that the time should suffice for: many short ones say more than few long ones
SHORTEST_TURN_SECONDS = 0.05
LOOK_ROUNDS = 12  # from so many rounds on it is asked whether the intervals are narrow enough
ITERATION_ROUNDS = 10  # that given iterations are divided among
PATIENCE = 3  # times the seconds asked for,
PATIENCE_SECONDS = 30.0  # or so many, until the fewest rounds are done
SHOWN, CONTESTED = 0.1, 0.05  # of a ratio, that intervals are narrow with: see `Goal`
MORE_ROUNDS = 2  # times as many as good ones, with a goal: turns are so much shorter

Named = tuple[str, PrecisionHint]  # a run, by its model


@dataclass(frozen=True)
class Goal:
    """What is to be known: how fast each run is against a `base`, and which rivals are the fastest.

    Never before `LOOK_ROUNDS` rounds. Every ratio to the base has an interval narrower than
    `SHOWN`; in each group of `rivals` each is slower than the fastest with its whole interval, by
    more than the noise floor, or has one narrower than `CONTESTED`: shares of the ratio.
    """

    base: Named
    rivals: tuple[frozenset[Named], ...]

    def reached(self, runs: Sequence[Run]) -> bool:
        """Whether that is known of these runs; never without rivals."""
        fps = {(run.model.name, run.hint): run.samples.fps for run in runs}
        groups = [group & fps.keys() for group in self.rivals]
        if self.base not in fps or not groups or not all(groups):
            return False
        ratios = {name: ratio_interval(each, fps[self.base]) for name, each in fps.items()}
        if any(width(one) > SHOWN for one in ratios.values()):
            return False
        for group in groups:
            fastest = max(sorted(group), key=lambda one: ratios[one].value)
            against = (ratio_interval(fps[one], fps[fastest]) for one in group - {fastest})
            if any(one.high > 1 - NOISE_FLOOR and width(one) > CONTESTED for one in against):
                return False
        return True


@dataclass(frozen=True)
class Pace:
    """Of a benchmark of so many `runs`, with a `goal` where it has one."""

    settings: BenchmarkSettings
    runs: int
    goal: Goal | None = None

    @property
    def turn_seconds(self) -> float:
        """A turn's length, at least."""
        rounds = GOOD_ROUNDS * (1 if self.goal is None else MORE_ROUNDS)
        turns = self.runs * rounds if self.runs > 1 else LOOK_ROUNDS
        return max(SHORTEST_TURN_SECONDS, min(TURN_SECONDS, self.settings.seconds / turns))

    def turn(self) -> TakeTurn:
        """What a run does when it is its turn."""
        if self.settings.iterations is None:
            return TakeTurn(seconds=self.turn_seconds)
        return TakeTurn(seconds=0, iterations=-(-self.settings.iterations // ITERATION_ROUNDS))

    def budget(self, some: int) -> float:
        """Seconds for so many of the runs."""
        return self.settings.seconds * some / self.runs

    def expected_rounds(self, some: int, done: int, passed: float) -> int:
        """How many rounds there will be, after `done` ones of so many runs in `passed` seconds."""
        if self.settings.iterations is not None:
            return max(done + 1, ITERATION_ROUNDS)
        each = passed / done if done else some * TURN_SECONDS * 1.2
        return max(done + 1, MIN_ROUNDS, round(self.budget(some) / each))

    def enough(self, runs: Sequence[Run], done: int, passed: float) -> bool:
        """Whether these runs need no further round."""
        budget, narrow = self.budget(len(runs)), self.settings.narrow
        if self.settings.iterations is not None:
            return min(run.samples.inferences for run in runs) >= self.settings.iterations
        if done < MIN_ROUNDS:
            return done > 1 and passed > max(PATIENCE * budget, PATIENCE_SECONDS)
        if passed >= budget:
            return True
        if done < LOOK_ROUNDS:
            return False
        if self.goal is not None and self.goal.reached(runs):
            return True
        return narrow > 0 and _widest(runs) <= narrow


def _widest(runs: Sequence[Run]) -> float:
    """The widest interval of a ratio, as a share of it; the figure's own where there is none."""
    if len(runs) == 1:
        return width(spread_interval(runs[0].samples.fps))
    return max(
        (
            width(ratio_interval(run.samples.fps, base.samples.fps))
            for place, run in enumerate(runs)
            for base in runs[:place]
            if base.mode == run.mode
        ),
        default=0.0,
    )

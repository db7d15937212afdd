"""How long turns last, and when enough has been measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.benchmark.conversation import TakeTurn
from core.benchmark.runs import Run
from core.benchmark.settings import BenchmarkSettings
from core.metrics.speed.figures import MIN_ROUNDS
from core.metrics.speed.statistics import ratio_interval, spread_interval, width

TURN_SECONDS = 0.25
GOOD_ROUNDS = 20  # that the time should suffice for: many short ones say more than few long ones
SHORTEST_TURN_SECONDS = 0.05
LOOK_ROUNDS = 12  # from so many rounds on it is asked whether the intervals are narrow enough
ITERATION_ROUNDS = 10  # that given iterations are divided among
PATIENCE = 3  # times the seconds asked for,
PATIENCE_SECONDS = 30.0  # or so many, until the fewest rounds are done


@dataclass(frozen=True)
class Pace:
    """Of a benchmark of so many `runs`."""

    settings: BenchmarkSettings
    runs: int

    @property
    def turn_seconds(self) -> float:
        """A turn's length, at least."""
        turns = self.runs * GOOD_ROUNDS if self.runs > 1 else LOOK_ROUNDS
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
        return narrow > 0 and done >= LOOK_ROUNDS and _widest(runs) <= narrow


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

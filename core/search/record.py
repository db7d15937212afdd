"""A search's record: written after every candidate, so that a cut-off search can be resumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from core.jobs.quiet import working_seconds
from core.models.plan import QuantizationPlan
from core.search.candidates import STATE_FILE, Activity, Candidate, SearchState
from core.search.pareto import choose
from core.values import write_json

Doing = Callable[[Activity], None]
"""Called with what the search does, as it begins to; may raise to stop."""


@dataclass
class Record:
    """What was found out so far, in `folder` and here.

    `changed` is called with every new state after it was written.
    """

    state: SearchState
    folder: Path
    changed: Callable[[SearchState], None]
    _started: float = field(init=False)
    _before: float = field(init=False)  # seconds, of earlier runs of the search

    def __post_init__(self) -> None:
        self._started, self._before = working_seconds(), self.state.seconds

    @property
    def seconds_left(self) -> float:
        """Of the budget of this run, without pauses; a search that is resumed has a new one."""
        return max(0.0, self.seconds_in_all - (working_seconds() - self._started))

    @property
    def seconds_in_all(self) -> float:
        """The budget of this run."""
        return 60 * self.state.settings.minutes

    @property
    def plans(self) -> list[Candidate]:
        """The INT8 plans at the own input size, in true f32, in the order of their numbers."""
        made = [one for one in self.state.candidates if one.making == "int8"]
        return sorted((one for one in made if one.precision_hint == "f32"), key=_number)

    @property
    def _seconds(self) -> float:
        """That the search has worked."""
        return round(self._before + working_seconds() - self._started, 1)

    def of_plan(self, plan: QuantizationPlan) -> Candidate | None:
        """What was found out about this plan in true f32."""
        return next((one for one in self.plans if one.plan == plan), None)

    def add(self, candidate: Candidate) -> None:
        """Add one that was tried."""
        added = replace(candidate, after_seconds=self._seconds)
        self.write(candidates=(*self.state.candidates, added))

    def write(self, **changes: Any) -> None:
        """Write the state with these changes."""
        state = replace(self.state, **changes, seconds=self._seconds)
        self.state = replace(state, choice=choose(state.candidates, state.settings))
        write_json(self.folder / STATE_FILE, self.state)
        self.changed(self.state)

    def activity(self, activity: Activity) -> Activity:
        """That activity with the best INT8 plan so far, measured or not."""
        known = [one for one in self.plans if one.accuracy_kept is not None]
        most = max(known, key=lambda one: one.accuracy_kept or 0.0, default=None)
        best = self.state.candidate(self.state.choice.best_int8) or most
        if best is None:
            return activity
        speed = best.speed.value if best.speed else None
        return replace(activity, best_kept=best.accuracy_kept, best_speed=speed)


def _number(one: Candidate) -> int:
    return one.number

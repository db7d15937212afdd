"""How long a whole job will still take: from this run, and from how the last one went.

A stage that counts its items says when it will be done; what the stages after it will take is not
known, but what share they had of the last job of the kind on this machine is; before the first one,
what share they usually have. Where that guess would be more than half of the whole, there is no
figure: better none than a wrong one.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec

from core.errors import WorkbenchError
from core.unfinished import user_cache
from core.values import Stored, read_json, write_json

Stages = tuple[tuple[str, float], ...]
"""What stages took, in their order: names and seconds."""

FIRST: dict[str, Stages] = {
    "quantize": (
        ("Trying the parent on calibration images", 1.6),
        ("Loading NNCF", 2.1),
        ("Collecting statistics", 16.4),
        ("Correcting biases", 7.4),
        ("Saving the optimized model", 0.3),
    ),
    "report_on_predictions": (
        ("Hashing the images", 0.4),
        ("Detecting with both models", 13.4),
        ("Measuring the accuracy", 5.4),
        ("Comparing", 0.9),
    ),
}
"""As they went on the sample, for the first job of the kind on a machine: only shares count."""

_FILE = "stage-times.json"
_MOST_STAGES = 30  # a search has others each time
_MOST_KINDS = 100
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e7)]


class StageTimes(Stored):
    """By the tag of a job: the stages of the last one that succeeded."""

    jobs: dict[str, tuple[tuple[str, _Seconds], ...]] = msgspec.field(default_factory=dict)


class TimeLeft:
    """Follows the stages of a job; `usual` are those of the last one of its kind."""

    def __init__(self, usual: Stages = ()) -> None:
        self._usual = dict(usual)
        self._order = [stage for stage, _ in usual]
        self._took: dict[str, float] = {}
        self._stage = ""
        self._began = 0.0
        self._first: tuple[int, float] | None = None  # items, and when: what prepared them is past

    @property
    def stage(self) -> str:
        """Where the job is."""
        return self._stage

    @property
    def took(self) -> Stages:
        """The stages that are over."""
        return tuple(self._took.items())

    def begin(self, stage: str, now: float) -> None:
        """The job has come to a stage; "" at its end."""
        if self._stage:
            before = self._took.get(self._stage, 0.0)
            self._took[self._stage] = before + now - self._began
        self._stage, self._began, self._first = stage, now, None

    def paused(self, seconds: float) -> None:
        """Nothing went on for so long."""
        self._began += seconds
        if self._first is not None:
            self._first = self._first[0], self._first[1] + seconds

    def left(self, done: int, total: int | None, now: float) -> float | None:
        """Seconds until the job's end, after `done` items of the stage; None where unknown.

        The pace is that of the items since the first ones: these may have waited for compiling.
        """
        if not total or not done or self._stage not in self._usual:
            return None
        if self._first is None:
            self._first = done, now
        items, since = self._first
        if done == total:
            stage_left = 0.0
        elif done > items:
            stage_left = (now - since) / (done - items) * (total - done)
        else:
            return None
        elapsed = now - self._began
        place = self._order.index(self._stage)
        known = elapsed + stage_left + sum(self._took.values())
        expected = sum(self._usual.get(one, 0.0) for one in {*self._took, self._stage})
        rest = sum(self._usual[one] for one in self._order[place + 1 :] if one not in self._took)
        guess = rest * known / expected if expected else 0.0
        return round(stage_left + guess, 1) if guess <= known else None


def usual_stages(tag: str) -> Stages:
    """Of the last job of this kind that succeeded here; else as such a job usually goes."""
    return _read().jobs.get(tag) or FIRST.get(tag, ())


def remember_stages(tag: str, stages: Stages) -> None:
    """For the next job of this kind."""
    if not stages or len(stages) > _MOST_STAGES:
        return
    with suppress(OSError, WorkbenchError):  # it is of use only, not needed
        known = dict(list(_read().jobs.items())[-_MOST_KINDS:])
        known[tag] = tuple((stage, round(seconds, 2)) for stage, seconds in stages)
        _path().parent.mkdir(parents=True, exist_ok=True)
        write_json(_path(), StageTimes(jobs=known))


def _read() -> StageTimes:
    try:
        return read_json(_path(), StageTimes)
    except (OSError, WorkbenchError, msgspec.MsgspecError):
        return StageTimes()


def _path() -> Path:
    return user_cache() / _FILE

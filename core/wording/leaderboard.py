"""A family of models as a table: for a file, and for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from core.documents.csv import Cell, csv_table
from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.speed.figures import Interval
from core.reports.wording import verdict_text
from core.scorecard.score import Judged, MeasuredAp, ModelSpeed, Score, SpeedUp
from core.targets.titles import TARGETS
from core.wording.plans import summary
from core.wording.scorecard import APART

T = TypeVar("T")
_Column = Callable[[Score], Cell]


def plan_text(score: Score) -> str:
    """How a model was made: of a parent, its precision."""
    if score.plan is None:
        return score.precision if score.parent_id is None else ""
    return score.plan.name or summary(score.plan)


def leaderboard_csv(family: Sequence[Score]) -> bytes:
    """The models of a family, a line each; what was not measured is empty."""
    rows = [[value(score) for value in _COLUMNS.values()] for score in family]
    return csv_table(tuple(_COLUMNS), rows)


def _of(part: Callable[[Score], T | None], value: Callable[[T], Cell]) -> _Column:
    """A value of a part that may not be there."""

    def column(score: Score) -> Cell:
        found = part(score)
        return None if found is None else value(found)

    return column


def _speed(value: Callable[[ModelSpeed], Cell]) -> _Column:
    return _of(lambda score: score.speed, value)


def _parent_speed(value: Callable[[ModelSpeed], Cell]) -> _Column:
    return _of(lambda score: score.parent_speed, value)


def _ratio(value: Callable[[SpeedUp], Cell]) -> _Column:
    return _of(lambda score: score.speed_up, value)


def _throughput(value: Callable[[Interval], Cell]) -> _Column:
    return _ratio(lambda ratio: value(ratio.throughput))


def _judged(value: Callable[[Judged], Cell]) -> _Column:
    return _of(lambda score: score.judged, value)


def _kept(value: Callable[[AccuracyKept], Cell]) -> _Column:
    return _of(lambda score: score.kept, value)


def _ap(value: Callable[[MeasuredAp], Cell]) -> _Column:
    return _of(lambda score: score.ap, value)


_COLUMNS: Mapping[str, _Column] = {
    "model": lambda score: score.title,
    "project": lambda score: score.project_id,
    "state": lambda score: score.state,
    "throughput_fps": _speed(lambda speed: speed.fps),
    "parent_throughput_fps": _parent_speed(lambda speed: speed.fps),
    "throughput_ratio": _throughput(lambda ratio: ratio.value),
    "throughput_ratio_low": _throughput(lambda ratio: ratio.low),
    "throughput_ratio_high": _throughput(lambda ratio: ratio.high),
    "latency_ms": _speed(lambda speed: speed.latency_ms),
    "parent_latency_ms": _parent_speed(lambda speed: speed.latency_ms),
    "latency_ratio": _ratio(lambda ratio: ratio.latency.value),
    "not_divided": lambda score: APART[score.apart] if score.apart else None,
    "precision_hint": _speed(lambda speed: speed.precision_hint),
    "precision_executed": _speed(lambda speed: speed.precision_executed),
    "device": _speed(lambda speed: f"{speed.device}: {speed.device_name}"),
    "size_bytes": lambda score: score.size_bytes,
    "verdict": _judged(lambda judged: verdict_text(judged.verdict, judged.as_made)),
    "verdict_for": _judged(lambda judged: TARGETS[judged.target]),
    "accuracy_kept": _kept(lambda kept: kept.share.value),
    "accuracy_kept_low": _kept(lambda kept: kept.share.low),
    "accuracy_kept_high": _kept(lambda kept: kept.share.high),
    "predictions_changed": _judged(lambda judged: judged.changed),
    "ap": _ap(lambda ap: ap.ap),
    "parent_ap": _of(lambda score: score.parent_ap, lambda ap: ap.ap),
    "ap_dataset": _ap(lambda ap: ap.dataset),
    "plan": lambda score: plan_text(score) or None,
    "problems": lambda score: " ".join(score.problems) or None,
}

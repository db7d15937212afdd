"""The figures of a check, each with its interval and what that is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from core.benchmark.result import BenchmarkResult
from core.check.changed import changed_interval
from core.check.deciding import Figure
from core.check.limits import LimitName
from core.detection.joining import Both
from core.inference.settings import PrecisionHint
from core.metrics.accuracy.annotated import Accuracy
from core.metrics.accuracy.kept import known_kept_by_parts
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Interval
from core.metrics.matching.thresholds import Thresholds
from core.metrics.speed.statistics import spread_interval
from core.progress import Step
from core.workspace.projects import OPTIMIZED, PARENT

Figures = Mapping[LimitName, Figure]

_MEGABYTE = 1e6
_NOTHING = Interval(value=0.0, low=0.0, high=0.0)


def sizes(parent_bytes: int, optimized_bytes: int) -> Figures:
    """Of graph and weights."""
    return {
        "size_mb": _exactly(optimized_bytes / _MEGABYTE),
        "size_share": _exactly(optimized_bytes / parent_bytes),
    }


def predictions(
    wanted: Collection[LimitName],
    parts: Callable[[], Iterable[Both]],
    images: int,
    thresholds: Thresholds,
    step: Step,
    truth: GroundTruth | None = None,
) -> Figures:
    """What both models' detections in the same images say; by the ground truth if there is one.

    `parts` gives them each time that it is called, the images one after the other.
    """
    found: dict[LimitName, Figure] = {}
    if "accuracy_kept" in wanted:
        kept = known_kept_by_parts(truth, parts, step)
        found["accuracy_kept"] = Figure(
            kept.share if kept else _NOTHING,
            "images",
            images,
            nothing_found=kept is None,
            by_annotations=kept is not None and kept.measured,
        )
    if "predictions_changed" in wanted:
        changed, anything = changed_interval(parts(), images, thresholds)
        found["predictions_changed"] = Figure(changed, "images", images, nothing_found=not anything)
    return found


def drop(accuracy: Accuracy) -> Figures:
    """How much lower the optimized model's AP is: both are measured on the same draws."""
    change = accuracy.difference
    if change is None:
        return {"ap_drop": Figure(_NOTHING, "images", accuracy.images, nothing_found=True)}
    lost = Interval(value=-change.value, low=-change.high, high=-change.low)
    return {"ap_drop": Figure(lost, "images", accuracy.images)}


def speed(result: BenchmarkResult, hint: PrecisionHint) -> Figures:
    """The ratio of the throughputs, and the latency of the optimized model, as far as measured."""
    found: dict[LimitName, Figure] = {}
    seconds = result.settings.seconds
    ratio = result.ratio(OPTIMIZED, hint, PARENT, hint)
    if ratio is not None and result.run(OPTIMIZED, hint) is not None:
        low, high = ratio.throughput.low, ratio.throughput.high
        times = Interval(value=ratio.throughput.value, low=low, high=high)
        found["throughput_ratio"] = Figure(times, "rounds", result.rounds, seconds)
    alone = result.run(OPTIMIZED, hint, "latency")
    if alone is not None:
        median = spread_interval(alone.latency_rounds_ms)
        ms = Interval(value=median.value, low=median.low, high=median.high)
        found["latency_ms"] = Figure(ms, "rounds", len(alone.latency_rounds_ms), seconds)
    return found


def _exactly(value: float) -> Figure:
    """A figure that is known."""
    return Figure(Interval(value=value, low=value, high=value), "file", 1)

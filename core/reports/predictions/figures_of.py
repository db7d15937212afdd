"""The figures of a report on predictions: computed part by part, or taken from an earlier run."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace as changed

from core.metrics.accuracy.kept import AccuracyKept, known_kept_by_parts
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.by_parts import compare_by_parts
from core.metrics.comparison.sampled import Estimate, Sample
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.predict.figures import FigureStore, key_of
from core.predict.found import Found, sampled_parts, side_by_side
from core.progress import Step
from core.remarks.remark import Remark, remark
from core.values import Value, to_json


def estimated(estimate: Estimate) -> Remark:
    """What is said of an estimate until the exact figures are computed."""
    summary, intervals = estimate.summary, estimate.intervals
    facts = {name: getattr(summary, name) for name in ("changed", "agreement")}
    ends = {name: intervals.get(name, ()) for name in facts}
    return remark(
        "figures_estimated",
        images=estimate.images,
        of=estimate.of,
        worst=summary.worst_images,
        **{name: (value, *ends[name]) for name, value in facts.items() if value is not None},
    )


class Compared(Value):
    """A comparison at some thresholds: its summary, and the interval of the agreement."""

    summary: Summary
    interval: Interval | None


class _Compared(Value):
    """The same as it is stored: without names of images, whose places `worst` has."""

    summary: Summary
    worst: tuple[int, ...]
    interval: Interval | None


class _Kept(Value):
    kept: AccuracyKept | None


@dataclass(frozen=True)
class Figures:
    """Computes what a report on predictions says of both models' detections, or takes it."""

    store: FigureStore

    def compared(self, parent: Found, optimized: Found, thresholds: Thresholds) -> Compared:
        """The summary at these thresholds; no limit of a verdict changes it."""
        counted = changed(thresholds, limits=VerdictLimits())
        names = parent.looked_at.image_names

        def compute() -> _Compared:
            estimate = self.estimated(parent, optimized, counted)
            if estimate is not None:
                self.store.context.log(estimated(estimate))
            both, classes = side_by_side(parent, optimized), len(parent.in_classes)
            found = compare_by_parts(both, names, classes, counted)
            summary = changed(found.summary, worst_images=())
            return _Compared(summary=summary, worst=found.worst, interval=found.interval())

        def fit(found: _Compared) -> bool:
            inside = all(0 <= image < len(names) for image in found.worst)
            return inside and found.summary.images == len(names)

        taken = self.store.figures(
            lambda: key_of("compared", (parent, optimized), to_json(counted)),
            _Compared,
            compute,
            fit,
        )
        worst = tuple(names[image] for image in taken.worst)
        return Compared(summary=changed(taken.summary, worst_images=worst), interval=taken.interval)

    def estimated(self, parent: Found, optimized: Found, thresholds: Thresholds) -> Estimate | None:
        """The summary by some of the parts, within a second or so; None where all are as soon."""
        some = sampled_parts(parent, optimized)
        if some is None:
            return None
        names, classes = parent.looked_at.image_names, len(parent.in_classes)
        sampled = Sample.of(some.both(), some.images, some.of, names)
        return sampled.compare(classes, thresholds).estimate()

    def kept(
        self,
        truth: GroundTruth | None,
        parent: Found,
        optimized: Found,
        step: Step = lambda *_: None,
    ) -> AccuracyKept | None:
        """See `core.metrics.accuracy.kept.known_kept_by_parts`."""

        def compute() -> _Kept:
            return _Kept(
                kept=known_kept_by_parts(truth, lambda: side_by_side(parent, optimized), step)
            )

        def named() -> str:
            by = b"" if truth is None else truth.content()
            return key_of("kept", (parent, optimized), by)

        return self.store.figures(named, _Kept, compute).kept

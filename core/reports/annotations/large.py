"""A report on annotations whose detections and ground truth are so many that they stay in files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.errors import WorkbenchError
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.annotated import Accuracy, each_thresholds
from core.metrics.accuracy.error_costs import ErrorKind
from core.metrics.accuracy.image_truth import StoredTruth
from core.metrics.accuracy.material import figures_at
from core.metrics.accuracy.measured_parts import StoredErrors
from core.metrics.accuracy.truth_pair import TruthPair
from core.metrics.comparison.large import (
    LargeComparison,
    compare_stored,
    estimate_stored,
    sample_of,
)
from core.metrics.comparison.sampled import Sample
from core.metrics.comparison.stored_pair import StoredPair
from core.metrics.matching.thresholds import Thresholds
from core.reports.annotations.kind import AnnotationsResult
from core.reports.annotations.report import Look, MeasuredAnnotations, Wanted
from core.reports.detections import TRUTH_FILE, open_pair, open_truth
from core.reports.kind import AS_MADE, Detections, ViewState
from core.values import MAKE_AGAIN, read_json

_EVERY = 2  # of the parts of a sample, errors are counted in one of so many: that takes longer


@dataclass(frozen=True, eq=False)
class _Samples:
    """What no view changes: both models beside the ground truth, and some images of each pair.

    They are read and ranked once for all thresholds.
    """

    errors: tuple[StoredErrors, StoredErrors]
    _known: dict[int, Sample | None] = field(default_factory=dict)

    @staticmethod
    def by(truth: StoredTruth, pair: StoredPair) -> _Samples:
        first, second = (
            StoredErrors(truth, TruthPair(truth.table, one, truth.mapped))
            for one in (pair.parent, pair.optimized)
        )
        return _Samples((first, second))

    def of(self, pair: StoredPair) -> Sample | None:
        """None where all images are as soon compared."""
        if id(pair) not in self._known:
            self._known[id(pair)] = sample_of(pair)
        return self._known[id(pair)]


@dataclass(frozen=True, eq=False)
class LargeAnnotations(MeasuredAnnotations):
    """Everything is computed part by part, when it is asked for."""

    large: ClassVar[bool] = True
    result: AnnotationsResult
    pair: StoredPair
    stored_truth: StoredTruth
    _samples: _Samples
    view: ViewState = AS_MADE

    def seen(self, view: ViewState) -> LargeAnnotations:
        """See `MeasuredAnnotations`."""
        return replace(self, view=view)

    @cached_property
    def accuracy(self) -> Accuracy:
        """The figures, at these thresholds."""
        return self._accuracy(lambda: True)

    @cached_property
    def by_truth(self) -> tuple[LargeComparison, LargeComparison]:
        """See `MeasuredAnnotations`."""
        return self._by_truth(lambda: True)

    @cached_property
    def between(self) -> LargeComparison:
        """The two models with each other."""
        return _compared(self.pair, self.thresholds)

    def look(self, wanted: Wanted = lambda: True) -> Look:
        """See `MeasuredAnnotations`."""
        by_truth = self._by_truth(wanted)
        between = _compared(self.pair, self.thresholds, wanted)
        return Look(self._accuracy(wanted, by_truth), by_truth, between)

    def first_look(self) -> Look:
        """See `MeasuredAnnotations`; figures that no threshold changes are exact."""
        pairs = *(errors.pair for errors in self._errors), self.pair
        some = [self._samples.of(pair) for pair in pairs]
        found: list[LargeComparison] = []
        own = *each_thresholds(self.thresholds), self.thresholds
        for pair, one, thresholds in zip(pairs, some, own, strict=True):
            if one is None:
                return self.look()
            found.append(estimate_stored(pair, one, thresholds))
        first, second, between = found
        if self.thresholds == self.result.accuracy.thresholds:
            return Look(self.result.accuracy, (first, second), between)
        return self._estimated((first, second), between)

    def _estimated(
        self, by_truth: tuple[LargeComparison, LargeComparison], between: LargeComparison
    ) -> Look:
        """Errors are counted in some of the images, as a share of which there are in all."""
        counted, looked_at = [], []
        for errors, one, own in zip(
            self._errors, by_truth, each_thresholds(self.thresholds), strict=True
        ):
            sampled = self._samples.of(errors.pair)
            assert sampled is not None
            some = sampled.parts[::_EVERY]
            looked_at.append(sum(len(images) for images in some))
            factor = len(self.pair.parent) / max(1, looked_at[-1])
            found = errors.counted(own.scores[1], some)
            counts = {kind: round(factor * count) for kind, count in found.items()}
            counted.append((counts, one.confusion))
        accuracy = figures_at(self.result.accuracy, self.thresholds, counted)
        return Look(accuracy, by_truth, between, min(looked_at))

    def _accuracy(
        self, wanted: Wanted, by_truth: tuple[LargeComparison, LargeComparison] | None = None
    ) -> Accuracy:
        stored, thresholds = self.result.accuracy, self.thresholds
        if thresholds == stored.thresholds:
            return stored
        both = zip(
            self._errors, by_truth or self.by_truth, each_thresholds(thresholds), strict=True
        )
        counted = [
            (errors.counted(own.scores[1], wanted=wanted), one.confusion)
            for errors, one, own in both
        ]
        return figures_at(stored, thresholds, counted)

    def _by_truth(self, wanted: Wanted) -> tuple[LargeComparison, LargeComparison]:
        first, second = (
            _compared(errors.pair, own, wanted)
            for errors, own in zip(self._errors, each_thresholds(self.thresholds), strict=True)
        )
        return first, second

    @property
    def truth(self) -> StoredTruth:
        """What both were measured by."""
        return self.stored_truth

    def error_images(self, role: int, kind: ErrorKind) -> NDArray[np.int32]:
        """See `MeasuredAnnotations`."""
        return self._errors[role].images(kind, self.thresholds.scores[role])

    def detections(self) -> Detections:
        """See `MeasuredAnnotations`."""
        return Detections(self.pair.parent.image_names, self.pair.parts)

    @property
    def _errors(self) -> tuple[StoredErrors, StoredErrors]:
        return self._samples.errors


def open_large(folder: Path, view: ViewState = AS_MADE) -> LargeAnnotations:
    """The measurement that a job left in `folder`; raises WorkbenchError where it is damaged."""
    result = read_json(folder / RESULT_FILE, AnnotationsResult)
    pair = open_pair(folder)
    truth = open_truth(folder, pair)
    if truth is None:
        raise WorkbenchError(f"{folder / TRUTH_FILE} is missing.", MAKE_AGAIN)
    return LargeAnnotations(result, pair, truth, _Samples.by(truth, pair), view)


def _compared(
    pair: StoredPair, thresholds: Thresholds, wanted: Wanted = lambda: True
) -> LargeComparison:
    found = compare_stored(pair, thresholds, wanted)
    found.forget_rankings()  # no interval is asked for
    return found

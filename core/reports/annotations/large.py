"""A report on annotations whose detections and ground truth are so many that they stay in files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.errors import WorkbenchError
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.annotated import Accuracy, each_thresholds
from core.metrics.accuracy.error_kinds import ErrorKind
from core.metrics.accuracy.image_truth import StoredTruth
from core.metrics.accuracy.material import figures_at
from core.metrics.accuracy.measured_parts import StoredErrors
from core.metrics.accuracy.truth_pair import TruthPair
from core.metrics.comparison.large import LargeComparison, compare_stored
from core.metrics.comparison.stored_pair import StoredPair
from core.metrics.matching.thresholds import Thresholds
from core.reports.annotations.kind import AnnotationsResult
from core.reports.annotations.report import MeasuredAnnotations
from core.reports.detections import TRUTH_FILE, open_pair, open_truth
from core.reports.kind import AS_MADE, Detections, ViewState
from core.values import MAKE_AGAIN, read_json


@dataclass(frozen=True, eq=False)
class LargeAnnotations(MeasuredAnnotations):
    """Everything is computed part by part, when it is asked for."""

    large: ClassVar[bool] = True
    result: AnnotationsResult
    pair: StoredPair
    stored_truth: StoredTruth
    view: ViewState = AS_MADE

    def seen(self, view: ViewState) -> LargeAnnotations:
        """See `MeasuredAnnotations`."""
        return replace(self, view=view)

    @cached_property
    def accuracy(self) -> Accuracy:
        """The figures, at these thresholds."""
        stored, thresholds = self.result.accuracy, self.thresholds
        if thresholds == stored.thresholds:
            return stored
        both = zip(self._errors, each_thresholds(thresholds), strict=True)
        return figures_at(stored, thresholds, [errors.counted(own) for errors, own in both])

    @cached_property
    def by_truth(self) -> tuple[LargeComparison, LargeComparison]:
        """See `MeasuredAnnotations`."""
        first, second = (
            _compared(errors.pair, own)
            for errors, own in zip(self._errors, each_thresholds(self.thresholds), strict=True)
        )
        return first, second

    @cached_property
    def between(self) -> LargeComparison:
        """The two models with each other."""
        return _compared(self.pair, self.thresholds)

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

    @cached_property
    def _errors(self) -> tuple[StoredErrors, StoredErrors]:
        first, second = (
            StoredErrors(self.truth, TruthPair(self.truth.table, one, self.truth.mapped))
            for one in (self.pair.parent, self.pair.optimized)
        )
        return first, second


def open_large(folder: Path, view: ViewState = AS_MADE) -> LargeAnnotations:
    """The measurement that a job left in `folder`; raises WorkbenchError where it is damaged."""
    result = read_json(folder / RESULT_FILE, AnnotationsResult)
    pair = open_pair(folder)
    truth = open_truth(folder, pair)
    if truth is None:
        raise WorkbenchError(f"{folder / TRUTH_FILE} is missing.", MAKE_AGAIN)
    return LargeAnnotations(result, pair, truth, view)


def _compared(pair: StoredPair, thresholds: Thresholds) -> LargeComparison:
    found = compare_stored(pair, thresholds)
    found.forget_rankings()  # no interval is asked for
    return found

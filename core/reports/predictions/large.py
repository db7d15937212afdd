"""A report on so many predictions that they stay in their files: looked at, and exported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.image_truth import StoredTruth
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.large import (
    LargeComparison,
    compare_stored,
    estimate_stored,
    sample_of,
)
from core.metrics.comparison.sampled import Sample
from core.metrics.comparison.stored_pair import StoredPair
from core.metrics.matching.thresholds import Thresholds
from core.reports.detections import open_pair, open_truth
from core.reports.kind import AS_MADE, Detections, ViewState
from core.reports.predictions.kind import PredictionsResult
from core.reports.predictions.report import ComparedPredictions
from core.values import read_json


@dataclass(frozen=True, eq=False)
class LargeReport(ComparedPredictions):
    """What was compared, and the files that everything is computed from."""

    result: PredictionsResult
    pair: StoredPair
    truth: StoredTruth | None
    view: ViewState = AS_MADE

    @cached_property
    def comparison(self) -> LargeComparison:
        """All of it, at these thresholds."""
        found = compare_stored(self.pair, self.thresholds)
        if self.thresholds == self.result.thresholds:
            found.forget_rankings()  # the interval is stored
        return found

    def detections(self) -> Detections:
        """See `ComparedPredictions`."""
        return Detections(self.pair.parent.image_names, self.pair.parts)

    def _interval(self) -> Interval | None:
        found = self.comparison.interval()
        self.comparison.forget_rankings()
        return found

    @cached_property
    def _sample(self) -> Sample | None:
        """What estimates are from, read and ranked once for all thresholds."""
        return sample_of(self.pair)

    def first_look(self, thresholds: Thresholds) -> LargeComparison:
        """What can be shown within a second or two at these thresholds: of a sample, mostly.

        The summary that the report was made with needs no estimate.
        """
        if self._sample is None:
            return compare_stored(self.pair, thresholds)
        found = estimate_stored(self.pair, self._sample, thresholds)
        if thresholds == self.result.thresholds:
            return replace(found, summary=self.result.summary, estimate=None)
        return found


def open_large(folder: Path, view: ViewState = AS_MADE) -> LargeReport:
    """The report that a job left in `folder`; raises WorkbenchError where it is damaged."""
    result = read_json(folder / RESULT_FILE, PredictionsResult)
    pair = open_pair(folder)
    return LargeReport(result, pair, open_truth(folder, pair), view)

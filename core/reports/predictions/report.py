"""A report on predictions that was read: what was compared, at the thresholds it is looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.detection.detections import DetectionTable
from core.metrics.accuracy.image_truth import StoredTruth
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.verdict import Verdict, verdict_on
from core.metrics.comparison.bootstrap import Interval, agreement_interval
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.matching.thresholds import Thresholds
from core.reports.filters import AnyComparison, RowFilter
from core.reports.kind import AS_MADE, Detections, ViewState
from core.reports.lost_classes import lost_classes_words
from core.reports.wording import AsMade, as_made, verdict_sentence, verdict_text

if TYPE_CHECKING:
    from core.reports.predictions.kind import PredictionsResult


class ComparedPredictions(ABC):
    """A stored comparison, and what was compared, to compute everything from.

    `truth` is the ground truth of the images, if the dataset is annotated; `view` how the report
    is looked at.
    """

    result: PredictionsResult
    truth: GroundTruth | StoredTruth | None
    view: ViewState

    @cached_property
    @abstractmethod
    def comparison(self) -> AnyComparison:
        """At these thresholds."""

    @abstractmethod
    def detections(self) -> Detections:
        """What was compared."""

    @abstractmethod
    def _interval(self) -> Interval | None:
        """Of the agreement, computed at these thresholds."""

    @property
    def thresholds(self) -> Thresholds:
        """Those that the figures are of."""
        return self.view.thresholds or self.result.thresholds

    @property
    def chosen(self) -> RowFilter:
        """Which rows and images are shown."""
        return self.view.chosen

    @property
    def verdict(self) -> Verdict:
        """At these thresholds."""
        changed = self.comparison.summary.changed
        return verdict_on(self.result.grounds, changed, self.thresholds.limits)

    @property
    def as_made(self) -> AsMade | None:
        """The verdict that it was made with, where thresholds were moved since."""
        return as_made(self.result.verdict.name, self.result.thresholds, self.thresholds)

    @property
    def verdict_text(self) -> str:
        """The verdict in words."""
        return verdict_text(self.verdict.name, self.as_made)

    @property
    def sentence(self) -> str:
        """What the verdict rests on."""
        summary, limits = self.comparison.summary, self.thresholds.limits
        said = verdict_sentence(self.verdict, self.result.grounds, summary, limits)
        return " ".join((said, *lost_classes_words(self.comparison.per_class)))

    @cached_property
    def interval(self) -> Interval | None:
        """Of the agreement, at these thresholds."""
        if self.thresholds == self.result.thresholds:
            return self.result.agreement_interval
        return self._interval()


@dataclass(frozen=True, eq=False)
class PredictionsReport(ComparedPredictions):
    """One whose detections lie in memory."""

    result: PredictionsResult
    parent: DetectionTable
    optimized: DetectionTable
    truth: GroundTruth | None = None
    view: ViewState = AS_MADE

    @cached_property
    def comparison(self) -> Comparison:
        """At these thresholds."""
        return compare(self.parent, self.optimized, self.thresholds)

    def detections(self) -> Detections:
        """See `ComparedPredictions`."""
        return Detections(self.parent.image_names, lambda: [(self.parent, self.optimized)])

    def _interval(self) -> Interval | None:
        return agreement_interval(self.comparison)

"""What of a measurement by ground truth other thresholds change: confusion and error counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from core.detection.detections import DetectionTable
from core.metrics.accuracy.annotated import Accuracy, as_stored, each_thresholds
from core.metrics.accuracy.error_costs import KINDS, ErrorKind
from core.metrics.accuracy.error_kinds import ErrorCost, Errors
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.comparison.confusion import ConfusionMatrix, confusion_matrix
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.thresholds import Thresholds


class AccuracyMaterial:
    """What the figures that a threshold changes are computed from: confusion and error counts.

    Ranking, overlaps and the kinds of errors are found once, at the first call of `at`.
    """

    def __init__(
        self, truth: GroundTruth, parent: DetectionTable, optimized: DetectionTable
    ) -> None:
        self.truth, self.parent, self.optimized = truth, parent, optimized
        self._judged = tuple(truth.judged(one) for one in (parent, optimized))

    @cached_property
    def errors(self) -> tuple[Errors, Errors]:
        """The parent's errors, and the optimized model's."""
        first, second = (Errors.of(judge(self.truth, one)) for one in self._judged)
        return first, second

    @cached_property
    def between(self) -> Candidates:
        """For a comparison of the two models with each other."""
        return prepare(self.parent, self.optimized)

    @cached_property
    def _candidates(self) -> tuple[Candidates, ...]:
        return tuple(prepare(self.truth.table, one) for one in self._judged)

    def comparisons(self, thresholds: Thresholds) -> tuple[Comparison, Comparison]:
        """Each model's detections against the ground truth: what is found, missed, extra."""
        first, second = (
            compare(self.truth.table, one, own, candidates=candidates)
            for one, candidates, own in zip(
                self._judged, self._candidates, each_thresholds(thresholds), strict=True
            )
        )
        return first, second

    def at(
        self, figures: Accuracy, thresholds: Thresholds
    ) -> tuple[Accuracy, tuple[Comparison, Comparison]]:
        """The figures with what these thresholds change, and the comparisons behind them."""
        found = self.comparisons(thresholds)
        counted = [
            ({kind: errors.count(kind, own) for kind in KINDS}, confusion_matrix(comparison))
            for errors, comparison, own in zip(self.errors, found, thresholds.scores, strict=True)
        ]
        return figures_at(figures, thresholds, counted), found


def figures_at(
    figures: Accuracy,
    thresholds: Thresholds,
    counted: Sequence[tuple[Mapping[ErrorKind, int], ConfusionMatrix]],
) -> Accuracy:
    """The figures with what these thresholds change: of each model what was counted at its own."""
    models = [
        replace(
            model,
            errors={
                kind: ErrorCost(count=counts[kind], cost=known.cost)
                for kind, known in model.errors.items()  # no threshold changes the cost
            },
            confusion=as_stored(matrix),
        )
        for model, (counts, matrix) in zip(
            (figures.parent, figures.optimized), counted, strict=True
        )
    ]
    return replace(figures, thresholds=thresholds, parent=models[0], optimized=models[1])

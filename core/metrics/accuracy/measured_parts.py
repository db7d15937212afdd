"""What one model's detections come to by the ground truth, of some images and then of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.accuracy.coco_matching import CocoPart
from core.metrics.accuracy.coco_statistics import CocoByParts, CocoStatistics
from core.metrics.accuracy.error_costs import KINDS, ErrorColumns, ErrorCosts, ErrorKind
from core.metrics.accuracy.error_kinds import Errors
from core.metrics.accuracy.image_truth import StoredTruth
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.ranked_ap import RankedPart
from core.metrics.accuracy.ranked_in_file import RankedInFile
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.truth_pair import TruthPair
from core.metrics.accuracy.voc import VocByParts, VocClaims, VocPrecision
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import draw_images
from core.metrics.comparison.comparison import compare
from core.metrics.comparison.confusion import ConfusionMatrix, confusion_matrix
from core.metrics.comparison.stored_pair import Unwanted
from core.metrics.matching.chunks import in_order
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds


@dataclass(frozen=True, eq=False)
class _OfPart:
    claims: VocClaims
    errors: ErrorColumns
    counted: _Counted


@dataclass(frozen=True, eq=False)
class _Counted:
    counts: dict[ErrorKind, int]
    confusion: NDArray[np.int64]
    sure: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MeasuredParts:
    """Of all images: the figures, and counts.

    Attributes:
        coco: its statistics.
        drawn: float64 ``[D+1]``: AP of draws of the images.
        voc: of each class.
        costs: of the kinds of errors.
        counts: errors of each kind, and `confusion`, from the thresholds on.
        sure: int64 ``[C]``, detections of each class from the thresholds on.
    """

    coco: CocoStatistics
    drawn: Real
    voc: VocPrecision
    costs: dict[ErrorKind, float]
    counts: dict[ErrorKind, int]
    confusion: ConfusionMatrix
    sure: NDArray[np.int64]

    @staticmethod
    def of(
        truth: GroundTruth,
        tables: Iterable[DetectionTable],
        thresholds: Thresholds,
        folder: Path | None = None,
    ) -> MeasuredParts:
        """From tables of the images of `truth`, one after the other; at least one."""

        def numbered() -> Iterable[tuple[int, DetectionTable]]:
            first = 0
            for table in tables:
                yield first, table
                first += len(table)

        classes = max(1, len(truth.class_names))
        coco, ranked = CocoByParts(classes, folder), RankedInFile(classes, folder)
        claimed, costs = VocByParts(classes, folder), ErrorCosts(classes, folder)
        draws = draw_images(len(truth.table))
        parts: list[_Counted] = []
        found = in_order(lambda some: _of_part(truth, *some, thresholds), numbered())
        for by_size, by_score, one in found:
            coco.add(by_size)
            ranked.add(by_score, draws)
            claimed.add(one.claims)
            costs.add(one.errors)
            parts.append(one.counted)
        return MeasuredParts(
            coco.statistics(truth.mapped),
            ranked.drawn(draws),
            claimed.precision(np.bincount(truth.table.class_ids, minlength=classes)),
            costs.costs(),
            {kind: sum(one.counts[kind] for one in parts) for kind in KINDS},
            ConfusionMatrix(truth.class_names, np.sum([one.confusion for one in parts], axis=0)),
            np.sum([one.sure for one in parts], axis=0),
        )


@dataclass(frozen=True, eq=False)
class StoredErrors:
    """One model's errors by a ground truth, both in their files: found anew when asked for."""

    truth: StoredTruth
    pair: TruthPair

    def counted(
        self,
        scores: ScoreThresholds,
        some: Sequence[range] | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> dict[ErrorKind, int]:
        """Errors of each kind from these thresholds on, in all images or in `some`.

        Raises Unwanted where `wanted` says so meanwhile.
        """

        def count(images: range) -> dict[ErrorKind, int]:
            if not wanted():
                raise Unwanted
            errors = self._errors(images)
            return {kind: errors.count(kind, scores) for kind in KINDS}

        parts = list(in_order(count, self.pair.stretches if some is None else some))
        return {kind: sum(counts[kind] for counts in parts) for kind in KINDS}

    def images(self, kind: ErrorKind, scores: ScoreThresholds) -> NDArray[np.int32]:
        """The image of each error of a kind, as `Errors.images`."""

        def found(images: range) -> NDArray[np.int32]:
            return self._errors(images).images(kind, scores) + np.int32(images.start)

        return np.concatenate([np.zeros(0, np.int32), *in_order(found, self.pair.stretches)])

    def _errors(self, images: range) -> Errors:
        return Errors.of(judge(self.truth.part(images), self.pair.optimized.part(images)))


def _of_part(
    truth: GroundTruth, first: int, table: DetectionTable, thresholds: Thresholds
) -> tuple[CocoPart, RankedPart, _OfPart]:
    truth = truth.part(range(first, first + len(table)))
    judged, scores = judge(truth, table), thresholds.scores[1]
    errors = Errors.of(judged)
    sure = table.scores >= scores.by_class(table.class_names)[table.class_ids]
    part = _OfPart(
        VocClaims.of(truth, judged),
        errors.columns,
        _Counted(
            {kind: errors.count(kind, scores) for kind in KINDS},
            confusion_matrix(compare(truth.table, truth.judged(table), thresholds)).counts,
            np.bincount(table.class_ids[sure], minlength=len(table.class_names)),
        ),
    )
    return CocoPart.of(truth, judged.candidates), judged.part().behind(first), part

"""Report: accuracy of parent and optimized model on annotated images, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.detection.joining import Both
from core.metrics.accuracy.coco_statistics import CocoStatistics
from core.metrics.accuracy.error_costs import ErrorKind
from core.metrics.accuracy.error_kinds import ErrorCost
from core.metrics.accuracy.measured_parts import MeasuredParts
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.voc import VocPrecision
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Interval, interval
from core.metrics.comparison.confusion import ConfusionMatrix
from core.metrics.matching.thresholds import Thresholds
from core.values import Value

Statistics = dict[str, float | None]


class Confusion(Value):
    """Rows: true class; columns: detected class; the last of each is none. See `confusion`."""

    class_names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class ModelAccuracy(Value):
    """One model's figures.

    Attributes:
        statistics: the twelve of COCO, by name.
        ap: COCO AP with its 95% bootstrap interval over images; None without ground truth.
        voc_11_point, voc_all_point: Pascal VOC's mAP at IoU .50.
        errors: kinds after TIDE, counted from the score threshold on.
        confusion: at the score and IoU thresholds.
        precision_at_recall: precision at IoU .50 and recall 0, .01, ... 1, mean of the classes.
    """

    statistics: Statistics
    ap: Interval | None
    voc_11_point: float | None
    voc_all_point: float | None
    errors: dict[ErrorKind, ErrorCost]
    confusion: Confusion
    precision_at_recall: tuple[float, ...]


class ClassFigures(Value):
    """One model's AP of one class, and its precision at IoU .50 and recall 0, .01, ... 1."""

    ap: float
    ap50: float
    voc_11_point: float
    voc_all_point: float
    detections: int
    precision_at_recall: tuple[float, ...]


class ClassAccuracy(Value):
    """One class with ground truth; `difference` is optimized AP minus the parent's."""

    class_name: str
    objects: int
    parent: ClassFigures
    optimized: ClassFigures
    difference: float


class Accuracy(Value):
    """The whole report.

    Attributes:
        objects, ignored: boxes of the ground truth that count, and crowds or difficult ones.
        difference: optimized AP minus the parent's, with its 95% interval: both models are
            measured on the same draws of images.
        differences: of each statistic.
    """

    images: int
    objects: int
    ignored: int
    thresholds: Thresholds
    parent: ModelAccuracy
    optimized: ModelAccuracy
    difference: Interval | None
    differences: Statistics
    classes: tuple[ClassAccuracy, ...]


@dataclass(frozen=True, eq=False)
class _Measured:
    """One model's figures and what the classes' and the difference are made of."""

    accuracy: ModelAccuracy
    coco: CocoStatistics
    voc: VocPrecision
    drawn: Real
    counts: NDArray[np.int64]


def accuracy(
    truth: GroundTruth,
    parent: DetectionTable,
    optimized: DetectionTable,
    thresholds: Thresholds | None = None,
) -> Accuracy:
    """Measure both models by the same ground truth."""
    both = parent, optimized
    return accuracy_by_parts(truth, lambda: [both], thresholds)


def accuracy_by_parts(
    truth: GroundTruth,
    parts: Callable[[], Iterable[Both]],
    thresholds: Thresholds | None = None,
    folder: Path | None = None,
) -> Accuracy:
    """The same, of both models' detections that come part by part each time they are asked for.

    Of each detection of one model at a time some 50 bytes lie in files in `folder`, or in memory
    where they are few: see `core.metrics.accuracy.rows_by_class`.
    """
    thresholds = thresholds or Thresholds()
    own = each_thresholds(thresholds)
    first = _measure(truth, (parent for parent, _ in parts()), own[0], folder)
    second = _measure(truth, (optimized for _, optimized in parts()), own[1], folder)
    parent_ap, optimized_ap = first.accuracy.ap, second.accuracy.ap
    difference = None
    if parent_ap is not None and optimized_ap is not None:
        change = optimized_ap.value - parent_ap.value
        difference = interval(change, second.drawn - first.drawn)
    return Accuracy(
        images=len(truth.table),
        objects=len(truth.table.scores),
        ignored=len(truth.ignored.scores),
        thresholds=thresholds,
        parent=first.accuracy,
        optimized=second.accuracy,
        difference=difference,
        differences=_differences(first.accuracy.statistics, second.accuracy.statistics),
        classes=_classes(truth, first, second),
    )


def each_thresholds(thresholds: Thresholds) -> tuple[Thresholds, Thresholds]:
    """Those of the parent beside the ground truth, and those of the optimized model there."""
    return replace(thresholds, optimized_scores=None), thresholds


def _measure(
    truth: GroundTruth,
    tables: Iterable[DetectionTable],
    thresholds: Thresholds,
    folder: Path | None,
) -> _Measured:
    """One model's detections, the images one after the other."""
    found = MeasuredParts.of(truth, tables, thresholds, folder)
    coco, voc, drawn = found.coco, found.voc, found.drawn
    costs, value = found.costs, coco.values["AP"]
    return _Measured(
        ModelAccuracy(
            statistics=coco.values,
            ap=None if value is None else interval(value, drawn),
            voc_11_point=VocPrecision.mean(voc.eleven_point),
            voc_all_point=VocPrecision.mean(voc.all_point),
            errors={
                kind: ErrorCost(count=found.counts[kind], cost=cost) for kind, cost in costs.items()
            },
            confusion=as_stored(found.confusion),
            precision_at_recall=_mean_curve(coco.precision[0]),
        ),
        coco,
        voc,
        drawn,
        found.sure,
    )


def as_stored(matrix: ConfusionMatrix) -> Confusion:
    """The matrix of the classes that there are."""
    shown = matrix.shown()
    return Confusion(
        class_names=shown.class_names,
        counts=tuple(tuple(row) for row in shown.counts.tolist()),
    )


def _mean_curve(precision: Real) -> tuple[float, ...]:
    """Of ``[101, K]`` the mean over the classes with ground truth."""
    known = precision[:, ~np.isnan(precision[0])]
    return tuple(known.mean(axis=1).tolist()) if known.shape[1] else ()


def _differences(parent: Statistics, optimized: Statistics) -> Statistics:
    result: Statistics = {}
    for name, before in parent.items():
        after = optimized[name]
        result[name] = None if before is None or after is None else after - before
    return result


def _classes(truth: GroundTruth, first: _Measured, second: _Measured) -> tuple[ClassAccuracy, ...]:
    names = truth.table.class_names
    objects = np.bincount(truth.table.class_ids, minlength=len(names))
    aps = (first.coco.class_ap(), second.coco.class_ap())
    return tuple(
        ClassAccuracy(
            class_name=names[class_id],
            objects=int(objects[class_id]),
            parent=_figures(first, aps[0][class_id], class_id),
            optimized=_figures(second, aps[1][class_id], class_id),
            difference=aps[1][class_id][0] - aps[0][class_id][0],
        )
        for class_id in aps[0]
    )


def _figures(of: _Measured, ap: tuple[float, float], class_id: int) -> ClassFigures:
    place = int(np.flatnonzero(of.coco.class_ids == class_id)[0])
    return ClassFigures(
        ap=ap[0],
        ap50=ap[1],
        voc_11_point=float(of.voc.eleven_point[class_id]),
        voc_all_point=float(of.voc.all_point[class_id]),
        detections=int(of.counts[class_id]),
        precision_at_recall=tuple(of.coco.precision[0, :, place].round(6).tolist()),
    )

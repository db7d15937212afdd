"""Figures and tables of accuracy by ground truth: the same for files, pages and the window."""

from __future__ import annotations

from collections.abc import Iterator

from core.documents.csv import Cell
from core.documents.tables import Column, Figure, Form, Table, shown
from core.metrics.accuracy.annotated import Accuracy
from core.metrics.accuracy.coco_statistics import STATISTICS
from core.metrics.accuracy.error_costs import KINDS, ErrorKind
from core.metrics.comparison.bootstrap import Interval

_MEANINGS = {
    "AP": "AP averaged over IoU .50, .55, … .95",
    "AP50": "AP at IoU .50",
    "AP75": "AP at IoU .75",
    "APs": "AP of small objects, below 32² pixels",
    "APm": "AP of medium objects, 32² to 96² pixels",
    "APl": "AP of large objects, above 96² pixels",
    "AR1": "Average recall with 1 detection per image",
    "AR10": "Average recall with 10 detections per image",
    "AR100": "Average recall with 100 detections per image",
    "ARs": "Average recall of small objects",
    "ARm": "Average recall of medium objects",
    "ARl": "Average recall of large objects",
    "VOC mAP, 11-point": "Pascal VOC 2007, IoU .50",
    "VOC mAP, all-point": "Pascal VOC from 2010 on, IoU .50",
}
ERROR_WORDS: dict[ErrorKind, tuple[str, str]] = {
    "class": ("Class", "Right place, wrong class"),
    "localisation": ("Localization", "Right class, IoU of .1 to .5"),
    "both": ("Class and localization", "Wrong class, IoU of .1 to .5"),
    "duplicate": ("Duplicate", "Object that a higher score has found"),
    "background": ("Background", "No object there"),
    "missed": ("Missed", "Object that no detection reaches"),
}
_INTERVAL = "In brackets the 95% interval: a bootstrap over images."
_COST = "AP50 gained by fixing these errors."
_SCORED = "From the report's score threshold on."
IMAGE_COLUMNS = (  # of one model beside the ground truth
    Column("image", "Image Name", meaning="The image file, with its folder below the dataset's."),
    Column(
        "detections", "Detections", "count",
        "Boxes of the model with at least the score threshold.",
    ),
    Column("objects", "Ground-truth objects", "count"),
    Column(
        "found", "Found", "count",
        "Objects with a box of their class that has at least the IoU threshold.",
    ),
    Column(
        "missed", "Missed", "count",
        "Objects that the model does not find, not even as another class.",
    ),
    Column("extra", "False positives", "count", "Boxes where there is no such object."),
    Column(
        "class_changed", "Wrong class", "count", "Objects that the model finds as another class."
    ),
)  # fmt: skip
STATISTIC_COLUMNS = (
    Column("statistic", "Statistic"),
    Column("parent", "Parent", "fine"),
    Column("optimized", "Optimized", "fine"),
    Column("difference", "Difference", "fine_change", "Optimized minus parent."),
    Column("meaning", "Meaning"),
)
CLASS_COLUMNS = (
    Column("class", "Class", meaning="Double-click a class to see its images with errors."),
    Column("objects", "Ground-truth objects", "count"),
    Column("parent_ap", "AP, parent", "ratio", "COCO AP@[.50:.95]."),
    Column("optimized_ap", "AP, optimized", "ratio", "COCO AP@[.50:.95]."),
    Column("difference", "Difference", "fine_change", "AP, optimized minus parent."),
    Column("parent_ap50", "AP50, parent", "ratio", "At IoU .50."),
    Column("optimized_ap50", "AP50, optimized", "ratio", "At IoU .50."),
    Column("parent_voc", "VOC all-point, parent", "ratio", "Pascal VOC from 2010 on, IoU .50."),
    Column(
        "optimized_voc", "VOC all-point, optimized", "ratio", "Pascal VOC from 2010 on, IoU .50."
    ),
    Column("parent_detections", "Detections, parent", "count", _SCORED),
    Column("optimized_detections", "Detections, optimized", "count", _SCORED),
)
ERROR_COLUMNS = (
    Column("kind", "Kind of error", meaning="After TIDE. Double-click to see its images."),
    Column("parent_count", "Parent", "count", _SCORED),
    Column("optimized_count", "Optimized", "count", _SCORED),
    Column("parent_cost", "Cost, parent", "fine", _COST),
    Column("optimized_cost", "Cost, optimized", "fine", _COST),
    Column("meaning", "Meaning"),
)


def figures(accuracy: Accuracy) -> tuple[Figure, ...]:
    """AP of both with its interval, the difference, and what they were measured on."""
    return (
        Figure("parent", "AP, parent", _with_interval(accuracy.parent.ap), "text", _INTERVAL),
        Figure(
            "optimized", "AP, optimized", _with_interval(accuracy.optimized.ap), "text", _INTERVAL
        ),
        Figure(
            "difference",
            "Difference",
            _with_interval(accuracy.difference, "change"),
            "text",
            f"Optimized minus parent. {_INTERVAL}",
        ),
        Figure("images", "Images", accuracy.images, "count"),
        Figure(
            "objects",
            "Ground-truth objects",
            accuracy.objects,
            "count",
            f"{accuracy.ignored:,} more are crowds or difficult, and ignored.",
        ),
    )


def _with_interval(interval: Interval | None, form: Form = "ratio") -> str | None:
    if interval is None:
        return None
    value, low, high = (shown(one, form) for one in (interval.value, interval.low, interval.high))
    return f"{value} ({low} to {high})"


def statistic_table(accuracy: Accuracy) -> Table:
    """COCO's twelve, and Pascal VOC's two."""
    return Table.of_rows(
        STATISTIC_COLUMNS,
        (
            (name, before, after, _less(after, before), _MEANINGS[name])
            for name, before, after in statistics(accuracy)
        ),
    )


def statistics(accuracy: Accuracy) -> Iterator[tuple[str, float | None, float | None]]:
    """Name, the parent's and the optimized model's figure."""
    parent, optimized = accuracy.parent, accuracy.optimized
    for name in STATISTICS:
        yield name, parent.statistics[name], optimized.statistics[name]
    yield "VOC mAP, 11-point", parent.voc_11_point, optimized.voc_11_point
    yield "VOC mAP, all-point", parent.voc_all_point, optimized.voc_all_point


def class_table(accuracy: Accuracy) -> Table:
    """The classes with ground truth, the one that lost most first."""
    return Table.of_rows(
        CLASS_COLUMNS,
        (
            (
                one.class_name, one.objects, one.parent.ap, one.optimized.ap, one.difference,
                one.parent.ap50, one.optimized.ap50, one.parent.voc_all_point,
                one.optimized.voc_all_point, one.parent.detections, one.optimized.detections,
            )
            for one in sorted(accuracy.classes, key=lambda one: one.difference)
        ),
    )  # fmt: skip


def error_table(accuracy: Accuracy) -> Table:
    """The kinds of errors, in the order of `KINDS`."""
    parent, optimized = accuracy.parent.errors, accuracy.optimized.errors

    def row(kind: ErrorKind) -> tuple[Cell, ...]:
        name, meaning = ERROR_WORDS[kind]
        return (
            name, parent[kind].count, optimized[kind].count, parent[kind].cost,
            optimized[kind].cost, meaning,
        )  # fmt: skip

    return Table.of_rows(ERROR_COLUMNS, map(row, KINDS))


def _less(after: float | None, before: float | None) -> float | None:
    return None if before is None or after is None else after - before

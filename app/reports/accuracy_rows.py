"""Figures, columns and rows of the report on annotations."""

from __future__ import annotations

from collections.abc import Sequence

from app.kit.figures import Figure
from app.kit.tables.columns import change, counted, ratio, ratio4
from app.kit.tables.plain_model import Cell, PlainColumn
from core.metrics.accuracy.annotated import Accuracy
from core.metrics.accuracy.coco_statistics import STATISTICS
from core.metrics.accuracy.error_kinds import KINDS, ErrorKind
from core.metrics.comparison.bootstrap import Interval

_MEANT = {
    "AP": "Average precision, mean of the IoU thresholds .50, .55, … .95",
    "AP50": "Average precision at IoU .50",
    "AP75": "Average precision at IoU .75",
    "APs": "AP of small objects, below 32² pixels",
    "APm": "AP of medium objects, 32² to 96² pixels",
    "APl": "AP of large objects, above 96² pixels",
    "AR1": "Average recall with one detection an image",
    "AR10": "Average recall with 10 detections an image",
    "AR100": "Average recall with 100 detections an image",
    "ARs": "Average recall of small objects",
    "ARm": "Average recall of medium objects",
    "ARl": "Average recall of large objects",
}
ERROR_WORDS: dict[ErrorKind, tuple[str, str]] = {
    "class": ("Class", "the right place, the wrong class"),
    "localisation": ("Localisation", "the right class, an overlap of .1 to .5"),
    "both": ("Both", "the wrong class, and an overlap of .1 to .5"),
    "duplicate": ("Duplicate", "an object that a surer detection has found"),
    "background": ("Background", "where there is no object"),
    "missed": ("Missed", "an object that no detection reaches"),
}
STATISTIC_COLUMNS = (
    PlainColumn("Statistic"),
    PlainColumn("Parent", "", ratio4),
    PlainColumn("Optimized", "", ratio4),
    PlainColumn("Difference", "Optimized less parent.", change),
    PlainColumn("What it is"),
)
CLASS_COLUMNS = (
    PlainColumn("Class", "Double-click a class to see the images with errors about it."),
    PlainColumn("Objects", "Marked by people.", counted),
    PlainColumn("AP, parent", "COCO AP@[.50:.95].", ratio),
    PlainColumn("AP, optimized", "COCO AP@[.50:.95].", ratio),
    PlainColumn("Difference", "Of AP, optimized less parent.", change),
    PlainColumn("AP50, parent", "At IoU .50.", ratio),
    PlainColumn("AP50, optimized", "At IoU .50.", ratio),
    PlainColumn("VOC all-point, parent", "Pascal VOC from 2010 on, IoU .50.", ratio),
    PlainColumn("VOC all-point, optimized", "Pascal VOC from 2010 on, IoU .50.", ratio),
    PlainColumn("Detections, parent", "From the score threshold of the report on.", counted),
    PlainColumn("Detections, optimized", "From the score threshold of the report on.", counted),
)
ERROR_COLUMNS = (
    PlainColumn("Kind", "After TIDE. Double-click a kind to see its images."),
    PlainColumn("Parent", "Errors from the score threshold on.", counted),
    PlainColumn("Optimized", "Errors from the score threshold on.", counted),
    PlainColumn("Cost, parent", "AP50 that mending all of the kind would gain.", ratio4),
    PlainColumn("Cost, optimized", "AP50 that mending all of the kind would gain.", ratio4),
    PlainColumn("What it is"),
)


def figures(accuracy: Accuracy) -> list[Figure]:
    """AP of both with its interval, the difference, and what it was measured on."""
    return [
        Figure("AP, parent", *_with_interval(accuracy.parent.ap), key="parent"),
        Figure("AP, optimized", *_with_interval(accuracy.optimized.ap), key="optimized"),
        Figure("difference", *_with_interval(accuracy.difference, "+"), key="optimized"),
        Figure("images", f"{accuracy.images:,}", "Looked at."),
        Figure(
            "objects",
            f"{accuracy.objects:,}",
            f"Marked by people; {accuracy.ignored:,} more are crowds or difficult, and ignored.",
        ),
    ]


def _with_interval(interval: Interval | None, sign: str = "") -> tuple[str, str]:
    if interval is None:
        return "–", ""
    value, low, high = (f"{one:{sign}.3f}" for one in (interval.value, interval.low, interval.high))
    return f"{value} ({low} to {high})", "In brackets its 95 % interval: a bootstrap over images."


def statistic_rows(accuracy: Accuracy) -> list[Sequence[Cell]]:
    """COCO's twelve, and Pascal VOC's two."""
    parent, optimized = accuracy.parent, accuracy.optimized
    rows: list[Sequence[Cell]] = [
        (
            name,
            parent.statistics[name],
            optimized.statistics[name],
            accuracy.differences[name],
            _MEANT[name],
        )
        for name in STATISTICS
    ]
    for name, before, after, meant in (
        ("VOC mAP, 11-point", parent.voc_11_point, optimized.voc_11_point, "Pascal VOC 2007"),
        ("VOC mAP, all-point", parent.voc_all_point, optimized.voc_all_point, "from 2010 on"),
    ):
        difference = None if before is None or after is None else after - before
        rows.append((name, before, after, difference, f"{meant}, IoU .50"))
    return rows


def class_rows(accuracy: Accuracy) -> tuple[list[Sequence[Cell]], list[str]]:
    """The classes, the one that lost most first."""
    ordered = sorted(accuracy.classes, key=lambda one: one.difference)
    rows: list[Sequence[Cell]] = [
        (
            one.class_name, one.objects, one.parent.ap, one.optimized.ap, one.difference,
            one.parent.ap50, one.optimized.ap50, one.parent.voc_all_point,
            one.optimized.voc_all_point, one.parent.detections, one.optimized.detections,
        )
        for one in ordered
    ]  # fmt: skip
    return rows, [one.class_name for one in ordered]


def error_rows(accuracy: Accuracy) -> tuple[list[Sequence[Cell]], list[ErrorKind]]:
    """The kinds of errors."""
    parent, optimized = accuracy.parent.errors, accuracy.optimized.errors
    rows: list[Sequence[Cell]] = [
        (
            ERROR_WORDS[kind][0], parent[kind].count, optimized[kind].count, parent[kind].cost,
            optimized[kind].cost, ERROR_WORDS[kind][1],
        )
        for kind in KINDS
    ]  # fmt: skip
    return rows, list(KINDS)

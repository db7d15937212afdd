"""The columns of the predictions' per-class table."""

from __future__ import annotations

from collections.abc import Sequence

from app.kit.tables.columns import counted, ratio
from app.kit.tables.plain_model import Cell, PlainColumn
from core.metrics.comparison.summary import ClassSummary

CLASS_SUMMARY_COLUMNS = (
    PlainColumn("Class", "Double-click a class to see its images."),
    PlainColumn("A. Optimized Model Detections", "", counted),
    PlainColumn("B. Parent Model Detections", "", counted),
    PlainColumn("Matches between A and B", "", counted),
    PlainColumn("Missed", "Found by the parent only.", counted),
    PlainColumn("Extra", "Found by the optimized model only.", counted),
    PlainColumn(
        "Class changed", "Boxes in one place with two classes; counted in both of them.", counted
    ),
    PlainColumn("Shifted", "Matches that overlap little.", counted),
    PlainColumn("Score drift", "Matches whose scores differ much.", counted),
    PlainColumn(
        "Agreement",
        "COCO AP@[.50:.95] of the class with the parent's detections as ground truth.",
        ratio,
    ),
    PlainColumn("Agreement at IoU .50", "The same at IoU .50.", ratio),
)


def class_rows(classes: Sequence[ClassSummary]) -> tuple[list[Sequence[Cell]], list[str]]:
    """The rows, those with most differences first, and their classes."""
    ordered = sorted(classes, key=lambda one: -(one.missed + one.extra + one.class_changed))
    rows: list[Sequence[Cell]] = [
        (
            one.class_name, one.optimized, one.parent, one.matches, one.missed, one.extra,
            one.class_changed, one.shifted, one.drifted, one.agreement, one.agreement_50,
        )
        for one in ordered
    ]  # fmt: skip
    return rows, [one.class_name for one in ordered]

"""Accuracy by ground truth and tensor distances as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.documents.csv import csv_table
from core.metrics.accuracy.annotated import Accuracy
from core.metrics.accuracy.coco_statistics import STATISTICS
from core.metrics.accuracy.error_kinds import KINDS
from core.metrics.tensors.tensor_distance import TensorDistance, TensorReport
from core.values import write_bytes_whole


def write_accuracy_tables(accuracy: Accuracy, output: Path) -> tuple[str, ...]:
    """Statistics, classes and error kinds; gives the files' names."""
    parent, optimized = accuracy.parent, accuracy.optimized
    statistics: list[Sequence[Any]] = [
        (name, parent.statistics[name], optimized.statistics[name], accuracy.differences[name])
        for name in STATISTICS
    ]
    for name, field in (("VOC 11-point", "voc_11_point"), ("VOC all-point", "voc_all_point")):
        before, after = getattr(parent, field), getattr(optimized, field)
        change = None if before is None or after is None else after - before
        statistics.append((name, before, after, change))
    classes = [
        (
            row.class_name, row.objects, row.parent.ap, row.optimized.ap, row.difference,
            row.parent.ap50, row.optimized.ap50, row.parent.detections, row.optimized.detections,
        )
        for row in accuracy.classes
    ]  # fmt: skip
    errors = [
        (
            kind, parent.errors[kind].count, optimized.errors[kind].count,
            parent.errors[kind].cost, optimized.errors[kind].cost,
        )
        for kind in KINDS
    ]  # fmt: skip
    return _write(
        output,
        {
            "statistics.csv": (("statistic", "parent", "optimized", "difference"), statistics),
            "classes.csv": (
                (
                    "class", "objects", "parent_ap", "optimized_ap", "difference", "parent_ap50",
                    "optimized_ap50", "parent_detections", "optimized_detections",
                ),
                classes,
            ),
            "errors.csv": (
                ("kind", "parent_count", "optimized_count", "parent_cost", "optimized_cost"),
                errors,
            ),
        },
    )  # fmt: skip


def write_tensor_tables(report: TensorReport, output: Path) -> tuple[str, ...]:
    """Outputs and layers; gives the files' names."""
    titles = (
        "name", "kind", "output", "mse", "snr_db", "cosine", "max_abs", "relative_error",
        "added_error", "operations",
    )  # fmt: skip

    def row(one: TensorDistance) -> Sequence[Any]:
        return (
            one.name, one.kind, one.output, one.mse, one.snr_db, one.cosine, one.max_abs,
            one.relative_error, one.added_error, " ".join(one.operations),
        )  # fmt: skip

    return _write(
        output,
        {
            "outputs.csv": (titles, [row(one) for one in report.outputs]),
            "layers.csv": (titles, [row(one) for one in report.layers]),
        },
    )


def _write(
    output: Path, tables: dict[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]
) -> tuple[str, ...]:
    for name, (titles, rows) in tables.items():
        write_bytes_whole(output / name, csv_table(titles, rows))
    return tuple(tables)

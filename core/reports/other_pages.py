"""The reports on accuracy and on tensor distance as HTML files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from core.documents.charts import BLUE, VERMILION, Series, heat_map, lines, stacked_bars
from core.documents.csv import Cell
from core.documents.html import Table, render
from core.metrics.accuracy.annotated import Accuracy, ModelAccuracy
from core.metrics.accuracy.coco_statistics import STATISTICS
from core.metrics.accuracy.error_kinds import KINDS
from core.metrics.tensors.tensor_distance import TensorDistance, TensorReport
from core.reports.pictures import WorstImages

_LAYERS = 40
_CONFUSED = 28


def accuracy_page(
    accuracy: Accuracy,
    parent: str,
    optimized: str,
    dataset: str,
    worst: WorstImages | None = None,
    used_differently: Sequence[str] = (),
) -> str:
    """Figures of both models and their differences, curves, classes, errors, confusion.

    `worst` images close the page; None where the detections were not kept. `used_differently` says
    in what the two models are not used alike.
    """
    both = (accuracy.parent, accuracy.optimized)
    return render(
        "annotations.html.j2",
        f"Accuracy of {optimized} and {parent}",
        accuracy=accuracy,
        dataset=dataset,
        statistics=_statistics(accuracy),
        curves=_curves(both),
        errors=Table(
            ("Kind", "Parent", "Optimized", "Cost, parent", "Cost, optimized"),
            [_error(kind, both) for kind in KINDS],
        ),
        classes=_classes(accuracy),
        confusions=[
            (name, heat_map(f"Confusion of the {name}", names, names, counts))
            for name, one in zip(("parent", "optimized model"), both, strict=True)
            for names, counts in (_most_confused(one),)
        ],
        worst=worst,
        used_differently=used_differently,
    )


def _curves(both: tuple[ModelAccuracy, ModelAccuracy]) -> Markup:
    parent, optimized = (one.precision_at_recall for one in both)
    return lines(
        "Precision at recall, IoU .50, mean of the classes",
        "Recall",
        "Precision",
        [
            Series("parent", BLUE, parent),
            Series("optimized", VERMILION, optimized, dashed=True),
        ],
    )


def _statistics(accuracy: Accuracy) -> Table:
    parent, optimized = accuracy.parent, accuracy.optimized
    rows: list[Sequence[Cell]] = [
        (name, parent.statistics[name], optimized.statistics[name], accuracy.differences[name])
        for name in STATISTICS
    ]
    for name, before, after in (
        ("VOC mAP, 11 points", parent.voc_11_point, optimized.voc_11_point),
        ("VOC mAP, all points", parent.voc_all_point, optimized.voc_all_point),
    ):
        change = None if before is None or after is None else after - before
        rows.append((name, before, after, change))
    return Table(("Statistic", "Parent", "Optimized", "Difference"), rows, digits=4)


def _error(kind: str, both: tuple[ModelAccuracy, ModelAccuracy]) -> Sequence[Cell]:
    first, second = (one.errors[kind] for one in both)  # type: ignore[index]
    return kind, first.count, second.count, first.cost, second.cost


def _classes(accuracy: Accuracy) -> Table:
    rows = sorted(accuracy.classes, key=lambda row: row.difference)
    return Table(
        ("Class", "Objects", "AP, parent", "AP, optimized", "Difference", "AP50, parent",
         "AP50, optimized"),
        [
            (row.class_name, row.objects, row.parent.ap, row.optimized.ap, row.difference,
             row.parent.ap50, row.optimized.ap50)
            for row in rows
        ],
    )  # fmt: skip


def _most_confused(model: ModelAccuracy) -> tuple[list[str], list[list[int]]]:
    """The confusion matrix of as many classes as can be read: those with most errors."""
    counts = np.array(model.confusion.counts)
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    kept = np.sort(np.argsort(-wrong[:-1], kind="stable")[:_CONFUSED])
    places = [*kept.tolist(), len(counts) - 1]
    names = [*model.confusion.class_names, "none"]
    return [names[place] for place in places], counts[np.ix_(places, places)].tolist()


def tensor_page(report: TensorReport, parent: str, optimized: str, dataset: str) -> str:
    """The outputs, and the layers that add most error."""
    worst = report.layers[:_LAYERS]
    return render(
        "tensors.html.j2",
        f"Tensors of {optimized} against {parent}",
        images=report.images,
        dataset=dataset,
        outputs=_distances(report.outputs),
        chart=stacked_bars(
            "Relative error added by layer",
            [one.name for one in worst],
            [
                Series(
                    "error added",
                    VERMILION,
                    [round(max(0.0, one.added_error), 4) for one in worst],
                )
            ],
        ),
        layers=_distances(worst),
    )


def _distances(rows: Sequence[TensorDistance]) -> Table:
    return Table(
        ("Tensor", "Kind", "MSE", "SNR, dB", "Cosine", "Largest difference", "Relative error",
         "Added"),
        [
            (one.output or one.name, one.kind, f"{one.mse:.3g}", one.snr_db, one.cosine,
             one.max_abs, one.relative_error, one.added_error)
            for one in rows
        ],
    )  # fmt: skip

"""The reports on accuracy and on tensor distance as HTML files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.documents.charts import BLUE, VERMILION, Series, heat_map, lines, stacked_bars
from core.documents.html import Cell, heading, page, paragraph, table
from core.metrics.accuracy.annotated import Accuracy, ModelAccuracy
from core.metrics.accuracy.coco_statistics import STATISTICS
from core.metrics.accuracy.error_kinds import KINDS
from core.metrics.tensors.tensor_distance import TensorDistance, TensorReport

_LAYERS = 40
_CONFUSED = 28


def accuracy_page(
    accuracy: Accuracy, parent: str, optimized: str, dataset: str, more: Sequence[str] = ()
) -> str:
    """Figures of both models and their differences, curves, classes, errors, confusion.

    `more` are further parts of the page, such as the worst images.
    """
    title = f"Accuracy of {optimized} and {parent}"
    both = (accuracy.parent, accuracy.optimized)
    curves = [
        Series(name, colour, one.precision_at_recall, dashed)
        for name, colour, one, dashed in (
            ("parent", BLUE, both[0], False),
            ("optimized", VERMILION, both[1], True),
        )
    ]
    told = f"{accuracy.images} images of {dataset}, {accuracy.objects} objects"
    return page(
        title,
        [
            heading(title, 1),
            paragraph(told + f", {accuracy.ignored} ignored", "quiet"),
            paragraph(accuracy.sentence),
            _statistics(accuracy),
            heading("Precision and recall"),
            lines(
                "Precision at recall, IoU .50, mean of the classes", "Recall", "Precision", curves
            ),
            heading("Errors"),
            paragraph(
                "Kinds after TIDE; the cost is the AP50 that mending all of a kind would gain.",
                "quiet",
            ),
            table(
                ("Kind", "Parent", "Optimized", "Cost, parent", "Cost, optimized"),
                [_error(kind, both) for kind in KINDS],
            ),
            heading("Classes"),
            _classes(accuracy),
            *_confusions(both),
            *more,
        ],
    )


def _statistics(accuracy: Accuracy) -> str:
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
    return table(("Statistic", "Parent", "Optimized", "Difference"), rows, digits=4)


def _error(kind: str, both: tuple[ModelAccuracy, ModelAccuracy]) -> Sequence[Cell]:
    first, second = (one.errors[kind] for one in both)  # type: ignore[index]
    return kind, first.count, second.count, first.cost, second.cost


def _classes(accuracy: Accuracy) -> str:
    rows = sorted(accuracy.classes, key=lambda row: row.difference)
    return table(
        ("Class", "Objects", "AP, parent", "AP, optimized", "Difference", "AP50, parent",
         "AP50, optimized"),
        [
            (row.class_name, row.objects, row.parent.ap, row.optimized.ap, row.difference,
             row.parent.ap50, row.optimized.ap50)
            for row in rows
        ],
    )  # fmt: skip


def _confusions(both: tuple[ModelAccuracy, ModelAccuracy]) -> list[str]:
    parts = []
    for name, one in zip(("parent", "optimized model"), both, strict=True):
        names, counts = _most_confused(one)
        title = f"Confusion of the {name}"
        parts += [
            heading(title),
            paragraph("Rows: the true class. Columns: the class that was detected.", "quiet"),
            heat_map(title, names, names, counts),
        ]
    return parts


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
    title = f"Tensors of {optimized} against {parent}"
    worst = report.layers[:_LAYERS]
    added = [max(0.0, one.added_error) for one in worst]
    return page(
        title,
        [
            heading(title, 1),
            paragraph(f"{report.images} images of {dataset}", "quiet"),
            heading("Outputs"),
            _distances(report.outputs),
            heading("Layers that add most error"),
            stacked_bars(
                "Relative error added by layer",
                [one.name for one in worst],
                [Series("error added", VERMILION, [round(value, 4) for value in added])],
            ),
            _distances(worst),
            paragraph(
                "The relative error of a layer is the root of its mean square difference over the "
                "parent's root mean square; what it adds is that less the largest one among the "
                "layers that it is computed from. Keep in float what adds most.",
                "quiet",
            ),
        ],
    )


def _distances(rows: Sequence[TensorDistance]) -> str:
    return table(
        ("Tensor", "Kind", "MSE", "SNR, dB", "Cosine", "Largest difference", "Relative error",
         "Added"),
        [
            (one.output or one.name, one.kind, f"{one.mse:.3g}", one.snr_db, one.cosine,
             one.max_abs, one.relative_error, one.added_error)
            for one in rows
        ],
    )  # fmt: skip

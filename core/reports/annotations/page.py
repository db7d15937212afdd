"""Accuracy by ground truth as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from core.documents.charts import BLUE, VERMILION, Series, heat_map, lines
from core.documents.html import render, typed
from core.metrics.accuracy.annotated import ModelAccuracy
from core.metrics.comparison.confusion import most_confused
from core.reports.annotations.kind import AnnotationsResult
from core.reports.annotations.tables import (
    CLASS_COLUMNS,
    class_table,
    error_table,
    statistic_table,
)
from core.reports.drawing import WORST_IMAGES, worst_images
from core.reports.kind import ReportImages
from core.reports.wording import accuracy_sentence

_CLASS_KEYS = [column.key for column in CLASS_COLUMNS[:7]]  # as many as a page is wide
_CONFUSED = 28  # classes in a confusion matrix: as many as can be read


def annotations_page(result: AnnotationsResult, images: ReportImages, runs: Sequence[str]) -> str:
    """Figures of both models and their differences, curves, classes, errors, confusion, images.

    `runs` say how the models ran.
    """
    accuracy = result.accuracy
    both = (accuracy.parent, accuracy.optimized)
    return render(
        "annotations.html.j2",
        f"Accuracy of {result.optimized} and {result.parent}",
        result=result,
        runs=runs,
        accuracy=accuracy,
        sentence=accuracy_sentence(accuracy, result.optimized_f32_ap),
        statistics=typed(statistic_table(accuracy)),
        curves=_curves(both),
        errors=typed(error_table(accuracy)),
        classes=typed(class_table(accuracy).part(_CLASS_KEYS)),
        confusions=[
            (name, _confusion(f"Confusion of the {name}", one))
            for name, one in zip(("parent", "optimized model"), both, strict=True)
        ],
        worst=worst_images(images, WORST_IMAGES),
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


def _confusion(title: str, model: ModelAccuracy) -> Markup:
    names, counts = most_confused(model.confusion.class_names, model.confusion.counts, _CONFUSED)
    return heat_map(title, names, names, counts.tolist())

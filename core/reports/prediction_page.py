"""The comparison of two models' predictions as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from core.documents.charts import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILION,
    Series,
    heat_map,
    stacked_bars,
)
from core.documents.csv import Cell
from core.documents.html import Table, render
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import VERDICT_WORDS, Comparison
from core.metrics.comparison.confusion import NONE, confusion_matrix
from core.reports.filters import RowFilter
from core.reports.pictures import worst_images

WORST_IMAGES = 12
_CLASSES = 20  # in the chart: those with the most differences
_CONFUSED = 28  # in the confusion matrix


@dataclass(frozen=True)
class Compared:
    """What was compared: names for the page, the images' folder, and when.

    `used_differently` says in what the two models are not used alike.
    """

    parent: str
    optimized: str
    dataset: str
    root: Path
    created: str
    interval: Interval | None = None
    used_differently: tuple[str, ...] = ()


def prediction_page(
    comparison: Comparison,
    compared: Compared,
    worst: int = WORST_IMAGES,
    chosen: RowFilter | None = None,
) -> str:
    """Summary, charts, and the worst images with both models' boxes: of those `chosen`, if given.

    Figures and charts are of all images.
    """
    return render(
        "predictions.html.j2",
        f"{compared.optimized} against {compared.parent}",
        compared=compared,
        summary=comparison.summary,
        verdict=VERDICT_WORDS[comparison.summary.verdict],
        figures=_figures(comparison, compared.interval),
        class_chart=_class_chart(comparison),
        worst=worst_images(comparison, compared.root, worst, chosen),
        classes=_class_table(comparison),
        confusion=_confusion(comparison),
        thresholds=comparison.thresholds,
        limits=comparison.thresholds.limits,
    )


def _figures(comparison: Comparison, interval: Interval | None) -> Table:
    summary = comparison.summary
    sure = f"{interval.low:.3f} to {interval.high:.3f}" if interval else "–"
    rows: list[Sequence[Cell]] = [
        ("Agreement (AP@[.50:.95], the parent as reference)", summary.agreement),
        ("its 95 % interval over images", sure),
        ("Agreement at IoU .50", summary.agreement_50),
        ("Precision against the parent", summary.precision),
        ("Recall against the parent", summary.recall),
        ("Mean IoU of matches", summary.mean_iou),
        ("Mean score shift of matches", summary.score_shift),
        ("Detections of the parent", summary.parent),
        ("Detections of the optimized model", summary.optimized),
        ("Matches", summary.matches),
        ("Missed", summary.missed),
        ("Extra", summary.extra),
        ("Class changed", summary.class_changed),
        ("Shifted", summary.shifted),
        ("Score drift", summary.drifted),
        ("Images that differ", f"{summary.images_changed} of {summary.images}"),
    ]
    return Table(("Figure", "Value"), rows)


def _class_chart(comparison: Comparison) -> Markup:
    rows = sorted(comparison.per_class, key=lambda row: -(row.missed + row.extra))[:_CLASSES]
    plain = [row.matches - min(row.matches, row.shifted + row.drifted) for row in rows]
    moved = [min(row.matches, row.shifted + row.drifted) for row in rows]
    return stacked_bars(
        "Detections by class",
        [row.class_name for row in rows],
        [
            Series("matched", BLUE, plain),
            Series("shifted or drifted", GREEN, moved),
            Series("class changed", ORANGE, [row.class_changed for row in rows]),
            Series("missed", VERMILION, [row.missed for row in rows]),
            Series("extra", PURPLE, [row.extra for row in rows]),
        ],
    )


def _class_table(comparison: Comparison) -> Table:
    titles = (
        "Class", "Optimized", "Parent", "Matches", "Missed", "Extra", "Class changed", "Shifted",
        "Score drift", "Agreement", "at IoU .50",
    )  # fmt: skip
    return Table(
        titles,
        [
            (
                row.class_name, row.optimized, row.parent, row.matches, row.missed, row.extra,
                row.class_changed, row.shifted, row.drifted, row.agreement, row.agreement_50,
            )
            for row in comparison.per_class
        ],
    )  # fmt: skip


def _confusion(comparison: Comparison) -> Markup:
    matrix = confusion_matrix(comparison).shown()
    counts = matrix.counts
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    kept = np.sort(np.argsort(-wrong[:-1], kind="stable")[:_CONFUSED])
    places = [*kept.tolist(), len(counts) - 1]
    names = [*matrix.class_names, NONE]
    shown = [names[place] for place in places]
    return heat_map("Classes", shown, shown, counts[np.ix_(places, places)].tolist())

"""The comparison of two models' predictions as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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
from core.documents.html import Cell, heading, page, paragraph, table, text
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import VERDICT_WORDS, Comparison
from core.metrics.comparison.confusion import NONE, confusion_matrix
from core.reports.filters import RowFilter, image_mask, in_words
from core.reports.pictures import LOOKS, boxes_on, picture

WORST_IMAGES = 12
_CLASSES = 20  # in the chart: those with the most differences
_CONFUSED = 28  # in the confusion matrix


@dataclass(frozen=True)
class Compared:
    """What was compared: names for the page, the images' folder, and when."""

    parent: str
    optimized: str
    dataset: str
    root: Path
    created: str
    interval: Interval | None = None


def prediction_page(
    comparison: Comparison,
    compared: Compared,
    worst: int = WORST_IMAGES,
    chosen: RowFilter | None = None,
) -> str:
    """Summary, charts, and the worst images with both models' boxes: of those `chosen`, if given.

    Figures and charts are of all images.
    """
    title = f"{compared.optimized} against {compared.parent}"
    summary = comparison.summary
    parts = [
        heading(title, 1),
        paragraph(
            f"Predictions on {summary.images} images of {compared.dataset}; {compared.created}",
            "quiet",
        ),
        f'<div class="verdict {summary.verdict}"><b>{VERDICT_WORDS[summary.verdict]}</b>'
        f"{text(summary.sentence)}</div>",
        _figures(comparison, compared.interval),
        heading("Classes that differ most"),
        _class_chart(comparison),
        *worst_images(comparison, compared.root, worst, chosen),
        heading("Classes"),
        _class_table(comparison),
        heading("Which class became which"),
        paragraph("Rows: the parent's class. Columns: the optimized model's.", "quiet"),
        _confusion(comparison),
        heading("How it was computed"),
        *_method(comparison),
    ]
    return page(title, parts)


def _figures(comparison: Comparison, interval: Interval | None) -> str:
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
    return table(("Figure", "Value"), rows)


def _class_chart(comparison: Comparison) -> str:
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


def _class_table(comparison: Comparison) -> str:
    titles = (
        "Class", "Optimized", "Parent", "Matches", "Missed", "Extra", "Class changed", "Shifted",
        "Score drift", "Agreement", "at IoU .50",
    )  # fmt: skip
    return table(
        titles,
        [
            (
                row.class_name, row.optimized, row.parent, row.matches, row.missed, row.extra,
                row.class_changed, row.shifted, row.drifted, row.agreement, row.agreement_50,
            )
            for row in comparison.per_class
        ],
    )  # fmt: skip


def _confusion(comparison: Comparison) -> str:
    matrix = confusion_matrix(comparison).shown()
    counts = matrix.counts
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    kept = np.sort(np.argsort(-wrong[:-1], kind="stable")[:_CONFUSED])
    places = [*kept.tolist(), len(counts) - 1]
    names = [*matrix.class_names, NONE]
    shown = [names[place] for place in places]
    return heat_map("Classes", shown, shown, counts[np.ix_(places, places)].tolist())


def worst_images(
    comparison: Comparison, root: Path, count: int, chosen: RowFilter | None = None
) -> list[str]:
    """The images with most damage, of those that a filter chooses, with both models' boxes."""
    rows = comparison.images
    shown = rows.damage > 0
    told = heading("Worst images")
    if chosen is not None and not chosen.empty:
        shown = image_mask(comparison, chosen)
        told += paragraph(f"Only: {in_words(chosen)}.", "quiet")
    places = np.flatnonzero(shown)[:count]
    if not len(places):
        return [told, paragraph("The two models agree on every image.")]
    legend = " · ".join(
        f"{look.word} ({'dashed' if look.dashed else 'solid'})" for look in reversed(LOOKS)
    )
    parts = [
        told,
        paragraph(f"Boxes: {legend}. Left the parent, right the optimized model.", "quiet"),
    ]
    for place in places.tolist():
        image = int(rows.image[place])
        name = comparison.parent.image_names[image]
        counts = (
            f"{rows.missed[place]} missed, {rows.extra[place]} extra, "
            f"{rows.class_changed[place]} changed class, {rows.shifted[place]} shifted, "
            f"{rows.drifted[place]} with score drift"
        )
        sides = "".join(
            f"<figure>{picture(root / name, boxes_on(comparison, image, of_parent=mine), name)}"
            f"<figcaption>{'Parent' if mine else 'Optimized'}</figcaption></figure>"
            for mine in (True, False)
        )
        parts.append(
            f'<section class="one">{heading(name, 3)}{paragraph(counts, "quiet")}'
            f'<div class="pair">{sides}</div></section>'
        )
    return parts


def _method(comparison: Comparison) -> list[str]:
    thresholds, limits = comparison.thresholds, comparison.thresholds.limits
    return [
        paragraph(
            f"Detections with a score from {thresholds.score:g} on, of both models, at most "
            f"{thresholds.per_class_limit} of one image and class. Two boxes match from an IoU of "
            f"{thresholds.iou:g} on, one to one, the surest first; a match is shifted below an IoU "
            f"of {thresholds.shifted_iou:g}, and its score has drifted by more than "
            f"{thresholds.score_drift:g}."
        ),
        paragraph(
            f"Not safe: agreement below {limits.unsafe_agreement:g}, or less than "
            f"{limits.unsafe_matched:.0%} of the detections matched. Safe: agreement from "
            f"{limits.safe_agreement:g} on and {limits.safe_matched:.0%} matched."
        ),
        paragraph(
            "Images are ordered by damage: a missed or extra box counts from 0.1 at the score "
            "threshold to 1 at a score of 1, a changed class as the surer of its boxes, a shift up "
            "to half of that, score drift up to a quarter."
        ),
    ]

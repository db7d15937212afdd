"""The figures above the comparison of predictions, and the images that each counts."""

from __future__ import annotations

from app.kit.figures import Figure
from app.reports.predictions_presenter import ReportView
from core.reports.filters import RowFilter

FILTERS: dict[str, RowFilter] = {
    "agreement": RowFilter(),
    "matches": RowFilter(statuses=("matches",)),
    "missed": RowFilter(statuses=("missed",)),
    "extra": RowFilter(statuses=("extra",)),
    "class_changed": RowFilter(statuses=("class_changed",)),
    "shifted": RowFilter(statuses=("shifted",)),
    "drifted": RowFilter(statuses=("drifted",)),
    "images_changed": RowFilter(statuses=("missed", "extra", "class_changed")),
}


def figures(view: ReportView) -> list[Figure]:
    """Two rows of seven."""
    summary, thresholds = view.comparison.summary, view.comparison.thresholds
    interval = view.interval
    sure = (
        f"{interval.low:.3f} to {interval.high:.3f}"
        if interval is not None
        else "none"
        if summary.agreement is None
        else "…"
    )
    images = f"{summary.images_changed:,} of {summary.images:,}"
    return [
        Figure(
            "agreement",
            _number(summary.agreement),
            "COCO AP@[.50:.95] of the optimized model with the parent's detections as ground "
            "truth.\nFloat layers of both models run in true f32.",
            "agreement",
        ),
        Figure(
            "its 95 % interval",
            sure,
            "Of the agreement: a bootstrap over images. How much other images might change it.",
        ),
        Figure("agreement at IoU .50", _number(summary.agreement_50), "", "agreement"),
        Figure(
            "precision",
            _share(summary.precision),
            "Matches of the optimized model's detections. The rest is extra or changed class.",
            "extra",
        ),
        Figure(
            "recall",
            _share(summary.recall),
            "Matches of the parent's detections. The rest is missed or changed class.",
            "missed",
        ),
        Figure("mean IoU", _number(summary.mean_iou), "Of the matches.", "shifted"),
        Figure(
            "score shift",
            "–" if summary.score_shift is None else f"{summary.score_shift:+z.3f}",
            "Mean of optimized less parent score, of the matches.",
            "drifted",
        ),
        Figure(
            "matches",
            f"{summary.matches:,}",
            f"From an IoU of {thresholds.iou:g} on.\n{summary.parent:,} detections of the parent, "
            f"{summary.optimized:,} of the optimized model.",
            "matches",
        ),
        Figure("missed", f"{summary.missed:,}", "Found by the parent only.", "missed"),
        Figure("extra", f"{summary.extra:,}", "Found by the optimized model only.", "extra"),
        Figure(
            "class changed",
            f"{summary.class_changed:,}",
            "Boxes in one place, to which the models give two classes.",
            "class_changed",
        ),
        Figure(
            "shifted",
            f"{summary.shifted:,}",
            f"Matches with an IoU below {thresholds.shifted_iou:g}.",
            "shifted",
        ),
        Figure(
            "score drift",
            f"{summary.drifted:,}",
            f"Matches whose scores differ by more than {thresholds.score_drift:g}.",
            "drifted",
        ),
        Figure(
            "images differ", images, "With a missed or extra box, or a class that changed.",
            "images_changed",
        ),
    ]  # fmt: skip


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"

"""The figures above the comparison of predictions, and the images that each counts."""

from __future__ import annotations

from app.kit.figures import Figure
from app.reports.predictions_view import PredictionsView
from app.reports.typed_table import tiles
from core.reports.filters import RowFilter
from core.reports.predictions.figures import as_estimated, figures

FILTERS: dict[str, RowFilter] = {
    "accuracy_kept": RowFilter(),
    "changed": RowFilter(statuses=("missed", "extra", "class_changed", "shifted")),
    "agreement": RowFilter(),
    "agreement_50": RowFilter(),
    "precision": RowFilter(statuses=("extra",)),
    "recall": RowFilter(statuses=("missed",)),
    "mean_iou": RowFilter(statuses=("shifted",)),
    "score_shift": RowFilter(statuses=("drifted",)),
    "matches": RowFilter(statuses=("matches",)),
    "missed": RowFilter(statuses=("missed",)),
    "extra": RowFilter(statuses=("extra",)),
    "class_changed": RowFilter(statuses=("class_changed",)),
    "shifted": RowFilter(statuses=("shifted",)),
    "drifted": RowFilter(statuses=("drifted",)),
    "images_changed": RowFilter(statuses=("missed", "extra", "class_changed")),
}


def figure_tiles(view: PredictionsView) -> list[Figure]:
    """Two rows of eight; the interval of what is kept stands in the verdict's sentence."""
    summary = view.comparison.summary
    pending = "none" if summary.agreement is None else "…"
    thresholds = view.comparison.thresholds
    shown = figures(summary, thresholds, view.grounds, view.interval, pending)
    if view.estimate is not None:
        shown = as_estimated(shown, view.estimate)
    seen = [one for one in shown if one.key != "accuracy_kept_interval"]
    return tiles(seen, tuple(FILTERS))

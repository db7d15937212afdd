"""A comparison of predictions in figures: the same for files, pages and the window."""

from __future__ import annotations

from dataclasses import replace

from core.documents.tables import Figure
from core.documents.tables import shown as shown_as
from core.metrics.accuracy.verdict import Grounds
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.sampled import Estimate
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.reports.wording import CHANGED, interval_text


def figures(
    summary: Summary,
    thresholds: Thresholds,
    grounds: Grounds,
    interval: Interval | None = None,
    interval_note: str = "",
) -> tuple[Figure, ...]:
    """The comparison in figures; `interval_note` stands for an interval that there is not yet."""
    note = interval_text(interval) if interval else interval_note or None
    return (
        *_verdict(summary, grounds, thresholds.limits),
        *_ratios(summary, note),
        *_totals(summary, thresholds),
    )


def as_estimated(shown: tuple[Figure, ...], estimate: Estimate) -> tuple[Figure, ...]:
    """The figures of an estimated summary, each marked, and with its interval in its meaning."""

    def marked(one: Figure) -> Figure:
        ends = estimate.intervals.get(one.key)
        if one.key == "agreement_interval" and "agreement" in estimate.intervals:
            low, high = estimate.intervals["agreement"]
            return replace(one, value=f"{low:.3f} to {high:.3f}")
        if ends is None:
            return one
        low, high = (round(end) if one.form == "count" else end for end in ends)
        between = f"{shown_as(low, one.form)} to {shown_as(high, one.form)}"
        meaning = f"{one.meaning} Estimated: the 95% interval is {between}."
        return replace(one, value=f"≈ {one.text}", form="text", meaning=meaning)

    return tuple(marked(one) for one in shown)


def _verdict(summary: Summary, grounds: Grounds, limits: VerdictLimits) -> tuple[Figure, ...]:
    kept, _ = grounds.worst
    how = (
        "COCO AP@[.50:.95] of the optimized model by the ground truth, divided by the parent's."
        if kept and kept.measured
        else "An estimate, without annotations, of the share of the parent's mAP that is kept: AP "
        "in which a detection of the parent is true to the degree of its squared score."
    )
    return (
        Figure(
            "accuracy_kept", "Accuracy kept", kept.share.value if kept else None, "percent",
            f"{how} Decides the verdict; no threshold changes it.",
            limits.of_kept,
        ),
        Figure(
            "accuracy_kept_interval", "Accuracy kept, 95% interval",
            interval_text(kept.share) if kept else None, "text",
            "Of the accuracy kept: a bootstrap over images. How much other images might change it.",
        ),
        Figure(
            "changed", "Predictions changed", summary.changed, "percent",
            CHANGED, (limits.most_changed,),
        ),
    )  # fmt: skip


def _ratios(summary: Summary, interval: str | None) -> tuple[Figure, ...]:
    return (
        Figure(
            "agreement", "Agreement", summary.agreement, "ratio",
            "COCO AP@[.50:.95] of the optimized model with the parent's detections as ground "
            "truth. It decides nothing: a box of score .31 counts as much as one of .95.",
        ),
        Figure(
            "agreement_interval", "Agreement, 95% interval",
            interval, "text",
            "Of the agreement: a bootstrap over images. How much other images might change it.",
        ),
        Figure(
            "agreement_50", "Agreement at IoU .50", summary.agreement_50, "ratio",
            "COCO AP at IoU .50 with the parent's detections as ground truth.",
        ),
        Figure(
            "precision", "Precision", summary.precision, "percent",
            "Share of the optimized model's detections that are matches. The others are extra "
            "or of a changed class.",
        ),
        Figure(
            "recall", "Recall", summary.recall, "percent",
            "Share of the parent's detections that are matches. The others are missed or of a "
            "changed class.",
        ),
        Figure("mean_iou", "Mean IoU", summary.mean_iou, "ratio", "Of the matches."),
        Figure(
            "score_shift", "Score shift", summary.score_shift, "change",
            "Mean of optimized minus parent score, over the matches.",
        ),
    )  # fmt: skip


def _totals(summary: Summary, thresholds: Thresholds) -> tuple[Figure, ...]:
    return (
        Figure(
            "matches", "Matches", summary.matches, "count",
            f"From an IoU of {thresholds.iou:g} on, of {summary.parent:,} detections of the "
            f"parent and {summary.optimized:,} of the optimized model.",
        ),
        Figure("missed", "Missed", summary.missed, "count", "Found by the parent only."),
        Figure("extra", "Extra", summary.extra, "count", "Found by the optimized model only."),
        Figure(
            "class_changed", "Class changed", summary.class_changed, "count",
            "Boxes of both models at the same place, with different classes.",
        ),
        Figure(
            "shifted", "Shifted", summary.shifted, "count",
            f"Matches with an IoU below {thresholds.shifted_iou:g}.",
        ),
        Figure(
            "drifted", "Score drift", summary.drifted, "count",
            f"Matches whose scores differ by more than {thresholds.score_drift:g}.",
        ),
        Figure(
            "images_changed", "Images that differ", summary.images_changed, "count",
            f"Of {summary.images:,}: those with a missed or extra box, or a changed class.",
        ),
    )  # fmt: skip

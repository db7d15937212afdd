"""Kept reports as plain values: the documented JSON of each kind."""

from __future__ import annotations

from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import Comparison
from core.reports.filters import RowFilter
from core.reports.job import AccuracyResult, CompareResult, TensorDistanceResult
from core.reports.rows import report_rows
from core.values import Plain, to_plain


def plain_comparison(
    result: CompareResult,
    comparison: Comparison,
    interval: Interval | None,
    chosen: RowFilter | None = None,
) -> Plain:
    """A comparison of predictions, with the rows that are chosen, if given."""
    return {
        "kind": "predictions",
        "parent": result.parent,
        "optimized": result.optimized,
        "dataset": str(result.dataset_root),
        "precision_hint": result.precision_hint,
        "problems": list(result.problems),
        "used_differently": list(result.used_differently),
        "agreement_interval": to_plain(interval),
        **report_rows(comparison, chosen),
    }


def plain_accuracy(result: AccuracyResult) -> Plain:
    """A measurement by ground truth; there the figures are what `parent` and `optimized` are."""
    plain, figures = _parts(result, "accuracy")
    names = {f"{role}_name": plain.pop(role) for role in ("parent", "optimized")}
    return {"kind": "annotations", **names, **plain, **figures}


def plain_tensors(result: TensorDistanceResult) -> Plain:
    """A comparison of tensors."""
    plain, figures = _parts(result, "report")
    return {"kind": "tensor-distance", **plain, **figures}


def _parts(result: AccuracyResult | TensorDistanceResult, inner: str) -> tuple[Plain, Plain]:
    """What a result is about, and its figures; `dataset` becomes the folder."""
    plain: Plain = to_plain(result)
    figures: Plain = plain.pop(inner)
    plain["dataset"] = plain.pop("dataset_root")
    return plain, figures

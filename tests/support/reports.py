"""Reports made of tables of detections, without a model or a file."""

from __future__ import annotations

from pathlib import Path

from core.detection.detections import DetectionTable
from core.documents.tables import AnyTable, Table
from core.metrics.accuracy.kept import AccuracyKept, estimated_kept_by_parts
from core.metrics.accuracy.verdict import Grounds
from core.metrics.comparison.comparison import Comparison
from core.reports.predictions.kind import PredictionsResult
from core.reports.predictions.report import PredictionsReport
from tests.support.runs import IN_F32, IN_INT8


def whole(table: AnyTable) -> Table:
    """A table that is small enough to be one."""
    assert isinstance(table, Table)
    return table


def estimated_kept(parent: DetectionTable, optimized: DetectionTable) -> AccuracyKept | None:
    """The estimate of two whole tables."""
    return estimated_kept_by_parts([(parent, optimized)])


def predictions_report(
    comparison: Comparison, root: Path, parent: str = "p", optimized: str = "o", dataset: str = "d"
) -> PredictionsReport:
    """The report on predictions that a job would have left of this comparison."""
    result = PredictionsResult(
        parent=parent,
        optimized=optimized,
        dataset=dataset,
        dataset_root=root,
        parent_executed=IN_F32,
        optimized_executed=IN_INT8,
        thresholds=comparison.thresholds,
        summary=comparison.summary,
        grounds=Grounds(kept=estimated_kept(comparison.parent, comparison.optimized)),
        problems=(),
        created="2026-01-02T03:04:05+00:00",
    )
    return PredictionsReport(result, comparison.parent, comparison.optimized)

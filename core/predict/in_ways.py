"""What a model finds when it is computed as a target does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.jobs.context import JobContext
from core.models.stored import StoredModel
from core.predict.detecting import Found, Run, detect_runs, in_classes_of
from core.targets.elsewhere import settings_for
from core.targets.target import Way


def detect_in(
    way: Way,
    model: StoredModel,
    parent: DetectionTable,
    dataset: Dataset,
    cache: Path | None,
    context: JobContext,
) -> Found:
    """What the optimized model finds when it is computed so, in the classes of `parent`."""
    sums = f"{way.arithmetic} INT8 sums, " if way.arithmetic else ""
    run = Run(model, settings_for(way), f"the optimized model ({sums}{way.precision})")
    (found,) = detect_runs([run], dataset, cache, context)
    return replace(found, table=in_classes_of(parent, found.table))

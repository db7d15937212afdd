"""What a model finds when it is computed as a target does."""

from __future__ import annotations

from core.datasets.dataset import Dataset
from core.jobs.context import JobContext
from core.models.stored import StoredModel
from core.predict.detecting import detect_runs
from core.predict.found import Found
from core.predict.part_by_part import Run
from core.predict.store import DetectionCache
from core.targets.elsewhere import settings_for
from core.targets.target import Way


def detect_in(
    way: Way,
    model: StoredModel,
    parent: Found,
    dataset: Dataset,
    cache: DetectionCache,
    context: JobContext,
) -> Found:
    """What the optimized model finds when it is computed so, in the classes of `parent`."""
    sums = f"{way.arithmetic} INT8 sums, " if way.arithmetic else ""
    run = Run(model, settings_for(way), f"the optimized model ({sums}{way.precision})")
    (found,) = detect_runs([run], dataset, cache, context)
    return found.given_in(parent.in_classes)

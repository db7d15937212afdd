"""Looking at a target from a job: how a model runs there, and what it finds when it runs so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.inference.limited import LimitedDetector
from core.inference.settings import Executed, InferenceSettings
from core.jobs.context import JobContext
from core.models.plan import Target
from core.models.stored import StoredModel
from core.optimize.elsewhere import Elsewhere, elsewhere, runs_as, settings_for
from core.optimize.target import LOOKING, Way
from core.predict.detecting import Found, Run, detect_runs, in_classes_of


def look_for_run(
    target: Target, device: str, model: StoredModel, context: JobContext
) -> InferenceSettings:
    """How a model runs when nothing else is asked for; see `core.optimize.elsewhere.runs_as`."""
    quantized = model.card.info.quantized
    with LimitedDetector() as limited:
        return runs_as(target, device, limited, lambda: context.step(LOOKING), quantized=quantized)


def look_elsewhere(target: Target, ran: Executed, context: JobContext) -> Elsewhere:
    """How else a model that `ran` so is to be judged; see `core.optimize.elsewhere.elsewhere`."""
    with LimitedDetector() as limited:
        return elsewhere(target, ran, limited, lambda: context.step(LOOKING))


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

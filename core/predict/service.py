"""Predicting for the terminal; the window's reports predict by themselves."""

from __future__ import annotations

from pathlib import Path

from core.datasets.source import DatasetSource, require_dataset
from core.folders import bring
from core.inference.settings import InferenceSettings
from core.jobs.job import read_result
from core.machines.machine import Machine
from core.models.plan import Target
from core.models.stored import StoredModel
from core.predict.job import COCO_RESULTS_FILE, PredictJob, PredictResult


def predict_job(
    stored: StoredModel,
    dataset: Path,
    settings: InferenceSettings | None = None,
    target: Target = "this_machine",
    cache: Path | None = None,
    *,
    fresh: bool = False,
    machine: Machine | None = None,
) -> PredictJob:
    """The job that finds what a stored model detects; raises InputError for what is no dataset.

    Without `settings` it runs as `target` computes. What lies in the folder `cache` is not inferred
    again unless it is to be `fresh`; what is missing is inferred on a `machine`, if there is one.
    """
    require_dataset(dataset)
    source = DatasetSource(path=dataset)
    return PredictJob(
        model=stored.xml,
        dataset=source,
        settings=settings,
        target=target,
        cache=cache,
        fresh=fresh,
        machine=machine,
    )


def bring_coco_results(folder: Path, output: Path) -> PredictResult:
    """The detections that a job left in `folder`, as COCO results in the file `output`."""
    bring(folder / COCO_RESULTS_FILE, output)
    return read_result(folder, PredictResult)

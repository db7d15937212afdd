"""Predicting for the terminal; the window's reports predict by themselves."""

from __future__ import annotations

from pathlib import Path

from core.datasets.source import DatasetSource, require_dataset
from core.detection.detections import DetectionTable
from core.inference.settings import InferenceSettings
from core.jobs.job import read_result
from core.models.plan import Target
from core.models.stored import StoredModel
from core.predict.coco_results import coco_results
from core.predict.job import DETECTIONS_FILE, PredictJob, PredictResult
from core.values import write_json


def predict_job(
    stored: StoredModel,
    dataset: Path,
    settings: InferenceSettings | None = None,
    target: Target = "this_machine",
) -> PredictJob:
    """The job that finds what a stored model detects; raises InputError for what is no dataset.

    Without `settings` it runs as `target` computes.
    """
    require_dataset(dataset)
    source = DatasetSource(path=dataset)
    return PredictJob(model=stored.xml, dataset=source, settings=settings, target=target)


def write_coco_results(folder: Path, output: Path) -> PredictResult:
    """The detections that a job left in `folder`, as COCO results in the file `output`."""
    output.parent.mkdir(parents=True, exist_ok=True)
    write_json(output, coco_results(DetectionTable.load(folder / DETECTIONS_FILE)))
    return read_result(folder, PredictResult)

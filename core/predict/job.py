"""The job of predicting: detections of one model on a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from core.datasets.source import DatasetSource
from core.inference.settings import DEFAULT_DEVICE, Executed, InferenceSettings
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.machines.machine import Machine
from core.models.plan import Target
from core.models.stored import load_stored
from core.predict.coco_results import write_coco_results
from core.predict.detecting import detect_runs
from core.predict.part_by_part import Run
from core.predict.store import DetectionCache
from core.remarks.remark import Remark
from core.values import Value

DETECTIONS_FILE = "detections.npz"
COCO_RESULTS_FILE = "detections.json"


class PredictJob(Value, tag="predict"):
    """Detections of a stored model on a dataset. Leaves ``detections.npz`` and ``.json``.

    `settings` are how it is to run; without them it runs as its `target` computes, as far as this
    machine can. `cache` is a folder of detections that are not inferred again, unless all are to be
    `fresh`. What is not there is inferred on a `machine`, if there is one.
    """

    weight: ClassVar[Weight] = "heavy"
    model: Path
    dataset: DatasetSource
    settings: InferenceSettings | None = None
    target: Target = "this_machine"
    cache: Path | None = None
    fresh: bool = False
    machine: Machine | None = None

    def run(self, context: JobContext) -> PredictResult:
        """See `core.jobs.job.Job`."""
        from core.targets.looking import look_for_run

        stored = load_stored(self.model)
        dataset = context.open_dataset(self.dataset)
        settings = look_for_run(self.settings, self.target, DEFAULT_DEVICE, stored, context)
        run = Run(stored, settings, "the model")
        cache = DetectionCache(self.cache, self.fresh, self.machine)
        (found,) = detect_runs((run,), dataset, cache, context, stage="Detecting")
        path = context.folder / DETECTIONS_FILE
        found.save(path)
        context.artifact("detections", path)
        write_coco_results(found, context.folder / COCO_RESULTS_FILE)
        return PredictResult(
            images=found.images,
            detections=found.detections,
            executed=found.executed,
            problems=found.problems,
        )


class PredictResult(Value):
    """Of a prediction: how the model ran, and which images were left out."""

    images: int
    detections: int
    executed: Executed
    problems: tuple[Remark, ...]

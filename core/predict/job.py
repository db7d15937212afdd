"""The job of predicting: detections of one model on a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from core.datasets.source import DatasetSource
from core.inference.settings import DEFAULT_DEVICE, Executed, InferenceSettings
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.models.plan import Target
from core.models.stored import load_stored
from core.predict.detecting import Run, detect
from core.remarks.remark import Remark
from core.values import Value

DETECTIONS_FILE = "detections.npz"


class PredictJob(Value, tag="predict"):
    """Detections of a stored model on a dataset. Leaves ``detections.npz``.

    `settings` are how it is to run; without them it runs as its `target` computes, as far as this
    machine can.
    """

    weight: ClassVar[Weight] = "heavy"
    model: Path
    dataset: DatasetSource
    settings: InferenceSettings | None = None
    target: Target = "this_machine"

    def run(self, context: JobContext) -> PredictResult:
        """See `core.jobs.job.Job`."""
        from core.targets.looking import look_for_run

        stored = load_stored(self.model)
        dataset = context.open_dataset(self.dataset)
        settings = look_for_run(self.settings, self.target, DEFAULT_DEVICE, stored, context)
        run = Run(stored, settings, "the model")
        (found,) = detect((run,), dataset, context, "Detecting")
        table = found.table
        path = context.folder / DETECTIONS_FILE
        table.save(path)
        context.artifact("detections", path)
        return PredictResult(
            images=len(table),
            detections=len(table.scores),
            executed=found.executed,
            problems=found.problems,
        )


class PredictResult(Value):
    """Of a prediction: how the model ran, and which images were left out."""

    images: int
    detections: int
    executed: Executed
    problems: tuple[Remark, ...]

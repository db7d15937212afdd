"""The job of predicting: detections of one model on a dataset."""

from __future__ import annotations

from pathlib import Path

from core.datasets.source import DatasetSource
from core.inference.compiling import PrecisionHint
from core.jobs.context import JobContext
from core.models.stored import load_stored
from core.predict.detecting import detect
from core.values import Value

DETECTIONS_FILE = "detections.npz"


class PredictJob(Value, tag="predict"):
    """Detections of a stored model on a dataset. Leaves ``detections.npz``."""

    model: Path
    dataset: DatasetSource
    precision_hint: PrecisionHint = "f32"

    def run(self, context: JobContext) -> PredictResult:
        """See `core.jobs.job.Job`."""
        stored = load_stored(self.model)
        dataset = context.open_dataset(self.dataset)
        ((table, problems),) = detect(
            (stored,), stored.card.detector, dataset, self.precision_hint, "Detecting", context
        )
        path = context.folder / DETECTIONS_FILE
        table.save(path)
        context.artifact("detections", path)
        return PredictResult(
            images=len(table),
            detections=len(table.scores),
            precision_hint=self.precision_hint,
            problems=problems,
        )


class PredictResult(Value):
    """Of a prediction; `problems` are sentences about images that were left out."""

    images: int
    detections: int
    precision_hint: str
    problems: tuple[str, ...]

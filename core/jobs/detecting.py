"""Detections for reports: from the cache, or inferred now and kept there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.inference.compiling import PrecisionHint
from core.jobs.context import JobContext
from core.jobs.results import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE
from core.models.detector import Detector
from core.models.stored import StoredModel
from core.values import read_json, to_json, write_json


@dataclass(frozen=True)
class Use:
    """A model, how it is used as a detector, and what the user is told meanwhile."""

    stored: StoredModel
    detector: Detector
    precision_hint: PrecisionHint
    stage: str


@dataclass(frozen=True)
class Both:
    """A parent and a model made from it, both decoded as the parent is."""

    parent: StoredModel
    optimized: StoredModel
    precision_hint: PrecisionHint

    def __post_init__(self) -> None:
        require_same_ports(self.parent, self.optimized)


def detect_both(
    models: Both, dataset: Dataset, cache: Path | None, context: JobContext
) -> tuple[DetectionTable, DetectionTable, tuple[str, ...]]:
    """The parent's detections, the optimized model's, and the sentences about images left out.

    Both tables are left in the job's folder, too.
    """
    tables = []
    problems: tuple[str, ...] = ()
    for role, stored, name in (
        ("parent", models.parent, PARENT_DETECTIONS_FILE),
        ("optimized", models.optimized, OPTIMIZED_DETECTIONS_FILE),
    ):
        stage = f"Detecting with the {role} model"
        use = Use(stored, models.parent.card.detector, models.precision_hint, stage)
        table, problems = cached(use, dataset, cache, context)
        table.save(context.folder / name)
        context.artifact("detections", context.folder / name)
        tables.append(table)
    return tables[0], tables[1], problems


def require_same_ports(parent: StoredModel, optimized: StoredModel) -> None:
    """The optimized model is decoded as its parent is: its inputs and outputs must agree."""
    for mine, others in (
        (parent.card.info.inputs, optimized.card.info.inputs),
        (parent.card.info.outputs, optimized.card.info.outputs),
    ):
        if [port.shape for port in mine] != [port.shape for port in others]:
            raise InputError(
                f"{optimized.card.name} is no version of {parent.card.name}: their inputs or "
                "outputs have different shapes.",
                "Choose the model that was made from this parent.",
            )


def detect(
    use: Use, dataset: Dataset, context: JobContext
) -> tuple[DetectionTable, tuple[str, ...]]:
    """Run the detector over the dataset."""
    from core.inference.predicting import predict

    total = len(dataset.images)
    context.step(use.stage, 0, total)
    prediction = predict(
        use.stored.xml,
        use.detector,
        dataset,
        use.precision_hint,
        lambda done: context.step(use.stage, done, total),
    )
    tell(prediction.problems, context)
    return prediction.table, prediction.problems


def cached(
    use: Use, dataset: Dataset, cache: Path | None, context: JobContext
) -> tuple[DetectionTable, tuple[str, ...]]:
    """Detections from the cache, or inferred now and put there for the next report."""
    if cache is None:
        return detect(use, dataset, context)
    made_of = [
        use.stored.card.weights_sha256.encode(),
        to_json(use.detector),
        dataset.fingerprint().encode(),
        use.precision_hint.encode(),
    ]
    key = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:32]
    path, told = cache / f"{key}.npz", cache / f"{key}.json"
    if path.is_file() and told.is_file():
        return DetectionTable.load(path), read_json(told, tuple[str, ...])
    table, problems = detect(use, dataset, context)
    cache.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{key}.{os.getpid()}.tmp")
    try:
        table.save(temporary)
        temporary.replace(path)
        write_json(told, problems)
    finally:
        temporary.unlink(missing_ok=True)
    return table, problems


def tell(problems: tuple[str, ...], context: JobContext) -> None:
    """Tell the user of images that were left out, the first of them."""
    for problem in problems[:20]:
        context.log(problem)
    if len(problems) > 20:
        context.log(f"... and {len(problems) - 20} more images were left out.")

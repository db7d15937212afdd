"""Detections for reports: from the cache, or inferred now and kept there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.inference.compiling import PrecisionHint
from core.jobs.context import JobContext
from core.models.detector import Detector
from core.models.differences import differences
from core.models.stored import StoredModel
from core.unfinished import unfinished
from core.values import read_json, to_json, write_json

PARENT_DETECTIONS_FILE = "parent.npz"
OPTIMIZED_DETECTIONS_FILE = "optimized.npz"

Found = tuple[DetectionTable, tuple[str, ...]]  # and the sentences about images left out


@dataclass(frozen=True)
class Both:
    """A parent and a model made from it, each used as its own card says.

    `precision_hint` is both models', unless the parent has one of its own.
    """

    parent: StoredModel
    optimized: StoredModel
    precision_hint: PrecisionHint
    parent_precision_hint: PrecisionHint | None = None

    def __post_init__(self) -> None:
        require_same_ports(self.parent, self.optimized)

    @property
    def differences(self) -> tuple[str, ...]:
        """How they are used differently, in sentences; () where they are used alike."""
        return differences(self.parent.card.detector, self.optimized.card.detector)

    @property
    def hints(self) -> tuple[PrecisionHint, PrecisionHint]:
        """What is asked for of the parent, and of the optimized model."""
        return self.parent_precision_hint or self.precision_hint, self.precision_hint


def detect_both(
    models: Both, dataset: Dataset, cache: Path | None, context: JobContext
) -> tuple[DetectionTable, DetectionTable, tuple[str, ...]]:
    """The parent's detections, the optimized model's, and the sentences about images left out.

    What lies in the cache is not inferred again; the rest is, where both are used alike in one
    pass over the images, and put there for the next report. Both tables are left in the job's
    folder, too, and have the parent's classes.
    """
    for difference in models.differences:
        context.log(difference)
    stored = (models.parent, models.optimized)
    places = [
        cache and _place(cache, one, dataset, hint)
        for one, hint in zip(stored, models.hints, strict=True)
    ]
    known = [_kept(place) if place else None for place in places]
    made = iter(_made_anew(models, dataset, [found is None for found in known], context))
    tables: list[DetectionTable] = []
    problems: tuple[str, ...] = ()
    names = (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE)
    for place, found, name in zip(places, known, names, strict=True):
        table, problems = found or next(made)
        if place and found is None:
            _keep(place, table, problems)
        table = in_classes_of(tables[0], table) if tables else table
        table.save(context.folder / name)
        context.artifact("detections", context.folder / name)
        tables.append(table)
    return tables[0], tables[1], problems


def _made_anew(
    models: Both, dataset: Dataset, missing: list[bool], context: JobContext
) -> list[Found]:
    """The detections of those that are missing, in one pass where they are used alike."""
    roles = ("the parent model", "the optimized model")
    both = zip((models.parent, models.optimized), models.hints, roles, missing, strict=True)
    wanted = [(one, hint, role) for one, hint, role, is_missing in both if is_missing]
    alike = _use(models.parent) == _use(models.optimized) and len(set(models.hints)) == 1
    groups = [wanted] if alike else [[one] for one in wanted]
    found = []
    for group in filter(None, groups):
        first, hint, role = group[0]
        stage = f"Detecting with {role if len(group) == 1 else 'both models'}"
        of_group = [one for one, _, _ in group]
        found += detect(of_group, first.card.detector, dataset, hint, stage, context)
    return found


def _use(stored: StoredModel) -> Detector:
    """What of a card decides what is found: not why the program believes it."""
    return msgspec.structs.replace(stored.card.detector, reasons=(), confidence=0)


def in_classes_of(parent: DetectionTable, table: DetectionTable) -> DetectionTable:
    """The detections with the parent's class ids, by name where all names are known to both.

    Else a class is what the parent has in its place; classes beyond the parent's are left out.
    """
    if table.class_names == parent.class_names:
        return table
    ids = {name: number for number, name in enumerate(parent.class_names)}
    places = np.arange(len(table.class_names), dtype=np.int32)
    if set(table.class_names) <= set(ids):
        places = np.array([ids[name] for name in table.class_names], np.int32)
    class_ids = places[table.class_ids]
    kept = class_ids < len(parent.class_names)
    offsets = np.concatenate([[0], np.cumsum(kept)])[table.offsets].astype(np.int64)
    return replace(
        table,
        offsets=offsets,
        boxes=table.boxes[kept],
        scores=table.scores[kept],
        class_ids=class_ids[kept],
        class_names=parent.class_names,
    )


def require_same_ports(parent: StoredModel, optimized: StoredModel) -> None:
    """Raises InputError where inputs or outputs have other shapes: it is not a version of it."""
    for mine, others in (
        (parent.card.info.inputs, optimized.card.info.inputs),
        (parent.card.info.outputs, optimized.card.info.outputs),
    ):
        if [port.shape for port in mine] != [port.shape for port in others]:
            raise InputError(
                f"{optimized.card.name} is not a version of {parent.card.name}: their inputs or "
                "outputs have different shapes.",
                "Choose the model that was made from this parent.",
            )


def detect(
    models: Sequence[StoredModel],
    detector: Detector,
    dataset: Dataset,
    precision_hint: PrecisionHint,
    stage: str,
    context: JobContext,
) -> list[Found]:
    """Run models that are used alike over the dataset; the user sees `stage` meanwhile."""
    from core.inference.predicting import predict_all

    total = len(dataset.images)
    context.step(stage, 0, total)
    predictions = predict_all(
        [stored.xml for stored in models],
        detector,
        dataset,
        precision_hint,
        lambda done: context.step(stage, done, total),
    )
    log_problems(predictions[0].problems, context)
    return [(prediction.table, prediction.problems) for prediction in predictions]


def _place(cache: Path, stored: StoredModel, dataset: Dataset, hint: PrecisionHint) -> Path:
    """Where these detections are kept: a name made of everything that decides them."""
    made_of = [
        stored.card.weights_sha256.encode(),
        to_json(_use(stored)),
        dataset.fingerprint().encode(),
        hint.encode(),
    ]
    key = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:32]
    return cache / f"{key}.npz"


def _kept(place: Path) -> Found | None:
    problems = place.with_suffix(".json")
    if not place.is_file() or not problems.is_file():
        return None
    return DetectionTable.load(place), read_json(problems, tuple[str, ...])


def _keep(place: Path, table: DetectionTable, problems: tuple[str, ...]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(place)
    try:
        table.save(temporary)
        temporary.replace(place)
        write_json(place.with_suffix(".json"), problems)
    finally:
        temporary.unlink(missing_ok=True)


def log_problems(problems: tuple[str, ...], context: JobContext) -> None:
    """Log the errors of images that were left out, the first of them."""
    for problem in problems[:20]:
        context.log(problem)
    if len(problems) > 20:
        context.log(f"... and {len(problems) - 20} more images were left out.")

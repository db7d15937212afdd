"""Detections for reports: from the cache, or inferred now and kept there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.passed_over import called_by_name
from core.detection.detections import DetectionTable
from core.inference.settings import AS_IT_RUNS, TRUE_F32, Executed, InferenceSettings
from core.jobs.context import JobContext
from core.models.detector import Detector
from core.models.differences import differences, require_same_ports
from core.models.stored import StoredModel
from core.remarks.remark import Remark, remark
from core.unfinished import unfinished
from core.values import Value, read_json, to_json, write_json

if TYPE_CHECKING:
    from core.inference.predicting import Compile

PARENT_DETECTIONS_FILE = "parent.npz"
OPTIMIZED_DETECTIONS_FILE = "optimized.npz"
OPTIMIZED_F32_FILE = "optimized_f32.npz"


@dataclass(frozen=True, eq=False)
class Found:
    """Detections, how the model ran, and why images were left out."""

    table: DetectionTable
    executed: Executed
    problems: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Run:
    """A stored model, how it is to run, and what the user calls it, such as ``the model``."""

    stored: StoredModel
    settings: InferenceSettings
    role: str


@dataclass(frozen=True)
class Both:
    """A parent and a model made from it, each used as its own card says.

    `settings` are the optimized model's. The parent is the reference: unless it is given settings
    of its own, it runs in true f32 on the CPU.
    """

    parent: StoredModel
    optimized: StoredModel
    settings: InferenceSettings = AS_IT_RUNS
    parent_settings: InferenceSettings = TRUE_F32

    def __post_init__(self) -> None:
        require_same_ports(self.parent, self.optimized)

    @property
    def differences(self) -> tuple[Remark, ...]:
        """How they are used differently; () where they are used alike."""
        return differences(self.parent.card.detector, self.optimized.card.detector)


@dataclass(frozen=True, eq=False)
class Detected:
    """What both models found, with the parent's classes.

    `optimized_f32` is what the optimized model finds in true f32 on the CPU, where it was asked for
    and is another thing than `optimized`: what INT8 did is between it and the parent, what the
    device or its precision did between it and `optimized`.
    """

    parent: Found
    optimized: Found
    optimized_f32: Found | None = None

    @property
    def problems(self) -> tuple[Remark, ...]:
        """Why images were left out, which are the same for all."""
        return self.optimized.problems


def detect_both(
    models: Both,
    dataset: Dataset,
    cache: Path | None,
    context: JobContext,
    *,
    apart: bool = False,
) -> Detected:
    """What both models find; with `apart`, what the optimized one finds in true f32, too.

    What lies in the cache is not inferred again; the rest is, where models are used alike in one
    pass over the images, and put there for the next report. The tables are left in the job's
    folder, too.
    """
    from core.inference.executed import runs_in_true_f32

    runs = [
        Run(models.parent, models.parent_settings, "the parent model"),
        Run(models.optimized, models.settings, "the optimized model"),
    ]
    if apart and not runs_in_true_f32(models.settings):
        runs.append(Run(models.optimized, TRUE_F32, "the optimized model"))
    parent, *others = detect_runs(runs, dataset, cache, context)
    optimized, *more = (
        replace(one, table=in_classes_of(parent.table, one.table)) for one in others
    )
    if optimized.executed.as_in_true_f32:
        more = []
    names = (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE, OPTIMIZED_F32_FILE)
    for one, name in zip((parent, optimized, *more), names, strict=False):
        one.table.save(context.folder / name)
        context.artifact("detections", context.folder / name)
    return Detected(parent, optimized, *more)


def detect_runs(
    runs: Sequence[Run], dataset: Dataset, cache: Path | None, context: JobContext
) -> list[Found]:
    """The detections of each run, from the cache, or inferred now and put there."""
    places = [cache and _place(cache, one, dataset) for one in runs]
    known = [_stored(place) if place else None for place in places]
    missing = [one for one, found in zip(runs, known, strict=True) if found is None]
    made = iter(_made_anew(missing, dataset, context))
    found = [one or next(made) for one in known]
    for place, before, one in zip(places, known, found, strict=True):
        if place and before is None:
            _store(place, one)
    return found


def _made_anew(missing: Sequence[Run], dataset: Dataset, context: JobContext) -> list[Found]:
    """The detections of these runs, in their order; neighbours used alike in one pass."""
    groups = groupby(missing, lambda run: to_json(_use(run.stored)))
    return [one for _, group in groups for one in detect(tuple(group), dataset, context)]


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


def detect(
    runs: Sequence[Run],
    dataset: Dataset,
    context: JobContext,
    stage: str = "",
    compile_model: Compile | None = None,
) -> list[Found]:
    """Run models that are used alike over the dataset; the user sees `stage` meanwhile.

    `compile_model` see `core.inference.predicting.predict_all`.
    """
    from core.inference import predicting

    same = len({run.stored.xml for run in runs}) == 1
    stage = stage or f"Detecting with {runs[0].role if same else 'both models'}"
    total = len(dataset.images)
    context.step(stage, 0, total)
    predictions = predicting.predict_all(
        [predicting.Run(run.stored.xml, run.settings) for run in runs],
        runs[0].stored.card.detector,
        dataset,
        lambda done: context.step(stage, done, total),
        compile_model,
    )
    named = called_by_name(dataset.warnings, dataset.root)
    log_problems(
        tuple(one for one in predictions[0].problems if one.facts.get("image") not in named),
        context,
    )
    return [Found(one.table, one.executed, one.problems) for one in predictions]


class _AlsoStored(Value):
    """What is stored beside a table in the cache."""

    executed: Executed
    problems: tuple[Remark, ...]


def _place(cache: Path, run: Run, dataset: Dataset) -> Path:
    """Where these detections are stored: a name made of everything that decides them."""
    from core.inference.executed import what_decides

    made_of = [
        run.stored.card.weights_sha256.encode(),
        to_json(_use(run.stored)),
        dataset.fingerprint().encode(),
        to_json(run.settings),
        to_json(what_decides(run.settings.device)),
    ]
    key = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:32]
    return cache / f"{key}.npz"


def _stored(place: Path) -> Found | None:
    beside = place.with_suffix(".json")
    if not place.is_file() or not beside.is_file():
        return None
    also = read_json(beside, _AlsoStored)
    return Found(DetectionTable.load(place), also.executed, also.problems)


def _store(place: Path, found: Found) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(place)
    try:
        found.table.save(temporary)
        temporary.replace(place)
        also = _AlsoStored(executed=found.executed, problems=found.problems)
        write_json(place.with_suffix(".json"), also)
    finally:
        temporary.unlink(missing_ok=True)


def log_problems(problems: tuple[Remark, ...], context: JobContext) -> None:
    """Log why images were left out; of many images that were left out, the first of them."""
    for problem in problems[:20]:
        context.log(problem)
    if len(problems) > 20:
        context.log(remark("images_left_out", count=len(problems) - 20))

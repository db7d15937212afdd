"""Detections for reports: taken part by part from the cache, or inferred now and stored there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core import __version__
from core.datasets.dataset import Dataset
from core.datasets.passed_over import called_by_name
from core.inference.settings import AS_IT_RUNS, TRUE_F32, InferenceSettings
from core.jobs.context import SCRATCH, JobContext
from core.models.detector import Detector
from core.models.differences import differences, require_same_ports, used_as_before
from core.models.stored import StoredModel
from core.parts import distribution
from core.predict.found import Found
from core.predict.part_by_part import PartByPart, Parts, Run, taken
from core.predict.parts import Part, cut, parts_of
from core.predict.shards import FORM
from core.predict.store import DetectionCache, ShardStore
from core.remarks.remark import Remark, remark
from core.values import to_json

if TYPE_CHECKING:
    from core.inference.image_by_image import Compile

PARENT_DETECTIONS_FILE = "parent.npz"
OPTIMIZED_DETECTIONS_FILE = "optimized.npz"
OPTIMIZED_F32_FILE = "optimized_f32.npz"


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
        parent = self.parent.card.detector
        return differences(parent, used_as_before(self.optimized, parent))


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
    cache: DetectionCache,
    context: JobContext,
    *,
    apart: bool = False,
    marked: bool = False,
) -> Detected:
    """What both models find; with `apart`, what the optimized one finds in true f32, too.

    See `detect_runs`, also for `marked`. All detections are left in the job's folder, too.
    """
    from core.inference.executed import runs_in_true_f32

    runs = [
        Run(models.parent, models.parent_settings, "the parent model"),
        Run(models.optimized, models.settings, "the optimized model"),
    ]
    if apart and not runs_in_true_f32(models.settings):
        runs.append(Run(models.optimized, TRUE_F32, "the optimized model in true f32"))
    parent, *others = detect_runs(runs, dataset, cache, context, marked=marked)
    optimized, *more = (one.given_in(parent.in_classes) for one in others)
    if optimized.executed.as_in_true_f32:
        more = []
    names = (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE, OPTIMIZED_F32_FILE)
    for one, name in zip((parent, optimized, *more), names, strict=False):
        one.save(context.folder / name)
        context.artifact("detections", context.folder / name)
    return Detected(parent, optimized, *more)


def detect_runs(
    runs: Sequence[Run],
    dataset: Dataset,
    cache: DetectionCache,
    context: JobContext,
    *,
    stage: str = "",
    compile_model: Compile | None = None,
    marked: bool = False,
) -> list[Found]:
    """The detections of each run: from the shards in `cache`, or inferred now and stored there.

    Where models are used alike, what is missing of them is inferred in one pass over the images.
    `stage` is what the user sees; `compile_model` see `core.inference.image_by_image.prepare`. What
    is kept to be looked at beside its images is `marked`: see `core.images.marks`.
    """
    store = ShardStore(cache, context.folder / SCRATCH, context)
    work = PartByPart(
        _parts(dataset, cache.folder, context, marked=marked),
        *(dataset, store, context, compile_model),
    )
    each = _taken(runs, _names(runs, work.parts, kept=cache.folder is not None), work)
    missing = [one for one in each if one.missing]
    for _, group in groupby(missing, lambda one: to_json(_use(one.run.stored))):
        together = tuple(group)
        same = len({one.run.stored.xml for one in together}) == 1
        usual = f"Detecting with {together[0].run.role if same else 'both models'}"
        if cache.machine is None:
            work.complete(together, stage or usual)
        else:
            from core.predict.spreading import spread

            spread(cache.machine, together, work, stage or usual)
    store.trim()
    found = [_found(one, dataset) for one in each]
    named_before = called_by_name(dataset.warnings, dataset.root)
    problems = (one for one in found[0].problems if one.facts.get("image") not in named_before)
    context.log_problems(tuple(problems))
    return found


def _found(parts: Parts, dataset: Dataset) -> Found:
    """What all parts are, by now; raises WorkbenchError where no image could be used."""
    from core.inference.predicting import none_read

    shards = tuple(one for one in parts.shards if one is not None)
    executed = parts.executed
    names = parts.run.stored.card.detector.class_names
    if executed is None:  # there is no image
        raise none_read(dataset, ())
    found = Found(dataset, shards, executed, names, names)
    if not found.images:
        raise none_read(dataset, found.problems)
    return found


def _parts(
    dataset: Dataset, folder: Path | None, context: JobContext, *, marked: bool
) -> tuple[Part, ...]:
    """With the hashes of their contents, where shards are to be found again, or images marked."""
    if folder is None and not marked:
        return tuple(Part(images, "") for images in cut(dataset.images))
    total = len(dataset.images)
    parts = parts_of(dataset, folder, lambda done: context.step("Hashing the images", done, total))
    return parts if marked else tuple(Part(one.images, one.content) for one in parts)


def _taken(runs: Sequence[Run], named: Sequence[list[str]], work: PartByPart) -> list[Parts]:
    """What the store has of each run, which is said."""
    each = []
    for number, (run, keys) in enumerate(zip(runs, named, strict=True)):
        before, total = number * len(keys), len(runs) * len(keys)
        one = taken(run, keys, work.parts, work.store, _Reading(work.store, before, total))
        each.append(one)
    if any(one.taken for one in each):
        roles = [one.run.role for one in each if one.taken]
        counts = [one.taken for one in each if one.taken]
        work.context.log(
            remark("detections_taken", roles=roles, counts=counts, total=len(work.parts))
        )
    return each


@dataclass(frozen=True)
class _Reading:
    """Says how many stored parts were looked for, where there can be any."""

    store: ShardStore
    before: int
    total: int

    def __call__(self, done: int) -> None:
        cache = self.store.cache
        if cache.folder is not None and not cache.fresh:
            self.store.context.step("Reading stored detections", self.before + done, self.total)


def _names(runs: Sequence[Run], parts: Sequence[Part], *, kept: bool) -> list[list[str]]:
    """What the shards of each run are called: a hash of everything that decides what is found.

    Those that are not kept are called as nothing else.
    """
    if not kept:
        own = os.urandom(8).hex()
        return [[f"{own}-{run}-{part}" for part in range(len(parts))] for run in range(len(runs))]
    named = []
    for run in runs:
        decides = deciding(run)
        each = []
        for part in parts:
            one = decides.copy()
            one.update(f"\0{len(part.images)}\0{part.content}".encode())
            each.append(one.hexdigest())
        named.append(each)
    return named


def deciding(run: Run) -> hashlib._Hash:
    """A hash of what decides, besides the images, what a run finds on this machine."""
    return hashlib.sha256(b"\0".join(_deciding(run)))


def _deciding(run: Run) -> Iterator[bytes]:
    """What decides, besides the images, what a run finds."""
    from core.inference.executed import what_decides
    from core.inference.processor import this_processor

    yield f"{__version__} {FORM} {_opencv()}".encode()
    yield run.stored.card.weights_sha256.encode()
    yield hashlib.sha256(run.stored.xml.read_bytes()).digest()
    yield to_json(_use(run.stored))
    yield to_json(run.settings)
    yield to_json(what_decides(run.settings.device))
    yield to_json(this_processor())


def _opencv() -> str:
    """Its version, which decodes and scales the images; it is not loaded for that."""
    try:
        return distribution("opencv-python").version
    except PackageNotFoundError:
        return ""


def _use(stored: StoredModel) -> Detector:
    """What of a card decides what is found: not why the program believes it."""
    return msgspec.structs.replace(stored.card.detector, reasons=(), confidence=0)

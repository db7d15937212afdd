"""What jobs do with datasets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.dataset_making.creating import create_dataset
from core.datasets.archives.unpacking import archive_title, is_archive, unpack
from core.datasets.checks import (
    annotation_warnings,
    dataset_warnings,
    overlap,
    overlap_warnings,
)
from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.datasets.stored import is_stored, load_dataset, store_dataset
from core.errors import InputError
from core.jobs.context import JobContext
from core.jobs.requests import CheckDatasetRequest, CreateDatasetRequest, DatasetSource
from core.jobs.results import CheckDatasetResult, CreateDatasetResult, DatasetFacts

UNPACKED = ".unpacked"  # of archives that are needed for one job only; never published
CREATED_FILE = "dataset.json"
_LOOKING = "Looking at the images"
_READING = "Reading the annotations"


def import_datasets(
    sources: Sequence[DatasetSource], context: JobContext
) -> list[tuple[Dataset, DatasetFacts]]:  # fmt: skip
    """Open datasets, archives unpacked into the job's folder, and store what they are."""
    imported = []
    for number, source in enumerate(sources):
        context.step(_LOOKING, number, len(sources))
        path = source.path
        if is_archive(path):
            path = context.folder / f"dataset-{number}"
            unpack(source.path, path, context.step)
        dataset = _opened(path, source.role, context)
        if path != source.path:
            dataset = msgspec.structs.replace(dataset, name=archive_title(source.path))
        file = context.folder / f"dataset-{number}.json"
        imported.append(_stored(dataset, source.role, file, context))
    return imported


def dataset_of(source: DatasetSource, context: JobContext) -> Dataset:
    """The images of a job; an archive is unpacked for as long as the job runs."""
    path = source.path
    if is_archive(path):
        path = context.folder / UNPACKED / archive_title(source.path)
        unpack(source.path, path, context.step)
    return _opened(path, source.role, context)


def check(request: CheckDatasetRequest, context: JobContext) -> CheckDatasetResult:
    """A dataset's figures and warnings, and the images that it shares with another one."""
    context.step(_LOOKING)
    role = request.dataset.role
    dataset = dataset_of(request.dataset, context)
    opened, facts = _stored(dataset, role, context.folder / "dataset-0.json", context)
    if request.against is None:
        return CheckDatasetResult(facts=facts)
    same = request.against.path == request.dataset.path
    other = opened if same else dataset_of(request.against, context)
    roles = (opened, other) if role == "calibration" else (other, opened)
    shared = overlap(*roles, lambda files: context.step("Comparing the files", files))
    warnings = (*facts.warnings, *overlap_warnings(*roles, shared))
    facts = msgspec.structs.replace(facts, warnings=warnings)
    return CheckDatasetResult(facts=facts, shared=shared.images)


def create(request: CreateDatasetRequest, context: JobContext) -> CreateDatasetResult:
    """Copy images, and variants of them, into the job's folder."""
    made = create_dataset(request.images, context.folder, request.augmentation, context.step)
    dataset = open_dataset(context.folder)
    name = request.name or f"{made.images} images"
    _stored(
        msgspec.structs.replace(dataset, name=name),
        "calibration",
        context.folder / CREATED_FILE,
        context,
    )
    return CreateDatasetResult(
        dataset=CREATED_FILE,
        images=made.images,
        variants=made.variants,
        problems=made.problems,
        name=name,
    )


def _opened(path: Path, role: str, context: JobContext) -> Dataset:
    if is_stored(path):
        return load_dataset(path)
    return open_dataset(path, role, lambda found: context.step(_LOOKING, found))


def _stored(
    dataset: Dataset, role: str, file: Path, context: JobContext
) -> tuple[Dataset, DatasetFacts]:  # fmt: skip
    warnings, boxes = list(dataset_warnings(dataset, role)), 0
    if dataset.annotated:
        total = len(dataset.images)
        try:
            truth = read_annotations(dataset, lambda done: context.step(_READING, done, total))
        except InputError as error:  # the images can be used all the same
            warnings.append(f"{error.what} The images are used without annotations.")
            dataset = msgspec.structs.replace(dataset, annotations=())
        else:
            boxes = len(truth.boxes)
            if role == "validation":  # nobody calibrates by annotations
                warnings += annotation_warnings(truth)
            dataset = msgspec.structs.replace(dataset, class_names=truth.class_names)
    written = store_dataset(file, dataset)
    context.artifact("dataset", file)
    return dataset, DatasetFacts(
        file=file.name,
        name=dataset.name,
        root=written.root,
        kind=dataset.kind,
        images=len(dataset.images),
        annotated=dataset.annotated,
        boxes=boxes,
        class_names=dataset.class_names,
        warnings=tuple(warnings),
    )

"""What is found out about a dataset when it is stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import InputError
from core.remarks.remark import Remark, remark
from core.values import Value

if TYPE_CHECKING:
    from core.datasets.dataset import Dataset
    from core.progress import Step

_READING = "Reading the annotations"


class DatasetFacts(Value):
    """A dataset that was opened: the file it is described in, and its main figures.

    `root` is relative to the job's folder if the images lie in it, as those of an archive do.
    `warnings` are what was left out, looks odd, or is too little.
    """

    file: str
    name: str
    root: Path
    kind: str
    images: int
    annotated: bool
    boxes: int = 0
    class_names: tuple[str, ...] = ()
    warnings: tuple[Remark, ...] = ()


def store_with_facts(
    dataset: Dataset, role: str, file: Path, step: Step
) -> tuple[Dataset, DatasetFacts]:  # fmt: skip
    """Write the dataset to `file`; gives it as stored, and what is to be known about it."""
    from core.datasets.checks import annotation_warnings, dataset_warnings
    from core.datasets.registry import read_annotations
    from core.datasets.stored import store_dataset

    warnings, boxes = list(dataset_warnings(dataset, role)), 0
    if dataset.annotated:
        total = len(dataset.images)
        try:
            truth = read_annotations(dataset, lambda done: step(_READING, done, total))
        except InputError as error:  # the images can be used all the same
            warnings.append(remark("annotations_unusable", why=error.what))
            dataset = msgspec.structs.replace(dataset, annotations=())
        else:
            boxes = len(truth.boxes)
            if role == "validation":  # nobody calibrates by annotations
                warnings += annotation_warnings(truth)
            dataset = msgspec.structs.replace(dataset, class_names=truth.class_names)
    written = store_dataset(file, dataset)
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

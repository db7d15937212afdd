"""The jobs of making a dataset of images, and of checking one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import msgspec

from core.dataset_making.creating import create_dataset
from core.datasets.checks import (
    overlap,
    overlap_warnings,
)
from core.datasets.facts import DatasetFacts, store_with_facts
from core.datasets.open import open_dataset
from core.datasets.source import LOOKING, DatasetSource
from core.images.augment import Augmentation
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.remarks.remark import Remark
from core.text import counted
from core.values import Stored, Value

CREATED_FILE = "dataset.json"


class CreateDatasetResult(Stored):
    """Of a new dataset: its file and name, and how many images it has of which kind."""

    dataset: str
    images: int
    augmented: int
    problems: tuple[Remark, ...]
    name: str = ""


class CheckDatasetResult(Value):
    """Of a check: what the dataset is, with every warning, and the images that are used twice."""

    facts: DatasetFacts
    shared: tuple[str, ...] = ()


class CheckDatasetJob(Value, tag="check_dataset"):
    """What a user should know about a dataset before relying on it.

    Leaves ``dataset-0.json`` and ``result.json``. `against` is a dataset of the other role, which
    it should share no images with.
    """

    weight: ClassVar[Weight] = "light"
    dataset: DatasetSource
    against: DatasetSource | None = None

    def run(self, context: JobContext) -> CheckDatasetResult:
        """See `core.jobs.job.Job`."""
        context.step(LOOKING)
        role = self.dataset.role
        dataset = context.open_dataset(self.dataset, log_warnings=False)
        opened, facts = store_with_facts(
            dataset, role, context.folder / "dataset-0.json", context.step
        )
        if self.against is None:
            return CheckDatasetResult(facts=facts)
        same = self.against.path == self.dataset.path
        other = opened if same else context.open_dataset(self.against, log_warnings=False)
        roles = (opened, other) if role == "calibration" else (other, opened)
        shared = overlap(*roles, lambda files: context.step("Comparing the files", files))
        warnings = (*facts.warnings, *overlap_warnings(*roles, shared))
        facts = msgspec.structs.replace(facts, warnings=warnings)
        return CheckDatasetResult(facts=facts, shared=shared.images)


class CreateDatasetJob(Value, tag="create_dataset"):
    """Copy images, and augmented of them, into a dataset of their own.

    Leaves the folder ``images`` and ``dataset.json``. `images` are files and folders; without
    `name`, the dataset is called after their number.
    """

    weight: ClassVar[Weight] = "light"
    images: tuple[Path, ...]
    augmentation: Augmentation = Augmentation()
    name: str = ""

    def run(self, context: JobContext) -> CreateDatasetResult:
        """See `core.jobs.job.Job`."""
        made = create_dataset(self.images, context.folder, self.augmentation, context.step)
        dataset = open_dataset(context.folder)
        name = self.name or counted(made.images, "image")
        store_with_facts(
            msgspec.structs.replace(dataset, name=name),
            "calibration",
            context.folder / CREATED_FILE,
            context.step,
        )
        return CreateDatasetResult(
            dataset=CREATED_FILE,
            images=made.images,
            augmented=made.augmented,
            problems=made.problems,
            name=name,
        )

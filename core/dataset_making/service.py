"""Datasets that the user made in a workspace: planning one, and finding them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.dataset_making.job import (
    CREATED_FILE,
    CheckDatasetJob,
    CreateDatasetJob,
    CreateDatasetResult,
)
from core.datasets.source import DatasetSource, require_dataset
from core.errors import InputError, WorkbenchError
from core.images.augment import MAX_COPIES, Augmentation
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.limits import Limits, require_within
from core.refusals import require_there
from core.text import counted
from core.values import read_json
from core.workspace.store import Workspace

DatasetRole = Literal["calibration", "validation"]
OTHER_ROLE: dict[DatasetRole, DatasetRole] = {
    "calibration": "validation",
    "validation": "calibration",
}
_SHARE = (0.0, 1.0)
AUGMENTATION_LIMITS = {
    "erase": Limits("share of rectangles of noise", *_SHARE),
    "noise": Limits("noise", *_SHARE),
    "brightness": Limits("brightness", *_SHARE),
    "contrast": Limits("contrast", *_SHARE),
    "color": Limits("color", *_SHARE),
    "copies": Limits("number of copies", 1, MAX_COPIES),
    "seed": Limits("seed", 0, 2**31 - 1),
}


@dataclass(frozen=True)
class OwnDataset:
    """A dataset in the workspace: its file can be named wherever a dataset is asked for."""

    path: Path
    made: CreateDatasetResult

    @property
    def title(self) -> str:
        """Its name and size."""
        return f"{self.made.name} ({counted(self.made.images + self.made.augmented, 'image')})"


@dataclass(frozen=True, kw_only=True)
class PlannedDataset(PlannedJob):
    """A dataset that can be made; it belongs to no project. `dataset` is its file, later."""

    dataset: Path


def create_dataset_job(
    images: Sequence[Path], augmentation: Augmentation | None = None, name: str = ""
) -> CreateDatasetJob:
    """The job that copies images and folders of them, and augments each.

    Without `name`, the dataset is called after the number of its images. Raises InputError where
    files are missing, or a number of the augmentation is out of its limits.
    """
    if not images:
        raise InputError("There are no images to make a dataset of.", "Choose files or folders.")
    for path in images:
        require_there(path, "Check the path of the images.")
    augmentation = augmentation or Augmentation()
    require_within(augmentation, AUGMENTATION_LIMITS, "augmentation")
    return CreateDatasetJob(
        images=tuple(path.absolute() for path in images), augmentation=augmentation, name=name
    )


def check_dataset_job(
    dataset: Path, role: DatasetRole = "validation", against: Path | None = None
) -> CheckDatasetJob:
    """The job that looks at a dataset for this role, and for images that it shares with another.

    The dataset `against` is for the other role. Raises InputError for what is no dataset.
    """
    require_dataset(dataset)
    if against is not None:
        require_dataset(against)
    other = None if against is None else DatasetSource(path=against, role=OTHER_ROLE[role])
    return CheckDatasetJob(dataset=DatasetSource(path=dataset, role=role), against=other)


def plan_create_dataset(
    workspace: Workspace,
    images: Sequence[Path],
    augmentation: Augmentation | None = None,
    name: str = "",
) -> PlannedDataset:
    """A dataset of the workspace, made by a `create_dataset_job`."""
    job = create_dataset_job(images, augmentation, name)
    folder = workspace.new_folder("dataset")
    return PlannedDataset(
        title=f"Create the dataset {name}".strip(),
        job=job,
        destination=folder,
        project_id=None,
        finish=lambda published: None,
        referred_to=False,
        dataset=folder / CREATED_FILE,
    )


def own_dataset(dataset: Path) -> OwnDataset:
    """What was made at this path; raises WorkbenchError where it is not there."""
    return OwnDataset(dataset, read_json(dataset.parent / RESULT_FILE, CreateDatasetResult))


def own_datasets(workspace: Workspace) -> tuple[OwnDataset, ...]:
    """All that were made in the workspace, the newest first."""
    found = []
    for path in sorted((workspace.root / "datasets").glob(f"*/{CREATED_FILE}"), reverse=True):
        try:
            found.append(own_dataset(path))
        except WorkbenchError:  # damaged, or being removed: as if it were not there
            continue
    return tuple(found)

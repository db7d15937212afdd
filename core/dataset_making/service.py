"""Datasets that the user made in a workspace: planning one, and finding them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dataset_making.job import CreateDatasetJob, CreateDatasetResult
from core.errors import InputError, WorkbenchError
from core.images.augment import Augmentation
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.values import read_json
from core.workspace.store import Workspace

CREATED_FILE = "dataset.json"


@dataclass(frozen=True)
class OwnDataset:
    """A dataset in the workspace: its file can be named wherever a dataset is asked for."""

    path: Path
    made: CreateDatasetResult

    @property
    def title(self) -> str:
        """Its name and size."""
        return f"{self.made.name} ({self.made.images + self.made.augmented:,} images)"


@dataclass(frozen=True, kw_only=True)
class PlannedDataset(PlannedJob):
    """A dataset that can be made; it belongs to no project. `dataset` is its file, later."""

    dataset: Path


def plan_create_dataset(
    workspace: Workspace,
    images: Sequence[Path],
    augmentation: Augmentation | None = None,
    name: str = "",
) -> PlannedDataset:
    """A job that copies images and folders of them, and makes augmented images of each."""
    if not images:
        raise InputError("There are no images to make a dataset of.", "Choose files or folders.")
    for path in images:
        if not path.exists():
            raise InputError(f"There is no file {path}.", "Check the path of the images.")
    folder = workspace.new_folder("dataset")
    return PlannedDataset(
        title=f"Create the dataset {name}".strip(),
        job=CreateDatasetJob(
            images=tuple(images), augmentation=augmentation or Augmentation(), name=name
        ),
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

"""Datasets that are made of images: the jobs for it, and what is said afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.notice import Notice
from app.kit.text import counted
from app.project.presenting import Presenter, Surroundings
from core.dataset_making.service import (
    OwnDataset,
    PlannedDataset,
    own_dataset,
    plan_create_dataset,
)
from core.images.augment import Augmentation
from core.jobs.planned import JobEnd, PlannedJob
from core.remarks.sentences import sentence


class DatasetMaker(Presenter):
    """Has datasets made, and says when they are there."""

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self.queue.job_ended.connect(self._on_job_ended)

    def create(self, images: tuple[Path, ...], augmentation: Augmentation, name: str) -> bool:
        """Make a dataset of images and augmented ones."""
        return self.queue.start(plan_create_dataset, self.workspace, images, augmentation, name)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        if isinstance(job, PlannedDataset) and end.outcome.state == "succeeded":
            self.notices.post(Notice(_sentence(own_dataset(job.dataset))))


def _sentence(dataset: OwnDataset) -> str:
    made = dataset.made
    left_out = len(made.problems)
    text = (
        f"Created {made.name}: {counted(made.images, 'image', 'images')} and "
        f"{counted(made.augmented, 'augmented image', 'augmented images')}. It is offered wherever "
        "images are chosen."
    )
    if left_out:
        first = sentence(made.problems[0])
        text += f" {counted(left_out, 'image was', 'images were')} left out. {first}"
    return text

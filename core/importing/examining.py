"""A model before it becomes a project: what it is taken for.

The work is done in a child process, and blocks: call it from a worker thread.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.datasets.facts import DatasetFacts
from core.datasets.source import DatasetSource, require_dataset
from core.datasets.stored import load_dataset
from core.datasets.tar_shards import images_below
from core.errors import JobCancelled
from core.folders import make_work_folder
from core.images.listing import IMAGE_SUFFIXES
from core.importing.job import ImportJob, ImportResult, dataset_facts
from core.jobs.events import Event
from core.jobs.job import read_result
from core.jobs.runner import run_job
from core.models.adjusting import Overrides
from core.models.stored import StoredModel, load_stored
from core.refusals import explained, require_there

if TYPE_CHECKING:
    from core.workspace.store import Project

IMAGES = 24  # of a dataset that are offered for the preview
_TRIED = 8  # images that guesses may be tried on
_LOOKED_AT = 64  # images of a folder that those are chosen from

_NO_JOB = ImportJob()

OnEvent = Callable[[Event], None]


@dataclass(frozen=True)
class Examined:
    """A model and perhaps a dataset that lie, as an import stores them, in a folder of ours.

    Attributes:
        folder: to become a project's, or to be removed by `discard`.
        dataset: what is known of the dataset; None without one. Its `root` is absolute.
        images: some of its images, from all over it.
        job: that it was imported by.
    """

    folder: Path
    stored: StoredModel
    dataset: DatasetFacts | None = None
    images: tuple[Path, ...] = ()
    job: ImportJob = _NO_JOB

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def import_job(
    model: Path,
    dataset: Path | None = None,
    overrides: Overrides | None = None,
    images: Sequence[Path] = (),
) -> ImportJob:
    """The job that reads a model of the user's, and the dataset that belongs to it.

    Guesses are tried on `images` and on images of `dataset`; `overrides` are what the user knows
    better. Raises InputError where a file is missing.
    """
    require_there(model, "Check the path of the model.")
    if dataset is not None:
        require_dataset(dataset)
    return ImportJob(
        model=model,
        datasets=() if dataset is None else (DatasetSource(path=dataset),),
        overrides=overrides or Overrides(),
        images=tuple(images),
    )


def examined_in(folder: Path, job: ImportJob) -> Examined:
    """What `job` has left in its folder; its images are offered where it has no dataset."""
    result = read_result(folder, ImportResult)
    stored = load_stored(folder / str(result.model))
    if not result.datasets:
        return Examined(folder, stored, images=job.images, job=job)
    facts = result.datasets[0]
    return Examined(
        folder,
        stored,
        msgspec.structs.replace(facts, root=folder / facts.root),
        some_images(folder / facts.file),
        job,
    )


def examined_project(project: Project) -> Examined:
    """A project as it was imported, to edit its settings; its folder is the project's."""
    from core.workspace.projects import model_of

    return Examined(
        project.dataset.parent,
        load_stored(model_of(project)),
        dataset_facts(project.dataset),
        some_images(project.dataset),
    )


def examine(
    job: ImportJob,
    beside: Path,
    *,
    on_event: OnEvent = lambda event: None,
    cancel: threading.Event | None = None,
    log: Path | None = None,
) -> Examined:
    """Run the job; what is found lies in a new folder in `beside`.

    The folder is swept away with this process unless it becomes a project's. Raises what went
    wrong, or JobCancelled.
    """
    try:
        folder = make_work_folder(beside / "examined")
    except OSError as error:
        raise explained(error, beside) from error
    outcome = run_job(job, folder, on_event=on_event, cancel=cancel, log=log)
    if outcome.state != "succeeded":
        shutil.rmtree(folder, ignore_errors=True)
        if outcome.state == "cancelled":
            raise JobCancelled
        outcome.require()
    return examined_in(folder, job)


def some_images(dataset: Path, most: int = IMAGES) -> tuple[Path, ...]:
    """Paths of some images of a stored dataset, from all over it."""
    opened = load_dataset(dataset)
    step = max(1, len(opened.images) // most)
    return tuple(opened.path(number) for number in range(0, len(opened.images), step))[:most]


def images_to_try(dataset: Path | None) -> tuple[Path, ...]:
    """An image, or a few of a folder's first ones, to try guesses on; none of an archive's.

    For a model that is imported for one job alone, which opens the dataset by itself.
    """
    if dataset is None:
        return ()
    if dataset.is_file():
        return (dataset,) if dataset.suffix.lower() in IMAGE_SUFFIXES else ()
    if not dataset.is_dir():
        return ()
    names = list(islice(images_below(dataset), _LOOKED_AT))
    return tuple(dataset / name for name in names[:: max(1, len(names) // _TRIED)])

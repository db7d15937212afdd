"""The jobs of projects as files: packing them into one, and taking them out of one."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import ClassVar

from core.datasets.archives import zips
from core.datasets.archives.limits import USEFUL_SUFFIXES, Limits
from core.datasets.archives.unpacking import unpack
from core.datasets.reading import read_start
from core.errors import WorkbenchError
from core.images.opening import TAR
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.remarks.remark import Remark, remark
from core.transfer.bundle import Bundle, BundledProject
from core.transfer.opening import Opened, no_project
from core.transfer.packing import Packer
from core.values import Value

_SUFFIXES = USEFUL_SUFFIXES | {".bin", ".npz", TAR}


class PackResult(Value):
    """Of a project as one file; `problems` are what is not in it as it was."""

    file: str
    files: int
    size_bytes: int
    problems: tuple[Remark, ...] = ()


class UnpackResult(Value):
    """Of the projects in a file: what they are, and what is missing."""

    bundle: Bundle
    problems: tuple[Remark, ...]


class PackProjectJob(Value, tag="pack_project"):
    """Projects with their models, artifacts and dataset as one file called `file`.

    The paths of `projects` and `dataset` are absolute; nothing in the file tells them. `outside`
    results lie outside the workspace, and are left out.
    """

    weight: ClassVar[Weight] = "light"
    projects: tuple[BundledProject, ...]
    dataset: Path
    file: str
    images: bool = True
    outside: int = 0

    def run(self, context: JobContext) -> PackResult:
        """See `core.jobs.job.Job`."""
        target = context.folder / self.file
        try:
            with zipfile.ZipFile(
                target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False
            ) as archive:
                packer = Packer(archive, context.step)
                packer.pack(self.projects, self.dataset, self.images)
        except OSError as error:
            raise WorkbenchError(
                f"{self.file} cannot be written: {error.strerror or error}.",
                "Free some space, or leave the images out.",
            ) from error
        problems = packer.problems
        if self.outside:
            problems = (remark("results_outside", count=self.outside), *problems)
        for problem in problems:
            context.log(problem)
        context.artifact("project", target)
        return PackResult(
            file=self.file,
            files=packer.files,
            size_bytes=target.stat().st_size,
            problems=packer.problems,
        )


class UnpackProjectJob(Value, tag="unpack_project"):
    """The projects in a file. Leaves the folder ``project``, to be published at `home`."""

    weight: ClassVar[Weight] = "light"
    file: Path
    home: Path

    def run(self, context: JobContext) -> UnpackResult:
        """See `core.jobs.job.Job`."""
        folder = context.folder / "project"
        limits = Limits(suffixes=frozenset(_SUFFIXES), way_out="Export the project again.")
        if not zips.is_ours(read_start(self.file, 512)):
            raise no_project(self.file)
        unpack(self.file, folder, context.step, limits)
        opened = Opened(self.file, folder, self.home / "project", context.step)
        for problem in opened.problems:
            context.log(problem)
        return UnpackResult(bundle=opened.bundle, problems=opened.problems)
